import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ofMillionths, roundedQuotient } from '../../src/db/queries/doctor.ts';
import { spanOfChunks } from '../../src/db/queries/decided-span.ts';
import { doctorForChunks, runDoctor, type DoctorReport } from '../../src/services/doctor/run-doctor.ts';
import { DOCTOR_CHECKS } from '../../src/services/doctor/checks.ts';
import type { OpenedContext } from '../../src/app.ts';
import { startRun } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { decidedBooks, type DecidedBooks } from '../decided-books.ts';
import { paidBooks } from '../paid-books.ts';
import { randomBook } from '../property/oracle.ts';
import { baseSeed } from '../property/runs.ts';
import { patience, tell, times } from '../soak.ts';
import { accrue, filesOf } from '../support/accrual.ts';
import { loadFile, loadParties } from '../support/load-book.ts';

const found = (report: DoctorReport, weight = 'difference') =>
  report.checks
    .filter((check) => check.result === weight)
    .map(({ name, offenders, first }) => ({ name, offenders, first }));

describe('doctor on books without a fault', () => {
  let database: TestDatabase;
  let ctx: OpenedContext;
  let books: DecidedBooks;
  beforeAll(async () => {
    database = await testDatabase();
    ctx = await database.context();
    books = await decidedBooks(ctx);
  });
  afterAll(async () => await database.drop());

  it('finds nothing, by every check', async () => {
    const report = await runDoctor(ctx);
    expect(found(report)).toEqual([]);
    expect(found(report, 'warning')).toEqual([]);
    expect(found(report, 'information')).toEqual([]);
    expect(report).toMatchObject({ differences: 0 });
    expect(report.checks.map(({ name }) => name)).toEqual(DOCTOR_CHECKS.map(({ name }) => name));
    expect(new Set(report.checks.map(({ name }) => name)).size).toBe(report.checks.length);
  });

  it('rounds large amounts once: numeric division would round them before', async () => {
    const large = '1209820800011394499999';
    const [row] = await ctx.db.sql.unsafe(`
      select round(${large} / 1000000::numeric)::text as divided, round(${ofMillionths(large)})::text as multiplied,
        (${roundedQuotient(`(${large}::numeric)`, '1000000')})::text as quotient,
        (${roundedQuotient('(-5::numeric)', '2')})::text as half, (${roundedQuotient('(0::numeric)', '7')})::text as nothing`);
    expect(row).toMatchObject({
      divided: '1209820800011395',
      multiplied: '1209820800011394',
      quotient: '1209820800011394',
      half: '-3',
      nothing: '0',
    });
  });

  it('looked at entries of every kind there is so far', async () => {
    const rows = await ctx.db.sql<{ event: string; amount: string; reason: string | null }[]>`
      select e.external_id as event, n.amount_minor as amount, n.reason from entries n join revenue_events e on e.id = n.event_id order by e.id`;
    expect(rows.map(({ event, amount, reason }) => `${event} ${amount} ${reason ?? ''}`.trim())).toEqual([
      'own-1 1001',
      'goods-1 333',
      'flat-1 500',
      'gross-1 1488',
      'tiny-1 0 rounds_to_zero',
      'sale-1 1500',
      'refund-1 -500',
      'credit-1 -101 unlinked_credit',
      'early-1 0 sale_unknown',
      'post-1 0 excluded',
      'house-1 0 house_partner',
      'signup-1 0 zero_sale',
      'back-1 -200',
      'won-1 200',
      'less-1 0 unchanged',
      'gold-1 725',
    ]);
  });

  it('runs the checks asked for, by name or by group, and no others', async () => {
    expect((await runDoctor(ctx, { only: ['trial_balance'] })).checks.map(({ name }) => name)).toEqual([
      'trial_balance',
    ]);
    const sales = await runDoctor(ctx, { only: ['sales', 'trial_balance'] });
    expect(new Set(sales.checks.map(({ group }) => group))).toEqual(new Set(['sales', 'ledger']));
    await expect(runDoctor(ctx, { only: ['everything'] })).rejects.toMatchObject({
      code: 'unknown_check',
      exitCode: 2,
    });
  });

  it('is for auditors too', async () => {
    const auditor = await database.as('doctor_auditor', 'auditor');
    expect(found(await runDoctor({ ...ctx, db: auditor }))).toEqual([]);
  });

  it('takes one snapshot: work that goes on meanwhile is no difference', async () => {
    const busy = await database.as('doctor_busy');
    let going = true;
    const work = (async () => {
      while (going) {
        await busy.transaction(async (tx) => {
          const [instance] = await tx.sql`insert into instances (code, name, tenant_id, partner_id)
            select 'i-' || pg_current_xact_id(), 'I', ${books.tenant}, ${books.partner['acme']!} returning id`;
          expect(instance).toBeDefined();
        });
      }
    })();
    for (let round = 0; round < 3; round += 1) expect(found(await runDoctor(ctx))).toEqual([]);
    going = false;
    await work;
  });

  it('warns of a run that claims to run after its lease, and of what a failed run left unposted', async () => {
    const run = await ctx.db.transaction(async (tx) => await startRun(tx, { job: 'stale-job', lease: '-1 minute' }));
    const report = await runDoctor(ctx, { only: ['decisions'] });
    expect(report.differences).toBe(0);
    expect(found(report, 'warning')).toEqual([
      {
        name: 'runs_alive',
        offenders: 1,
        first: [
          expect.stringMatching(
            `^run ${run.id}, stale-job for 2026-11-20, attempt 1: by tester on test, its lease ended`,
          ),
        ],
      },
    ]);
  });

  it('says nothing about what a posting has just decided, and stops one that is wrong', async () => {
    await ctx.db.transaction(async (tx) => {
      const [chunks] = await tx.sql`select min(id)::int as low, max(id)::int as high from decision_chunks`;
      await doctorForChunks(tx, await spanOfChunks(tx, chunks?.['low'] as number, chunks?.['high'] as number));
    });
    const admin = database.admin();
    await expect(
      admin.transaction(async (tx) => {
        await tx.sql`set local session_replication_role = replica`;
        await tx.sql`update entries set amount_minor = 1500, full_minor = 1500 where amount_minor = 1001`;
        const [chunk] =
          await tx.sql`select chunk_id::int as id from entries where amount_minor = 1500 order by event_id limit 1`;
        await doctorForChunks(tx, await spanOfChunks(tx, chunk?.['id'] as number, chunk?.['id'] as number));
      }),
    ).rejects.toMatchObject({
      code: 'books_differ',
      exitCode: 5,
      message: 'what was decided does not pass its own checks: entry_full (1)',
      hint: 'nothing was posted; the first of them: entry of books/own-1: 15.00 EUR, recomputed 10.01 EUR',
    });
  });
});

it('finds nothing in books that were reviewed and paid', async () => {
  const database = await testDatabase();
  try {
    const ctx = await database.context();
    await paidBooks(ctx, await database.context({ actor: 'checker' }));
    const report = await runDoctor(ctx);
    expect(found(report)).toEqual([]);
    expect(found(report, 'warning')).toEqual([]);
  } finally {
    await database.drop();
  }
});

it('finds nothing in random books', patience(300_000), async () => {
  const count = times(4, 200);
  for (let index = 0; index < count; index += 1) {
    tell('books before the doctor', index, count);
    const seed = baseSeed + index;
    const book = randomBook(seed, { events: 80 });
    const database = await testDatabase();
    try {
      const ctx = await database.context();
      const loaded = await loadParties(ctx.db, book);
      for (const batch of [1, 2] as const) {
        for (const file of filesOf(book, batch, () => 0.7)) await loadFile(ctx.db, book, loaded, file);
        await accrue(ctx, book.to, 17);
      }
      const report = await runDoctor(ctx);
      // A random book dates its events at random instants of the day, in no zone in particular.
      expect(found(report), `replay with FC_SEED=${seed}`).toEqual([]);
    } finally {
      await database.drop();
    }
  }
});
