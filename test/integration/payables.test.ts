import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { AGE_NAMES } from '../../src/domain/aging.ts';
import { agePayables } from '../../src/services/payable/age-payables.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { holdCommissions } from '../../src/services/review/hold-commissions.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { listWallets } from '../../src/services/wallet/list-wallets.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks } from '../paid-books.ts';
import { shell } from '../cli/terminal.ts';

/** What is owed, by age, in books in which something was paid, failed, held and drafted. Today is 21 November 2026. */
let database: TestDatabase;
let ctx: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await paidBooks(ctx, await database.context({ actor: 'checker' }));
  await holdCommissions(ctx, { reason: 'dispute', selection: { filter: { instance: 'acme-ie' } } });
  await generatePayouts(ctx, { partner: 'zenith' });
});
afterAll(async () => await database.drop());

const cents = (amount: string) => Math.round(Number(amount) * 100);

describe.each([undefined, '2026-11-20', '2026-11-10', '2026-10-07', '2026-10-03'])('as of %s', (asOf) => {
  it('every wallet has its entries in one place each', async () => {
    const { rows, ties } = await agePayables(ctx, { asOf, by: 'instance' });
    const wallets = await listWallets(ctx, { asOf });
    for (const row of rows) {
      const wallet = wallets.find(({ partner, instance }) => partner === row.partner && instance === row.instance)!;
      expect(AGE_NAMES.reduce((sum, age) => sum + cents(row[age]), 0)).toBe(cents(row.total));
      expect([row.total, row.held, row.pending, row.in_payout]).toEqual([
        wallet.balance,
        wallet.held,
        wallet.pending,
        wallet.inPayout,
      ]);
    }
    expect(ties.every(({ equal }) => equal)).toBe(true);
  });

  it('their sum is the trial balance’s line, by partner and by instance', async () => {
    const line = (await trialBalance(ctx, asOf ?? null)).accounts.find(({ account }) => account === 'wallet')!;
    for (const by of ['partner', 'instance'] as const) {
      const { rows, ties } = await agePayables(ctx, { asOf, by });
      expect(rows.reduce((sum, { total }) => sum + cents(total), 0)).toBe(-cents(line.balance));
      expect(ties).toEqual([{ currency: 'EUR', owed: ties[0]!.ledger, ledger: ties[0]!.ledger, equal: true }]);
      expect(cents(ties[0]!.ledger)).toBe(-cents(line.balance));
    }
  });
});

it('moves what is owed from what is to come into what is due as days pass', async () => {
  const on = async (asOf: string) => (await agePayables(ctx, { asOf, by: 'partner', partner: 'zenith' })).rows[0]!;
  const { later, within_30: soon } = await on('2026-10-02');
  expect([later, cents(soon) > 0]).toEqual(['0.00', true]);
  const due = await on('2026-11-10');
  expect([due.within_30, due.due_0_30]).toEqual(['0.00', soon]);
});

it('tells entries that are not in the ledger, and ends with 7', async () => {
  const { sql } = database.admin();
  await sql`set session_replication_role = replica`;
  await sql`update entries set amount_minor = amount_minor + 1 where event_id = (select max(event_id) from entries where amount_minor > 0)`;
  const { rows, ties } = await agePayables(ctx, { by: 'partner' });
  expect(rows.length).toBeGreaterThan(1);
  expect(ties).toMatchObject([{ currency: 'EUR', equal: false }]);
  const ran = await shell(database)('payable aging');
  expect([ran.code, ran.stderr]).toEqual([7, expect.stringContaining('error[aging_tie]: entries and wallets differ')]);
});

it.each([
  ['as_of_future', { asOf: '2026-11-22' }],
  ['partner_not_found', { partner: 'acne' }],
  ['instance_not_found', { instance: 'acme-fr' }],
])('%s', async (code, asked) => {
  await expect(agePayables(ctx, { ...asked, by: 'partner' })).rejects.toMatchObject({ code });
});
