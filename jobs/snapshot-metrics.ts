import { addDays } from '../src/domain/dates.ts';
import type { Job } from '../src/runner/job.ts';
import { snapshotMetrics } from '../src/services/metrics/calculate-metrics.ts';

export const snapshotMetricsJob: Job = {
  name: 'snapshot-metrics',
  summary: 'take the figures of every partner for the last month that is over before the date, once',
  schedule: { every: 'month', on: 1, at: '04:30' },
  catchUp: 'each',
  async run(work) {
    // The date itself is not over when its jobs run.
    return { summary: { ...(await snapshotMetrics(work, { asOf: addDays(work.run.businessDate, -1) })) } };
  },
};
