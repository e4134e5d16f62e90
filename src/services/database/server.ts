import { basename } from 'node:path';
import { destroyServer, ensureServer, serverStatus, stopServer, type ServerStatus } from '../../db/embedded/server.ts';
import { isEmbedded, type Whereabouts } from '../../db/session.ts';
import { RefusedError } from '../../domain/errors.ts';

export type { ServerStatus } from '../../db/embedded/server.ts';

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

/** Stops the embedded server and waits until it is gone; sessions end, nothing committed is lost. */
export async function stopDatabase(where: Whereabouts): Promise<ServerStatus & { wasRunning: boolean }> {
  assertEmbedded(where, 'stop');
  const { wasRunning } = await stopServer(where.home);
  return { ...(await serverStatus(where.home)), wasRunning };
}

/** How the embedded server is. Changes nothing, starts nothing. */
export async function databaseStatus(where: Whereabouts): Promise<ServerStatus> {
  assertEmbedded(where, 'watch');
  return await serverStatus(where.home);
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
