import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeWindowsJob } from '../../jobs/close-windows.ts';
import type { OpenedContext } from '../../src/app.ts';
import type { RuleFile } from '../../src/formats/rule-files.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { replayPeriod } from '../../src/services/history/replay-period.ts';
import { replayCurrent, simulateRules } from '../../src/services/history/simulate-rules.ts';
import { applyRules } from '../../src/services/rules/apply-rules.ts';
import { exportRules } from '../../src/services/rules/export-rules.ts';
import { readRuleDirectory } from '../../src/services/rules/rule-directory.ts';
import { openBooks } from '../books.ts';
import { emptyDirectory } from '../cli/terminal.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue, choices } from '../support/accrual.ts';
import { countingEvents, countingRules } from '../support/counting-books.ts';
import { tell } from '../support/rating-books.ts';
import { seed } from '../soak.ts';

/** Three months under rules that count, decided once; then decided again, by what was and by what might have been. */
process.stdout.write(`random tests: FC_SEED=${seed}\n`);
const LAST = '2026-12-31';
const ALL = { from: '2026-10-01', to: '2027-01-01' };
const MONTHS = [
  { from: '2026-10-01', to: '2026-11-01' },
  { from: '2026-11-01', to: '2026-12-01' },
  { from: '2026-12-01', to: '2027-01-01' },
];

let database: TestDatabase;
let ctx: OpenedContext;
let live: RuleFile[];
beforeAll(async () => {
  database = await testDatabase();
  ctx = await decidedBooks(database, null);
  live = await exported(ctx);
});
afterAll(async () => {
  await database.drop();
});

/** The same events in books of their own; with files, under the rules that those say. */
async function decidedBooks(of: TestDatabase, files: readonly RuleFile[] | null): Promise<OpenedContext> {
  const opened = await of.context();
  const books = await openBooks(opened.db);
  await countingRules(opened, books);
  if (files !== null) await applyRules(opened, files);
  await opened.db.transaction(async (tx) => await tell(tx, books, countingEvents(books, choices(seed))));
  await accrue(opened, '2026-11-10', 7);
  await accrue(opened, LAST, 50);
  await runJob(opened, closeWindowsJob, LAST);
  return opened;
}

async function exported(from: OpenedContext): Promise<RuleFile[]> {
  const there = { path: emptyDirectory(), called: 'rules' };
  await exportRules(from, there);
  return await readRuleDirectory(there);
}

/** The live book with other rates: brackets higher and split elsewhere, the account's rule without its cap. */
function otherRules(): RuleFile[] {
  return live.map(({ path, text }) => ({
    path,
    text: text
      .replaceAll('200.00:6%', '150.00:7%')
      .replaceAll('400.00:8%', '300.00:9.5%')
      .replaceAll('percentage = "10%"', 'percentage = "11%"'),
  }));
}

async function earnedIn(opened: OpenedContext): Promise<Map<string, string>> {
  const rows = await opened.db.sql<{ partner: string; amount: string }[]>`
    select p.code as partner, (sum(n.amount_minor) / 100)::numeric(20, 2)::text as amount
    from entries n join ledger_accounts w on w.id = n.wallet_id join partners p on p.id = w.partner_id group by 1`;
  return new Map(rows.map(({ partner, amount }) => [partner, amount]));
}

describe('replay', () => {
  it('finds every decision as it was, over all and month by month', async () => {
    const whole = await replayPeriod(ctx, ALL);
    expect(whole).toMatchObject({ differing: 0, differences: [] });
    expect(whole.events).toBeGreaterThan(100);
    const parts = [];
    for (const month of MONTHS) parts.push(await replayPeriod(ctx, month));
    expect(parts.map(({ differing }) => differing)).toEqual([0, 0, 0]);
    expect(parts.reduce((sum, { events }) => sum + events, 0)).toBe(whole.events);
  });

  it('names the one entry that says something else, and no other', async () => {
    const admin = database.admin();
    const change = async (by: number) => {
      await admin.transaction(async ({ sql }) => {
        await sql`set local session_replication_role = replica`;
        await sql`update entries set amount_minor = amount_minor + ${by}
          where event_id = (select min(event_id) from entries where amount_minor > 0 and kind = 'earning') and leg = 0`;
      });
    };
    await change(1);
    const { differing, differences } = await replayPeriod(ctx, ALL);
    await change(-1);
    // A later event of the same sale finds another sum posted, and its own amount with it.
    expect(differing).toBeGreaterThanOrEqual(1);
    expect(differences[0]).toMatchObject({ field: 'amount', leg: 0 });
    expect(await replayPeriod(ctx, ALL)).toMatchObject({ differing: 0 });
  });

  it('--current compares today’s rules with the book', async () => {
    expect(await replayCurrent(ctx, ALL)).toMatchObject({ changed: 0, winners: 0, losers: 0 });
  });
});

describe('simulate', () => {
  it('differs by nothing with the live rules, over all and month by month', async () => {
    for (const stretch of [ALL, ...MONTHS]) {
      const found = await simulateRules(ctx, live, stretch);
      expect(found).toMatchObject({ changed: 0, winners: 0, losers: 0, changes: [] });
      expect(found.partners.every(({ delta }) => Number(delta) === 0)).toBe(true);
    }
  });

  it('says what other rules do earn, to the cent, where they are the rules', async () => {
    const files = otherRules();
    expect(files).not.toEqual(live);
    const found = await simulateRules(ctx, files, ALL, { changes: 1_000 });
    expect(found.changed).toBeGreaterThan(10);
    expect(found.changes).toHaveLength(found.changed);
    const real = await testDatabase();
    try {
      const earned = await earnedIn(await decidedBooks(real, files));
      expect(new Map(found.partners.map(({ partner, after }) => [partner, after])), `FC_SEED=${seed}`).toEqual(earned);
    } finally {
      await real.drop();
    }
    expect(new Map(found.partners.map(({ partner, before }) => [partner, before]))).toEqual(await earnedIn(ctx));
  });

  it('writes nothing', async () => {
    const count = async () =>
      (
        await ctx.db.sql`select (select count(*) from rule_versions) as v, (select count(*) from known_changes) as k`
      )[0];
    const before = await count();
    await simulateRules(ctx, otherRules(), ALL);
    expect(await count()).toEqual(before);
  });
});
