import { basename } from 'node:path';
import { destroyServer, ensureServer, serverStatus, stopServer, type ServerStatus } from '../../db/embedded/server.ts';
import { EMBEDDED_DATABASE } from '../../db/embedded/endpoint.ts';
import { serverFacts } from '../../db/queries/catalog.ts';
import { programmeSchemas } from '../../db/queries/programme.ts';
import { withoutPassword } from './address.ts';
import { isEmbedded, openOwner, openServer, type Whereabouts } from '../../db/session.ts';
import { RefusedError } from '../../domain/errors.ts';

export type { ServerStatus } from '../../db/embedded/server.ts';

/** Where the books are served from: by the embedded server of a home, or by a server of one's own. */
export interface DatabaseStatus extends Omit<ServerStatus, 'dataDir' | 'socketDir' | 'logFile' | 'port'> {
  readonly kind: 'embedded' | 'server';
  /** The address without a password; of the embedded server its home. */
  readonly at: string;
  readonly database: string;
  /** Names of the programmes in it; null where it does not run. */
  readonly programmes: readonly string[] | null;
  readonly dataDir: string | null;
  readonly socketDir: string | null;
  readonly logFile: string | null;
}

/** The embedded server belongs to a home; a server of one's own is nobody's to start from here. */
function assertEmbedded(where: Whereabouts, what: string): void {
  if (!isEmbedded(where)) {
    throw new RefusedError(
      'not_embedded',
      `DATABASE_URL names a server of your own, and revshare does not ${what} it`,
      {
        hint: 'unset DATABASE_URL (and REVSHARE_OWNER_URL) to mean the embedded server of REVSHARE_HOME',
      },
    );
  }
}

/** Starts the embedded server, making an empty cluster where there is none. Says each step to `say`. */
export async function startDatabase(where: Whereabouts, say: (text: string) => void): Promise<ServerStatus> {
  assertEmbedded(where, 'start');
  await ensureServer(where.home, {
    onEvent: ({ text }) => {
      say(text);
    },
  });
  return await serverStatus(where.home);
}

export const STOP_MODES = ['fast', 'immediate'] as const;

/** Stops the embedded server and waits until it is gone; sessions end, nothing committed is lost. */
export async function stopDatabase(
  where: Whereabouts,
  mode: (typeof STOP_MODES)[number],
): Promise<ServerStatus & { wasRunning: boolean }> {
  assertEmbedded(where, 'stop');
  const { wasRunning } = await stopServer(where.home, mode);
  return { ...(await serverStatus(where.home)), wasRunning };
}

/**
 * How the server is, and which programmes are in it. Changes nothing, starts nothing. Throws UnavailableError when a
 * server of one's own does not answer.
 */
export async function databaseStatus(where: Whereabouts): Promise<DatabaseStatus> {
  if (isEmbedded(where)) {
    const status = await serverStatus(where.home);
    const programmes = status.serverVersion === null ? null : await programmesAt(where);
    return { ...status, kind: 'embedded', at: where.home, database: EMBEDDED_DATABASE, programmes };
  }
  const db = await openServer(where);
  try {
    const { database, version, versionNumber } = await serverFacts(db);
    return {
      kind: 'server',
      state: 'running',
      at: withoutPassword(where.databaseUrl ?? where.ownerUrl ?? ''),
      database,
      programmes: (await programmeSchemas(db)).map(({ name }) => name),
      serverVersion: version,
      pgVersion: String(Math.floor(versionNumber / 10_000)),
      pid: null,
      dataDir: null,
      socketDir: null,
      logFile: null,
    };
  } finally {
    await db.close();
  }
}

async function programmesAt(where: Whereabouts): Promise<string[]> {
  const db = await openOwner(where, { start: false });
  try {
    return (await programmeSchemas(db)).map(({ name }) => name);
  } finally {
    await db.close();
  }
}

/** What has to be typed to reset the books of a home. */
export function resetCode(where: Whereabouts): string {
  assertEmbedded(where, 'reset');
  return basename(where.home);
}

/** Removes the embedded server of a home with all its books. Nothing brings them back. */
export async function resetDatabase(where: Whereabouts, options: { dryRun: boolean }): Promise<ServerStatus> {
  assertEmbedded(where, 'reset');
  const before = await serverStatus(where.home);
  if (!options.dryRun) {
    await destroyServer(where.home);
  }
  return before;
}
