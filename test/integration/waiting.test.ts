import { describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { whyNotCommission } from '../../src/services/commission/why-not-commission.ts';
import { replayPeriod } from '../../src/services/history/replay-period.ts';
import { listRevenue } from '../../src/services/revenue/list-revenue.ts';
import { askForVoid } from '../../src/services/revenue/void-revenue.ts';
import { drawKnownSeq, type Books } from '../books.ts';
import { accrue } from '../support/accrual.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { entriesOf, GOLDEN_BRACKETS, ratingBooksOfEachTest } from '../support/rating-books.ts';

/** Events whose exchange rate is missing wait, and nothing else does (SEMANTICS §5). */
let checker: OpenedContext;
let ctx: OpenedContext;
let books: Books;
const { record, setRules } = ratingBooksOfEachTest((opened) => ({ maker: ctx, checker, books } = opened));

/** 10 %, paid in dollars. */
const inDollars = async () => await setRules({ says: { kind: 'percentage', rate_ppm: 100_000, pays_in: 'USD' } });

/** Makes EUR/USD rates known, 'DATE RATE' each. */
async function bring(...rates: string[]): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const seq = await drawKnownSeq(tx, 'rates');
    for (const [date, rate] of rates.map((one) => one.split(' '))) {
      await tx.sql`insert into fx_rates (rate_date, base, quote, rate, source, known_seq) values (${date!}, 'EUR', 'USD', ${rate!}, 'ECB', ${seq})`;
    }
  });
}

const night = async (date = '2026-10-31', chunkEvents?: number) => {
  const { summary, failures } = await accrue(ctx, date, chunkEvents);
  return { events: summary['events'], waiting: summary['waiting'], failures };
};
const waits = async () =>
  (await listRevenue(ctx, { waiting: true }, { limit: 100, offset: 0 })).map(
    ({ externalId, waitsFor }) => `${externalId}: ${waitsFor}`,
  );
async function expectSound(): Promise<void> {
  await expectCleanDoctor(ctx);
  expect(await replayPeriod(ctx, { from: '2026-10-01', to: '2026-12-01' })).toMatchObject({ differing: 0 });
}

describe('an event whose exchange rate is missing', () => {
  it('waits while the rest goes on, and is decided once the rate is there', async () => {
    await inDollars();
    await bring('2026-10-02 1.1');
    await record(
      { id: 'early', on: '2026-10-06', net: 1000 },
      { id: 'late', on: '2026-10-07', net: 1000 },
      { id: 'later', on: '2026-10-09', net: 1000 },
      { id: 'in-dollars', on: '2026-10-10', net: 1000, currency: 'USD' },
    );
    const missing = { base: 'EUR', quote: 'USD', from: '2026-10-07', to: '2026-10-09', events: 2 };
    expect(await night()).toEqual({
      events: 2,
      waiting: [missing],
      failures: [
        '2 events wait for a rate EUR/USD of 2026-10-07 to 2026-10-09: once `revshare fx import FILE` has brought it, the next accrual decides them (`revshare fx list` shows what there is)',
      ],
    });
    expect(await entriesOf(ctx.db)).toEqual(['early 1.10', 'in-dollars 1.00']);
    expect(await waits()).toEqual(['late: EUR/USD@2026-10-07', 'later: EUR/USD@2026-10-09']);
    await expectSound();

    // Nothing has come of it: the next night says the same, and writes nothing.
    expect(await night()).toMatchObject({ events: 0, waiting: [missing] });
    await bring('2026-10-03 1.2');
    expect(await night()).toMatchObject({ events: 1, waiting: [{ ...missing, from: '2026-10-09', events: 1 }] });
    await bring('2026-10-09 1.3');
    expect(await night()).toEqual({ events: 1, waiting: [], failures: [] });
    expect(await entriesOf(ctx.db)).toEqual(['early 1.10', 'in-dollars 1.00', 'late 1.20', 'later 1.30']);
    expect(await waits()).toEqual([]);
    await expectSound();
  });

  it('holds up the later events of its sale, in its chunk, in later ones and in later runs, and nobody else’s', async () => {
    await inDollars();
    const of = { sale: 'S', worth: 1000 };
    await record(
      { id: 'pay', on: '2026-10-06', net: 1000, of },
      { id: 'back', on: '2026-10-07', net: -300, of },
      { id: 'more', on: '2026-10-08', net: -200, of },
    );
    expect(await night('2026-10-31', 2)).toMatchObject({
      events: 0,
      waiting: [{ events: 3, from: '2026-10-06', to: '2026-10-06' }],
    });
    await record(
      { id: 'rest', on: '2026-10-20', net: -500, of },
      { id: 'other', on: '2026-10-20', net: 1000, currency: 'USD' },
    );
    expect(await night()).toMatchObject({ events: 1, waiting: [{ events: 4 }] });
    await expectSound();
    await bring('2026-10-05 1.2');
    expect(await night('2026-10-31', 2)).toMatchObject({ events: 4, waiting: [] });
    expect(await entriesOf(ctx.db)).toEqual(['other 1.00', 'pay 1.20', 'back -0.36', 'more -0.24', 'rest -0.60']);
    await expectSound();
  });

  it('freezes its sale before a later event does that could be decided by itself', async () => {
    await setRules({ says: { kind: 'percentage', rate_ppm: 100_000, pays_in: 'USD', territory: '{DE}' } });
    const of = { sale: 'S', worth: 1000 };
    await record(
      { id: 'pay', on: '2026-10-06', net: 600, of, country: 'DE' },
      { id: 'rest', on: '2026-10-07', net: 400, of, country: 'FR' },
    );
    expect(await night('2026-10-31', 1)).toMatchObject({ events: 0, waiting: [{ events: 2 }] });
    await bring('2026-10-05 1.2');
    await night();
    expect(await entriesOf(ctx.db)).toEqual(['pay 0.72', 'rest 0.48']);
    await expectSound();
  });

  it('is told by why-not with the remedy, before and after the rate has come', async () => {
    await inDollars();
    await record({ id: 'pay', on: '2026-10-06', net: 1000 });
    await night();
    const before = await whyNotCommission(ctx, 'pay');
    expect(before).toMatchObject({
      decided: false,
      preview: [],
      waitsFor: { base: 'EUR', quote: 'USD', on: '2026-10-06', known: false },
    });
    expect(before.obstacles).toMatchObject([
      { code: 'fx_rate_missing', text: expect.stringContaining('EUR/USD of 2026-10-06') },
    ]);
    expect(before.obstacles[0]?.remedy).toContain('revshare fx import FILE, then revshare job run accrue-commissions');
    await bring('2026-10-05 1.2');
    const after = await whyNotCommission(ctx, 'pay');
    expect(after.obstacles).toMatchObject([{ code: 'waiting', remedy: expect.stringContaining('revshare job run') }]);
    expect(after.preview).toMatchObject([{ amount: '1.20', currency: 'USD' }]);
  });

  it('is not tried again by a run for an earlier date', async () => {
    await inDollars();
    await record({ id: 'pay', on: '2026-10-06', net: 1000 });
    await night();
    await bring('2026-10-05 1.2');
    expect(await night('2026-10-05')).toMatchObject({ events: 0 });
    expect(await night('2026-10-06')).toMatchObject({ events: 1, waiting: [] });
  });

  it('is not held up by what is dated later than the run and waits for it', async () => {
    await inDollars();
    const of = { sale: 'S', worth: 1000 };
    await record({ id: 'pay', on: '2026-10-06', net: 1000, of }, { id: 'back', on: '2026-10-07', net: -300, of });
    await night();
    const { id } = await askForVoid(ctx, { events: ['back'] }, 'never happened');
    await approveRequest(checker, { request: id });
    expect(await night('2026-11-21')).toMatchObject({ events: 0, waiting: [{ events: 3 }] });
    await bring('2026-10-05 1.2');
    expect(await night('2026-11-20')).toMatchObject({ events: 2 });
    expect(await entriesOf(ctx.db)).toEqual(['pay 1.20', 'back -0.36']);
    expect(await night('2026-11-21')).toEqual({ events: 1, waiting: [], failures: [] });
    expect((await entriesOf(ctx.db)).at(-1)).toMatch(/ 0.36$/);
    await expectSound();
  });

  it('serves for as many days as the setting of the sale’s day says', async () => {
    await inDollars();
    await bring('2026-10-02 1.1');
    await record({ id: 'pay', on: '2026-10-07', net: 1000 });
    expect(await night()).toMatchObject({ waiting: [{ events: 1 }] });
    await ctx.db.transaction(async (tx) => {
      const seq = await drawKnownSeq(tx, 'rates serve longer');
      await tx.sql`update settings set retired_seq = ${seq} where name = 'fx_max_age_days'`;
      await tx.sql`insert into settings (name, value, valid, known_seq) values ('fx_max_age_days', '5', daterange(null, null), ${seq})`;
    });
    expect(await night()).toMatchObject({ events: 1, waiting: [] });
    await expectSound();
  });

  it('enters its window when it is decided, behind what came later and was decided before', async () => {
    await setRules({ says: { ...GOLDEN_BRACKETS, bracket_mode: 'marginal', pays_in: 'USD' } });
    await bring('2026-10-10 1');
    await record({ id: 'first', on: '2026-10-06', net: 30_000 }, { id: 'second', on: '2026-10-10', net: 20_000 });
    await night();
    await bring('2026-10-05 1');
    await night();
    // 200 at 4 %; then 200 at 6 % and 100 at 8 %: together the golden 28.00 of SEMANTICS §5.
    expect(await entriesOf(ctx.db)).toEqual(['second 8.00', 'first 20.00']);
    await expectSound();
  });

  it('starts no clock until it is decided: those, too, go by the order of decisions', async () => {
    const { account } = books;
    await setRules({
      says: { kind: 'percentage', rate_ppm: 100_000, pays_in: 'USD', first_sale_only: true },
    });
    const accountId = account['acme-uk/C1']!;
    await record(
      { id: 'first', on: '2026-10-06', net: 1000, accountId },
      { id: 'second', on: '2026-10-10', net: 1000, currency: 'USD', accountId },
    );
    await night();
    await bring('2026-10-05 1.2');
    await night();
    expect(await entriesOf(ctx.db)).toEqual(['second 1.00', 'first 0.00 first_sale_only']);
    await expectSound();
  });
});

describe('a void of an event that waits', () => {
  it.each([
    ['its own sale', undefined],
    ['of a sale', { sale: 'S', worth: 1000 }],
  ])('waits with it, %s, and takes back all of it', async (_, of) => {
    await inDollars();
    await record({ id: 'pay', on: '2026-10-06', net: 1000, ...(of === undefined ? {} : { of }) });
    await night();
    const request = (await askForVoid(ctx, { events: ['pay'] }, 'typed twice')).id;
    await approveRequest(checker, { request });
    expect(await night('2026-12-31')).toMatchObject({ events: 0, waiting: [{ events: 2 }] });
    await expectSound();
    await bring('2026-10-05 1.2');
    expect(await night('2026-12-31', 1)).toMatchObject({ events: 2, waiting: [] });
    expect((await entriesOf(ctx.db)).map((line) => line.split(' ')[1])).toEqual(['1.20', '-1.20']);
    await expectSound();
  });
});
