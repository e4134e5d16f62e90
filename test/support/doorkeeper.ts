import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP port that behaves as one server or another does before it lets anybody in. */
export interface Doorkeeper {
  readonly port: number;
  close(): void;
}

/** Speaks as `door` does to whoever knocks, once their first words are there. */
export async function doorkeeper(door: (caller: Socket, words: Buffer) => void): Promise<Doorkeeper> {
  const callers = new Set<Socket>();
  const server = createServer((caller) => {
    callers.add(caller);
    caller.on('error', () => {}).on('close', () => callers.delete(caller));
    caller.once('data', (words) => {
      door(caller, words);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const caller of callers) caller.destroy();
    },
  };
}

/** The fatal error of a Postgres server, as it stands on the wire. */
export function fatal(code: string, message: string, routine: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C${code}\0M${message}\0R${routine}\0\0`;
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + Buffer.byteLength(fields), 1);
  return Buffer.concat([head, Buffer.from(fields)]);
}

/** Stands before the socket at `path` and says another version than the server's where it is asked for. */
export async function olderServer(path: string, version: number): Promise<Doorkeeper> {
  const question = `current_setting('server_version_num')::int`;
  const answer = String(version).padEnd(question.length);
  return await doorkeeper((caller, words) => {
    const server = connect(path, () => server.write(words));
    server.on('error', () => {}).on('close', () => caller.destroy());
    caller.on('close', () => server.destroy());
    caller.on('data', (data) => server.write(Buffer.from(data.toString('latin1').replace(question, answer), 'latin1')));
    server.pipe(caller);
  });
}
