/** One run of the accrual in a process of its own, so that its peak memory is its own: prints one line of JSON. */
import { accrueCommissionsJob } from '../../jobs/accrue-commissions.ts';
import { openContext } from '../../src/app.ts';
import type { Whereabouts } from '../../src/db/session.ts';
import { runJob } from '../../src/runner/run-job.ts';

const { where, programme, date } = JSON.parse(process.argv[2] ?? '') as {
  where: Whereabouts;
  programme: string;
  date: string;
};
const ctx = await openContext({
  where,
  programme,
  clock: { now: () => Date.now() },
  progress: { step: () => {}, done: () => {} },
});
const began = performance.now();
const { summary } = await runJob(ctx, accrueCommissionsJob, date);
const seconds = (performance.now() - began) / 1000;
await ctx.close();
const peakMb = process.resourceUsage().maxRSS / 1024;
process.stdout.write(`${JSON.stringify({ seconds, peakMb, events: summary['events'] })}\n`);
