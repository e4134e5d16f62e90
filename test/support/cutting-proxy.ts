import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseTarget } from '../../src/db/connection.ts';

/**
 * Stands between a client and a Postgres socket, understands where messages begin and end, and cuts the connection after
 * the k-th message that passes, counted over both directions and all connections. After the cut it lets nobody in: to
 * the client the server is gone.
 */
export class CuttingProxy {
  passed = 0;
  readonly #directory = mkdtempSync(join(tmpdir(), 'revshare-proxy-'));
  readonly #upstream: DatabaseTarget;
  readonly #server: Server;
  readonly #pairs = new Set<[Socket, Socket]>();
  readonly #cutAfter: number;
  readonly #how: 'end' | 'reset';

  private constructor(upstream: DatabaseTarget, cutAfter: number, how: 'end' | 'reset') {
    this.#upstream = upstream;
    this.#cutAfter = cutAfter;
    this.#how = how;
    this.#server = createServer((client) => this.#join(client, this.#connectUpstream()));
  }

  /** @param how 'end' closes politely in the middle; 'reset' destroys both sides at once */
  static async listen(
    upstream: DatabaseTarget,
    cutAfter = Number.POSITIVE_INFINITY,
    how: 'end' | 'reset' = 'end',
  ): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(upstream, cutAfter, how);
    if (upstream.socket === null) {
      proxy.#server.listen(0, '127.0.0.1');
    } else {
      proxy.#server.listen(proxy.#path);
    }
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Where the client is to connect instead. */
  get target(): DatabaseTarget {
    const { socket, url } = this.#upstream;
    if (socket !== null) {
      return { ...this.#upstream, socket: { ...socket, path: this.#path } };
    }
    const through = new URL(url ?? '');
    through.hostname = '127.0.0.1';
    through.port = String((this.#server.address() as AddressInfo).port);
    return { ...this.#upstream, url: through.toString() };
  }

  get #path(): string {
    return join(this.#directory, '.s.PGSQL.5432');
  }

  #connectUpstream(): Socket {
    const { socket, url } = this.#upstream;
    if (socket !== null) {
      return connect(socket.path);
    }
    const { hostname, port } = new URL(url ?? '');
    return connect(Number(port === '' ? 5432 : port), hostname);
  }

  get cut(): boolean {
    return this.passed >= this.#cutAfter;
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
        if (this.cut) {
          return;
        }
        to.write(message);
        this.passed += 1;
        if (this.cut) {
          this.#cutAll();
          return;
        }
      }
    });
  }

  #cutAll(): void {
    this.#server.close();
    for (const pair of this.#pairs) {
      for (const side of pair) {
        if (this.#how === 'end') {
          side.end(); // what was written still arrives, then the end
        } else {
          side.destroy();
        }
      }
    }
  }
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
