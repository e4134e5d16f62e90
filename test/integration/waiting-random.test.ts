import { afterEach, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { addDays } from '../../src/domain/dates.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { replayPeriod } from '../../src/services/history/replay-period.ts';
import { askForVoid } from '../../src/services/revenue/void-revenue.ts';
import { drawKnownSeq, openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { dice, type Dice } from '../property/dice.ts';
import { baseSeed } from '../property/runs.ts';
import { soak } from '../soak.ts';
import { accrue } from '../support/accrual.ts';
import { endPlainRule, insertTerms, tell, type Told } from '../support/rating-books.ts';

/**
 * When the rates come, is nobody's money: books that got them late, in any order, night after night, end with the sums of
 * books that had them from the start (SEMANTICS §5). No windows are involved: those go by the order of decisions.
 */
const FIRST_DAY = '2026-10-01';
const DAYS = 20;
const END = '2026-12-31';
const dayOf = (n: number): string => addDays(FIRST_DAY, n);

interface Story {
  /** Recorded night by night. */
  readonly nights: readonly (readonly Told[])[];
  /** What becomes known each night: days of pairs. */
  readonly rates: readonly (readonly { readonly pair: string; readonly day: string; readonly rate: string }[])[];
  readonly voided: readonly string[];
}

function randomStory(random: Dice, nights: number): Story {
  const told: Told[][] = Array.from({ length: nights }, () => []);
  for (let n = 0; n < 12; n += 1) {
    const currency = random.pick(['EUR', 'EUR', 'GBP', 'USD']);
    const worth = random.between(100, 90_000);
    const first = random.between(0, DAYS - 5);
    const of = { sale: `S${n}`, worth, on: dayOf(first) };
    const paid = random.between(1, worth);
    random.pick(told).push({ id: `S${n}-pay`, on: dayOf(first), net: paid, currency, of });
    for (let back = 0; back < random.between(0, 3); back += 1) {
      const kind = random.pick(['refund', 'credit_note', 'chargeback']);
      const on = dayOf(first + random.between(0, 4));
      random.pick(told).push({ id: `S${n}-back-${back}`, on, net: -random.between(1, paid), kind, currency, of });
    }
    const day = dayOf(random.between(0, DAYS - 1));
    const net = random.chance(0.3) ? -random.between(1, 9000) : random.between(1, 9000);
    random.pick(told).push({ id: `own-${n}`, on: day, net, currency: random.pick(['EUR', 'GBP', 'USD']) });
  }
  const rates: { pair: string; day: string; rate: string }[][] = told.map(() => []);
  for (let n = 0; n < DAYS; n += 1) {
    for (const pair of ['EUR/USD', 'GBP/EUR']) {
      random.pick(rates).push({ pair, day: dayOf(n), rate: `1.${random.between(1000, 9999)}` });
    }
  }
  const everything = told.flat().map(({ id }) => id);
  const voided = [...new Set([random.pick(everything), random.pick(everything)])];
  return { nights: told, rates, voided };
}

let databases: TestDatabase[] = [];
afterEach(async () => {
  for (const database of databases) await database.drop();
  databases = [];
});

interface Telling {
  readonly database: TestDatabase;
  readonly ctx: OpenedContext;
  readonly books: Books;
}

/** 12.5 % in dollars, by rates that serve on their own day only, so that a later one never was the better one. */
async function opened(): Promise<Telling> {
  const database = await testDatabase();
  databases.push(database);
  const ctx = await database.context();
  const books = await openBooks(ctx.db);
  await ctx.db.transaction(async (tx) => {
    await endPlainRule(tx, books);
    await insertTerms(tx, { says: { kind: 'percentage', rate_ppm: 125_000, pays_in: 'USD' } });
    const seq = await drawKnownSeq(tx, 'of the day');
    await tx.sql`update settings set retired_seq = ${seq} where name = 'fx_max_age_days'`;
    await tx.sql`insert into settings (name, value, valid, known_seq) values ('fx_max_age_days', '0', daterange(null, null), ${seq})`;
  });
  return { database, ctx, books };
}

async function hear({ ctx, books }: Telling, events: readonly Told[], rates: Story['rates'][number]): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const inOrder = [...events].sort((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
    if (events.length > 0) await tell(tx, books, inOrder);
    const seq = await drawKnownSeq(tx, 'rates');
    for (const { pair, day, rate } of rates) {
      const [base, quote] = pair.split('/') as [string, string];
      await tx.sql`insert into fx_rates (rate_date, base, quote, rate, source, known_seq) values (${day}, ${base}, ${quote}, ${rate}, 'ECB', ${seq})`;
    }
  });
}

async function voidAll({ database, ctx }: Telling, events: readonly string[]): Promise<void> {
  const checker = await database.context({ actor: 'checker' });
  for (const event of events) {
    await approveRequest(checker, { request: (await askForVoid(ctx, { events: [event] }, 'typed twice')).id });
  }
}

/** What each sale, or event that has none, has posted to whom; a void counts with what it takes back. */
async function sumsOf({ ctx }: Telling): Promise<string[]> {
  const rows = await ctx.db.sql<{ line: string }[]>`
    select coalesce(s.sale_ref, t.external_id, e.external_id) || ' ' || w.currency || ' ' || sum(n.amount_minor) as line
    from entries n join revenue_events e on e.id = n.event_id join ledger_accounts w on w.id = n.wallet_id
    left join sales s on s.id = e.sale_id left join revenue_events t on t.id = e.voids_id
    group by coalesce(s.sale_ref, t.external_id, e.external_id), w.currency having sum(n.amount_minor) <> 0 order by 1`;
  return rows.map(({ line }) => line);
}

async function expectSound({ ctx }: Telling): Promise<void> {
  const { checks } = await runDoctor(ctx);
  expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
  expect(await replayPeriod(ctx, { from: FIRST_DAY, to: END })).toMatchObject({ differing: 0 });
}

it.each(Array.from({ length: soak ? 20 : 2 }, (_, n) => baseSeed + n))(
  'rates that come late make the sums of rates that were there (FC_SEED=%d)',
  { timeout: 120_000 },
  async (seed) => {
    const random = dice(seed);
    const { nights, rates, voided } = randomStory(random, 4);
    const [late, early] = [await opened(), await opened()];
    let waited = 0;
    for (const [night, events] of nights.entries()) {
      await hear(late, events, rates[night]!);
      if (night === nights.length - 1) await voidAll(late, voided);
      const { summary } = await accrue(late.ctx, END, random.between(1, 6));
      waited += (summary['waiting'] as { events: number }[]).reduce((sum, { events: some }) => sum + some, 0);
      await expectSound(late);
    }
    expect(waited).toBeGreaterThan(0);
    expect(await late.ctx.db.sql`select from waiting_events where decided_chunk_id is null`).toHaveLength(0);

    await hear(early, nights.flat(), rates.flat());
    await voidAll(early, voided);
    await accrue(early.ctx, END);
    expect(await early.ctx.db.sql`select from waiting_events`).toHaveLength(0);
    expect(await sumsOf(late)).toEqual(await sumsOf(early));
  },
);
