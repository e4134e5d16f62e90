import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { Connection } from '../../src/db/connection.ts';
import { RevshareError } from '../../src/domain/errors.ts';
import { whyNotCommission } from '../../src/services/commission/why-not-commission.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { payoutRegister, submitToFiles } from '../../src/services/payout/payout-register.ts';
import {
  cancelPayouts,
  completePayouts,
  failPayouts,
  markUnclaimed,
  retryPayout,
  returnPayouts,
} from '../../src/services/payout/settle-payouts.ts';
import { listPayouts, showPayout } from '../../src/services/payout/show-payout.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { whyNotPaid } from '../../src/services/payout/why-not-paid.ts';
import { holdCommissions, releaseCommissions } from '../../src/services/review/hold-commissions.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { listWallets, walletHistory } from '../../src/services/wallet/list-wallets.ts';
import { openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { earn, payoutOffences, setSetting } from '../support/earnings.ts';

/** Now is 21 November 2026 unless a test says otherwise. A database of its own for each test: payouts take what is there. */
let database: TestDatabase;
let books: Books;
let maker: OpenedContext;
let checker: OpenedContext;

async function open(): Promise<void> {
  database = await testDatabase();
  maker = await database.context();
  checker = await database.context({ actor: 'checker' });
  books = await openBooks(maker.db);
}
beforeEach(open);
afterEach(async () => {
  expect(await payoutOffences(database.admin())).toEqual([]);
  for (const { difference } of (await trialBalance(maker)).differences) expect(Number(difference)).toBe(0);
  await database.drop();
});

const code = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (error instanceof RevshareError) return error.code;
    throw error;
  }
  return 'nothing';
};
const amounts = (payouts: readonly { partner: string; gross: string }[]) =>
  payouts.map(({ partner, gross }) => `${partner} ${gross}`).sort();
const left = (skips: readonly { instance: string; reason: string; amount: string }[]) =>
  skips.map(({ instance, reason, amount }) => `${instance} ${reason} ${amount}`).sort();

/** Made, approved and sent in one go. */
async function send(): Promise<string[]> {
  const { run } = await generatePayouts(maker);
  await approveRun(checker, { run: run! });
  return (await submitPayouts(maker, { run: run! })).submitted.slice();
}

describe('netting (SEMANTICS §7, golden)', () => {
  beforeEach(async () => await setSetting(maker.db, 'minimum_payout', { currency: 'EUR', minor: 5000 }));

  it('carries a negative wallet forward until earnings cover it', async () => {
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 8000 },
      { instance: 'acme-uk', amount: -10_000 },
    ]);
    const first = await generatePayouts(maker);
    expect(first.payouts).toEqual([]);
    expect(left(first.skips)).toEqual(['acme-uk negative_balance -20.00']);
    await earn(maker.db, books, [{ instance: 'acme-uk', amount: 7500, on: '2026-10-20' }]);
    const second = await generatePayouts(maker);
    expect(amounts(second.payouts)).toEqual(['acme 55.00']);
    expect(second.lines).toBe(3);
  });

  it('never lets a negative eat a sibling instance’s money', async () => {
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 8000 },
      { instance: 'acme-uk', amount: -10_000 },
      { instance: 'acme-ie', amount: 6000 },
    ]);
    const made = await generatePayouts(maker);
    expect(amounts(made.payouts)).toEqual(['acme 60.00']);
    expect(left(made.skips)).toEqual(['acme-uk negative_balance -20.00']);
    const shown = await showPayout(maker, made.payouts[0]!.number);
    expect(shown.wallets.map(({ instance, gross }) => `${instance} ${gross}`)).toEqual(['acme-ie 60.00']);
  });

  it('adds the instances up to the minimum', async () => {
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 3000 },
      { instance: 'acme-ie', amount: 3000 },
      { instance: 'zenith-de', amount: 3000 },
    ]);
    const made = await generatePayouts(maker);
    expect(amounts(made.payouts)).toEqual(['acme 60.00']);
    expect(left(made.skips)).toEqual(['zenith-de below_minimum 30.00']);
  });

  it('takes a payout of exactly the minimum, and applies it in its own currency only', async () => {
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 5000 },
      { instance: 'zenith-de', amount: 1, currency: 'USD' },
    ]);
    const made = await generatePayouts(maker);
    expect(made.payouts.map(({ partner, currency, gross }) => `${partner} ${gross} ${currency}`).sort()).toEqual([
      'acme 50.00 EUR',
      'zenith 0.01 USD',
    ]);
  });
});

describe('dates and holds (SEMANTICS §5, golden)', () => {
  it('pays what is payable on the cut-off, and not a day earlier', async () => {
    await earn(maker.db, books, [{ instance: 'acme-uk', amount: 1000, on: '2026-10-01', payableOn: '2026-10-31' }]);
    const early = await generatePayouts(maker, { cutoff: '2026-10-30' });
    expect(early.payouts).toEqual([]);
    expect(left(early.skips)).toEqual(['acme-uk not_yet_payable 10.00']);
    expect(amounts((await generatePayouts(maker, { cutoff: '2026-10-31' })).payouts)).toEqual(['acme 10.00']);
    expect(await code(generatePayouts(maker, { cutoff: '2026-11-22' }))).toBe('cutoff_in_future');
  });

  it('leaves out what happens on the cut-off, which is the first day not in the run', async () => {
    await earn(maker.db, books, [{ instance: 'acme-uk', amount: 1000, on: '2026-11-21', payableOn: '2026-11-21' }]);
    expect(left((await generatePayouts(maker)).skips)).toEqual(['acme-uk after_cutoff 10.00']);
    const tomorrow = await database.context({ now: Date.UTC(2026, 10, 22) });
    expect(amounts((await generatePayouts(tomorrow)).payouts)).toEqual(['acme 10.00']);
  });

  it('lets a refund wait for the money it takes back', async () => {
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 10_000, on: '2026-10-10', payableOn: '2026-11-09', sale: 'A' },
      { instance: 'acme-uk', amount: 10_000, on: '2026-11-10', payableOn: '2026-12-10', sale: 'B' },
      { instance: 'acme-uk', amount: -10_000, on: '2026-11-20', sale: 'B' },
    ]);
    expect(amounts((await generatePayouts(maker)).payouts)).toEqual(['acme 100.00']);
    const nextMonth = await database.context({ now: Date.UTC(2026, 11, 21) });
    const second = await generatePayouts(nextMonth);
    expect(second.payouts).toEqual([]);
    expect(left(second.skips)).toEqual(['acme-uk negative_balance 0.00']);
  });

  it('takes an uncovered refund at once', async () => {
    await earn(maker.db, books, [{ instance: 'acme-uk', amount: 10_000, on: '2026-10-01', sale: 'A' }]);
    await send();
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: -4000, on: '2026-11-20', sale: 'A' },
      { instance: 'acme-uk', amount: 9000, on: '2026-10-15' },
    ]);
    expect(amounts((await generatePayouts(maker)).payouts)).toEqual(['acme 50.00']);
  });

  it('shares the holds of what it takes back', async () => {
    const [, entry] = await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 10_000 },
      { instance: 'acme-uk', amount: 5000, sale: 'B' },
      { instance: 'acme-uk', amount: -2000, sale: 'B' },
    ]);
    await holdCommissions(maker, { selection: { entries: [entry!] }, reason: 'dispute' });
    const held = await generatePayouts(maker);
    expect(amounts(held.payouts)).toEqual(['acme 100.00']);
    expect(left(held.skips)).toEqual(['acme-uk held 30.00']);
    expect(await releaseCommissions(maker, { selection: { entries: [entry!] } })).toEqual({
      outcome: 'released',
      entries: 1,
      holds: 1,
      stillHeld: 0,
      amounts: [{ currency: 'EUR', entries: 1, amount: '50.00' }],
      partners: [{ partner: 'acme', currency: 'EUR', entries: 1, amount: '50.00' }],
      refused: [],
    });
    expect(amounts((await generatePayouts(maker)).payouts)).toEqual(['acme 30.00']);
  });

  it('pays a frozen partner nothing, and says so', async () => {
    await earn(maker.db, books, [{ instance: 'zenith-de', amount: 1000 }]);
    await maker.db.sql`update partners set status = 'suspended' where code = 'zenith'`;
    expect(left((await generatePayouts(maker)).skips)).toEqual(['zenith-de held 10.00']);
    const why = await whyNotPaid(maker, 'zenith');
    expect(why.left.map(({ reason, amount }) => `${reason} ${amount}`)).toEqual(['held 10.00']);
    expect(why.recorded.map(({ reason }) => reason)).toEqual(['held']);
    await maker.db.sql`update partners set status = 'active' where code = 'zenith'`;
    expect((await whyNotPaid(maker, 'zenith')).payable).toEqual([
      { instance: 'zenith-de', currency: 'EUR', amount: '10.00', payout: null, text: 'the next run pays it' },
    ]);
  });
});

describe('recovery share', () => {
  it('limits what negatives may take of a payout', async () => {
    await setSetting(maker.db, 'recovery_share_ppm', 500_000);
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 10_000 },
      { instance: 'acme-uk', amount: -3000 },
      { instance: 'acme-uk', amount: -3000 },
      { instance: 'acme-uk', amount: -2000 },
    ]);
    const made = await generatePayouts(maker);
    expect(amounts(made.payouts)).toEqual(['acme 50.00']);
    expect(left(made.skips)).toEqual(['acme-uk recovery_share -30.00']);
  });
});

describe('a payout’s way', () => {
  beforeEach(
    async () =>
      void (await earn(maker.db, books, [
        { instance: 'acme-uk', amount: 6000 },
        { instance: 'acme-ie', amount: 4000 },
        { instance: 'zenith-de', amount: 2500 },
      ])),
  );

  it('is made by one, approved by another, sent and completed', async () => {
    const made = await generatePayouts(maker);
    expect(made.payouts.map(({ number }) => /^P\d{8}A$/.test(number))).toEqual([true, true]);
    expect(await code(submitPayouts(maker, { run: made.run! }))).toBe('nothing_to_do');
    expect(await code(approveRun(maker, { run: made.run! }))).toBe('four_eyes');
    expect(await code(approveRun(checker, { run: made.run!, contentHash: 'beef' }))).toBe('run_differs');
    const approved = await approveRun(checker, { run: made.run!, contentHash: made.contentHash!.slice(0, 12) });
    expect(approved).toMatchObject({ maker: 'tester', checker: 'checker' });
    expect(await code(approveRun(checker, { run: made.run! }))).toBe('run_approved');
    const sent = await submitPayouts(maker, { run: made.run! });
    expect(sent.register!.content).toBe(
      'payout,partner,name,currency,gross,withheld,fee,amount_to_pay\n' +
        `${made.payouts.find(({ partner }) => partner === 'acme')!.number},acme,Acme,EUR,100.00,0.00,0.00,100.00\n` +
        `${made.payouts.find(({ partner }) => partner === 'zenith')!.number},zenith,Zenith,EUR,25.00,0.00,0.00,25.00\n`,
    );
    expect(sent.register!.totals).toEqual([{ currency: 'EUR', payouts: 2, sent: '125.00' }]);
    expect(await listWallets(maker, { instance: 'acme-uk' })).toMatchObject([
      { balance: '0.00', inTransit: '60.00', payable: '0.00' },
    ]);
    await completePayouts(maker, {
      payouts: { numbers: [sent.submitted[0]!] },
      reference: 'bank-1',
      valueDate: '2026-11-21',
    });
    expect((await trialBalance(maker)).accounts.map(({ account, balance }) => `${account} ${balance}`)).toEqual([
      'cash -100.00',
      'commission_expense 125.00',
      'in_transit -25.00',
      'wallet 0.00',
    ]);
    const shown = await showPayout(maker, sent.submitted[0]!);
    expect(shown.story.map(({ status, by }) => `${status} ${by}`)).toEqual([
      'pending tester',
      'ready checker',
      'processing tester',
      'completed tester',
    ]);
    expect(shown.story.at(-1)).toMatchObject({ reference: 'bank-1', valueDate: '2026-11-21' });
    expect(shown.checkers).toEqual(['checker']);
    expect(shown.entries.map(({ amount }) => amount)).toEqual(['60.00', '40.00']);
    expect(await code(completePayouts(maker, { payouts: { numbers: [sent.submitted[0]!] } }))).toBe('payout_status');
    expect(await code(failPayouts(maker, { payouts: { numbers: [sent.submitted[0]!] }, reason: 'x' }))).toBe(
      'payout_status',
    );
    expect(
      (
        await walletHistory(maker, { partner: 'acme', instance: 'acme-uk', currency: 'EUR' }, { limit: 9, offset: 0 })
      ).map(({ kind, amount, balance }) => `${kind} ${amount} ${balance}`),
    ).toEqual(['earning 60.00 60.00', 'payout_submitted -60.00 0.00']);
  });

  it('is tried again less what its wallets owe by now, and not at all where that is all of it', async () => {
    const [acme] = await send();
    await failPayouts(maker, { payouts: { numbers: [acme!] }, reason: 'account closed' });
    await earn(maker.db, books, [{ instance: 'acme-uk', amount: -4_500, on: '2026-10-20' }]);
    const again = await retryPayout(maker, acme!);
    expect(again.payouts).toMatchObject([{ gross: '55.00' }]);
    await cancelPayouts(maker, { payouts: { numbers: [again.payouts[0]!.number] }, reason: 'wait' });
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: -1_500, on: '2026-10-20' },
      { instance: 'acme-ie', amount: -4_000, on: '2026-10-20' },
    ]);
    expect(await code(retryPayout(maker, again.payouts[0]!.number))).toBe('nothing_to_pay');
  });

  it('fails, gives its lines back and is tried again under the next letter', async () => {
    const [acme] = await send();
    await failPayouts(maker, { payouts: { numbers: [acme!] }, reason: 'account closed' });
    expect(await listWallets(maker, { instance: 'acme-uk' })).toMatchObject([
      { balance: '60.00', payable: '60.00', inTransit: '0.00' },
    ]);
    const again = await retryPayout(maker, acme!);
    expect(again.payouts).toMatchObject([{ number: acme!.replace(/A$/, 'B'), gross: '100.00', retryOf: acme }]);
    expect(await code(retryPayout(maker, acme!))).toBe('payout_retried');
    expect(await code(retryPayout(maker, again.payouts[0]!.number))).toBe('payout_status');
    expect(await code(submitPayouts(maker, { numbers: [again.payouts[0]!.number] }))).toBe('payout_status');
    await approveRun(checker, { run: again.run! });
    await submitPayouts(maker, { numbers: [again.payouts[0]!.number] });
    await completePayouts(maker, { payouts: { run: again.run! } });
    expect(
      (await listPayouts(maker, { partner: 'acme', limit: 9, offset: 0 })).map(({ number, status, retriedBy }) => [
        number,
        status,
        retriedBy,
      ]),
    ).toEqual([
      [acme!.replace(/A$/, 'B'), 'completed', null],
      [acme!, 'failed', acme!.replace(/A$/, 'B')],
    ]);
  });

  it('comes back from the bank after it was paid', async () => {
    const [acme] = await send();
    await completePayouts(maker, { payouts: { numbers: [acme!] } });
    const early = { payouts: { numbers: [acme!] }, reason: 'x', valueDate: '2026-11-20' };
    expect(await code(returnPayouts(maker, early))).toBe('value_date');
    await returnPayouts(maker, { payouts: { numbers: [acme!] }, reason: 'unknown account' });
    const { payable } = await whyNotPaid(maker, 'acme');
    const story = `returned on 2026-11-21 (unknown account), open again: the next run pays it, or \`revshare payout retry ${acme}\``;
    expect(payable.map(({ payout, text }) => [payout, text])).toEqual([
      [acme, story],
      [acme, story],
    ]);
    expect((await trialBalance(maker)).accounts.map(({ account, balance }) => `${account} ${balance}`)).toEqual([
      'cash 0.00',
      'commission_expense 125.00',
      'in_transit -25.00',
      'wallet -100.00',
    ]);
    expect(amounts((await generatePayouts(maker)).payouts)).toEqual(['acme 100.00']);
  });

  it('stays unclaimed, and is given up', async () => {
    const [acme, zenith] = await send();
    const liabilities = async () =>
      (await trialBalance(maker)).accounts
        .filter(({ account }) => ['in_transit', 'unclaimed', 'cash'].includes(account))
        .map(({ account, balance }) => `${account} ${balance}`);
    const [sent] = await liabilities();
    await markUnclaimed(maker, { payouts: { numbers: [acme!, zenith!] }, reason: 'nobody took it' });
    expect(await liabilities()).toEqual(['in_transit 0.00', `unclaimed ${sent!.split(' ')[1]}`]);
    await expectCleanDoctor(maker);
    await completePayouts(maker, { payouts: { numbers: [zenith!] } });
    expect(await liabilities()).toEqual(['cash -25.00', 'in_transit 0.00', 'unclaimed -100.00']);
    await cancelPayouts(maker, { payouts: { numbers: [acme!] }, reason: 'nobody took it' });
    expect(await liabilities()).toEqual(['cash -25.00', 'in_transit 0.00', 'unclaimed 0.00']);
    await expectCleanDoctor(maker);
    expect(await listWallets(maker, { partner: 'acme' })).toMatchObject([{ balance: '40.00' }, { balance: '60.00' }]);
  });

  it('is taken out of an approved run, and the rest goes on', async () => {
    const made = await generatePayouts(maker);
    await approveRun(checker, { run: made.run! });
    const acme = made.payouts.find(({ partner }) => partner === 'acme')!;
    await cancelPayouts(maker, { payouts: { numbers: [acme.number] }, reason: 'wrong bank' });
    const sent = await submitPayouts(maker, { run: made.run! });
    expect(sent.submitted).toHaveLength(1);
    expect(amounts((await generatePayouts(maker)).payouts)).toEqual(['acme 100.00']);
  });

  it('is cancelled by name when it can no longer be paid at submission', async () => {
    const made = await generatePayouts(maker);
    await approveRun(checker, { run: made.run! });
    await maker.db.sql`update partners set status = 'suspended' where code = 'zenith'`;
    const [entry] = (await showPayout(maker, made.payouts.find(({ partner }) => partner === 'acme')!.number)).entries;
    await holdCommissions(maker, { selection: { entries: [entry!.entry] }, reason: 'fraud_review' });
    const sent = await submitPayouts(maker, { run: made.run! });
    expect(sent.submitted).toEqual([]);
    expect(sent.register).toBeNull();
    expect(sent.cancelled.map(({ partner, reason }) => `${partner} ${reason}`)).toEqual([
      'acme held: fraud_review',
      'zenith partner_suspended',
    ]);
  });

  it('is submitted though the disk fails after the commit, and its register is made again', async () => {
    const made = await generatePayouts(maker);
    await approveRun(checker, { run: made.run! });
    const directory = mkdtempSync(join(tmpdir(), 'revshare-register-'));
    const failing = {
      ...maker,
      write: async <T>(work: (tx: Connection) => Promise<T>) => {
        const done = await maker.write(work);
        rmSync(directory, { recursive: true });
        return done;
      },
    };
    expect(await code(submitToFiles(failing, { run: made.run! }, join(directory, 'register.csv')))).toBe(
      'register_not_written',
    );
    const { register, movedOn } = await payoutRegister(maker, { run: made.run! });
    expect(register.totals).toEqual([{ currency: 'EUR', payouts: 2, sent: '125.00' }]);
    expect(movedOn).toEqual([]);
  });

  it('does nothing on a dry run but tell', async () => {
    const dry = await database.context({ dryRun: true });
    const made = await generatePayouts(dry);
    expect(amounts(made.payouts)).toEqual(['acme 100.00', 'zenith 25.00']);
    const again = await database.context({ dryRun: true });
    await generatePayouts(again);
    expect(dry.report.plan).toBe(again.report.plan);
    expect(await listPayouts(maker, { limit: 9, offset: 0 })).toEqual([]);
    const planned = await database.context({ plan: dry.report.plan! });
    await generatePayouts(planned);
    const late = await database.context({ plan: dry.report.plan! });
    expect(await code(generatePayouts(late))).toBe('plan_changed');
  });

  it('records nothing when there is nothing to pay and nothing left', async () => {
    await generatePayouts(maker);
    expect((await generatePayouts(maker)).run).toBeNull();
  });
});

describe('review', () => {
  it('takes a rejected entry out of the wallet on its own date, once, and never what a payout holds', async () => {
    const [first, second] = await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 6000 },
      { instance: 'acme-uk', amount: 4000 },
    ]);
    expect(
      await reviewCommissions(maker, { verdict: 'rejected', selection: { entries: [first!] }, reason: 'fraud' }),
    ).toMatchObject({
      entries: 1,
      amounts: [{ currency: 'EUR', amount: '60.00' }],
    });
    expect(await listWallets(maker)).toMatchObject([{ balance: '40.00' }]);
    expect(
      await walletHistory(maker, { partner: 'acme', instance: 'acme-uk', currency: 'EUR' }, { limit: 9, offset: 0 }),
    ).toMatchObject([{ amount: '100.00' }, { amount: '-60.00', kind: 'earning', date: '2026-11-21' }]);
    expect(
      await code(reviewCommissions(maker, { verdict: 'cancelled', selection: { entries: [first!] }, reason: 'x' })),
    ).toBe('not_reviewable');
    expect(await code(reviewCommissions(maker, { verdict: 'approved', selection: { entries: [first!] } }))).toBe(
      'not_reviewable',
    );
    await generatePayouts(maker);
    expect(
      await code(reviewCommissions(maker, { verdict: 'rejected', selection: { entries: [second!] }, reason: 'x' })),
    ).toBe('not_reviewable');
    expect(
      await code(reviewCommissions(maker, { verdict: 'rejected', selection: { entries: ['987654.0'] }, reason: 'x' })),
    ).toBe('entry_not_found');
    expect(await code(reviewCommissions(maker, { verdict: 'rejected', selection: { filter: {} }, reason: 'x' }))).toBe(
      'filter_empty',
    );
    expect(
      await code(
        reviewCommissions(maker, { verdict: 'rejected', selection: { filter: { partner: 'acme' } }, reason: 'x' }),
      ),
    ).toBe('nothing');
  });

  it('lets a person approve what the threshold keeps back', async () => {
    await setSetting(maker.db, 'review_threshold', { currency: 'EUR', minor: 5000 });
    await earn(maker.db, books, [
      { instance: 'acme-uk', amount: 5000 },
      { instance: 'acme-uk', amount: 5001 },
      { instance: 'acme-ie', amount: 9000, currency: 'USD' },
    ]);
    const first = await generatePayouts(maker);
    expect(first.payouts.map(({ gross, currency }) => `${gross} ${currency}`).sort()).toEqual([
      '50.00 EUR',
      '90.00 USD',
    ]);
    expect(left(first.skips)).toEqual(['acme-uk pending 50.01']);
    const [above] = await maker.db.sql<{ entry: string }[]>`
      select event_id || '.' || leg as entry from entries where amount_minor = 5001`;
    expect(
      (await whyNotCommission(maker, above!.entry)).obstacles.find(({ code }) => code === 'pending'),
    ).toMatchObject({
      text: 'it is above the review threshold of 50.00 EUR: a person looks at it',
      remedy: expect.stringMatching(/^revshare commission approve \d+\.0$/) as string,
    });
    expect(
      await reviewCommissions(maker, { verdict: 'approved', selection: { filter: { partner: 'acme' } } }),
    ).toMatchObject({ entries: 1 });
    expect(amounts((await generatePayouts(maker)).payouts)).toEqual(['acme 50.01']);
  });
});
