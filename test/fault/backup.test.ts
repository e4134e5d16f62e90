import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childScript } from '../children.ts';
import { openContext, type OpenedContext } from '../../src/app.ts';
import { destroyServer, stopServer } from '../../src/db/embedded/server.ts';
import { backupDatabase, type Backup } from '../../src/services/backup/backup-database.ts';
import { restoreDatabase } from '../../src/services/backup/restore-database.ts';
import { hashBooks } from '../../src/services/ledger/hash-books.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';
import { openBooks, recordBatch, type Books, type NewEvent } from '../books.ts';
import { silentProgress, testClock } from '../database.ts';
import { accrue } from '../support/accrual.ts';

const directory = mkdtempSync(join(tmpdir(), 'revshare-backup-'));
chmodSync(directory, 0o755);
const homes: string[] = [];
const whereOf = (name: string) => {
  const home = join(directory, name);
  homes.push(home);
  return { home, databaseUrl: null, ownerUrl: null, actor: null, osUser: 'tester' };
};
const settings = { tool: 'test', progress: silentProgress };
const restoring = { clock: testClock(), progress: silentProgress, dryRun: false };
const original = whereOf('original');
const contextIn = async (where: typeof original): Promise<OpenedContext> =>
  await openContext({ where, programme: 'main', clock: testClock(), progress: silentProgress });

let ctx: OpenedContext;
let books: Books;
let taken: Backup;
const archive = join(directory, 'books.tar.gz');

const payments = (from: number, many: number): NewEvent[] =>
  Array.from({ length: many }, (_, at) => ({
    externalId: `p${from + at}`,
    instanceId: books.instance['acme-uk']!,
    on: '2026-10-02',
  }));

beforeAll(async () => {
  await createProgramme(original, { name: 'main', currency: 'EUR' }, { dryRun: false });
  ctx = await contextIn(original);
  books = await openBooks(ctx.db);
  await ctx.db.transaction(async (tx) => await recordBatch(tx, books.source, payments(0, 400)));
}, 120_000);
afterAll(async () => {
  await ctx.close();
  for (const home of homes) await destroyServer(home).catch(() => {});
  rmSync(directory, { recursive: true, force: true });
});

describe('db backup', () => {
  it('is taken while an accrual runs, and the restored books are those of its moment', async () => {
    const accruing = accrue(ctx, '2026-11-20', 7);
    taken = await backupDatabase(original, archive, settings);
    await accruing;
    await ctx.db.transaction(async (tx) => await recordBatch(tx, books.source, payments(1_000, 5)));
    expect(taken.manifest.programmes.map(({ name }) => name)).toEqual(['main']);
    expect(statSync(archive).size).toBe(taken.bytes);

    const elsewhere = whereOf('elsewhere');
    const restored = await restoreDatabase(elsewhere, archive, restoring);
    const there = await contextIn(elsewhere);
    try {
      const { as_of, book } = taken.manifest.programmes[0]!;
      expect((await hashBooks(there, as_of)).sha256).toBe(book.sha256);
      expect((await hashBooks(ctx, as_of)).sha256).toBe(book.sha256);
      expect((await hashBooks(ctx, null)).sha256).not.toBe(book.sha256);
      expect(restored.programmes).toMatchObject([{ programme: 'main', sha256: book.sha256 }]);
      // It goes on from there: what the backup found undecided is decided now, and both say the same.
      await there.db.transaction(async (tx) => await recordBatch(tx, books.source, payments(1_000, 5)));
      await there.db
        .sql`update job_runs set lease_until = clock_timestamp() - interval '1 second' where status = 'running'`;
      await accrue(there, '2026-11-20', 7);
      await accrue(ctx, '2026-11-20', 7);
      const [mine, theirs] = [await hashBooks(ctx, null), await hashBooks(there, null)];
      expect(theirs.sections).toEqual(mine.sections);
    } finally {
      await there.close();
      await stopServer(elsewhere.home);
    }
    expect(readdirSync(elsewhere.home).filter((name) => name.startsWith('.restore'))).toEqual([]);
  }, 120_000);

  it('refuses to restore over books, and leaves them', async () => {
    await expect(restoreDatabase(original, archive, restoring)).rejects.toMatchObject({
      code: 'home_has_books',
      exitCode: 3,
    });
    expect((await ctx.db.sql`select 1 from programme`).length).toBe(1);
  });

  it('refuses what was cut off or altered, and leaves the home empty', async () => {
    const whole = readFileSync(archive);
    const refused = async (name: string, bytes: Buffer, code: RegExp) => {
      const file = join(directory, name);
      writeFileSync(file, bytes);
      const where = whereOf(`home-${name}`);
      await expect(restoreDatabase(where, file, restoring)).rejects.toMatchObject({
        code: expect.stringMatching(code) as string,
      });
      expect(readdirSync(where.home)).toEqual([]);
    };
    await refused('half.tar.gz', whole.subarray(0, whole.length >> 1), /archive_damaged/);
    const plain = gunzipSync(whole);
    await refused('half.tar', plain.subarray(0, plain.length >> 1), /archive_damaged/);
    const block = plain.lastIndexOf(Buffer.from('revshare-backup.json'));
    const unmarked = Buffer.concat([plain.subarray(0, block), Buffer.alloc(1024)]);
    await refused('no-manifest.tar', unmarked, /backup_incomplete/);
    const altered = Buffer.from(plain);
    altered[plain.indexOf('checkpoint_timeout')] = 'C'.charCodeAt(0);
    await refused('altered.tar', altered, /backup_altered/);
    await refused(
      'climbing.tar',
      Buffer.from(plain.toString('latin1').replaceAll('data/PG_VERSION', 'data/../VERSIO'), 'latin1'),
      /archive_damaged|backup_invalid/,
    );
    await refused('nothing.tar', Buffer.from('no archive at all'), /archive_damaged/);
  }, 120_000);

  it('proves a backup on a dry run and keeps nothing', async () => {
    const where = whereOf('dry');
    const { programmes } = await restoreDatabase(where, archive, { ...restoring, dryRun: true });
    expect(programmes).toHaveLength(1);
    expect(readdirSync(where.home)).toEqual([]);
  }, 60_000);

  it('killed on its way leaves no archive, and the next one is whole', async () => {
    const out = join(directory, 'killed.tar');
    const child = spawn(process.execPath, [childScript('backup-child'), original.home, out], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve) => child.stdout.once('data', () => resolve()));
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(existsSync(out)).toBe(false);
    const again = await backupDatabase(original, out, settings);
    expect(again.path.endsWith('killed.tar')).toBe(true);
    const slots = await ctx.db.sql`select slot_name from pg_replication_slots where not active`;
    expect(slots).toHaveLength(0);
    truncateSync(out, again.bytes - 4096);
    await expect(restoreDatabase(whereOf('cut'), out, restoring)).rejects.toMatchObject({ code: 'archive_damaged' });
  }, 60_000);

  it('goes into a directory under a name of its own, and is of an embedded server only', async () => {
    const into = mkdtempSync(join(directory, 'into-'));
    const { path } = await backupDatabase(original, into, settings);
    expect(path).toMatch(/\/revshare-\d{8}T\d{6}Z\.tar\.gz$/);
    expect(readdirSync(into)).toHaveLength(1);
    const elsewhere = { ...original, databaseUrl: 'postgres://somewhere/else' };
    await expect(backupDatabase(elsewhere, into, settings)).rejects.toMatchObject({ code: 'not_embedded' });
    await expect(restoreDatabase(elsewhere, path, restoring)).rejects.toMatchObject({ code: 'not_embedded' });
  }, 60_000);
});
