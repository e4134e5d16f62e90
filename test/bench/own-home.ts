import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openContext, type OpenedContext } from '../../src/app.ts';
import { openDatabase, type Database } from '../../src/db/connection.ts';
import {
  EMBEDDED_DATABASE,
  EMBEDDED_SUPERUSER,
  ensureServer,
  stopServer,
  type EmbeddedEndpoint,
} from '../../src/db/embedded/server.ts';
import type { Whereabouts } from '../../src/db/session.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';

/** When everything is measured: after all that is generated has happened. */
export const NOW = Date.UTC(2026, 11, 31);

/** A home with an embedded server of its own, as `revshare init` makes it, thrown away at the end. */
export class OwnHome {
  readonly where: Whereabouts;
  readonly #endpoint: EmbeddedEndpoint;
  readonly #opened: { close(): Promise<void> }[] = [];

  private constructor(where: Whereabouts, endpoint: EmbeddedEndpoint) {
    this.where = where;
    this.#endpoint = endpoint;
  }

  static async open(): Promise<OwnHome> {
    const home = mkdtempSync(join(tmpdir(), 'revshare-bench-'));
    const where = { home, databaseUrl: null, ownerUrl: null, actor: 'bench', osUser: 'bench' };
    return new OwnHome(where, await ensureServer(home));
  }

  /** A new programme, and a context in it for an operator. */
  async programme(
    name: string,
    terms: { holdDays?: number; approval?: 'at_decision' | 'after_hold' } = {},
  ): Promise<OpenedContext> {
    await createProgramme(this.where, { name, currency: 'EUR', ...terms }, { dryRun: false });
    return await this.context(name, 'bench');
  }

  /** A context for one of the operators of a programme. */
  async context(programme: string, actor: string, now: () => number = () => NOW): Promise<OpenedContext> {
    const ctx = await openContext({
      where: { ...this.where, actor },
      programme,
      clock: { now, isSimulated: true },
      progress: { step: () => {}, done: () => {} },
    });
    this.#opened.push(ctx);
    return ctx;
  }

  /** The superuser inside a programme: for what no operator may do, such as making a table to compare with. */
  admin(programme: string): Database {
    const path = join(this.#endpoint.socketDir, `.s.PGSQL.${this.#endpoint.port}`);
    const socket = { path, database: EMBEDDED_DATABASE, user: EMBEDDED_SUPERUSER };
    const db = openDatabase({ url: null, schema: programme, socket });
    this.#opened.push(db);
    return db;
  }

  path(name: string): string {
    return join(this.where.home, name);
  }

  async throwAway(): Promise<void> {
    await Promise.all(this.#opened.map(async (one) => await one.close()));
    await stopServer(this.where.home, 'immediate');
    rmSync(this.where.home, { recursive: true, force: true });
  }
}
