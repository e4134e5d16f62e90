import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/connection.ts';
import type { Context } from '../../src/services/context.ts';
import { setDeductions, listDeductions, showDeductions } from '../../src/services/deduction/deductions.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts, returnPayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { whyNotPaid } from '../../src/services/payout/why-not-paid.ts';
import { refusal } from '../attacks.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { draft } from '../support/drafted-run.ts';
import { earn, type Earning } from '../support/earnings.ts';

let database: TestDatabase;
let operator: Database;
let books: Books;
let ctx: Context;
let checker: Context;
beforeEach(async () => {
  database = await testDatabase();
  operator = await database.as('tester');
  books = await openBooks(operator);
  [ctx, checker] = [await database.context(), await database.context({ actor: 'checker' })];
});
afterEach(async () => await database.drop());

const earned = async (...rows: Earning[]) => await earn(operator, books, rows);
const FROM = '2026-01-01';
const taken = async (cutoff?: string) =>
  (await generatePayouts(ctx, { cutoff })).payouts.map(({ partner, gross, withheld, fee, sent }) => [
    partner,
    gross,
    withheld,
    fee,
    sent,
  ]);

/** What stands in the accounts that a payout goes through. */
async function balances(): Promise<Record<string, number>> {
  const rows = await ctx.db.sql<{ type: string; minor: number }[]>`
    select a.type, coalesce(sum(case when t.credit_id = a.id then t.amount_minor else -t.amount_minor end), 0)::int as minor
    from ledger_accounts a left join transfers t on a.id in (t.credit_id, t.debit_id)
    where a.type in ('in_transit', 'withholding_payable', 'payout_fees') group by 1`;
  return Object.fromEntries(rows.map(({ type, minor }) => [type, minor]));
}

describe('what is taken off (SEMANTICS §7)', () => {
  it('is withheld on gross, then the fee: the golden numbers', async () => {
    await setDeductions(ctx, { withholdingPpm: 240_000, fee: '1.50', currency: 'EUR', from: FROM });
    await earned({ instance: 'acme-uk', amount: 10_000 });
    expect(await taken()).toEqual([['acme', '100.00', '24.00', '1.50', '74.50']]);
  });

  it('is the partner’s own word, then the form on file, then the word for all', async () => {
    await setDeductions(ctx, { withholdingPpm: 240_000, fee: '1.50', currency: 'EUR', from: FROM });
    await earned({ instance: 'acme-uk', amount: 10_000 }, { instance: 'zenith-de', amount: 10_000 });
    await setDeductions(ctx, { partner: 'acme', form: 'w9', from: FROM });
    await setDeductions(ctx, { partner: 'zenith', form: 'w8ben', withholdingPpm: 100_000, fee: '0', from: FROM });
    expect(await taken()).toEqual([
      ['acme', '100.00', '0.00', '1.50', '98.50'],
      ['zenith', '100.00', '10.00', '0.00', '90.00'],
    ]);
    expect(
      (await listDeductions(ctx)).map(({ partner, form, withholdingPpm, fees }) => [
        partner,
        form,
        withholdingPpm,
        fees,
      ]),
    ).toEqual([
      [null, null, 240_000, ['1.50 EUR']],
      ['acme', 'w9', null, []],
      ['zenith', 'w8ben', 100_000, ['0.00 EUR']],
    ]);
  });

  it('goes by the cut-off: a form that has run out is none', async () => {
    await setDeductions(ctx, { withholdingPpm: 300_000, from: FROM });
    await setDeductions(ctx, { partner: 'acme', form: 'w8ben', from: FROM, to: '2026-11-15' });
    await earned({ instance: 'acme-uk', amount: 1000 }, { instance: 'acme-ie', amount: 1000, on: '2026-10-03' });
    expect(await taken('2026-11-01')).toEqual([['acme', '10.00', '0.00', '0.00', '10.00']]);
    expect(await taken('2026-11-20')).toEqual([['acme', '10.00', '3.00', '0.00', '7.00']]);
  });

  it('is rounded once and spread over wallets, and the books agree on the way and back', async () => {
    await setDeductions(ctx, { withholdingPpm: 125_000, fee: '0.01', currency: 'EUR', from: FROM });
    await earned({ instance: 'acme-uk', amount: 333 }, { instance: 'acme-ie', amount: 333 });
    const { run, payouts } = await generatePayouts(ctx);
    // 6.66 at 12.5 % is 0.8325
    expect(payouts).toMatchObject([{ gross: '6.66', withheld: '0.83', fee: '0.01', sent: '5.82' }]);
    await approveRun(checker, { run: run! });
    await submitPayouts(ctx, { run: run! });
    expect(await balances()).toEqual({ in_transit: 582, payout_fees: 1, withholding_payable: 83 });
    await completePayouts(ctx, { payouts: { run: run! } });
    await returnPayouts(ctx, { payouts: { run: run! }, reason: 'unknown account' });
    expect((await runDoctor(ctx)).differences).toBe(0);
    expect(await balances()).toEqual({ in_transit: 0, payout_fees: 0, withholding_payable: 0 });
  });

  it('that leaves nothing makes no payout, and says so', async () => {
    await setDeductions(ctx, { fee: '2', currency: 'EUR', from: FROM });
    await earned({ instance: 'acme-uk', amount: 200 });
    expect(await taken()).toEqual([]);
    expect((await whyNotPaid(ctx, 'acme')).left).toMatchObject([{ reason: 'fee_exceeds', amount: '2.00' }]);
  });

  it('of a run is what was known when it was made', async () => {
    await earned({ instance: 'acme-uk', amount: 10_000 });
    const { run } = await generatePayouts(ctx);
    await setDeductions(ctx, { withholdingPpm: 240_000, from: FROM });
    await approveRun(checker, { run: run! });
    expect((await runDoctor(ctx)).differences).toBe(0);
  });
});

describe('a run whose maker takes off other than what the terms say', () => {
  it.each([
    ['nothing', {}],
    ['more', { withheld: 3000 }],
  ])('%s: is not approved, by the database', async (_, { withheld = 0 }: { withheld?: number }) => {
    await setDeductions(ctx, { withholdingPpm: 240_000, from: FROM });
    await earned({ instance: 'acme-uk', amount: 10_000 });
    const maker = await database.as('maker');
    const run = await maker.transaction(async (tx) => await draft(tx, 'acme-uk', { withheld }));
    const approval = await refusal(
      operator,
      async ({ sql }) =>
        await sql`insert into payout_approvals (run_id, content_hash) select id, content_hash from payout_runs where id = ${run}`,
    );
    expect(approval).toBe('RV013');
  });
});

describe('what is said', () => {
  it('stays where it is not said again, and is kept when it is', async () => {
    await setDeductions(ctx, { partner: 'acme', form: 'w9', from: FROM });
    await setDeductions(ctx, { partner: 'acme', fee: '1', from: '2026-06-01' });
    await setDeductions(ctx, { partner: 'acme', form: null, from: '2027-01-01' });
    expect((await setDeductions(ctx, { partner: 'acme', fee: '1', from: '2026-06-01' })).changed).toBe(false);
    const { versions, ...now } = await showDeductions(ctx, 'acme', '2026-11-21');
    expect(now).toMatchObject({ form: 'w9', fees: ['1.00 EUR'], from: '2026-06-01', to: '2027-01-01' });
    expect(
      versions.filter(({ retiredSeq }) => retiredSeq === null).map(({ form, fees, from }) => [form, fees, from]),
    ).toEqual([
      ['w9', [], FROM],
      ['w9', ['1.00 EUR'], '2026-06-01'],
      [null, ['1.00 EUR'], '2027-01-01'],
    ]);
  });

  it('is refused where it cannot be meant', async () => {
    const refused = async (input: Parameters<typeof setDeductions>[1], code: string) =>
      await expect(setDeductions(ctx, input)).rejects.toMatchObject({ code });
    await refused({}, 'nothing_to_change');
    await refused({ form: 'w9' }, 'form_of_partner');
    await refused({ fee: '1' }, 'currency_missing');
    await refused({ fee: '-1', currency: 'EUR' }, 'fee_negative');
    await refused({ fee: '1.005', currency: 'EUR' }, 'amount_decimals');
    await refused({ partner: 'acne', form: 'w9' }, 'partner_not_found');
    await refused({ withholdingPpm: 1, from: '2026-02-01', to: '2026-01-01' }, 'window_empty');
  });
});
