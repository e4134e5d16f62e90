import { accrueCommissionsJob } from '../../jobs/accrue-commissions.ts';
import { approveDueJob } from '../../jobs/approve-due.ts';
import { runPayoutsJob } from '../../jobs/run-payouts.ts';
import type { Database } from '../../src/db/connection.ts';
import { addDays } from '../../src/domain/dates.ts';
import { runJob } from '../../src/runner/run-job.ts';
import type { OwnHome } from './own-home.ts';
import { grouped, median, say, secondsOf, type Figure } from './report.ts';
import { FIRST_DAY, fillEvents, fillUniverse } from './universe.ts';

const NIGHTLY = [accrueCommissionsJob, approveDueJob, runPayoutsJob];
const CALENDARS = [
  { nights: 5, events: 200_000 },
  { nights: 30, events: 10_000 },
];

/**
 * Night after night on a growing book: a file of the day, late refunds of earlier sales among it, then the jobs. On a
 * server with Postgres's own settings whose autovacuum never comes, so that the planner knows of every night as little as
 * it ever can. What is shown is how much slower an event is at the end than at the beginning.
 */
export async function benchNights(home: OwnHome): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const { nights, events } of CALENDARS) {
    const programme = `nights_${nights}`;
    const ctx = await home.programme(programme, { holdDays: 0, approval: 'after_hold' });
    const admin = home.admin(programme);
    await neglect(admin);
    await fillUniverse(ctx.db);
    const taken = new Map<string, number[]>(NIGHTLY.map((job) => [job.name, []]));
    for (let night = 0; night < nights; night += 1) {
      const day = addDays(FIRST_DAY, night);
      await fillEvents(ctx.db, events, { number: night, from: day, days: 1 });
      for (const job of NIGHTLY) {
        taken.get(job.name)!.push(await secondsOf(async () => await runJob(ctx, job, day)));
      }
      say(`${programme} night ${night + 1}: ${[...taken].map(([name, all]) => `${name} ${all.at(-1)!.toFixed(2)} s`).join(', ')}`); // prettier-ignore
    }
    for (const [name, all] of taken) {
      const few = Math.ceil(nights / 5);
      figures.push({
        bench: 'nights',
        name: `${nights} nights of ${grouped(events)}, ${name}: last / first`,
        value: median(all.slice(-few)) / median(all.slice(0, few)),
        unit: '',
        ...(name === accrueCommissionsJob.name ? { aim: { atMost: 1.25 } } : {}),
      });
    }
    await Promise.all([ctx.close(), admin.close()]);
  }
  return figures;
}

/** Postgres as it comes, and nobody who ever counts its rows. */
async function neglect(admin: Database): Promise<void> {
  const settings = ["autovacuum = 'off'", "work_mem = '4MB'", "random_page_cost = '4'", "jit = 'on'"];
  for (const setting of settings) {
    await admin.sql.unsafe(`alter system set ${setting}`);
  }
  await admin.sql`select pg_reload_conf()`;
}
