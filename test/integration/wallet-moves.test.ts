import { describe, expect, it, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { Connection } from '../../src/db/connection.ts';
import { parseWalletCode } from '../../src/domain/codes.ts';
import { addDays, parsePeriod } from '../../src/domain/dates.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import type { Request } from '../../src/services/approval/list-requests.ts';
import { askForLimit } from '../../src/services/approval/set-limit.ts';
import { askForAdjustment } from '../../src/services/adjustment/give.ts';
import { listAccounts } from '../../src/services/ledger/list-ledger.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { askForVoid } from '../../src/services/revenue/void-revenue.ts';
import { holdCommissions } from '../../src/services/review/hold-commissions.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import { setSetting } from '../../src/services/settings/set-setting.ts';
import { showWallet } from '../../src/services/wallet/list-wallets.ts';
import { askForCredit, askForDebit } from '../../src/services/wallet/move-wallet.ts';
import { askForRecovery } from '../../src/services/wallet/recover-wallet.ts';
import { walletStatement } from '../../src/services/wallet/wallet-statement.ts';
import {
  applyActs,
  decideRange,
  insertEntry,
  insertRequest,
  ledgerAccount,
  ownChunk,
  postOwnActs,
  recordBatch,
  type Books,
} from '../books.ts';
import type { TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { beginRun, find, give, write } from '../support/drafted-run.ts';
import { booksOfEachTest } from '../support/each-test.ts';

/** acme has 100.00 EUR payable at acme-uk and nothing at acme-ie; tester may do alone what is up to 1,000.00. */
let database: TestDatabase;
let maker: OpenedContext;
let checker: OpenedContext;
let books: Books;

const UK = parseWalletCode('acme/acme-uk/EUR');
const IE = parseWalletCode('acme/acme-ie/EUR');
const reason = 'as agreed';
const TODAY = '2026-11-21';

booksOfEachTest(async (opened) => {
  ({ database, maker, checker, books } = opened);
  const instanceId = books.instance['acme-uk']!;
  await maker.db.transaction(
    async (tx) => await recordBatch(tx, books.source, [{ externalId: 'sold', instanceId, netMinor: 100_000 }]),
  );
  await approve(await askForLimit(maker, { of: 'request', currency: 'EUR', amount: '1000', reason }));
  await accrue(maker, TODAY);
});

const approve = async ({ id }: Request) => await approveRequest(checker, { request: id });
const balance = async (code: typeof UK) => (await showWallet(maker, code)).balance;
/** A run over what was found in acme-uk's wallet before a debit took from it, all in one transaction. */
async function payWithout(tx: Connection, amount: string): Promise<void> {
  const run = await beginRun(tx);
  await find(tx, 'acme-uk');
  await askForDebit({ ...maker, write: async (work) => await work(tx) }, { wallet: UK, amount, reason });
  await give(tx, 'acme-uk');
  await write(tx, run);
}
const refused = async (asking: Promise<unknown>) =>
  await asking.then(
    () => null,
    (error: { code: string }) => error.code,
  );

describe('a credit and a debit', () => {
  it('are adjustments by the name of the wallet', async () => {
    expect(await askForCredit(maker, { wallet: UK, amount: '12.50', reason })).toMatchObject({
      kind: 'adjustment',
      status: 'done',
      effect: [{ partner: 'acme', instance: 'acme-uk', amount: '12.50' }],
    });
    expect(await askForDebit(maker, { wallet: UK, amount: '100', reason })).toMatchObject({
      kind: 'debit',
      status: 'done',
      about: 'debit of 100.00 EUR from acme/acme-uk/EUR',
      effect: [{ amount: '-100.00' }],
    });
    await accrue(maker, TODAY);
    expect(await balance(UK)).toBe('12.50');
    await expectCleanDoctor(maker);
  });

  it.each(['0', '-1'])('are more than 0: %s', async (amount) => {
    await expect(askForDebit(maker, { wallet: UK, amount, reason })).rejects.toMatchObject({ code: 'amount_sign' });
    await expect(askForCredit(maker, { wallet: UK, amount, reason })).rejects.toMatchObject({ code: 'amount_sign' });
  });

  it('are taken back by the name of what they gave', async () => {
    await askForDebit(maker, { wallet: UK, amount: '60', reason });
    const [taken] = await maker.db.sql<
      { name: string }[]
    >`select external_id as name from revenue_events where kind = 'adjustment'`;
    expect(await askForVoid(maker, { events: [taken!.name] }, reason)).toMatchObject({
      about: `void of adjustment operator:${taken!.name}, -60.00 EUR of 2026-11-21`,
    });
  });

  it('above the limit wait for a second person, who finds the wallet as it is then', async () => {
    await approve(await askForLimit(maker, { of: 'request', currency: 'EUR', amount: '10', reason }));
    const asked = await askForDebit(maker, { wallet: UK, amount: '80', reason });
    expect(asked.status).toBe('pending');
    await askForDebit(maker, { wallet: UK, amount: '10', reason });
    await askForDebit(maker, { wallet: UK, amount: '10', reason });
    await askForDebit(maker, { wallet: UK, amount: '10', reason });
    await expect(approve(asked)).rejects.toMatchObject({ code: 'wallet_limit' });
  });
});

describe('a debit stops', () => {
  it('at what is payable, to the cent', async () => {
    await expect(askForDebit(maker, { wallet: UK, amount: '100.01', reason })).rejects.toMatchObject({
      code: 'wallet_limit',
      message: expect.stringContaining('acme/acme-uk/EUR has 100.00 EUR to take, not 100.01 EUR') as string,
    });
    await askForDebit(maker, { wallet: UK, amount: '60', reason });
    await expect(askForDebit(maker, { wallet: UK, amount: '40.01', reason })).rejects.toMatchObject({
      message: expect.stringContaining('has 40.00 EUR to take') as string,
    });
    await askForDebit(maker, { wallet: UK, amount: '40', reason });
    await accrue(maker, TODAY);
    expect(await balance(UK)).toBe('0.00');
  });

  it('at what is held', async () => {
    const [sold] = await maker.db.sql<{ entry: string }[]>`select event_id || '.' || leg as entry from entries`;
    const selection = { entries: [sold!.entry] };
    await holdCommissions(maker, { reason: 'dispute', selection });
    await expect(askForDebit(maker, { wallet: UK, amount: '0.01', reason })).rejects.toMatchObject({
      code: 'wallet_limit',
    });
  });

  it('at what a payout has drafted', async () => {
    await generatePayouts(maker);
    await expect(askForDebit(maker, { wallet: UK, amount: '0.01', reason })).rejects.toMatchObject({
      code: 'wallet_limit',
    });
  });

  it('at what is due, and eats nothing that is held or comes later', async () => {
    const instanceId = books.instance['acme-uk']!;
    await maker.db.transaction(
      async (tx) =>
        await recordBatch(tx, books.source, [{ externalId: 'late', instanceId, netMinor: 500_000, on: '2026-11-20' }]),
    );
    await askForDebit(maker, { wallet: UK, amount: '70', reason });
    await accrue(maker, TODAY);
    expect(await showWallet(maker, UK)).toMatchObject({ balance: '530.00' });
    await expect(askForDebit(maker, { wallet: UK, amount: '30.01', reason })).rejects.toMatchObject({
      message: expect.stringContaining('has 30.00 EUR to take, not 30.01 EUR; its balance is 530.00 EUR') as string,
    });
  });

  it('and no payout leaves out what it took, whenever that is proved', async () => {
    for (const proved of ['deferred', 'immediate']) {
      const leaving = maker.db.transaction(async (tx) => {
        await tx.sql.unsafe(`set constraints takes_debits_along ${proved}`);
        await payWithout(tx, '60');
      });
      await expect(leaving).rejects.toMatchObject({ code: 'payout_differs' });
    }
  });

  it('and an adjustment does not', async () => {
    await askForAdjustment(maker, { partner: 'acme', instance: 'acme-ie', currency: 'EUR', amount: '-5', reason });
    await accrue(maker, TODAY);
    expect(await balance(IE)).toBe('-5.00');
  });
});

describe('32 clients at once', () => {
  const clients = async (wallet: typeof UK, amount: string) => {
    const contexts = await Promise.all(Array.from({ length: 32 }, async () => await database.context()));
    return await Promise.all(contexts.map(async (ctx) => await refused(askForDebit(ctx, { wallet, amount, reason }))));
  };

  it('take nothing from a wallet that has no row yet', async () => {
    expect(await clients(IE, '0.01')).toEqual(Array.from({ length: 32 }, () => 'wallet_limit'));
  });

  it('take what there is, and not a cent more', async () => {
    const outcomes = await clients(UK, '7');
    expect(outcomes.filter((code) => code === null)).toHaveLength(14);
    expect(new Set(outcomes)).toEqual(new Set([null, 'wallet_limit']));
    await accrue(maker, TODAY);
    expect(await balance(UK)).toBe('2.00');
    await expectCleanDoctor(maker);
  }, 60_000);
});

describe('the database', () => {
  const debit = (instance: string, amount: string) => ({
    kind: 'adjustment',
    instance_id: books.instance[instance]!,
    currency: 'EUR',
    legs: [{ leg: 0, partner_id: books.partner['acme']!, amount_minor: amount, base_minor: '0' }],
  });
  /** Asks and does it by plain SQL, with no service in between; `posting`: what becomes of it in the books. */
  const directly = async (kind: string, acts: object[], approved: boolean, posting = postOwnActs) => {
    const request = await maker.db.transaction(async (tx) => await insertRequest(tx, kind, acts as never));
    if (approved) {
      await checker.db
        .sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${request}`;
    }
    return await refused(
      maker.db.transaction(async (tx) => {
        await posting(tx, await applyActs(tx, request, books.source, acts as never), acts as never);
      }),
    );
  };

  it('refuses a debit that nobody has examined', async () => {
    expect(await directly('debit', [debit('acme-uk', '-10001')], true)).toBe('wallet_limit');
    expect(await directly('debit', [debit('acme-ie', '-1')], true)).toBe('wallet_limit');
    expect(await directly('debit', [debit('acme-uk', '-10000')], true)).toBe(null);
    expect(await directly('debit', [debit('acme-uk', '-1')], true)).toBe('wallet_limit');
  });

  it('refuses a recovery of another one’s, of more than it takes, or alone', async () => {
    const [give, take] = [debit('acme-ie', '500'), debit('acme-uk', '-500')];
    expect(await directly('recovery', [take, give], false)).toBe('four_eyes');
    expect(await directly('recovery', [take, debit('acme-ie', '501')], true)).toBe('request_differs');
    expect(await directly('recovery', [take, debit('acme-uk', '500')], true)).toBe('request_differs');
    const zenith = { ...debit('zenith-de', '500'), legs: [{ ...give.legs[0], partner_id: books.partner['zenith']! }] };
    expect(await directly('recovery', [take, zenith], true)).toBe('request_differs');
    expect(await directly('recovery', [debit('acme-uk', '-10001'), debit('acme-ie', '10001')], true)).toBe(
      'wallet_limit',
    );
    expect(await directly('recovery', [take, give], true)).toBe(null);
  });

  it('refuses a recovery that is posted against what partners earned', async () => {
    const acts = [debit('acme-uk', '-500'), debit('acme-ie', '500')];
    const code = await directly('recovery', acts, true, async (tx, batch) => {
      const chunkId = await ownChunk(tx);
      await decideRange(tx, chunkId, batch, batch.lastId);
      const expense = await ledgerAccount(tx, { type: 'commission_expense' });
      for (const [place, { instance_id: instanceId, legs }] of acts.entries()) {
        const amountMinor = Number(legs[0]!.amount_minor);
        const walletId = await ledgerAccount(tx, { instanceId, partnerId: books.partner['acme']! });
        const payableOn = amountMinor < 0 ? TODAY : addDays(TODAY, 30);
        const entry = { eventId: batch.firstId + place, chunkId, knownSeq: await knownNow(tx), walletId, amountMinor };
        await insertEntry(tx, { ...entry, kind: 'adjustment', on: TODAY, payableOn });
        const [posting] = await tx.sql<{ id: number }[]>`
          insert into postings (chunk_from, chunk_to) select ${chunkId}, ${chunkId} where ${place}::int = 0 returning id::int`;
        const [from, to] = amountMinor < 0 ? [walletId, expense] : [expense, walletId];
        await tx.sql`insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
          values (${posting?.id ?? (await lastPosting(tx))}, ${from}, ${to}, ${Math.abs(amountMinor)}, 'adjustment', ${TODAY})`;
      }
    });
    expect(code).toBe('posting_incomplete');
  });

  it('refuses a debit that is left undecided, or posted by nobody', async () => {
    const acts = [debit('acme-uk', '-500')];
    expect(await directly('debit', acts, true, async () => {})).toBe('posting_incomplete');
    const unposted = await directly('debit', acts, true, async (tx, batch) => {
      await decideRange(tx, await ownChunk(tx), batch, batch.lastId);
    });
    expect(unposted).toBe('posting_incomplete');
  });

  it.each([
    ['', 'wallet_limit'],
    ['had proved early', 'posting_incomplete'],
  ])('counts what its own transaction has decided and not posted %s', async (early, refusedBy) => {
    const acts = [debit('acme-uk', '-6000')];
    const second = await maker.db.transaction(async (tx) => await insertRequest(tx, 'debit', acts as never));
    await checker.db
      .sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${second}`;
    const code = await directly('debit', acts, true, async (tx, batch) => {
      // 100.00 is there. The first is out of what is being taken and not in the ledger when the second is examined.
      const chunkId = await ownChunk(tx);
      await decideRange(tx, chunkId, batch, batch.lastId);
      if (early !== '') await tx.sql`set constraints taken_at_once immediate`;
      await postOwnActs(tx, await applyActs(tx, second, books.source, acts as never), acts as never);
      const walletId = await ledgerAccount(tx, {
        instanceId: books.instance['acme-uk']!,
        partnerId: books.partner['acme']!,
      });
      const entry = { eventId: batch.firstId, chunkId, knownSeq: await knownNow(tx), walletId, amountMinor: -6000 };
      await insertEntry(tx, { ...entry, kind: 'adjustment', on: TODAY, payableOn: TODAY });
      await tx.sql`insert into postings (chunk_from, chunk_to) values (${chunkId}, ${chunkId})`;
      await tx.sql`insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
        values (${await lastPosting(tx)}, ${walletId}, ${await ledgerAccount(tx, { type: 'commission_expense' })}, 6000, 'adjustment', ${TODAY})`;
    });
    expect(code).toBe(refusedBy);
  });
});

const knownNow = async ({ sql }: Connection) =>
  (await sql<{ seq: number }[]>`select max(known_seq)::int as seq from known_changes`)[0]!.seq;
const lastPosting = async ({ sql }: Connection) =>
  (await sql<{ id: number }[]>`select max(id)::int as id from postings`)[0]!.id;

test('a recovery pays one wallet’s debt out of another through clearing, which is 0 after it', async () => {
  await askForAdjustment(maker, { partner: 'acme', instance: 'acme-ie', currency: 'EUR', amount: '-30', reason });
  await accrue(maker, TODAY);
  await expect(askForRecovery(maker, { from: IE, to: UK, reason })).rejects.toMatchObject({ code: 'nothing_owed' });
  await expect(askForRecovery(maker, { from: UK, to: IE, amount: '31', reason })).rejects.toMatchObject({
    code: 'amount_out_of_range',
  });
  await expect(
    askForRecovery(maker, { from: UK, to: parseWalletCode('zenith/zenith-de/EUR'), reason }),
  ).rejects.toMatchObject({ code: 'recovery_apart' });
  const asked = await askForRecovery(maker, { from: UK, to: IE, reason });
  expect(asked).toMatchObject({
    status: 'pending',
    about: 'recovery of 30.00 EUR for acme/acme-ie/EUR out of acme/acme-uk/EUR',
  });
  await approve(asked);
  await accrue(maker, TODAY);
  expect([await balance(UK), await balance(IE)]).toEqual(['70.00', '0.00']);
  const accounts = await listAccounts(maker, { type: 'recovery_clearing' }, { limit: 9, offset: 0 });
  expect(accounts).toMatchObject([{ transfers: 2, debit: '30.00', credit: '30.00', balance: '0.00' }]);
  await expectCleanDoctor(maker);
});

test('a debt is paid once, however many recoveries of it wait', async () => {
  await askForAdjustment(maker, { partner: 'acme', instance: 'acme-ie', currency: 'EUR', amount: '-30', reason });
  await accrue(maker, TODAY);
  const [first, second] = [
    await askForRecovery(maker, { from: UK, to: IE, reason }),
    await askForRecovery(maker, { from: UK, to: IE, amount: '20', reason }),
  ];
  await approve(first);
  await expect(approve(second)).rejects.toMatchObject({
    code: 'owes_less',
    message: 'recovery of 20.00 EUR for acme/acme-ie/EUR out of acme/acme-uk/EUR: it owes 0.00 EUR by now',
  });
  expect(await refused(askForRecovery(maker, { from: UK, to: IE, reason }))).toBe('nothing_owed');
  expect([await balance(UK), await balance(IE)]).toEqual(['70.00', '0.00']);
});

test('neither half of a recovery is taken back without the other', async () => {
  await askForAdjustment(maker, { partner: 'acme', instance: 'acme-ie', currency: 'EUR', amount: '-30', reason });
  await approve(await askForRecovery(maker, { from: UK, to: IE, reason }));
  const halves = await maker.db.sql<{ entry: string; amount: string }[]>`
    select event_id || '.' || leg as entry, amount_minor as amount from entries
    where kind = 'adjustment' and posted_against(kind, event_id) = 'recovery_clearing' order by event_id`;
  expect(halves.map(({ amount }) => amount)).toEqual(['-3000', '3000']);
  for (const { entry } of halves) {
    await expect(
      reviewCommissions(maker, { verdict: 'rejected', reason, selection: { entries: [entry] } }),
    ).rejects.toMatchObject({
      code: 'not_reviewable',
      message: expect.stringContaining('half of a recovery') as string,
    });
    expect(
      await refused(
        maker.db.transaction(async ({ sql }) => {
          await sql`with batch as (insert into review_batches (verdict, reason) values ('rejected', 'by hand') returning id)
            insert into entry_reviews (event_id, leg, batch_id, verdict)
            select ${Number(entry.split('.')[0])}, 0, id, 'rejected' from batch`;
        }),
      ),
    ).toBe('not_reviewable');
  }
  // A filter means what can be: the debt that is an adjustment of its own.
  const filter = { instance: 'acme-ie', kind: 'adjustment' as const };
  expect(await reviewCommissions(maker, { verdict: 'rejected', reason, selection: { filter } })).toMatchObject({
    entries: 1,
  });
  await expectCleanDoctor(maker);
});

describe('a payout of the day of a debit', () => {
  it('takes the debit along, and the wallet ends at nothing', async () => {
    await askForDebit(maker, { wallet: UK, amount: '30', reason });
    const { payouts } = await generatePayouts(maker);
    expect(payouts).toMatchObject([{ gross: '70.00' }]);
    await expect(askForDebit(maker, { wallet: UK, amount: '0.01', reason })).rejects.toMatchObject({
      code: 'wallet_limit',
    });
    await approveRun(checker, { run: 1 });
    await submitPayouts(maker, { run: 1 });
    expect(await balance(UK)).toBe('0.00');
    await expectCleanDoctor(maker);
  });

  it('does so whatever share of it may recover debts, and whichever day it is cut off', async () => {
    await setSetting(maker, { key: 'recovery_share', value: '10%', from: '2026-01-01' });
    await askForDebit(maker, { wallet: UK, amount: '30', reason });
    const { payouts } = await generatePayouts(maker, { cutoff: '2026-11-10' });
    expect(payouts).toMatchObject([{ gross: '70.00' }]);
    await approveRun(checker, { run: 1 });
  });

  it('is refused by the database where it leaves the debit out', async () => {
    const drafting = maker.db.transaction(async (tx) => await payWithout(tx, '30'));
    await expect(drafting).rejects.toMatchObject({
      code: 'payout_differs',
      message: expect.stringContaining('which a debit took from its wallet') as string,
    });
  });
});

test('a statement opens where the last one closed, and tells what became of it', async () => {
  await askForDebit(maker, { wallet: UK, amount: '10', reason });
  await accrue(maker, TODAY);
  const [debited] = await maker.db.sql<{ entry: string }[]>`
    select event_id || '.' || leg as entry from entries where kind = 'adjustment'`;
  await reviewCommissions(maker, { verdict: 'rejected', reason, selection: { entries: [debited!.entry] } });
  const lines = async (period: string) =>
    Object.fromEntries(
      (await walletStatement(maker, UK, parsePeriod(period, TODAY))).map(({ line, amount }) => [line, amount]),
    );
  expect(await lines('2026-09')).toEqual({
    opening_balance: '0.00',
    closing_balance: '0.00',
    closing_in_wallet: '0.00',
    closing_in_transit: '0.00',
  });
  expect(await lines('2026-10')).toMatchObject({
    opening_balance: '0.00',
    earning: '100.00',
    closing_balance: '100.00',
  });
  expect(await lines('2026-11')).toEqual({
    opening_balance: '100.00',
    adjustment: '-10.00',
    rejected: '10.00',
    closing_balance: '100.00',
    closing_in_wallet: '100.00',
    closing_in_transit: '0.00',
  });
});
