import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { agePayables } from '../../src/services/payable/age-payables.ts';
import { forecastCash, type CashForecast } from '../../src/services/payout/forecast-cash.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { totalsOf } from '../../src/services/payout/payout-totals.ts';
import { holdCommissions } from '../../src/services/review/hold-commissions.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks } from '../paid-books.ts';
import { shell } from '../cli/terminal.ts';

/** What leaves in the coming weeks, in books with something paid, refunded, failed and not yet payable. Today is 21 November 2026. */
let database: TestDatabase;
let ctx: OpenedContext;
let dry: OpenedContext;
let type: ReturnType<typeof shell>;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  dry = await database.context({ dryRun: true });
  type = shell(database);
  await paidBooks(ctx, await database.context({ actor: 'checker' }));
});
afterAll(async () => await database.drop());

const cents = (amount: string) => Math.round(Number(amount) * 100);
const grossOf = ({ cash }: CashForecast, standing: string) =>
  cash.filter((row) => row.standing === standing).reduce((sum, { gross }) => sum + cents(gross), 0);

/** Every cent of the wallets is either foreseen to leave or told with a reason. */
async function isWhole(forecast: CashForecast): Promise<void> {
  const { ties } = await agePayables(ctx, { by: 'partner' });
  const left = forecast.left.reduce((sum, { amount }) => sum + cents(amount), 0);
  const leaving = ['pending', 'ready', 'to_come'].reduce((sum, standing) => sum + grossOf(forecast, standing), 0);
  expect(leaving + left).toBe(cents(ties[0]!.ledger));
}

describe('without a schedule', () => {
  it('is on the first what the job will draft then, and tells the rest', async () => {
    const forecast = await forecastCash(ctx, 2);
    const [run] = totalsOf((await generatePayouts(dry)).payouts);
    const [row] = forecast.cash;
    expect(forecast.cash).toHaveLength(1);
    expect(row).toMatchObject({ date: '2026-12-01', rail: 'register', currency: 'EUR', standing: 'to_come' });
    expect([row!.payouts, row!.gross, row!.withheld, row!.fee, row!.sent]).toEqual([
      run!.payouts,
      run!.gross,
      run!.withheld,
      run!.fee,
      run!.sent,
    ]);
    expect(forecast.scheduled).toBe(false);
    await isWhole(forecast);
  });

  it('pays nothing twice: what comes later is only what becomes payable', async () => {
    const [near, far] = [await forecastCash(ctx, 2), await forecastCash(ctx, 8)];
    expect(far.cash.slice(0, near.cash.length)).toEqual(near.cash);
    expect(new Set(far.cash.map(({ date }) => date)).size).toBe(far.cash.length);
    expect(near.left.map(({ reason }) => reason)).toContain('not_yet_payable');
    expect(far.left.map(({ reason }) => reason)).not.toContain('not_yet_payable');
    await isWhole(far);
  });

  it('writes nothing', async () => {
    const { sql } = database.admin();
    const counted = async () => (await sql`select count(*)::int as n from audit_log`)[0]!['n'] as number;
    const before = await counted();
    await forecastCash(ctx, 4);
    expect(await counted()).toBe(before);
  });
});

describe('with schedules', () => {
  const datesOf = (forecast: CashForecast) => forecast.cash.map(({ date, standing }) => [date, standing]);

  it('has who is without one on firsts of months, as run-payouts pays them', async () => {
    const own = 'schedule set biweekly --anchor 2026-11-09 --net 14 --partner zenith --from 2026-01-01 --yes';
    expect((await type(own)).code).toBe(0);
    const forecast = await forecastCash(ctx, 8);
    expect(datesOf(forecast)).toEqual([
      ['2026-11-23', 'to_come'],
      ['2027-01-01', 'to_come'],
    ]);
    await isWhole(forecast);
  });

  it('goes by the cut-offs of each, on the days on which they submit', async () => {
    for (const line of [
      'schedule set monthly --net 10 --from 2026-01-01 --yes',
      'schedule set biweekly --anchor 2026-11-09 --net 14 --partner zenith --from 2026-01-01 --yes',
    ]) {
      expect((await type(line)).code).toBe(0);
    }
    const forecast = await forecastCash(ctx, 8);
    expect(forecast.scheduled).toBe(true);
    // zenith closed on the 9th and is submitted two weeks later; what acme may be paid from 11 December on waits for January.
    expect(datesOf(forecast)).toEqual([
      ['2026-11-23', 'to_come'],
      ['2027-01-11', 'to_come'],
    ]);
    await isWhole(forecast);
    const near = await forecastCash(ctx, 5);
    expect(datesOf(near)).toEqual([['2026-11-23', 'to_come']]);
    expect(near.left.map(({ reason }) => reason)).toContain('no_cutoff');
    await isWhole(near);
  });

  it('has what is drafted on the day that its cut-off is submitted, and once', async () => {
    const before = await forecastCash(ctx, 8);
    await generatePayouts(ctx, { partner: 'zenith', cutoff: '2026-11-09' });
    const after = await forecastCash(ctx, 8);
    expect(datesOf(after)).toEqual([
      ['2026-11-23', 'pending'],
      ['2027-01-11', 'to_come'],
    ]);
    expect(after.cash.map(({ sent }) => sent)).toEqual(before.cash.map(({ sent }) => sent));
    await isWhole(after);
  });

  it('leaves out what the minimum and a hold keep', async () => {
    expect((await type('settings set minimum_payout 1000000.00 --currency EUR --from 2026-01-01 --yes')).code).toBe(0);
    const small = await forecastCash(ctx, 8);
    expect([grossOf(small, 'to_come'), small.left.map(({ reason }) => reason)]).toEqual([
      0,
      expect.arrayContaining(['below_minimum']),
    ]);
    await isWhole(small);
    await holdCommissions(ctx, { reason: 'dispute', selection: { filter: { partner: 'acme' } } });
    const held = await forecastCash(ctx, 8);
    expect(held.left.map(({ reason }) => reason)).toContain('held');
    await isWhole(held);
  });
});
