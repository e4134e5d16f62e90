import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { listDisputes, openDispute, resolveDispute, showDispute } from '../../src/services/dispute/disputes.ts';
import { repeatExport } from '../../src/services/export/repeat-export.ts';
import { verifyExport } from '../../src/services/export/verify-export.ts';
import { writeExport } from '../../src/services/export/write-export.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { releaseCommissions } from '../../src/services/review/hold-commissions.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { decidedBooks } from '../decided-books.ts';
import { csvRows } from '../support/csv-rows.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { shell } from '../cli/terminal.ts';

/** Disputes of entries of decided-books.ts. */
let database: TestDatabase;
let ctx: OpenedContext;
let directory: string;
let entries: Map<string, string>;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  directory = mkdtempSync(join(tmpdir(), 'revshare-disputes-'));
  await decidedBooks(ctx);
  const rows = await ctx.db.sql<{ event: string; entry: string }[]>`
    select e.external_id as event, n.event_id || '.' || n.leg as entry from entries n join revenue_events e on e.id = n.event_id`;
  entries = new Map(rows.map(({ event, entry }) => [event, entry]));
});
afterAll(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

const statusOf = async (entry: string) =>
  JSON.parse((await shell(database)(`commission show ${entry} --json`)).stdout).status as string;
const paidEntries = async () => {
  const dry = await database.context({ dryRun: true });
  return await dry.write(async (tx) => {
    await generatePayouts({ ...dry, write: async (work) => await work(tx) });
    const lines = await tx.sql<{ entry: string }[]>`select event_id || '.' || leg as entry from payout_lines`;
    return lines.map(({ entry }) => entry);
  });
};

describe('an open dispute', () => {
  it('holds its entry, and no payout takes it', async () => {
    const entry = entries.get('flat-1')!;
    expect(await paidEntries()).toContain(entry);
    const opened = await openDispute(ctx, { entry, reason: 'never agreed' });
    expect(opened).toMatchObject({
      entry,
      status: 'open',
      reason: 'never agreed',
      openedBy: 'tester',
      resolvedBy: null,
    });
    expect(await statusOf(entry)).toBe('held');
    expect(await paidEntries()).not.toContain(entry);
  });

  it('is released: who, when and why stay, and it is paid', async () => {
    const [dispute] = await listDisputes(ctx, { status: 'open' }, { limit: 10, offset: 0 });
    const done = await resolveDispute(ctx, { id: dispute!.id!, outcome: 'released', note: 'it was agreed' });
    expect(done).toMatchObject({ status: 'released', resolution: 'it was agreed', resolvedBy: 'tester' });
    expect(await paidEntries()).toContain(dispute!.entry);
    await expect(
      resolveDispute(ctx, { id: dispute!.id!, outcome: 'rejected', note: 'after all' }),
    ).rejects.toMatchObject({ code: 'dispute_resolved' });
  });

  it('is rejected: the entry is taken back, and the books agree', async () => {
    const entry = entries.get('gross-1')!;
    const { id } = await openDispute(ctx, { entry, reason: 'no such order' });
    expect(await resolveDispute(ctx, { id: id!, outcome: 'rejected', note: 'there was none' })).toMatchObject({
      status: 'rejected',
      resolution: 'there was none',
    });
    expect(await statusOf(entry)).toBe('rejected');
    await expectCleanDoctor(ctx);
  });
});

describe('what happens beside it', () => {
  it('a review that takes the entry back, or a release of holds, ends it too', async () => {
    const [first, second] = [entries.get('own-1')!, entries.get('gold-1')!];
    const rejected = await openDispute(ctx, { entry: first, reason: 'a' });
    await reviewCommissions(ctx, { verdict: 'rejected', reason: 'test', selection: { entries: [first] } });
    expect(await showDispute(ctx, rejected.id!)).toMatchObject({ status: 'rejected', resolution: 'test' });
    const released = await openDispute(ctx, { entry: second, reason: 'b' });
    await releaseCommissions(ctx, { selection: { entries: [second] } });
    expect(await showDispute(ctx, released.id!)).toMatchObject({ status: 'released' });
    // What is rejected after a dispute was over is another matter.
    await reviewCommissions(ctx, { verdict: 'rejected', reason: 'later', selection: { entries: [second] } });
    expect(await showDispute(ctx, released.id!)).toMatchObject({ status: 'released' });
  });

  it('neither a refund nor what is disputed already is disputed', async () => {
    for (const [event, code] of [
      ['credit-1', 'not_reviewable'],
      ['post-1', 'not_reviewable'],
    ] as const) {
      await expect(openDispute(ctx, { entry: entries.get(event)!, reason: 'x' })).rejects.toMatchObject({ code });
    }
    await expect(openDispute(ctx, { entry: '1', reason: 'x' })).rejects.toMatchObject({ code: 'entry_leg' });
  });

  it('a dry run opens nothing and says no number', async () => {
    const dry = await database.context({ dryRun: true });
    const entry = entries.get('flat-1')!;
    expect(await openDispute(dry, { entry, reason: 'x' })).toMatchObject({ id: null, status: 'open' });
    expect(await statusOf(entry)).toBe('approved');
  });
});

it('the export has every dispute, proves itself and is repeated to the byte', async () => {
  const asked = { period: '2020-01-01..2099-12-31', format: 'csv', asOf: null } as const;
  const file = await writeExport(ctx, 'dispute', asked, join(directory, 'disputes.csv'), { version: '0.0.0-test' });
  const rows = csvRows(readFileSync(file.path, 'utf8'));
  expect(rows.map((row) => [row['external_id'], row['status'], row['reason']])).toEqual([
    ['flat-1', 'released', 'never agreed'],
    ['gross-1', 'rejected', 'no such order'],
    ['own-1', 'rejected', 'a'],
    ['gold-1', 'released', 'b'],
  ]);
  await openDispute(ctx, { entry: entries.get('flat-1')!, reason: 'again' });
  expect(await verifyExport(ctx, file.path)).toMatchObject({ whole: true, repeatable: true, findings: [] });
  const again = await repeatExport(ctx, file.manifestPath, join(directory, 'again.csv'));
  expect(readFileSync(again.path)).toEqual(readFileSync(file.path));
});

it('a statement shows the dispute among its holds', async () => {
  // As if it had been opened in October: of today no statement can be made.
  const { sql } = database.admin();
  await sql`set session_replication_role = replica`;
  await sql`update holds set recorded_at = '2026-10-15 12:00:00+00' where note = 'again'`;
  expect((await shell(database)('statement generate --all --period 2026-10')).code).toBe(0);
  const [row] = await ctx.db.sql<{ holds: unknown }[]>`
    select content -> 'holds' as holds from statements s join partners p on p.id = s.partner_id where p.code = 'acme'`;
  expect(row!.holds).toEqual([{ of: entries.get('flat-1')!, reason: 'dispute', from: '2026-10-15', released: null }]);
});
