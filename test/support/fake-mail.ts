import { SMTPServer } from 'smtp-server';
import type { MailSource } from '../../src/mail/mail-server.ts';

/** What becomes of a mail: taken, an answer by its code, or the line cut when all of it was there, and nothing said. */
export type MailFate = number | 'cut' | null;

/** A mail server of this machine, on a port of its own, that keeps what it took. */
export class FakeMail {
  readonly taken: string[] = [];
  /** Of the mails to come, in order; then all are taken. */
  fates: MailFate[] = [];
  /** Called when a mail is there and before anything is said. */
  beforeAnswer: () => Promise<void> = async () => {};
  readonly #server: SMTPServer;
  #port = 0;

  constructor() {
    this.#server = new SMTPServer({
      disabledCommands: ['AUTH', 'STARTTLS'],
      logger: false,
      onData: (stream, _, done) => {
        const parts: Buffer[] = [];
        stream.on('data', (part: Buffer) => parts.push(part));
        stream.on('end', () => {
          void this.beforeAnswer().then(() => {
            const fate = this.fates.shift() ?? null;
            if (fate === null || fate === 'cut') this.taken.push(Buffer.concat(parts).toString('utf8'));
            if (fate === null) done(null);
            else if (fate === 'cut') this.#cut();
            else done(Object.assign(new Error('said so'), { responseCode: fate }));
          });
        });
      },
    });
    // A line that is cut is what some tests want.
    this.#server.on('error', () => {});
  }

  static async start(): Promise<FakeMail> {
    const fake = new FakeMail();
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', () => resolve()));
    fake.#port = (fake.#server.server.address() as { port: number }).port;
    return fake;
  }

  get source(): MailSource {
    return { url: `smtp://127.0.0.1:${this.#port}`, from: 'payouts@northwind.example' };
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #cut(): void {
    for (const connection of this.#server.connections) connection._socket.destroy();
  }
}
