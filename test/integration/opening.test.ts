import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parseWalletCode } from '../../src/domain/codes.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import type { Request } from '../../src/services/approval/list-requests.ts';
import { replayPeriod } from '../../src/services/history/replay-period.ts';
import { listAccounts } from '../../src/services/ledger/list-ledger.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { importOpening } from '../../src/services/opening/import-opening.ts';
import { askForVoid } from '../../src/services/revenue/void-revenue.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { setRule } from '../../src/services/rule/set-rule.ts';
import { listWallets, showWallet } from '../../src/services/wallet/list-wallets.ts';
import {
  applyActs,
  decideRange,
  insertEntry,
  insertRequest,
  ledgerAccount,
  openChunk,
  recordBatch,
  startRun,
  type Books,
} from '../books.ts';
import { accrue } from '../support/accrual.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { booksOfEachTest } from '../support/each-test.ts';

/** Books that begin with what another system left, on 1 November 2026; what came of it later is worked out by hand. */
let maker: OpenedContext;
let checker: OpenedContext;
let books: Books;
let directory: string;

const HEADING =
  'record,partner,instance,currency,amount,payable_on,source,sale_ref,sale_date,account,sale_net,received,returned,posted,paid,withheld,tier,first_sale_on,earning_months';
const reason = 'from the system before';
const TODAY = '2026-11-21';

booksOfEachTest((opened) => {
  ({ maker, checker, books } = opened);
  directory = mkdtempSync(join(tmpdir(), 'revshare-opening-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function ask(rows: readonly string[], on = '2026-11-01'): Promise<Request> {
  const file = join(directory, 'opening.csv');
  writeFileSync(file, [HEADING, ...rows, ''].join('\n'));
  return await importOpening(maker, { file, label: 'opening.csv', on, reason });
}
const approve = async ({ id }: Request) => await approveRequest(checker, { request: id });
const wallet = (partner: string, instance: string, amount: string, payableOn = '', currency = 'EUR') =>
  `wallet,${partner},${instance},${currency},${amount},${payableOn},,,,,,,,,,,,,`;
const sale = (ref: string, net: string, received: string, returned: string, posted: string, account = '') =>
  `sale,acme,acme-uk,EUR,,,billing,${ref},2026-09-14,${account},${net},${received},${returned},${posted},,,,,`;

let told = 0;
async function record(saleRef: string, saleNet: string, kind: 'payment' | 'refund', net: string): Promise<void> {
  told += 1;
  await recordRevenue(maker, {
    source: 'billing',
    fields: {
      ...{ instance: 'acme-uk', kind, net, currency: 'EUR', occurred_at: '2026-11-10' },
      ...{ external_id: `later-${told}`, sale_ref: saleRef, sale_net: saleNet },
    },
  });
}

async function posted(saleRef: string): Promise<string[]> {
  const rows = await maker.db.sql<{ told: string }[]>`
    select n.kind || ' ' || n.amount_minor as told from entries n join revenue_events e on e.id = n.event_id
    join sales s on s.id = e.sale_id where s.sale_ref = ${saleRef} order by n.event_id`;
  return rows.map((row) => row.told);
}

test('wallets have what the file says, against opening equity, from the day they may be paid', async () => {
  const asked = await ask([
    wallet('acme', 'acme-uk', '120.00', '2026-12-01'),
    wallet('acme', 'acme-ie', '-4.00'),
    wallet('zenith', 'zenith-de', '0'),
    sale('OLD-1', '500.00', '500.00', '0', '50.00'),
  ]);
  expect(asked).toMatchObject({
    kind: 'opening',
    status: 'pending',
    about: 'opening of 2026-11-01: 3 wallets, 1 open sale',
    effect: [
      { instance: 'acme-ie', amount: '-4.00' },
      { instance: 'acme-uk', amount: '120.00' },
    ],
  });
  await expect(approveRequest(maker, { request: asked.id })).rejects.toMatchObject({ code: 'four_eyes' });
  await approve(asked);
  await accrue(maker, TODAY);
  expect((await listWallets(maker)).map(({ instance, balance }) => `${instance} ${balance}`)).toEqual([
    'acme-ie -4.00',
    'acme-uk 120.00',
  ]);
  // 120.00 may be paid from 1 December on; until then what stands beside it is not.
  expect(await showWallet(maker, parseWalletCode('acme/acme-uk/EUR'))).toMatchObject({ approved: '120.00' });
  const [equity] = await listAccounts(maker, { type: 'opening_equity' }, { limit: 9, offset: 0 });
  expect(equity).toMatchObject({ account: 'equity:opening', balance: '116.00' });
  expect((await trialBalance(maker)).differences).toEqual([{ currency: 'EUR', difference: '0.00' }]);
  await expectCleanDoctor(maker);
});

describe('a file of objects', () => {
  const askWith = async (...records: readonly object[]) => {
    const file = join(directory, 'opening.ndjson');
    writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    return await importOpening(maker, { file, label: 'opening.ndjson', on: '2026-11-01', reason });
  };
  const place = { partner: 'acme', instance: 'acme-uk', currency: 'EUR' };

  it('asks for what the same rows ask for', async () => {
    const rows = [wallet('acme', 'acme-uk', '120.00', '2026-12-01'), sale('OLD-1', '500.00', '500.00', '0', '50.00')];
    const asRows = await ask(rows);
    const [inSale, inSums] = [
      { source: 'billing', sale_ref: 'OLD-1', sale_date: '2026-09-14' },
      { sale_net: '500.00', received: 500, returned: null, posted: '50.00' },
    ];
    const asObjects = await askWith(
      { record: 'wallet', ...place, amount: '120.00', payable_on: '2026-12-01' },
      { record: 'sale', ...place, ...inSale, ...inSums },
    );
    const payload = async ({ id }: Request) =>
      (await maker.db.sql`select payload from requests where id = ${id}`)[0]!['payload'] as unknown;
    expect(await payload(asObjects)).toEqual(await payload(asRows));
  });

  it('is refused by line and key, also for a key that nobody knows', async () => {
    await expect(
      askWith(
        { record: 'wallet', ...place, amount: '1.234' },
        { record: 'wallet', ...place, amount: '1', payble_on: '' },
      ),
    ).rejects.toMatchObject({
      code: 'rows_rejected',
      message: expect.stringMatching(
        /opening\.ndjson:1 \(amount\) [^]*opening\.ndjson:2 \(payble_on\) nothing is known of a key/,
      ) as RegExp,
    });
  });
});

describe('what comes later of an old sale', () => {
  beforeEach(async () => {
    const opening = [
      wallet('acme', 'acme-uk', '0'),
      // collected in full at 10 %
      sale('FULL', '500.00', '500.00', '0', '50.00'),
      // half of it, of which a part went back: 200 of 1000 collected, 33.33 earned of it, so 166.65 of the whole
      sale('HALF', '1000.00', '500.00', '300.00', '33.33'),
      // earned nothing
      sale('NONE', '80.00', '80.00', '0', '0'),
    ];
    await approve(await ask(opening));
    await accrue(maker, TODAY);
    expect((await showWallet(maker, parseWalletCode('acme/acme-uk/EUR'))).balance).toBe('0.00');
  });

  it('takes back exactly what was earned of it', async () => {
    await record('FULL', '500.00', 'refund', '-200.00');
    await record('FULL', '500.00', 'refund', '-300.00');
    await record('NONE', '80.00', 'refund', '-80.00');
    await accrue(maker, TODAY);
    expect(await posted('FULL')).toEqual(['opening 5000', 'refund -2000', 'refund -3000']);
    expect(await posted('NONE')).toEqual(['opening 0', 'refund 0']);
    expect((await showWallet(maker, parseWalletCode('acme/acme-uk/EUR'))).balance).toBe('-50.00');
    await expectCleanDoctor(maker);
  });

  it('earns on by what it had earned, and a replay decides the same', async () => {
    await record('HALF', '1000.00', 'payment', '500.00');
    await record('HALF', '1000.00', 'payment', '300.00');
    await record('HALF', '1000.00', 'refund', '-1000.00');
    await accrue(maker, TODAY);
    // 166.65 × 0.7 = 116.655, then all of it, then nothing
    expect(await posted('HALF')).toEqual(['opening 3333', 'earning 8333', 'earning 4999', 'refund -16665']);
    await expectCleanDoctor(maker);
    const replayed = await replayPeriod(maker, { from: '2026-11-01', to: '2026-12-01' });
    expect(replayed).toMatchObject({ events: 7, differences: [] });
  });

  it('in one night with everything else decides the same', async () => {
    await record('FULL', '500.00', 'refund', '-0.01');
    await record('HALF', '1000.00', 'refund', '-0.01');
    await accrue(maker, TODAY, 1);
    expect(await posted('FULL')).toEqual(['opening 5000', 'refund 0']);
    // 166.65 × 199.99 / 1000 = 33.3283…
    expect(await posted('HALF')).toEqual(['opening 3333', 'refund 0']);
    await expectCleanDoctor(maker);
  });
});

test('an account earns for as long as it would have, whatever its rule says now', async () => {
  await approve(
    await ask([`account,,acme-uk,,,,,,,C1,,,,,,,,2026-01-31,9`, `partner,acme,,EUR,,,,,,,,,,,900.00,90.00,gold,,`]),
  );
  await setRule(maker, {
    scope: { kind: 'instance', code: 'acme-uk' },
    percentage: '20%',
    earningMonths: 24,
    from: '2026-01-01',
  });
  const [instanceId, accountId] = [books.instance['acme-uk']!, books.account['acme-uk/C1']!];
  await maker.db.transaction(
    async (tx) =>
      await recordBatch(tx, books.source, [
        { externalId: 'last', instanceId, accountId, on: '2026-10-30' },
        { externalId: 'late', instanceId, accountId, on: '2026-10-31' },
      ]),
  );
  await accrue(maker, TODAY);
  const decided = await maker.db.sql<{ told: string }[]>`
    select e.external_id || ' ' || n.amount_minor || coalesce(' ' || n.reason, '') as told from entries n join revenue_events e on e.id = n.event_id order by n.event_id`;
  expect(decided.map((row) => row.told)).toEqual(['last 2000', 'late 0 earning_ended']);
  const [partner] = await maker.db.sql<{ paid: string; withheld: string; tier: string }[]>`
    select paid_minor as paid, withheld_minor as withheld, tier from opening_partners`;
  expect(partner).toEqual({ paid: '90000', withheld: '9000', tier: 'gold' });
  await expectCleanDoctor(maker);
  expect(await replayPeriod(maker, { from: '2026-10-01', to: '2026-12-01' })).toMatchObject({ differences: [] });
});

describe('an opening is refused', () => {
  it('whole, by line and column, with everything that is wrong with it', async () => {
    const rows = [
      wallet('acne', 'acme-uk', '1'),
      wallet('acme', 'acme-uk', '1.005'),
      wallet('zenith', 'acme-uk', '1'),
      sale('X', '10', '5', '5', '0'),
      sale('Y', '10', '10', '0', '1'),
      'walet,acme,acme-uk,EUR,1,,,,,,,,,,,,,,',
      `account,,acme-uk,,,,,,,C9,,,,,,,,2026-01-31,`,
      `partner,acme,,EUR,,,,,,,,,,,1,2,,,`,
      sale('Z', '10000000000000.01', '10', '0', '1'),
      wallet('acme', 'acme-ie', '-10000000000000.01'),
    ];
    const error = await ask(rows).catch((failure: unknown) => failure as { code: string; message: string });
    expect(error).toMatchObject({ code: 'rows_rejected' });
    const text = (error as { message: string }).message;
    for (const part of [
      'opening.csv:2:2 (partner)',
      'opening.csv:3:5 (amount)',
      'opening.csv:4:2 (partner) partner zenith never earned at instance acme-uk',
      'opening.csv:5:12 (received) nothing of the sale is collected',
      'opening.csv:6:2 (partner) there is no balance of wallet acme/acme-uk/EUR',
      'opening.csv:7:1 (record)',
      'opening.csv:8:10 (account)',
      'opening.csv:9:16 (withheld)',
      "opening.csv:10:11 (sale_net) '10000000000000.01' is too large: the limit is 10000000000000.00 EUR",
      'opening.csv:11:5 (amount)',
    ]) {
      expect(text).toContain(part);
    }
    expect(await maker.db.sql`select from requests`).toHaveLength(0);
  });

  it('a second time, the same file or another', async () => {
    const rows = [wallet('acme', 'acme-uk', '1')];
    const [first, second] = [await ask(rows), await ask([wallet('acme', 'acme-uk', '2')])];
    await approve(first);
    await expect(approve(second)).rejects.toMatchObject({ code: 'books_begun' });
    await expect(ask(rows)).rejects.toMatchObject({ code: 'books_begun', message: 'these books are opened already' });
  });

  it('once something is decided, by the database too', async () => {
    const asked = await ask([wallet('acme', 'acme-uk', '1')]);
    const instanceId = books.instance['acme-uk']!;
    await maker.db.transaction(async (tx) => await recordBatch(tx, books.source, [{ externalId: 'a', instanceId }]));
    await accrue(maker, TODAY);
    await expect(ask([wallet('acme', 'acme-uk', '1')])).rejects.toMatchObject({ code: 'books_begun' });
    await expect(approve(asked)).rejects.toMatchObject({ code: 'books_begun' });
  });
});

test('the entries of an opening are what was approved, and payable when it says', async () => {
  await approve(await ask([wallet('acme', 'acme-uk', '10', '2026-12-01')]));
  const attack = async (payableOn: string, amountMinor: number) =>
    await maker.db
      .transaction(async (tx) => {
        const [batch] = await tx.sql<{ id: number; firstId: number; lastId: number }[]>`
          select id::int, first_id::int as "firstId", last_id::int as "lastId" from event_batches where decided_to < last_id`;
        const run = await startRun(tx, { scope: 'attack' });
        const chunkId = await openChunk(tx, run);
        await decideRange(tx, chunkId, batch!, batch!.lastId);
        const walletId = await ledgerAccount(tx, {
          instanceId: books.instance['acme-uk']!,
          partnerId: books.partner['acme']!,
        });
        const entry = { eventId: batch!.firstId, chunkId, knownSeq: run.knownSeq, walletId, amountMinor };
        await insertEntry(tx, { ...entry, kind: 'opening', on: '2026-11-01', payableOn });
      })
      .then(
        () => null,
        (error: { code: string }) => error.code,
      );
  expect(await attack('2026-11-01', 1000)).toBe('entry_without_cause');
  expect(await attack('2026-12-01', 1001)).toBe('entry_without_cause');
});

test('what books began with is never voided', async () => {
  await approve(await ask([wallet('acme', 'acme-uk', '60'), sale('FULL', '500.00', '500.00', '0', '50.00')]));
  await accrue(maker, TODAY);
  for (const event of ['request-1', 'request-1-2']) {
    await expect(askForVoid(maker, { events: [event] }, reason)).rejects.toMatchObject({ code: 'not_voidable' });
  }
  const [opened] = await maker.db.sql<{ id: number; batch: number }[]>`
    select id::int, batch_id::int as batch from revenue_events where kind = 'opening' and sale_id is null`;
  const acts = [{ kind: 'void', instance_id: books.instance['acme-uk']!, voids_id: opened!.id }];
  const request = await maker.db.transaction(async (tx) => await insertRequest(tx, 'void', acts));
  const directly = maker.db.transaction(async (tx) => await applyActs(tx, request, books.source, acts));
  await expect(directly).rejects.toMatchObject({ code: 'sale_differs' });
});

const partnerOpened = (request: number) =>
  `insert into opening_partners (partner_id, currency, request_id, paid_minor, withheld_minor) values (${books.partner['acme']!}, 'EUR', ${request}, 1, 0)`;
const accountOpened = (request: number) =>
  `insert into opening_accounts (account_id, request_id, first_sale_on, first_sale_only) values (${books.account['acme-uk/C1']!}, ${request}, '2026-01-01', false)`;

test('nothing is added to an opening once it was proved', async () => {
  const legs = [{ partner_id: books.partner['acme']!, amount_minor: '100' }];
  const acts = [{ kind: 'opening', instance_id: books.instance['acme-uk']!, legs }];
  const request = await maker.db.transaction(async (tx) => await insertRequest(tx, 'opening', acts));
  await checker.db
    .sql`insert into request_approvals (request_id, content_hash) select id, content_hash from requests where id = ${request}`;
  const adding = async (statement: string) =>
    await maker.db
      .transaction(async (tx) => {
        await applyActs(tx, request, books.source, acts);
        await tx.sql`set constraints all immediate`;
        await tx.sql.unsafe(statement);
      })
      .then(
        () => null,
        (error: { code: string }) => error.code,
      );
  expect(await adding(partnerOpened(request))).toBe('request_differs');
  expect(await adding(accountOpened(request))).toBe('request_differs');
  expect(await adding('select')).toBe(null);
});

test('nobody writes what books began with but the opening itself', async () => {
  const asked = await ask([wallet('acme', 'acme-uk', '1')]);
  const refusal = async (statement: string) =>
    await maker.db.sql.unsafe(statement).then(
      () => null,
      (error: { code: string }) => error.code,
    );
  expect(await refusal(partnerOpened(asked.id))).toBe('RV014');
  expect(await refusal(accountOpened(asked.id))).toBe('RV014');
  await approve(asked);
  expect(await refusal(partnerOpened(asked.id))).toBe('RV014');
  expect(await refusal('update opening_partners set paid_minor = 5')).toBe('42501');
  expect(await refusal('delete from opening_accounts')).toBe('42501');
});
