/** Making a new cluster, by however many processes at once: each makes its own, one gets to name its `data`. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UnavailableError } from '../../domain/errors.ts';
import { CLUSTER_ID_FILE, EMBEDDED_SUPERUSER } from './endpoint.ts';
import { diskFull, errnoOf, homeFailure } from './failures.ts';
import type { Launcher } from './launcher.ts';
import type { Native } from './native.ts';
import { isProcessAlive, ownProcessName } from './processes.ts';
import { configuration, HOST_BASED_AUTHENTICATION } from './settings.ts';

/** Far beyond what a slow disk needs: only a hung one gets here. */
const INITDB_LIMIT_MS = 120_000;

/**
 * Makes `<postgresDir>/data`, or waits for someone who is already at it. Afterwards there is a data directory, complete
 * and on disk, or there is none and the caller may ask again (the other one failed).
 * @throws UnavailableError `disk_full`, `home_not_writable`, `embedded_initdb_failed`; nothing half-made is left.
 */
export async function initialiseCluster(
  postgresDir: string,
  native: Native,
  launcher: Launcher,
  onStart: () => void,
): Promise<void> {
  sweepUnfinished(postgresDir);
  const name = `init-${ownProcessName()}-${randomBytes(4).toString('hex')}`;
  const directory = join(postgresDir, name);
  try {
    mkdirSync(directory, { mode: 0o700 });
    if (process.geteuid?.() === 0 && launcher.uid !== 0) lchownSync(directory, launcher.uid, launcher.gid);
    // Eight commands on an empty home need not run eight initdb: the oldest name goes ahead. This only saves work; if
    // two see themselves as the first, the rename below still decides.
    const first = unfinished(postgresDir).find((other) => other.alive && other.name < name);
    if (first !== undefined) {
      rmSync(directory, { recursive: true, force: true });
      await waitForOther(postgresDir, first.name);
      return;
    }
    onStart();
    await initdb(postgresDir, name, native, launcher);
    configure(directory, launcher);
    renameSync(directory, join(postgresDir, 'data'));
    syncDirectory(postgresDir);
  } catch (error) {
    // Someone else's cluster got the name first: theirs it is.
    if (['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error)) && existsSync(join(postgresDir, 'data', 'PG_VERSION'))) return;
    throw homeFailure(directory, error);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Removes what processes that are no more left behind: unfinished clusters, and clusters being removed. */
export function sweepUnfinished(postgresDir: string): void {
  for (const { name, alive } of unfinished(postgresDir)) {
    if (alive) continue;
    try {
      rmSync(join(postgresDir, name), { recursive: true, force: true });
    } catch {
      // An initdb that lost its parent may still write there; the next command sweeps again.
    }
  }
}

async function initdb(postgresDir: string, name: string, native: Native, launcher: Launcher): Promise<void> {
  // Relative, because initdb and pg_ctl hand paths to a shell inside double quotes, and a home may hold a `$`.
  const { code, output } = await launcher.run(
    native.initdb,
    [
      `--pgdata=${name}`,
      `--username=${EMBEDDED_SUPERUSER}`,
      '--auth=trust',
      '--data-checksums',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--no-instructions',
    ],
    { cwd: postgresDir, timeoutMs: INITDB_LIMIT_MS },
  );
  if (code === 0) return;
  if (output.includes('No space left on device')) throw diskFull(postgresDir);
  const said = output.split('\n').filter((line) => /error|FATAL|DETAIL|HINT/.test(line));
  throw new UnavailableError(
    'embedded_initdb_failed',
    `the embedded database could not be made in ${postgresDir}: ${said[0] ?? `initdb ended with ${String(code)}`}`,
    {
      hint: 'set REVSHARE_HOME to another directory, or DATABASE_URL to use a server of your own',
      details: { output: output.slice(-2000), runAs: launcher.kind },
    },
  );
}

function configure(directory: string, launcher: Launcher): void {
  write(join(directory, 'postgresql.conf'), configuration(), constants.O_APPEND);
  write(join(directory, 'pg_hba.conf'), HOST_BASED_AUTHENTICATION, constants.O_TRUNC);
  const id = join(directory, CLUSTER_ID_FILE);
  write(id, `${randomBytes(8).toString('hex')}\n`, constants.O_CREAT | constants.O_EXCL);
  // The server reads it too (probe.ts).
  if (process.geteuid?.() === 0 && launcher.uid !== 0) lchownSync(id, launcher.uid, launcher.gid);
  syncDirectory(directory);
}

/** Writes through to the disk: after the rename nobody looks at these files again before they are needed. */
function write(path: string, text: string, flags: number): void {
  const file = openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | flags, 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncDirectory(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

async function waitForOther(postgresDir: string, name: string): Promise<void> {
  const until = performance.now() + INITDB_LIMIT_MS;
  while (performance.now() < until) {
    if (!unfinished(postgresDir).some((other) => other.name === name && other.alive)) return;
    await sleep(25);
  }
}

function unfinished(postgresDir: string): { name: string; alive: boolean }[] {
  return readdirSync(postgresDir).flatMap((name) => {
    const [, startTime, pid] = /^(?:init|trash)-(\d+)-(\d+)-[0-9a-f]+$/.exec(name) ?? [];
    return startTime === undefined ? [] : [{ name, alive: isProcessAlive(startTime, Number(pid)) }];
  });
}
