/** What the file system refuses on files a person named, said once. The home's own failures are in src/db/embedded. */
import { RevshareError, UnavailableError, UsageError } from '../domain/errors.ts';

/** Turns a refusal of the file system into an error that names the path. Errors of ours pass through. */
export function fileFailure(path: string, error: unknown): unknown {
  if (error instanceof RevshareError) return error;
  const errno = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
  const options = { cause: error, details: { path, errno } };
  switch (errno) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new UnavailableError('disk_full', `no space left on the disk of ${path}`, {
        ...options,
        hint: 'free some space, or name a place on another disk; what was there before is untouched',
      });
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new UnavailableError('file_not_allowed', `may not use ${path} (${errno})`, {
        ...options,
        hint: 'name a place where you may read and write',
      });
    case 'ENOENT':
      return new UsageError('file_not_found', `there is no ${path}`, { ...options, hint: 'check the path' });
    case 'ENOTDIR':
    case 'EISDIR':
      return new UsageError(
        'file_is_directory',
        `${path} is not the kind of thing that is wanted here (${errno})`,
        options,
      );
    case 'ENAMETOOLONG':
      return new UsageError('file_name_too_long', `the name of ${path.slice(0, 80)}… is too long`, options);
    case 'EIO':
    case 'EFBIG':
      return new UnavailableError('disk_failure', `writing ${path} failed (${errno})`, options);
    default:
      return error;
  }
}
