/** What the file system refuses, said once so that every place names the path and the same remedy. */
import { statSync } from 'node:fs';
import { RefusedError, RevshareError, UnavailableError } from '../../domain/errors.ts';
import type { EmbeddedEndpoint } from './endpoint.ts';

const OTHER_PLACE = 'set REVSHARE_HOME to a directory you may write to, or DATABASE_URL to use a server of your own';

export function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

/** Turns a refusal of the file system under the home into an error that names the path. Errors of ours pass through. */
export function homeFailure(path: string, error: unknown): RevshareError {
  if (error instanceof RevshareError) return error;
  const errno = errnoOf(error);
  const options = { cause: error, details: { path, errno } };
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new UnavailableError('home_not_writable', `cannot write to ${path} (${errno})`, {
        ...options,
        hint: OTHER_PLACE,
      });
    case 'ENOTDIR':
    case 'EEXIST':
      return new UnavailableError('home_not_a_directory', `${path} cannot be made: something on the way is a file`, {
        ...options,
        hint: OTHER_PLACE,
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(path, error);
    default:
      return new UnavailableError('home_unusable', `cannot use ${path} (${errno || String(error)})`, {
        ...options,
        hint: OTHER_PLACE,
      });
  }
}

export function diskFull(path: string, cause?: unknown): UnavailableError {
  return new UnavailableError('disk_full', `no space left on the disk of ${path}`, {
    cause,
    hint: 'free some space (a new database needs 60 MB, and its log of changes grows to 2 GB), or set REVSHARE_HOME to another disk',
    details: { path },
  });
}

/** The data is someone else's: not a thing to force. */
export function foreignOwner(path: string): UnavailableError {
  let owner = 'another user';
  try {
    owner = `uid ${statSync(path).uid}`;
  } catch {
    // Not even visible: then nothing better can be said.
  }
  return new UnavailableError(
    'home_of_another_user',
    `${path} belongs to ${owner}, and you are uid ${process.geteuid?.() ?? 'unknown'}`,
    {
      hint: 'run the command as that user, or set REVSHARE_HOME to a directory of your own',
      details: { path },
    },
  );
}

export function refused(endpoint: EmbeddedEndpoint, reason: string): UnavailableError {
  return new UnavailableError('embedded_start_failed', `the embedded database refuses the connection: ${reason}`, {
    hint: `look into ${endpoint.logFile}`,
  });
}

export function notOurs(dataDir: string, so: string): RefusedError {
  return new RefusedError('not_our_database', `${dataDir} is not a database that revshare made: ${so}`, {
    hint: 'move it away yourself, or set REVSHARE_HOME to another directory',
    details: { dataDir },
  });
}

export function otherVersion(dataDir: string, found: string, ours: string): RefusedError {
  return new RefusedError(
    'embedded_other_version',
    `${dataDir} was made by Postgres ${found}, and this revshare brings Postgres ${ours}`,
    {
      hint:
        `go on with the revshare that made it (its \`db backup\` comes back there only), or move to a server of your own: start Postgres ${found} on a copy of it, ` +
        'pg_dump the books from there into that server, and name it in DATABASE_URL',
      details: { dataDir, found, ours },
    },
  );
}
