import { afterEach, expect, it } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import { addDays } from '../../src/domain/dates.ts';
import { firstDate, isScheduled } from '../../src/domain/schedules.ts';
import { hashBooks } from '../../src/services/ledger/hash-books.ts';
import { baseSeed } from '../property/runs.ts';
import { patience } from '../soak.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { Nights } from '../support/nights.ts';

const opened: Nights[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(async ({ database }) => await database.drop()));
});
async function programme(): Promise<Nights> {
  const made = await Nights.open(baseSeed);
  opened.push(made);
  return made;
}

/** What writes; the doctor looks at the end. */
const NIGHTLY = jobs.filter((job) => job.catchUp === 'each');

const BEGIN = '2026-08-05';
/** The host goes down after this night. */
const DOWN = '2026-08-16';
const UP = '2026-11-16';
/** Paid in halves before, taken back in part while the host is down. */
const REJECTED = '2026-08-08';

function* dates(from: string, to: string): Generator<string> {
  for (let date = from; date <= to; date = addDays(date, 1)) yield date;
}

it(
  'three months of the host being down, caught up in one run-due, leave the book of three months of nights',
  patience(180_000),
  async () => {
    const [nightly, down] = await Promise.all([programme(), programme()]);
    for (const books of [nightly, down]) {
      for (const date of dates(BEGIN, DOWN)) {
        await books.happen(addDays(date, -1));
        await books.wake(date, NIGHTLY);
      }
      await books.reject(REJECTED);
    }
    for (const date of dates(addDays(DOWN, 1), UP)) {
      for (const books of [nightly, down]) await books.happen(addDays(date, -1));
      const { end } = await nightly.wake(date, NIGHTLY);
      expect(end).toBe('done');
    }
    const { runs, end } = await down.wake(UP, NIGHTLY);

    // Night by night, and of a night in their listed order.
    const expected = [...dates(addDays(DOWN, 1), UP)].flatMap((night) =>
      NIGHTLY.map(({ name, schedule }) => ({ name, schedule, date: firstDate(schedule, night) }))
        .filter(({ schedule, date }) => isScheduled(schedule, date))
        .map(({ name, date }) => `${date} ${name}`),
    );
    expect(end).toBe('done');
    expect(runs.map(({ businessDate, job }) => `${businessDate} ${job}`)).toEqual(expected);

    const [caughtUp, waking] = [await hashBooks(down.ctx, null), await hashBooks(nightly.ctx, null)];
    expect(caughtUp.sections, `FC_SEED=${baseSeed}`).toEqual(waking.sections);
    expect(caughtUp.sha256).toBe(waking.sha256);
    // A book in which something happened: payouts were drafted, a tier moved, a window was trued up, a reversal rejected.
    const facts = new Map(caughtUp.sections.map((section) => [section.section, section.facts]));
    expect(facts.get('payouts')).toBeGreaterThan(50);
    const [seen] = await down.ctx.db.sql`
    select (select count(*)::int from partner_tiers where tier = 'silver') as tiers,
      (select count(*)::int from entries where kind = 'true_up') as "trueUps",
      (select count(*)::int from review_batches where verdict = 'rejected' and job_run_id is not null) as reversals,
      (select count(*)::int from payout_runs) as payouts`;
    expect(seen).toMatchObject({ payouts: 3 });
    for (const name of ['tiers', 'trueUps', 'reversals']) expect(seen![name], name).toBeGreaterThan(0);
    for (const books of [nightly, down]) {
      await expectCleanDoctor(books.ctx);
      expect((await books.wake(UP, NIGHTLY)).runs).toEqual([]);
    }
  },
);
