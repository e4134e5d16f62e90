import { UnavailableError } from '../domain/errors.ts';

/** Where mail is handed in, and whose it is: from the environment or a file of the configuration. */
export interface MailSource {
  readonly url: string | null;
  readonly from: string | null;
}

export interface Mail {
  /** The same for whatever tells the same. */
  readonly messageId: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly date: Date;
}

export interface MailAnswer {
  readonly outcome: 'sent' | 'deferred' | 'refused' | 'unknown';
  /** What the server said; null where it took it. */
  readonly message: string | null;
}

/** A server that has greeted us and taken our login: from here on a mail may be sent. */
export interface MailServer {
  /** Never throws: what may have been taken is `unknown`. After anything but `sent` the server is called anew. */
  send(mail: Mail): Promise<MailAnswer>;
  close(): void;
}

/** Together far less than the quarter of an hour after which an attempt counts as dead (drizzle/0039_notices.sql). */
const SECONDS = { connectionTimeout: 20_000, greetingTimeout: 20_000, socketTimeout: 60_000 };

/**
 * Calls the mail server and logs in. That comes before anything is claimed, so that a server that is away costs no notice
 * an attempt. A password is sent over TLS alone, but for servers of this machine.
 * @throws UnavailableError `mail_not_configured`, `mail_unreachable`
 */
export async function openMailServer({ url, from }: MailSource): Promise<MailServer> {
  if (url === null || from === null) {
    throw new UnavailableError('mail_not_configured', `there is no ${url === null ? 'smtp_url' : 'mail_from'}`, {
      hint: 'REVSHARE_SMTP_URL=smtp://LOGIN:PASSWORD@HOST:587 and REVSHARE_MAIL_FROM=payouts@…, or the same in a file of the configuration',
    });
  }
  const { protocol, hostname, port, username, password } = new URL(url);
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  const secure = protocol === 'smtps:';
  const { default: Connection } = await import('nodemailer/lib/smtp-connection');
  const connection = new Connection({
    ...SECONDS,
    host: hostname,
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && user !== '' && !['127.0.0.1', 'localhost', '[::1]'].includes(hostname),
  });
  // A line that is cut ends what waits for an answer; in the middle of a mail, its sending tells.
  connection.on('error', () => {});
  const orCut = async (call: Call) =>
    await answered((done) => {
      connection.once('error', done);
      connection.once('end', () => done(new Error('the line was cut')));
      call(done);
    });
  try {
    await orCut((done) => connection.connect(done));
    if (user !== '') await orCut((done) => connection.login({ credentials: { user, pass } }, done));
  } catch (error) {
    connection.close();
    throw new UnavailableError('mail_unreachable', `${hostname}: ${said(error)}`, {
      hint: 'nothing was sent: it is tried again by `revshare notice send`, or by the job of the next night',
      cause: error,
    });
  }
  return {
    async send(mail) {
      const message = await composed(mail, from);
      try {
        await answered((done) => connection.send({ from, to: [mail.to] }, message, done));
        return { outcome: 'sent', message: null };
      } catch (error) {
        return { outcome: outcomeOf(error), message: said(error) };
      }
    },
    close: () => connection.close(),
  };
}

async function composed({ messageId, to, subject, text, date }: Mail, from: string): Promise<Buffer> {
  const { default: MailComposer } = await import('nodemailer/lib/mail-composer');
  const mail = new MailComposer({
    ...{ messageId, subject, text, date },
    // As addresses and not as lists of them to be read.
    from: { name: '', address: from },
    to: { name: '', address: to },
    headers: { 'Auto-Submitted': 'auto-generated' },
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return await mail.compile().build();
}

/** What is not answered was taken or not: only a reply, or never having begun, tells. */
function outcomeOf(error: unknown): 'deferred' | 'refused' | 'unknown' {
  const { responseCode, code, command } = error as { responseCode?: number; code?: string; command?: string };
  if (responseCode !== undefined) return responseCode >= 500 ? 'refused' : 'deferred';
  if (command !== 'API') return 'unknown';
  return code === 'EENVELOPE' ? 'refused' : 'deferred';
}

const MOST_SAID = 500;

function said(error: unknown): string {
  const { response, message } = error as { response?: string; message?: string };
  const text = (response ?? message ?? '').replace(/\p{Cc}+/gu, ' ').trim();
  return text === '' ? 'no reason was given' : text.slice(0, MOST_SAID);
}

type Call = (done: (error?: Error | null) => void) => void;

async function answered(call: Call): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()));
  });
}
