import { addDays } from '../src/domain/dates.ts';
import type { Job } from '../src/runner/job.ts';
import { progressTiers } from '../src/services/tier/progress-tiers.ts';

export const progressTiersJob: Job = {
  name: 'progress-tiers',
  summary: 'evaluate the tier of every partner for the last month-end before the date, once, and move whom it moves',
  schedule: { every: 'day', at: '02:00' },
  catchUp: 'each',
  async run(work) {
    // The date itself is not over when its jobs run.
    const { left, moves: _, ...summary } = await progressTiers(work, { asOf: addDays(work.run.businessDate, -1) });
    return { summary: { ...summary, left: left.length }, failures: left };
  },
};
