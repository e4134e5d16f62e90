import { expect, it } from 'vitest';
import { closeWindowsJob } from '../../jobs/close-windows.ts';
import type { OpenedContext } from '../../src/app.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { accrueCommissions } from '../../src/services/accrual/accrue-commissions.ts';
import type { Unit } from '../../src/services/context.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { openBooks } from '../books.ts';
import { testDatabase } from '../database.ts';
import { accrualJob, accrue, booksOf, choices, offences } from '../support/accrual.ts';
import { countingEvents, countingRules } from '../support/counting-books.ts';
import { tell } from '../support/rating-books.ts';
import { seed } from '../soak.ts';

/**
 * Windows, caps and clocks do not know where a chunk ends: an event a chunk, three a chunk and all at once come to the same
 * books, and so does a run that is stopped in the middle and taken up by the next.
 */
const LAST = '2026-12-31';

async function movesOf({ db }: OpenedContext): Promise<unknown[]> {
  return [
    ...(await db.sql`
      select rule_id, owner_id, currency, starts_on, ordinal, event_id, leg, base_minor, full_minor, base_after_minor, full_after_minor
      from window_moves order by rule_id, owner_id, currency, starts_on, ordinal`),
  ];
}

type Deciding = (ctx: OpenedContext) => Promise<void>;
const inChunksOf =
  (size: number): Deciding =>
  async (ctx) =>
    void (await accrue(ctx, LAST, size));

/** Chunks of four, the connection of every third unit lost before it did anything; run until nothing is left. */
const interrupted: Deciding = async (ctx) => {
  for (let run = 0; run < 60; run += 1) {
    let units = 0;
    const failing = {
      ...accrualJob(4),
      run: async (work: { ctx: typeof ctx; unit: Unit; run: Parameters<typeof accrueCommissions>[0]['run'] }) => {
        const unit: Unit = async (act) => {
          units += 1;
          if (units > 6 + (run % 5)) throw new Error('pulled out');
          return await work.unit(act);
        };
        return { summary: { ...(await accrueCommissions({ ...work, unit }, { chunkEvents: 4 })) } };
      },
    };
    try {
      await runJob(ctx, failing as never, LAST);
      return;
    } catch (error) {
      expect((error as Error).message).toBe('pulled out');
    }
  }
  await accrue(ctx, LAST, 4);
};

async function decidedBy(seed: number, decide: Deciding): Promise<Record<string, unknown>> {
  const database = await testDatabase();
  try {
    const ctx = await database.context();
    const books = await openBooks(ctx.db);
    await countingRules(ctx, books);
    await ctx.db.transaction(async (tx) => await tell(tx, books, countingEvents(books, choices(seed))));
    await decide(ctx);
    await runJob(ctx, closeWindowsJob, LAST);
    expect(await offences(ctx.db)).toEqual([]);
    const { checks } = await runDoctor(ctx);
    expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
    const clocks = [
      ...(await ctx.db.sql`select account_id, event_id, first_sale_on, earning_months from account_terms order by 1`),
    ];
    return { ...(await booksOf(ctx.db)), moves: await movesOf(ctx), clocks };
  } finally {
    await database.drop();
  }
}

it('come to the same books wherever chunks end, and wherever a run was stopped', async () => {
  process.stdout.write(`random tests: FC_SEED=${seed}\n`);
  const whole = await decidedBy(seed, inChunksOf(20_000));
  expect((whole['moves'] as unknown[]).length).toBeGreaterThan(100);
  expect(whole['clocks']).toHaveLength(2);
  for (const decide of [inChunksOf(1), inChunksOf(3), interrupted]) {
    expect(await decidedBy(seed, decide), `replay with FC_SEED=${seed}`).toEqual(whole);
  }
}, 180_000);
