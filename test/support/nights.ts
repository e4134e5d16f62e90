import { setTimeout as sleep } from 'node:timers/promises';
import { jobs } from '../../jobs/index.ts';
import type { OpenedContext } from '../../src/app.ts';
import { addDays, dayNumber } from '../../src/domain/dates.ts';
import type { Job } from '../../src/runner/job.ts';
import { runDue, type DueReport } from '../../src/runner/run-due.ts';
import { reviewCommissions } from '../../src/services/review/review-commissions.ts';
import type { Context } from '../../src/services/context.ts';
import { drawKnownSeq, insertRule, openBooks, type Books } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { setSetting } from './earnings.ts';
import { choices } from './accrual.ts';
import { GOLDEN_BRACKETS, insertTerms, tell, type Told } from './rating-books.ts';

const CUSTOMERS = 12;
/** Days from one on which something happens to the next. */
const EVERY = 3;
/** Days until the second half of a sale is paid, and until some of it may be given back. */
const REST = 2 * EVERY;
const BACK = 3 * EVERY;

/**
 * The same programme as often as a test wants it, and its days: what customers pay and get back on each, so that every
 * job has something to do. Approval after seven days, tiers that move, a shop under whole brackets.
 */
export class Nights {
  readonly database: TestDatabase;
  readonly ctx: OpenedContext;
  readonly #books: Books;
  readonly #accounts: readonly number[];
  readonly #seed: number;

  private constructor(
    opened: { database: TestDatabase; ctx: OpenedContext; books: Books; accounts: number[] },
    seed: number,
  ) {
    this.database = opened.database;
    this.ctx = opened.ctx;
    this.#books = opened.books;
    this.#accounts = opened.accounts;
    this.#seed = seed;
  }

  static async open(seed: number): Promise<Nights> {
    const database = await testDatabase();
    const ctx = await database.context();
    const books = await openBooks(ctx.db);
    const acme = books.instance['acme-uk']!;
    await setSetting(ctx.db, 'approval', 'after_hold');
    await setSetting(ctx.db, 'hold_days', 7);
    await setSetting(ctx.db, 'minimum_payout', { EUR: 5_000 });
    const accounts = await ctx.db.transaction(async (tx) => {
      await tx.sql`
        insert into partner_tiers (partner_id, tier, valid, known_seq)
        values (${books.partner['acme']!}, 'bronze', daterange(null, null), ${await drawKnownSeq(tx, 'a tier')})`;
      await insertRule(tx, { scope: 'tier', scopeId: 'silver', ratePpm: 150_000 });
      await insertTerms(tx, {
        ...{ scope: 'instance', scopeId: books.instance['zenith-de']! },
        says: { ...GOLDEN_BRACKETS, bracket_mode: 'whole' },
      });
      const rows = await tx.sql<{ id: number }[]>`
        insert into accounts (instance_id, code) select ${acme}, 'customer-' || g from generate_series(1, ${CUSTOMERS}) g returning id::int`;
      return rows.map(({ id }) => id);
    });
    return new Nights({ database, ctx, books, accounts }, seed);
  }

  /** Six o'clock of a date, in UTC, which is the programme's zone. */
  static morning(date: string): number {
    return dayNumber(date) * 86_400_000 + 6 * 3_600_000;
  }

  /** The context on the morning of a date. */
  at(date: string): Context {
    const now = Nights.morning(date);
    return { ...this.ctx, clock: { now: () => now, isSimulated: true } };
  }

  /**
   * What it does after another one was killed: the server may need a moment to see that the session of the old worker is
   * gone.
   */
  async wakeWhenFree(date: string, only: readonly Job[] = jobs): Promise<void> {
    while ((await this.wake(date, only)).end === 'busy') await sleep(20);
  }

  /** What a scheduler does that wakes up at six in the morning of a date. */
  async wake(date: string, only: readonly Job[] = jobs): Promise<DueReport> {
    const report = await runDue(this.at(date), only);
    if (report.end === 'failed') throw report.error;
    return report;
  }

  /**
   * Records what happened on a date, every third day: sales, their second halves, refunds of older ones, sales under
   * brackets.
   */
  async happen(date: string): Promise<void> {
    const day = dayNumber(date);
    if (day % EVERY !== 0) return;
    await this.ctx.db.transaction(async (tx) => await tell(tx, this.#books, this.#eventsOf(day, date)));
  }

  #eventsOf(day: number, date: string): Told[] {
    const worthOf = (sold: number) => 50_000 + Math.floor(choices(this.#seed ^ sold)() * 40_000);
    const saleOf = (sold: number) => ({ sale: `S-${sold}`, worth: worthOf(sold) });
    const accountId = (sold: number) => this.#accounts[(sold / EVERY) % CUSTOMERS]!;
    const zenith = { instanceId: this.#books.instance['zenith-de']! };
    const dice = choices(this.#seed + day);
    const before = { half: day - REST, refunded: day - BACK };
    const half = Math.floor(worthOf(day) / 2);
    const rest = worthOf(before.half) - Math.floor(worthOf(before.half) / 2);
    return [
      { id: `sold-${day}`, on: date, net: half, of: saleOf(day), accountId: accountId(day) },
      // The rest of a sale comes later; of the first sales there was none before.
      { id: `rest-${day}`, on: date, net: rest, of: { ...saleOf(before.half), on: addDays(date, -REST) }, accountId: accountId(before.half) }, // prettier-ignore
      { id: `back-${day}`, on: date, net: -Math.floor(rest * dice()) - 1, kind: 'refund', of: { ...saleOf(before.refunded), on: addDays(date, -BACK) }, accountId: accountId(before.refunded) }, // prettier-ignore
      { id: `zenith-${day}`, on: date, net: 1_000 + Math.floor(dice() * 4_000), ...zenith },
    ];
  }

  /** Rejects whatever a sale of that date has earned, as a person does. */
  async reject(date: string): Promise<void> {
    const earned = await this.ctx.db.sql<{ entry: string }[]>`
      select n.event_id || '.' || n.leg as entry from entries n join revenue_events e on e.id = n.event_id
      join sales s on s.id = e.sale_id where s.sale_ref = ${`S-${dayNumber(date)}`}`;
    await reviewCommissions(this.at(date), {
      ...{ verdict: 'rejected', reason: 'a test sale' },
      selection: { entries: earned.map(({ entry }) => entry) },
    });
  }
}
