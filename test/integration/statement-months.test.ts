import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { statementWriter } from '../../src/cli/statement-writer.ts';
import { addDays, addMonthsClamped, parsePeriod } from '../../src/domain/dates.ts';
import { formatMinor } from '../../src/domain/money.ts';
import type { StatementContent } from '../../src/domain/statement.ts';
import { closePeriod } from '../../src/runner/close-period.ts';
import type { Context } from '../../src/services/context.ts';
import { setDeductions } from '../../src/services/deduction/deductions.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts, failPayouts, returnPayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { holdCommissions, releaseCommissions } from '../../src/services/review/hold-commissions.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { generateStatements } from '../../src/services/statement/generate-statements.ts';
import { listStatements, showStatement } from '../../src/services/statement/list-statements.ts';
import { verifyStatements } from '../../src/services/statement/verify-statements.ts';
import { writeStatements } from '../../src/services/statement/write-statements.ts';
import { listWallets } from '../../src/services/wallet/list-wallets.ts';
import { openBooks } from '../books.ts';
import { testClock, testDatabase, type TestDatabase } from '../database.ts';
import { patience, times } from '../soak.ts';
import { accrue } from '../support/accrual.ts';
import { readPdf } from '../support/pdf-pages.ts';

/**
 * Months after months of partners who earn, are paid, get payouts back, and of customers who take their money back months
 * later; some of it is told only after its month was closed. The last month is October 2026.
 */
const MONTHS = times(5, 24);
const first = addMonthsClamped('2026-10-01', 1 - MONTHS);
const months = Array.from({ length: MONTHS }, (_, at) => addMonthsClamped(first, at));
const page = { limit: 999, offset: 0 };

let database: TestDatabase;
let ctx: OpenedContext;
let checker: OpenedContext;
let directory: string;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  checker = await database.context({ actor: 'checker' });
  directory = mkdtempSync(join(tmpdir(), 'revshare-months-'));
  await openBooks(ctx.db);
  await setDeductions(ctx, { withholdingPpm: 240_000, fee: '1.50', currency: 'EUR', from: '2024-01-01' });
  for (const [at, month] of months.entries()) await live(at, month);
}, patience(240_000).timeout);
afterAll(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function record(kind: string, id: string, net: string, on: string, instance = 'acme-uk', saleRef?: string) {
  const sale = saleRef === undefined ? {} : { sale_ref: saleRef, sale_net: '300.00' };
  const fields = { external_id: id, instance, kind, net, currency: 'EUR', occurred_at: on, account: 'C1', ...sale };
  await recordRevenue(ctx, { fields, createAccount: true });
}

/** The same people on another day. */
const on = <C extends Context>(who: C, day: string): C => ({
  ...who,
  clock: testClock(Date.parse(`${day}T12:00:00Z`)),
});
const entryOf = async (id: string) => {
  const [row] = await ctx.db.sql<{ entry: string }[]>`
    select n.event_id || '.' || n.leg as entry from entries n join revenue_events e on e.id = n.event_id where e.external_id = ${id}`;
  return { entries: [row!.entry] };
};

/** What was paid to zenith last month, and comes back. */
let comesBack: string | null = null;

async function live(at: number, month: string): Promise<void> {
  const label = month.slice(0, 7);
  const day = (of: number) => `${label}-${String(of).padStart(2, '0')}`;
  await record('payment', `uk-${label}`, '300.00', day(2), 'acme-uk', `sale-${label}`);
  await record('payment', `ie-${label}`, `${120 + at}.10`, day(5), 'acme-ie');
  await record('payment', `test-${label}`, '33.33', day(6), 'acme-ie');
  await record('payment', `de-${label}`, '500.00', day(7), 'zenith-de');
  if (at >= 2) {
    const then = months[at - 2]!.slice(0, 7);
    await record('refund', `back-${label}`, '-120.00', day(9), 'acme-uk', `sale-${then}`);
  }
  // Of the month before, which is closed.
  if (at >= 1) await record('payment', `late-${label}`, '70.00', addDays(month, -3), 'acme-uk');
  await accrue(ctx, addDays(addMonthsClamped(month, 1), -1));
  const [early, late] = [day(20), day(27)];
  await reviewCommissions(on(ctx, early), {
    verdict: 'rejected',
    reason: 'a test of theirs',
    selection: await entryOf(`test-${label}`),
  });
  if (at === 0) await holdCommissions(on(ctx, early), { reason: 'dispute', selection: await entryOf(`ie-${label}`) });
  if (at === 2) {
    const held = await entryOf(`ie-${months[0]!.slice(0, 7)}`);
    await releaseCommissions(on(ctx, early), { reason: 'dispute', selection: held });
  }
  if (comesBack !== null) {
    const payouts = { numbers: [comesBack] };
    await returnPayouts(on(ctx, early), { payouts, reason: 'no such account', valueDate: early });
  }
  comesBack = await pay(early, late, at);
  await generateStatements(ctx, { period: parsePeriod(label, '2026-11-21') });
  await closePeriod(ctx, { month: label });
}

/** Acme is paid, every other month it fails; zenith is paid, and every third time the money will come back. */
async function pay(early: string, late: string, at: number): Promise<string | null> {
  const { run, payouts } = await generatePayouts(on(ctx, early), { cutoff: early });
  if (run === null || payouts.length === 0) return null;
  await approveRun(on(checker, early), { run });
  await submitPayouts(on(ctx, early), { run });
  let back: string | null = null;
  for (const { partner, number } of payouts) {
    const selected = { payouts: { numbers: [number] } };
    if (partner === 'acme' && at % 2 === 1) {
      await failPayouts(on(ctx, late), { ...selected, reason: 'account closed' });
    } else {
      await completePayouts(on(ctx, late), { ...selected, valueDate: late });
      if (partner === 'zenith' && at % 3 === 1) back = number;
    }
  }
  return back;
}

async function told(): Promise<{ number: string; content: StatementContent }[]> {
  const all = await listStatements(ctx, {}, page);
  return await Promise.all(all.map(async ({ number }) => await showStatement(ctx, Number(number.slice(2)))));
}

describe(`statements of ${MONTHS} months`, patience(120_000), () => {
  it('open with what the last ones closed with, to the cent', async () => {
    const last = new Map<string, string>();
    const all = await told();
    expect(all.length).toBe(2 * MONTHS);
    for (const { content } of all) {
      const { partner, currency, totals } = content;
      const key = `${partner.code}/${currency}`;
      expect(totals.opening, `${key} ${content.period.from}`).toBe(last.get(key) ?? '0');
      last.set(key, totals.closing);
    }
    for (const month of months) {
      const until = addDays(addMonthsClamped(month, 1), -1);
      const wallets = await listWallets(ctx, { asOf: until });
      for (const { content } of all.filter((one) => one.content.period.from === month)) {
        const held = wallets
          .filter(({ partner }) => partner === content.partner.code)
          .reduce((sum, { balance, inTransit }) => sum + cents(balance) + cents(inTransit), 0n);
        expect(BigInt(content.totals.closing)).toBe(held);
      }
    }
  });

  it('tell of everything that there was: refunds, what came late, what was taken back, withheld, failed and returned', async () => {
    const acme = (await told()).filter(({ content }) => content.partner.code === 'acme').map(({ content }) => content);
    const zenith = (await told())
      .filter(({ content }) => content.partner.code === 'zenith')
      .map(({ content }) => content);
    for (const [at, content] of acme.entries()) {
      const of = (section: string) => content.groups.filter((group) => group.section === section);
      expect(of('reversals').map(({ amount }) => amount)).toEqual(at >= 2 ? ['-1200'] : []);
      expect(of('prior_period').map(({ amount }) => amount)).toEqual(at >= 1 ? ['700'] : []);
      expect(content.rejections).toMatchObject([{ verdict: 'rejected', reason: 'a test of theirs', amount: '333' }]);
    }
    const moves = [...acme, ...zenith].flatMap(({ payouts }) => payouts);
    expect(new Set(moves.map(({ was, status }) => `${was}>${status}`))).toEqual(
      new Set(['ready>processing', 'processing>completed', 'processing>failed', 'completed>returned']),
    );
    for (const { made_by, approved_by, withheld, gross, fees, sent } of moves) {
      expect({ made_by, approved_by }).toEqual({ made_by: 'tester', approved_by: 'checker' });
      expect(BigInt(sent) + BigInt(withheld) + BigInt(fees)).toBe(BigInt(gross));
      expect([BigInt(withheld), fees]).toEqual([(BigInt(gross) * 24n + 50n) / 100n, '150']);
    }
    expect(zenith.some(({ totals }) => totals.returned !== '0')).toBe(true);
    expect(acme.some(({ totals }) => totals.paid !== '0' && totals.withheld !== '0' && totals.fees !== '0')).toBe(true);
    const { months: chart, year } = acme.at(-1)!;
    expect(chart.map(({ month }) => month).at(-1)).toBe('2026-10');
    const earned = (totals: StatementContent['totals']) => BigInt(totals.entries) - BigInt(totals.rejected);
    const lastTwelve = acme.slice(-12).reduce((sum, { totals }) => sum + earned(totals), 0n);
    expect(chart.reduce((sum, one) => sum + BigInt(one.earned), 0n)).toBe(lastTwelve);
    const thisYear = acme.filter(({ period }) => period.from >= '2026-01-01').map(({ totals }) => totals);
    for (const figure of ['entries', 'rejected', 'paid', 'withheld', 'fees', 'returned'] as const) {
      expect(BigInt(year.totals[figure])).toBe(thisYear.reduce((sum, totals) => sum + BigInt(totals[figure]), 0n));
    }
  });

  it('come out of the books again as they were, and as they are', async () => {
    const verified = await verifyStatements(ctx, {});
    expect(verified.filter(({ intact, proved, current }) => !intact || !proved || current !== true)).toEqual([]);
  });

  it('add up line by line in their files', async () => {
    const csv = await statementWriter({ print: { actorsClaimed: false } as never }, {});
    const { files } = await writeStatements(ctx, {}, directory, csv);
    for (const { file } of files) {
      const lines = readFileSync(file, 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','));
      const amounts = lines.map((cells) => cents(cells.at(-4)!));
      const between = amounts.slice(1, -1).reduce((sum, one) => sum + one, 0n);
      expect(amounts[0]! + between, file).toBe(amounts.at(-1));
    }
    // What came late says of which day it is.
    const late = readFileSync(files.findLast(({ partner }) => partner === 'acme')!.file, 'utf8').match(
      /^prior_period,.*$/m,
    )!;
    expect(late[0]).toMatch(/^prior_period,2026-10-01,acme-uk,.*,7\.00,EUR,,2026-09-28$/);
    const text = files.map(({ file }) => readFileSync(file, 'utf8')).join('');
    for (const section of ['prior_period', 'rejected', 'paid', 'withheld', 'fees', 'returned', 'reversals']) {
      expect(text).toContain(`\n${section},`);
    }
  });

  it('are printed with the same sums, final once their month is closed', async () => {
    const pdf = await statementWriter({ print: { actorsClaimed: false } as never }, { format: 'pdf' });
    const all = await told();
    const { number, content } = all.findLast((one) => one.content.partner.code === 'acme')!;
    const { files } = await writeStatements(ctx, { numbers: [Number(number.slice(2))] }, directory, pdf);
    const { pages } = await readPdf(readFileSync(files[0]!.file));
    const lines = pages.flat();
    const shown = (minor: string) => formatMinor(BigInt(minor), 'EUR').replace('-', '−');
    expect(lines).toContain(`Opening balance, 1 October 2026 ${shown(content.totals.opening)}`);
    expect(lines).toContain(`Closing balance, 31 October 2026 ${shown(content.totals.closing)}`);
    expect(lines.join('\n')).toContain('Of earlier periods');
    expect(lines.join('\n')).not.toContain('DRAFT');
  });
});

const cents = (amount: string) => BigInt(amount.replace('.', ''));
