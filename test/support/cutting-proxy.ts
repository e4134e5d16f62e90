import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseTarget } from '../../src/db/connection.ts';

export interface Cut {
  /** The message after which the connections are cut, counted over both directions and all of them; never, by default. */
  readonly after?: number;
  /** 'end' closes politely, 'reset' destroys both sides at once. */
  readonly how?: 'end' | 'reset';
  /** Whether whoever dials again gets through; otherwise, to the client, the server is gone. */
  readonly back?: boolean;
}

/**
 * Stands between a client and a Postgres socket, understands where messages begin and end, and cuts every connection
 * there is after the k-th message that passed.
 */
export class CuttingProxy {
  passed = 0;
  cut = false;
  readonly target: DatabaseTarget;
  readonly #directory: string;
  readonly #server: Server;
  readonly #upstream: DatabaseTarget;
  readonly #pairs = new Set<[Socket, Socket]>();
  readonly #severed = new WeakSet<Socket>();
  readonly #plan: Required<Cut>;

  private constructor(server: Server, directory: string, upstream: DatabaseTarget, cut: Cut) {
    this.#server = server;
    this.#directory = directory;
    this.#upstream = upstream;
    this.#plan = { after: Number.POSITIVE_INFINITY, how: 'end', back: false, ...cut };
    this.target = { ...upstream, ...through(upstream, server) };
    server.on('connection', (client) => this.#join(client, this.#connectUpstream()));
  }

  static async listen(upstream: DatabaseTarget, cut: Cut = {}): Promise<CuttingProxy> {
    const directory = mkdtempSync(join(tmpdir(), 'revshare-proxy-'));
    const server = createServer();
    if (upstream.socket === null) {
      server.listen(0, '127.0.0.1');
    } else {
      server.listen(join(directory, '.s.PGSQL.5432'));
    }
    await once(server, 'listening');
    return new CuttingProxy(server, directory, upstream, cut);
  }

  #connectUpstream(): Socket {
    const { socket, url } = this.#upstream;
    if (socket !== null) {
      return connect(socket.path);
    }
    const { hostname, port } = new URL(url ?? '');
    return connect(Number(port === '' ? 5432 : port), hostname);
  }

  close(): void {
    this.#server.close();
    for (const pair of this.#pairs) {
      pair.forEach((side) => side.destroy());
    }
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #join(client: Socket, server: Socket): void {
    const pair: [Socket, Socket] = [client, server];
    this.#pairs.add(pair);
    this.#relay(client, server, new Frames(true));
    this.#relay(server, client, new Frames(false));
    for (const side of pair) {
      side.on('error', () => {});
      side.on('close', () => {
        this.#pairs.delete(pair);
        pair.forEach((one) => one.destroy());
      });
    }
  }

  #relay(from: Socket, to: Socket, frames: Frames): void {
    from.on('data', (data: Buffer) => {
      for (const message of frames.push(data)) {
        if (this.#severed.has(from)) {
          return;
        }
        to.write(message);
        this.passed += 1;
        if (this.passed === this.#plan.after) {
          this.#cutAll();
        }
      }
    });
  }

  #cutAll(): void {
    this.cut = true;
    if (!this.#plan.back) {
      this.#server.close();
    }
    for (const side of [...this.#pairs].flat()) {
      this.#severed.add(side);
      if (this.#plan.how === 'end') {
        side.end(); // what was written still arrives, then the end
      } else {
        side.destroy();
      }
    }
  }
}

/** The target with the proxy's address in the server's place. */
function through(upstream: DatabaseTarget, server: Server): Pick<DatabaseTarget, 'socket' | 'url'> {
  const address = server.address();
  if (upstream.socket !== null) {
    return { url: null, socket: { ...upstream.socket, path: address as string } };
  }
  const url = new URL(upstream.url ?? '');
  url.hostname = '127.0.0.1';
  url.port = String((address as AddressInfo).port);
  return { url: url.toString(), socket: null };
}

/** Cuts a stream into protocol messages: a type byte and a length, except the client's first, which has no type. */
class Frames {
  #pending: Buffer = Buffer.alloc(0);
  #untyped: boolean;

  constructor(fromClient: boolean) {
    this.#untyped = fromClient;
  }

  *push(data: Buffer): Generator<Buffer> {
    this.#pending = this.#pending.length === 0 ? data : Buffer.concat([this.#pending, data]);
    for (;;) {
      const header = this.#untyped ? 4 : 5;
      if (this.#pending.length < header) {
        return;
      }
      const size = this.#pending.readUInt32BE(header - 4) + header - 4;
      if (this.#pending.length < size) {
        return;
      }
      const message = this.#pending.subarray(0, size);
      this.#pending = this.#pending.subarray(size);
      this.#untyped = false;
      yield message;
    }
  }
}
