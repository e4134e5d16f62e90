import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { childScript } from '../children.ts';
import type { OpenedContext } from '../../src/app.ts';
import { buildContext } from '../../src/app.ts';
import { copyOut } from '../../src/db/copy-out.ts';
import { openDatabase } from '../../src/db/connection.ts';
import { writeExport, type AskedExport } from '../../src/services/export/write-export.ts';
import { readManifest } from '../../src/services/export/manifest.ts';
import { repeatExport } from '../../src/services/export/repeat-export.ts';
import { verifyExport } from '../../src/services/export/verify-export.ts';
import { fillBooks } from '../bench/export-books.ts';
import { silentProgress, testClock, testDatabase, type TestDatabase } from '../database.ts';
import { patience, tell, times } from '../soak.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import type { ExportOrder } from '../support/export-child.ts';

const ENTRIES = 40_000;
const october: AskedExport = { period: '2026-10', partner: null, instance: null, format: 'csv', asOf: null };
const tool = { version: 'test' };
let database: TestDatabase;
let ctx: OpenedContext;
let directory: string;

beforeAll(async () => {
  database = await testDatabase();
  await fillBooks(database.admin(), ENTRIES);
  ctx = await database.context();
}, 120_000);
afterAll(async () => {
  await database.drop();
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'revshare-export-fault-'));
  return () => rmSync(directory, { recursive: true, force: true });
});

const temporaries = (where = directory) => readdirSync(where).filter((name) => name.endsWith('.tmp'));

async function exportChild(out: string): Promise<{ child: ChildProcess; begin: () => void; ended: Promise<string> }> {
  const child = spawn(process.execPath, [childScript('export-child')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.on('error', () => {});
  await once(child.stdout, 'data');
  let said = '';
  child.stdout.on('data', (data: Buffer) => (said += data.toString('utf8')));
  const order: ExportOrder = { target: database.target(), out, period: '2026-10' };
  return {
    child,
    begin: () => child.stdin.end(`${JSON.stringify(order)}\n`),
    ended: once(child, 'close').then(() => said.trim()),
  };
}

describe('an export that cannot end', () => {
  it('killed at any point leaves the old file or the new one, never a part', patience(120_000), async () => {
    const out = join(directory, 'october.csv');
    writeFileSync(out, 'the old file');
    const started = performance.now();
    await writeExport(ctx, 'earnings', october, join(directory, 'whole.csv'), tool);
    const whole = readFileSync(join(directory, 'whole.csv'), 'utf8');
    const lasts = performance.now() - started;
    // From the first moment to well after it has ended, evenly.
    const kills = times(6, 120);
    for (let kill = 1; kill <= kills; kill += 1) {
      const share = (1.4 * kill) / kills;
      tell('kills', kill, kills);
      const { child, begin, ended } = await exportChild(out);
      begin();
      await new Promise((resolve) => setTimeout(resolve, lasts * share));
      child.kill('SIGKILL');
      await ended;
      expect([true, false]).toContain(existsSync(`${out}.manifest.json`));
      const found = readFileSync(out, 'utf8');
      expect(found === 'the old file' || found === whole, `after ${share}`).toBe(true);
      if (existsSync(`${out}.manifest.json`)) {
        // Whatever the moment, a manifest that is there gives its file.
        const again = await repeatExport(ctx, `${out}.manifest.json`, null);
        expect(await verifyExport(ctx, again.path)).toMatchObject({ findings: [] });
        writeFileSync(out, 'the old file');
        rmSync(`${out}.manifest.json`);
      }
    }
    // What the killed ones left is swept by a later export, once nobody can be writing it any more.
    const left = temporaries();
    const longAgo = new Date('2020-01-01T00:00:00Z');
    for (const name of left) utimesSync(join(directory, name), longAgo, longAgo);
    await writeExport(ctx, 'earnings', october, out, tool);
    expect(temporaries()).toEqual([]);
  });

  it('on a full disk says so, leaves what was there, and no temporary', async () => {
    const disk = join(directory, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      return; // Not allowed here.
    }
    try {
      const out = join(disk, 'october.csv');
      writeFileSync(out, 'the old file');
      await expect(writeExport(ctx, 'earnings', october, out, tool)).rejects.toMatchObject({
        code: 'disk_full',
        exitCode: 4,
      });
      expect(readFileSync(out, 'utf8')).toBe('the old file');
      expect(readdirSync(disk)).toEqual(['october.csv']);
      // The connection is free again at once.
      const small = await writeExport(
        ctx,
        'earnings',
        { ...october, partner: 'partner-7', period: '2026-10-01..2026-10-02' },
        out,
        tool,
      );
      expect(small.manifest.rows).toBeGreaterThan(0);
    } finally {
      execFileSync('umount', [disk]);
    }
  }, 60_000);

  it('refuses devices, directories and dangling links, and leaves them what they are', async () => {
    const device = join(directory, 'full.csv');
    symlinkSync('/dev/full', device);
    mkdirSync(join(directory, 'folder'));
    symlinkSync(join(directory, 'nowhere'), join(directory, 'dangling'));
    for (const path of ['/dev/full', device, join(directory, 'folder'), join(directory, 'dangling')]) {
      await expect(writeExport(ctx, 'earnings', october, path, tool)).rejects.toMatchObject({
        code: 'file_not_ordinary',
        exitCode: 2,
      });
    }
    expect(statSync('/dev/full').isCharacterDevice()).toBe(true);
    expect(lstatSync(device).isSymbolicLink()).toBe(true);
    await expect(
      writeExport(ctx, 'earnings', october, join(directory, 'no', 'such', 'x.csv'), tool),
    ).rejects.toMatchObject({
      code: 'file_not_found',
    });
    expect(readdirSync(directory).sort()).toEqual(['dangling', 'folder', 'full.csv']);
  });

  it('writes through a link to the file it names, and keeps its mode', async () => {
    writeFileSync(join(directory, 'real.csv'), '', { mode: 0o640 });
    symlinkSync('real.csv', join(directory, 'link.csv'));
    const { path } = await writeExport(
      ctx,
      'earnings',
      { ...october, partner: 'partner-7' },
      join(directory, 'link.csv'),
      tool,
    );
    expect(path).toBe(join(directory, 'real.csv'));
    expect(lstatSync(join(directory, 'link.csv')).isSymbolicLink()).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('takes a hostile file name as a name', async () => {
    const name = "=cmd|'!A1 \u202E\u001b[31m.csv";
    const { manifestPath } = await writeExport(
      ctx,
      'earnings',
      { ...october, partner: 'partner-7' },
      join(directory, name),
      tool,
    );
    expect(readdirSync(directory).sort()).toEqual([name, `${name}.manifest.json`]);
    expect((await readManifest(manifestPath)).file.name).toBe(name);
    expect(await verifyExport(ctx, join(directory, name))).toMatchObject({ findings: [] });
  });

  it('with its connection cut says so and leaves nothing', async () => {
    for (const after of [12, 100, 5_000, 39_000]) {
      const proxy = await CuttingProxy.listen(database.target(), { after, how: 'reset' });
      const db = openDatabase(proxy.target);
      const cut = buildContext(db, {
        programme: 'main',
        actor: 'tester',
        zone: 'UTC',
        clock: testClock(),
        progress: silentProgress,
      });
      const out = join(directory, `cut-${after}.csv`);
      await expect(writeExport(cut, 'earnings', october, out, tool), `after ${after}`).rejects.toMatchObject({
        exitCode: 4,
      });
      expect(existsSync(out)).toBe(false);
      await db.close();
      proxy.close();
    }
    expect(readdirSync(directory)).toEqual([]);
  }, 60_000);
});

describe('copyOut', () => {
  it('hands over every row once, whatever its length and the pace of who takes it', async () => {
    const seen: number[] = [];
    let widest = 0;
    const rows = await ctx.db.transaction(
      async (tx) =>
        await copyOut(
          tx,
          ctx.db,
          {
            statement: `copy (select g, repeat('x', case when g % 997 = 0 then 600000 else g % 200 end) from generate_series(1, 5000) g) to stdout (format csv)`,
            heading: false,
            lineEnd: '\r\n',
          },
          async (block, count) => {
            const lines = block.toString('latin1').split('\r\n');
            expect(lines.pop()).toBe('');
            expect(lines).toHaveLength(count);
            seen.push(...lines.map((line) => Number(line.split(',')[0])));
            widest = Math.max(widest, block.length);
            if (seen.length % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
          },
        ),
    );
    expect(rows).toBe(5000);
    expect(seen).toEqual(Array.from({ length: 5000 }, (_, at) => at + 1));
    expect(widest).toBeGreaterThan(600_000);
  });

  it('leaves the connection fit for the next statement, wherever in a message of the socket the rows end', async () => {
    for (let round = 0; round < 120; round += 1) {
      const many = [0, 1, 60, 200, 230, 900, 5_000][round % 7]!;
      const fails = round % 4 === 3;
      const work = ctx.db.transaction(async (tx) => {
        const statement = `copy (select g, repeat('x', 300) from generate_series(1, ${many}) g) to stdout`;
        const rows = await copyOut(tx, ctx.db, { statement, heading: false, lineEnd: '\n' }, async () => {
          if (round % 5 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
          if (fails) throw new Error('the taker fails');
        });
        const [answer] = await tx.sql<{ rows: number }[]>`select ${rows}::int as rows`;
        return answer!.rows;
      });
      if (fails && many > 0) await expect(work).rejects.toThrow('the taker fails');
      else expect(await work).toBe(many);
    }
  }, 60_000);

  it('settles with the error of the server, of its taker, and of a statement that never begins; the session lives on', async () => {
    const attempt = async (statement: string, take: () => Promise<void> = async () => {}) =>
      await ctx.db.transaction(
        async (tx) => await copyOut(tx, ctx.db, { statement, heading: false, lineEnd: '\n' }, take),
      );
    await expect(attempt('copy (select 1/(100000 - g) from generate_series(1, 200000) g) to stdout')).rejects.toThrow(
      'division by zero',
    );
    await expect(attempt('copy (select nothing) to stdout')).rejects.toThrow('does not exist');
    await expect(
      attempt(`copy (select g, repeat('x', 200) from generate_series(1, 50000000) g) to stdout`, async () => {
        throw new Error('the taker fails');
      }),
    ).rejects.toThrow('the taker fails');
    expect(await attempt('copy (select 1) to stdout')).toBe(1);
  }, 60_000);
});
