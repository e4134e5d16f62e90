import { accrueCommissionsJob } from '../../jobs/accrue-commissions.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { oracleDecide, randomBook, type RandomBook } from '../property/oracle.ts';
import { baseSeed } from '../property/runs.ts';
import { accrue, booksOf, decisionsOf, offences } from '../support/accrual.ts';
import { loadFile, loadFilesOfOne, loadParties, type LoadedBook } from '../support/load-book.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import type { OpenedContext } from '../../src/app.ts';
import type { Job } from '../../src/runner/job.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { accrueCommissions } from '../../src/services/accrual/accrue-commissions.ts';
import type { Unit } from '../../src/services/context.ts';

let database: TestDatabase | undefined;
afterEach(async () => {
  await database?.drop();
  database = undefined;
});

async function opened(): Promise<{ database: TestDatabase; ctx: OpenedContext }> {
  database = await testDatabase();
  return { database, ctx: await database.context() };
}

const oracle = (book: RandomBook) => oracleDecide(book).sort((a, b) => a.id - b.id);

async function loadWhole(ctx: OpenedContext, book: RandomBook): Promise<LoadedBook> {
  const loaded = await loadParties(ctx.db, book);
  await loadFile(ctx.db, book, loaded, book.events);
  return loaded;
}

describe('accrue-commissions', () => {
  it('on a dry run reports what the real run then does, and leaves nothing', async () => {
    const { database, ctx } = await opened();
    const book = randomBook(baseSeed, { batches: false, events: 120 });
    await loadWhole(ctx, book);
    const rowsBefore = await rowCounts(ctx);

    const dry = await database.context({ dryRun: true });
    const promised = await accrue(dry, book.to, 17);
    expect(await rowCounts(ctx)).toEqual(rowsBefore);
    expect(dry.report.applied).toBe(false);
    expect(promised.dryRun).toBe(true);

    const done = await accrue(ctx, book.to, 17);
    expect(done.dryRun).toBe(false);
    // The number of the posting is the real one's alone: the dry run's was rolled back with it.
    expect(promised.summary).toEqual({ ...done.summary, posting: null });
    expect(done.summary).toMatchObject({ events: book.events.length, posting: expect.any(Number) as number });
  });

  it('posts nothing when the doctor finds a difference in what it decided earlier in the night', async () => {
    const { database, ctx } = await opened();
    // one of those that earn something
    const book = randomBook(1, { batches: false, events: 60 });
    await loadWhole(ctx, book);
    let forged = 0;
    const forging: Job = {
      ...accrueCommissionsJob,
      run: async (work) => {
        const unit: Unit = async (piece) => {
          const result = await work.unit(piece);
          if (forged === 0) {
            const more = await forgeAnEntry(database);
            forged += more; // others may have forged meanwhile
          }
          return result;
        };
        return { summary: { ...(await accrueCommissions({ ...work, unit }, { chunkEvents: 10, pieceEvents: 10 })) } };
      },
    };
    await expect(runJob(ctx, forging, book.to)).rejects.toMatchObject({ code: 'books_differ', exitCode: 5 });
    expect(forged).toBeGreaterThan(0);
    const [{ postings } = { postings: null }] = await ctx.db.sql<{ postings: number }[]>`
      select count(*)::int as postings from postings`;
    expect(postings).toBe(0);
  });

  it('decides nothing more when it runs again, and says so', async () => {
    const { ctx } = await opened();
    const book = randomBook(baseSeed, { batches: false });
    await loadWhole(ctx, book);
    await accrue(ctx, book.to);
    const books = await booksOf(ctx.db);

    const again = await accrue(ctx, book.to);
    expect(again).toMatchObject({ attempt: 2, status: 'succeeded' });
    expect(again.summary).toMatchObject({ events: 0, entries: 0, amounts: [], transfers: 0, posting: null });
    expect(await booksOf(ctx.db)).toEqual(books);
    expect(await offences(ctx.db)).toEqual([]);
  });

  it('decides up to the date and no further', async () => {
    const { ctx } = await opened();
    const book = randomBook(baseSeed, { batches: false, events: 150 });
    const loaded = await loadWhole(ctx, book);
    const date = [...book.events].sort((a, b) => (a.occurredOn < b.occurredOn ? -1 : 1))[70]!.occurredOn;
    const { summary } = await accrue(ctx, date, 8);
    const due = book.events.filter((event) => event.occurredOn <= date);
    expect(summary).toMatchObject({ events: due.length, entries: due.length });
    expect((await decisionsOf(ctx.db, loaded)).map(({ id }) => id)).toEqual(due.map(({ id }) => id));
    // Before the first event there is nothing to do, and no posting to do it with.
    const early = await accrue(ctx, '2020-01-01');
    expect(early.summary).toMatchObject({ events: 0, posting: null });
  });

  it('takes a late file with older dates after what it already decided', async () => {
    const { ctx } = await opened();
    const book = lateBook(randomBook(baseSeed, { batches: false, events: 120 }));
    const loaded = await loadParties(ctx.db, book);
    await loadFile(ctx.db, book, loaded, book.events.filter(({ batch }) => batch === 1)); // prettier-ignore
    await accrue(ctx, book.to, 11);
    const late = book.events.filter(({ batch }) => batch === 2);
    await loadFile(ctx.db, book, loaded, late);
    const { summary } = await accrue(ctx, book.to, 11);
    expect(summary).toMatchObject({ events: late.length });
    expect(await decisionsOf(ctx.db, loaded)).toEqual(oracle(book));
    expect(await offences(ctx.db)).toEqual([]);
  });

  it('puts an event of a closed month on the first day of the next open one', async () => {
    const { ctx } = await opened();
    const book = randomBook(baseSeed, { batches: false, events: 200 });
    await loadWhole(ctx, book);
    await ctx.db
      .sql`insert into period_changes (starts_on, from_status, status) values ('2025-03-01', '', 'closed'), ('2025-04-01', '', 'closed')`;
    await accrue(ctx, book.to, 50);
    const dates = await ctx.db.sql`
      select distinct e.occurred_on < '2025-05-01' as moved, n.posting_date = case when e.occurred_on < '2025-05-01' then date '2025-05-01' else e.occurred_on end as right
      from entries n join revenue_events e on e.id = n.event_id where e.occurred_on >= '2025-03-01' order by 1`;
    expect(dates).toEqual([{ moved: false, right: true }, { moved: true, right: true }]); // prettier-ignore
    expect(await offences(ctx.db)).toEqual([]);
  });

  it('is as quick over 500 files of one event each', async () => {
    const { ctx } = await opened();
    const whole = randomBook(baseSeed, { batches: false, events: 5_000 });
    const events = whole.events.filter(({ saleRef }) => saleRef === null).slice(0, 500);
    expect(events).toHaveLength(500);
    const book = { ...whole, events };
    const loaded = await loadParties(ctx.db, book);
    await loadFilesOfOne(ctx.db, loaded, events);
    let asked = 0;
    const counted = new Proxy(ctx.db.sql, { apply: (sql, self, args) => ((asked += 1), Reflect.apply(sql, self, args)) }); // prettier-ignore
    const { summary } = await accrue({ ...ctx, db: { ...ctx.db, sql: counted } }, book.to);
    expect(summary).toMatchObject({ events: 500, entries: 500 });
    expect(await decisionsOf(ctx.db, loaded)).toEqual(oracle(book));
    expect(await offences(ctx.db)).toEqual([]);
    // Not a question a file: a clock would measure the machine.
    expect(asked).toBeLessThan(60);
  });
});

/** The book with its earlier half arriving last. */
function lateBook(book: RandomBook): RandomBook {
  const dates = book.events.map(({ occurredOn }) => occurredOn).sort();
  const middle = dates[Math.floor(dates.length / 2)]!;
  const batchOf = (date: string): 1 | 2 => (date < middle ? 2 : 1);
  const events = [...book.events].sort((a, b) => batchOf(a.occurredOn) - batchOf(b.occurredOn) || a.id - b.id);
  return {
    ...book,
    events: events.map((event, index) => ({ ...event, id: index + 1, batch: batchOf(event.occurredOn) })),
  };
}

async function rowCounts(ctx: OpenedContext): Promise<Record<string, number>> {
  const [row] = await ctx.db.sql<Record<string, number>[]>`
    select (select count(*)::int from job_runs) as runs, (select count(*)::int from decision_chunks) as chunks,
      (select count(*)::int from decision_ranges) as ranges, (select count(*)::int from entries) as entries,
      (select count(*)::int from postings) as postings, (select count(*)::int from transfers) as transfers,
      (select count(*)::int from ledger_accounts) as accounts, (select count(*)::int from audit_log) as audited,
      (select sum(decided_to)::float8 from event_batches) as cursors`;
  return row!;
}

/** As nobody with a login could. Returns how many: 0 before there is one. */
async function forgeAnEntry(database: TestDatabase): Promise<number> {
  return await database.admin().transaction(async ({ sql }) => {
    await sql`set local session_replication_role = replica`;
    const forged = await sql`update entries set full_minor = full_minor + 1
      where event_id = (select min(event_id) from entries where amount_minor > 0 and full_minor = amount_minor)`;
    return forged.count;
  });
}
