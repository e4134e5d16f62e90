import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { writeExport, type AskedExport } from '../../src/services/export/write-export.ts';
import { listEarnings } from '../../src/services/earnings/list-earnings.ts';
import { readManifest } from '../../src/services/export/manifest.ts';
import { parseWalletCode } from '../../src/domain/codes.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { askForLimit } from '../../src/services/approval/set-limit.ts';
import { askForCredit } from '../../src/services/wallet/move-wallet.ts';
import { repeatExport } from '../../src/services/export/repeat-export.ts';
import { verifyExport, verifyExportFile } from '../../src/services/export/verify-export.ts';
import { openBooks, recordBatch, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';

let database: TestDatabase;
let ctx: OpenedContext;
let books: Books;
let directory: string;
const tool = { version: '0.0.0-test' };
const october: AskedExport = { period: '2026-10', partner: null, instance: null, format: 'csv', asOf: null };
const HOSTILE = "=cmd|'/C calc'!A1";

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'revshare-export-'));
  database = await testDatabase();
  ctx = await database.context();
  books = await openBooks(ctx.db);
  await ctx.db.transaction(
    async (tx) =>
      await recordBatch(
        tx,
        books.source,
        [
          { externalId: 'plain', instanceId: books.instance['acme-uk']!, on: '2026-10-02', netMinor: 123_45 },
          {
            externalId: HOSTILE,
            instanceId: books.instance['acme-uk']!,
            on: '2026-10-03',
            productId: books.product['goods']!,
          },
          {
            externalId: '\u001b[31mred\u202Eevil\u0007, "quoted"',
            instanceId: books.instance['zenith-de']!,
            on: '2026-10-04',
          },
          {
            externalId: '../../x',
            instanceId: books.instance['zenith-de']!,
            on: '2026-10-05',
            kind: 'credit_note',
            netMinor: -1_001,
          },
          { externalId: '-12.30', instanceId: books.instance['acme-ie']!, on: '2026-10-06', netMinor: 1 },
          { externalId: 'november', instanceId: books.instance['acme-ie']!, on: '2026-11-01' },
          {
            externalId: 'yen',
            instanceId: books.instance['acme-ie']!,
            on: '2026-10-31',
            netMinor: 999,
            currency: 'JPY',
          },
          {
            externalId: 'dinar',
            instanceId: books.instance['acme-ie']!,
            on: '2026-10-31',
            netMinor: 10_005,
            currency: 'KWD',
          },
        ].sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0)),
      ),
  );
  await accrue(ctx, '2026-11-20');
});
afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

const out = (name = 'october.csv') => join(directory, name);
const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

function rowsOf(path: string): Record<string, string>[] {
  const text = readFileSync(path, 'utf8');
  expect(text.endsWith('\r\n')).toBe(true);
  const [heading, ...lines] = text.slice(0, -2).split('\r\n');
  const names = heading!.split(',');
  return lines.map((line) => {
    const cells = [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) =>
      cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!,
    );
    return Object.fromEntries(names.map((name, at) => [name, cells[at]!]));
  });
}

describe('earnings export', () => {
  it('writes one row an entry, formatted and guarded, and a manifest that tells what it is', async () => {
    const { manifest, path, manifestPath } = await writeExport(ctx, 'earnings', october, out(), tool);
    const rows = rowsOf(path);
    expect(rows).toHaveLength(7);
    expect(manifest.rows).toBe(7);
    expect(manifest.file).toEqual({ name: 'october.csv', bytes: readFileSync(path).length, sha256: sha256(path) });
    expect(manifest.filter.period).toEqual({ label: '2026-10', from: '2026-10-01', to: '2026-11-01', zone: 'UTC' });
    expect(manifest.sums).toEqual([
      { currency: 'EUR', rows: 5, positive: '32.35', negative: '-1.00', net: '31.35' },
      { currency: 'JPY', rows: 1, positive: '100', negative: '0', net: '100' },
      { currency: 'KWD', rows: 1, positive: '1.001', negative: '0.000', net: '1.001' },
    ]);
    expect(await readManifest(manifestPath)).toEqual(manifest);
    const by = new Map(rows.map((row) => [row['currency'] === 'EUR' ? row['occurred_on'] : row['currency'], row]));
    expect(by.get('2026-10-02')).toMatchObject({
      amount: '12.35',
      net: '123.45',
      rate_percent: '10',
      partner: 'acme',
      status: 'approved',
    });
    expect(by.get('2026-10-03')).toMatchObject({ external_id: `'${HOSTILE}`, product: 'goods' });
    expect(by.get('2026-10-04')).toMatchObject({ external_id: 'redevil, "quoted"', partner: 'zenith' });
    expect(by.get('2026-10-05')).toMatchObject({
      external_id: '../../x',
      amount: '-1.00',
      net: '-10.01',
      kind: 'credit',
    });
    expect(by.get('2026-10-06')).toMatchObject({ external_id: "'-12.30", amount: '0.00', reason: 'rounds_to_zero' });
    expect(by.get('JPY')).toMatchObject({ amount: '100', net: '999' });
    expect(by.get('KWD')).toMatchObject({ amount: '1.001', net: '10.005' });
    expect(rows.map((row) => Number(row['event']))).toEqual(
      rows.map((row) => Number(row['event'])).sort((a, b) => a - b),
    );
    expect(readdirSync(directory).sort()).toEqual(['october.csv', 'october.csv.manifest.json']);
  });

  it('writes NDJSON with decimals as strings, unguarded and clean', async () => {
    const { path, manifest } = await writeExport(
      ctx,
      'earnings',
      { ...october, format: 'ndjson' },
      out('o.ndjson'),
      tool,
    );
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows).toHaveLength(manifest.rows);
    expect(rows[1]).toMatchObject({
      external_id: HOSTILE,
      amount: '10.00',
      rate_percent: '10',
      event: expect.any(Number) as number,
    });
    expect(rows[2]).toMatchObject({ external_id: 'redevil, "quoted"' });
    expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(await verifyExport(ctx, path)).toMatchObject({ whole: true, repeatable: true });
  });

  it('takes a partner and an instance, and refuses codes that do not exist', async () => {
    const { manifest } = await writeExport(ctx, 'earnings', { ...october, partner: 'zenith' }, out(), tool);
    expect(manifest).toMatchObject({ rows: 2, sums: [{ net: '9.00' }], filter: { partner: 'zenith', instance: null } });
    const instance = await writeExport(ctx, 'earnings', { ...october, instance: 'acme-ie' }, out(), tool);
    expect(instance.manifest.rows).toBe(3);
    await expect(
      writeExport(ctx, 'earnings', { ...october, partner: 'nobody' }, out('no.csv'), tool),
    ).rejects.toMatchObject({
      code: 'partner_not_found',
    });
    expect(existsSync(out('no.csv'))).toBe(false);
    const empty = await writeExport(ctx, 'earnings', { ...october, period: '2020-01' }, out(), tool);
    expect(empty.manifest).toMatchObject({ rows: 0, sums: [] });
    expect(await verifyExport(ctx, empty.path)).toMatchObject({ whole: true, repeatable: true });
  });

  it('lists what it exports', async () => {
    const rows = await listEarnings(
      ctx,
      { from: '2026-10-01', to: '2026-11-01', partner: 'zenith', instance: null, asOf: null },
      { limit: 10, offset: 0 },
    );
    expect(rows.map(({ amount, kind }) => [amount, kind])).toEqual([
      ['10.00', 'earning'],
      ['-1.00', 'credit'],
    ]);
  });
});

describe('export repeat', () => {
  it('has the acts that were posted by then, each by itself, and none that came later', async () => {
    const limit = await askForLimit(ctx, { of: 'request', currency: 'EUR', amount: '100', reason: 'alone' });
    await approveRequest(await database.context({ actor: 'checker' }), { request: limit.id });
    const credit = async () =>
      await askForCredit(ctx, { wallet: parseWalletCode('acme/acme-uk/EUR'), amount: '5.00', reason: 'goodwill' });
    await credit();
    const november = { ...october, period: '2026-11' };
    const first = await writeExport(ctx, 'earnings', november, out(), tool);
    expect(rowsOf(first.path).map((row) => `${row['kind']} ${row['amount']}`)).toContain('adjustment 5.00');
    await credit();
    const again = await repeatExport(ctx, first.manifestPath, out('again.csv'));
    expect(readFileSync(again.path)).toEqual(readFileSync(first.path));
    expect((await writeExport(ctx, 'earnings', november, out('now.csv'), tool)).manifest.rows).toBe(
      first.manifest.rows + 1,
    );
  });

  it('gives the same bytes after later decisions and holds, whose status now is another', async () => {
    const first = await writeExport(ctx, 'earnings', october, out(), tool);
    await ctx.db.transaction(
      async (tx) =>
        await recordBatch(tx, books.source, [
          { externalId: 'late', instanceId: books.instance['acme-uk']!, on: '2026-10-20' },
        ]),
    );
    await accrue(ctx, '2026-11-21');
    await ctx.db.sql`update partners set status = 'suspended' where code = 'acme'`;

    const now = await writeExport(ctx, 'earnings', october, out('now.csv'), tool);
    expect(now.manifest.rows).toBe(8);
    expect(rowsOf(now.path).filter((row) => row['status'] === 'held')).toHaveLength(5);

    const again = await repeatExport(ctx, first.manifestPath, out('again.csv'));
    expect(sha256(again.path)).toBe(first.manifest.file.sha256);
    expect(readFileSync(again.path)).toEqual(readFileSync(first.path));
    expect(await verifyExport(ctx, first.path)).toMatchObject({
      whole: true,
      repeatable: true,
      difference: null,
      findings: [],
    });
    // A hold that is lifted leaves the moment at which it stood as it was.
    await ctx.db.sql`update partners set status = 'active' where code = 'acme'`;
    expect(await verifyExport(ctx, now.path)).toMatchObject({ whole: true, repeatable: true, findings: [] });
    expect(
      rowsOf((await writeExport(ctx, 'earnings', october, out('later.csv'), tool)).path).filter(
        (row) => row['status'] === 'held',
      ),
    ).toHaveLength(0);
  });

  it('leaves out for ever what had begun before the moment and was committed after it', async () => {
    // A hold whose transaction stamps its time before the export and commits after it.
    const slow = await database.as('slowpoke');
    let release = () => {};
    const waits = new Promise<void>((resolve) => (release = resolve));
    let begun = () => {};
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const slowly = slow.transaction(async (tx) => {
      await tx.sql`insert into holds (instance_id, reason) values (${books.instance['acme-uk']!}, 'dispute')`;
      begun();
      await waits;
    });
    await hasBegun;
    const { path, manifestPath, manifest } = await writeExport(ctx, 'earnings', october, out(), tool);
    release();
    await slowly;
    const [hold] = await ctx.db.sql<
      { early: boolean }[]
    >`select recorded_at <= ${manifest.as_of.instant}::timestamptz as early from holds where reason = 'dispute'`;
    expect(hold!.early).toBe(true);

    expect(await verifyExport(ctx, path)).toMatchObject({ whole: true, repeatable: true, findings: [] });
    const again = await repeatExport(ctx, manifestPath, out('again.csv'));
    expect(sha256(again.path)).toBe(manifest.file.sha256);
    const now = rowsOf((await writeExport(ctx, 'earnings', october, out('now.csv'), tool)).path);
    expect(now.filter((row) => row['status'] === 'held').map((row) => row['instance'])).toEqual(['acme-uk', 'acme-uk']);
  });

  it('takes an instant of the past, and none of the future', async () => {
    const [clock] = await ctx.db.sql<
      { now: string }[]
    >`select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`;
    await new Promise((resolve) => setTimeout(resolve, 20));
    await ctx.db.sql`insert into holds (instance_id, reason) values (${books.instance['acme-uk']!}, 'dispute')`;
    const then = await writeExport(ctx, 'earnings', { ...october, asOf: clock!.now }, out('then.csv'), tool);
    expect(rowsOf(then.path).filter((row) => row['status'] === 'held')).toHaveLength(0);
    const before = await writeExport(ctx, 'earnings', { ...october, asOf: '2020-01-01' }, out('before.csv'), tool);
    expect(before.manifest).toMatchObject({ rows: 0, as_of: { instant: '2020-01-01T23:59:59.999999Z' } });
    await expect(
      writeExport(ctx, 'earnings', { ...october, asOf: '2999-01-01' }, out('f.csv'), tool),
    ).rejects.toMatchObject({
      code: 'as_of_future',
    });
    await expect(writeExport(ctx, 'earnings', { ...october, asOf: 'soon' }, out('f.csv'), tool)).rejects.toMatchObject({
      code: 'as_of_invalid',
    });
  });

  it('refuses manifests of other books, of unknown schemas, and ones that name a path', async () => {
    const { manifestPath, manifest } = await writeExport(ctx, 'earnings', october, out(), tool);
    const altered = (change: object) => {
      writeFileSync(manifestPath, JSON.stringify({ ...manifest, ...change }));
      return expect(repeatExport(ctx, manifestPath, null)).rejects;
    };
    await altered({ books: { ...manifest.books, founded: '2001-01-01T00:00:00.000000Z' } }).toMatchObject({
      code: 'other_books',
    });
    await altered({ books: { ...manifest.books, programme: 'other' } }).toMatchObject({ code: 'other_books' });
    await altered({ schema: { name: 'earnings', version: 99 } }).toMatchObject({ code: 'export_schema_unknown' });
    await altered({ file: { ...manifest.file, name: '../../x' } }).toMatchObject({ code: 'manifest_invalid' });
    await altered({ as_of: { ...manifest.as_of, snapshot: "1:2:'; drop table entries; --" } }).toMatchObject({
      code: 'manifest_invalid',
    });
    await altered({ file: { ...manifest.file, sha256: '0'.repeat(64) } }).toMatchObject({
      code: 'export_differs',
      exitCode: 7,
    });
  });

  it('refuses manifests that say what cannot be, and ones that say of their file what is not so', async () => {
    const { manifestPath, manifest } = await writeExport(ctx, 'earnings', october, out(), tool);
    const altered = (change: object) => {
      writeFileSync(manifestPath, JSON.stringify({ ...manifest, ...change }));
      return expect(repeatExport(ctx, manifestPath, null)).rejects;
    };
    const { filter, as_of: asOf } = manifest;
    const impossible = [
      { filter: { ...filter, period: { ...filter.period, to: '2026-13-01' } } },
      { filter: { ...filter, period: { ...filter.period, label: '2026-09' } } },
      { as_of: { ...asOf, instant: '2026-02-30T00:00:00.000000Z' } },
      { as_of: { ...asOf, snapshot: '999:1:' } },
      { as_of: { ...asOf, snapshot: '5:9:8,7' } },
    ];
    for (const change of impossible) await altered(change).toMatchObject({ code: 'manifest_invalid', exitCode: 2 });
    const [first, ...others] = manifest.sums;
    for (const change of [{ rows: manifest.rows + 1 }, { sums: [{ ...first, net: '0.01' }, ...others] }]) {
      await altered(change).toMatchObject({ code: 'export_differs', exitCode: 7 });
    }
  });
});

describe('export verify', () => {
  it('names the first row in which a file was altered', async () => {
    const { path } = await writeExport(ctx, 'earnings', october, out(), tool);
    writeFileSync(path, readFileSync(path, 'utf8').replace(',12.35,', ',92.35,'));
    expect(await verifyExportFile(path)).toMatchObject({
      whole: false,
      repeatable: null,
      findings: [expect.stringContaining('altered')],
    });
    const found = await verifyExport(ctx, path);
    expect(found).toMatchObject({ whole: false, repeatable: true, difference: { row: 1 } });
    expect(found.difference!.inFile).toContain('92.35');
    expect(found.difference!.inBooks).toContain('12.35');
  });

  it('names what a manifest says falsely of a file that is whole', async () => {
    const { path, manifestPath, manifest } = await writeExport(ctx, 'earnings', october, out(), tool);
    const findings = async (change: object) => {
      writeFileSync(manifestPath, JSON.stringify({ ...manifest, ...change }));
      return (await verifyExport(ctx, path)).findings;
    };
    expect(await findings({})).toEqual([]);
    expect(await findings({ rows: manifest.rows + 1 })).toEqual([expect.stringContaining('rows')]);
    expect(await findings({ sums: [] })).toEqual([expect.stringContaining('sums')]);
    expect(await findings({ file: { ...manifest.file, bytes: 1 } })).toEqual([
      expect.stringContaining('manifest was altered'),
    ]);
    const period = { ...manifest.filter.period, zone: 'Asia/Tokyo' };
    expect(await findings({ filter: { ...manifest.filter, period } })).toEqual([
      "the manifest's days are of Asia/Tokyo; the programme's are of UTC",
    ]);
    expect(await findings({ made: { ...manifest.made, at: '2020-01-01T00:00:00.000000Z' } })).toEqual([
      expect.stringContaining('before its moment'),
    ]);
    // Who made it the books do not record, and that is said instead of passing for proved.
    writeFileSync(manifestPath, JSON.stringify({ ...manifest, made: { ...manifest.made, by: 'mallory' } }));
    expect((await verifyExport(ctx, path)).unproved).toEqual([
      expect.stringMatching(/^made by mallory, who is no login of this server, at /),
    ]);
  });

  it('names what was cut off or added at the end', async () => {
    const { path } = await writeExport(ctx, 'earnings', october, out(), tool);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, whole.lastIndexOf('\r\n', whole.length - 3) + 2));
    expect((await verifyExport(ctx, path)).difference).toMatchObject({ row: 7, inFile: null });
    writeFileSync(path, Buffer.concat([whole, Buffer.from('one,more\r\n')]));
    expect((await verifyExport(ctx, path)).difference).toMatchObject({ row: 8, inFile: 'one,more', inBooks: null });
  });

  it('finds books that were altered behind every guard', async () => {
    const { path } = await writeExport(ctx, 'earnings', october, out(), tool);
    const admin = database.admin();
    await admin.transaction(async ({ sql }) => {
      await sql`set local session_replication_role = replica`;
      await sql`update entries set amount_minor = amount_minor + 1 where event_id = (select max(event_id) - 2 from entries)`;
    });
    const found = await verifyExport(ctx, path);
    expect(found).toMatchObject({ whole: true, repeatable: false });
    expect(found.difference!.row).toBeGreaterThan(0);
    expect(found.findings.length).toBeGreaterThan(0);
  });
});
