import { accrueCommissionsJob } from '../../jobs/accrue-commissions.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { measure, type Order } from './measured-child.ts';

await measure<Order & { date: string }>(async (ctx, { date }) => {
  const { summary } = await runJob(ctx, accrueCommissionsJob, date);
  return { events: summary['events'] };
});
