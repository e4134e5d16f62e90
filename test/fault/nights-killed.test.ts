import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { jobs } from '../../jobs/index.ts';
import { list } from '../../src/db/arrays.ts';
import { addDays, addMonthsClamped } from '../../src/domain/dates.ts';
import { hashBooks } from '../../src/services/ledger/hash-books.ts';
import { baseSeed } from '../property/runs.ts';
import { patience, soak, tell, times } from '../soak.ts';
import { choices } from '../support/accrual.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { Nights } from '../support/nights.ts';
import { WorkerProcess } from '../support/worker-process.ts';

const months = times(3, 24);
/** One night in so many has its scheduler killed. */
const ONE_IN = times(12, 4);
/** The nightly doctor is most of a night: it runs in those that are killed, and in all of them when there is time. */
const NIGHTLY = soak ? jobs : jobs.filter(({ name }) => name !== 'doctor');
const BEGIN = '2024-11-05';

it(
  `${months} months of nights, schedulers killed at random: doctor is clean, and the book that of undisturbed nights`,
  patience(300_000),
  async () => {
    const [hurt, calm] = await Promise.all([Nights.open(baseSeed), Nights.open(baseSeed)]);
    const dice = choices(baseSeed);
    const end = addMonthsClamped(BEGIN, months);
    let killed = 0;
    let inTheMiddle = 0;
    let worker = WorkerProcess.start('night-child');
    try {
      for (const books of [hurt, calm]) await books.wake(BEGIN, NIGHTLY);
      for (let date = addDays(BEGIN, 1), night = 0; date <= end; date = addDays(date, 1), night += 1) {
        tell('nights', night, months * 30);
        for (const books of [hurt, calm]) await books.happen(addDays(date, -1));
        if (night % ONE_IN === 0) {
          const victim = await worker;
          worker = WorkerProcess.start('night-child'); // the next one loads meanwhile
          worker.catch(() => {});
          victim.order({ target: hurt.database.target(), now: Nights.morning(date) });
          await victim.chunks(Math.floor(dice() * 12));
          await sleep(Math.floor(dice() * 12));
          victim.signal('SIGKILL');
          killed += (await victim.ended).signal === 'SIGKILL' ? 1 : 0;
          const [row] = await hurt.ctx.db.sql<
            { at: number }[]
          >`select count(*)::int as at from job_runs where status = 'running'`;
          inTheMiddle += row!.at;
        }
        await hurt.wakeWhenFree(date, NIGHTLY);
        if (soak || date.endsWith('-01')) await expectCleanDoctor(hurt.ctx);
      }
      await calm.wake(end, NIGHTLY);
      const [ours, theirs] = [await hashBooks(hurt.ctx, null), await hashBooks(calm.ctx, null)];
      expect(ours.sections, `FC_SEED=${baseSeed}`).toEqual(theirs.sections);
      await expectCleanDoctor(hurt.ctx);
      // Each date of each job that owes each was done once, whatever was lost on the way.
      const owing = jobs.filter(({ catchUp }) => catchUp === 'each').map(({ name }) => name);
      const done = async ({ ctx }: Nights) =>
        await ctx.db.sql`
      select job, business_date from job_runs where status = 'succeeded' and job = any (${list(owing)}::text[]) order by job, business_date`;
      expect(await done(hurt)).toEqual(await done(calm));
      // Kills that come too late to matter prove nothing.
      expect(killed).toBeGreaterThan((months * 30) / ONE_IN / 2);
      expect(inTheMiddle).toBeGreaterThan(0);
    } finally {
      (await worker).signal('SIGKILL');
      await Promise.all([hurt.database.drop(), calm.database.drop()]);
    }
  },
);
