import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parseWalletCode } from '../../src/domain/codes.ts';
import { addDays, parsePeriod } from '../../src/domain/dates.ts';
import { holdCommissions } from '../../src/services/review/hold-commissions.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { archivePartner } from '../../src/services/partner/change-partner-status.ts';
import { showPartner } from '../../src/services/partner/list-partners.ts';
import { listWallets, showWallet, walletHistory } from '../../src/services/wallet/list-wallets.ts';
import { walletStatement } from '../../src/services/wallet/wallet-statement.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks, type PaidBooks } from '../paid-books.ts';

/**
 * Books in which everything happened to a wallet: earned, taken back, paid, paid in vain. Today is 21 November 2026, the
 * posting date of reviews and payouts; the entries are posted from 1 October on.
 */
let database: TestDatabase;
let ctx: OpenedContext;
let books: PaidBooks;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  books = await paidBooks(ctx, await database.context({ actor: 'checker' }));
});
afterAll(async () => await database.drop());

const cents = (amount: string) => Math.round(Number(amount) * 100);
const UK = { partner: 'acme', instance: 'acme-uk', currency: 'EUR' };
const page = { limit: 500, offset: 0 };

describe.each([undefined, '2026-11-21', '2026-11-20', '2026-10-07', '2026-10-05', '2026-10-02', '2026-09-30'])(
  'as of %s',
  (asOf) => {
    it('the wallets of a currency sum to the trial balance, and each to what it is made of', async () => {
      const wallets = await listWallets(ctx, { asOf });
      const balance = (await trialBalance(ctx, asOf ?? null)).accounts.find(({ account }) => account === 'wallet');
      const sum = wallets.reduce((soFar, wallet) => soFar + cents(wallet.balance), 0);
      expect(sum + cents(balance?.balance ?? '0')).toBe(0);
      for (const one of wallets) {
        const { pending, held, approved, payable, inPayout } = one;
        const parts = [pending, held, approved, payable, inPayout].reduce((soFar, part) => soFar + cents(part), 0);
        expect(parts, JSON.stringify(one)).toBe(cents(one.balance));
      }
    });

    it('a wallet’s movements sum to its balance', async () => {
      for (const wallet of await listWallets(ctx, { asOf })) {
        const { movements, balance } = await showWallet(ctx, wallet, asOf);
        expect(balance).toBe(wallet.balance);
        expect(movements.reduce((soFar, one) => soFar + cents(one.amount), 0)).toBe(cents(balance));
      }
    });
  },
);

describe('a wallet’s history', () => {
  it('runs by posting date, tells what was posted, and ends with the balance', async () => {
    const history = await walletHistory(ctx, UK, page);
    expect(history.map(({ date }) => date)).toEqual(history.map(({ date }) => date).sort());
    expect(history.at(-1)!.balance).toBe((await showWallet(ctx, UK)).balance);
    expect(history.map(({ reference }) => reference)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^entry \d+\.0 rejected by review 1$/),
        expect.stringMatching(/^entry \d+\.0 of run 1$/),
        `payout ${books.paid}`,
      ]),
    );
    let running = 0;
    for (const { amount, balance } of history) {
      running += cents(amount);
      expect(cents(balance)).toBe(running);
    }
  });

  it('shows part of it and sums all of it', async () => {
    const all = await walletHistory(ctx, UK, page);
    const some = await walletHistory(ctx, UK, page, { from: '2026-10-03', to: '2026-10-07' });
    expect(some).toEqual(all.filter(({ date }) => date >= '2026-10-03' && date < '2026-10-07'));
    expect(await walletHistory(ctx, UK, { limit: 2, offset: 1 })).toEqual(all.slice(1, 3));
  });

  it('ends on each date with what the ledger said on it', async () => {
    const history = await walletHistory(ctx, UK, page);
    const last = new Map(history.map(({ date, balance }) => [date, balance]));
    for (const [date, balance] of last) {
      expect((await showWallet(ctx, UK, date)).balance, date).toBe(balance);
    }
  });

  it('tells a payout that was sent and came to nothing', async () => {
    const zenith = { partner: 'zenith', instance: 'zenith-de', currency: 'EUR' };
    const told = (await walletHistory(ctx, zenith, page)).slice(-2).map(({ kind, reference }) => [kind, reference]);
    expect(told).toEqual([
      ['payout_submitted', `payout ${books.failed}`],
      ['payout_failed', `payout ${books.failed}`],
    ]);
  });
});

it('shows what is held apart, and takes it out of what is payable', async () => {
  const zenith = { partner: 'zenith', instance: 'zenith-de', currency: 'EUR' };
  const before = await showWallet(ctx, zenith);
  expect(cents(before.payable)).toBe(cents(before.balance));
  await holdCommissions(ctx, { reason: 'dispute', selection: { filter: { partner: 'zenith' } } });
  expect(await showWallet(ctx, zenith)).toMatchObject({
    payable: '0.00',
    held: before.balance,
    balance: before.balance,
  });
});

it.each([
  ['partner_not_found', { ...UK, partner: 'acne' }],
  ['instance_not_found', { ...UK, instance: 'acme-fr' }],
  ['currency_not_found', { ...UK, currency: 'XXX' }],
  ['wallet_not_found', { ...UK, instance: 'zenith-de' }],
])('%s', async (code, wallet) => {
  await expect(showWallet(ctx, wallet)).rejects.toMatchObject({ code });
  await expect(walletHistory(ctx, wallet, page)).rejects.toMatchObject({ code });
});

it('knows no tomorrow', async () => {
  await expect(listWallets(ctx, { asOf: '2026-11-22' })).rejects.toMatchObject({ code: 'as_of_future' });
});

describe('statements', () => {
  it.each(['2026-09', '2026-10', '2026-11', '2026-Q4', '2026-10-02..2026-10-05', '2026-11-21..2026-11-21'])(
    'of %s close with what is in the wallet and in transit, and open where the one before closed',
    async (text) => {
      const period = parsePeriod(text, '2026-11-21');
      const before = parsePeriod(`2026-01-01..${addDays(period.from, -1)}`, '2026-11-21');
      for (const wallet of await listWallets(ctx)) {
        const lines = await walletStatement(ctx, wallet, period);
        const of = (name: string) => lines.find(({ line }) => line === name)!.amount;
        const moved = lines.filter(({ movements }) => movements !== null).map(({ amount }) => cents(amount));
        expect(moved.reduce((sum, one) => sum + one, cents(of('opening_balance')))).toBe(cents(of('closing_balance')));
        expect(cents(of('closing_in_wallet')) + cents(of('closing_in_transit'))).toBe(cents(of('closing_balance')));
        const last = (await walletStatement(ctx, wallet, before)).find(({ line }) => line === 'closing_balance')!;
        expect(of('opening_balance')).toBe(last.amount);
      }
    },
  );

  it('tell a payout when it completed, and nothing of one that failed', async () => {
    const told = async (code: string) =>
      (await walletStatement(ctx, parseWalletCode(code), parsePeriod('2026', '2026-11-21'))).map(({ line }) => line);
    expect(await told('acme/acme-uk/EUR')).toContain('paid');
    expect(await told('zenith/zenith-de/EUR')).not.toContain('paid');
  });
});

describe('a partner who has money', () => {
  it('is not put away, which would forfeit it by one person alone', async () => {
    const { balance } = await showWallet(ctx, UK);
    await expect(archivePartner(ctx, 'acme')).rejects.toMatchObject({
      code: 'partner_has_money',
      exitCode: 3,
      message: expect.stringContaining(`${balance} EUR at acme-uk`) as string,
      hint: 'pay it, write it off or recover it first: `revshare wallet list --partner acme`',
    });
    expect((await showPartner(ctx, 'acme')).status).toBe('active');
  });
});
