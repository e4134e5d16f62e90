import type { Job } from '../src/runner/job.ts';
import { draftPayouts } from '../src/services/payout/generate-payouts.ts';

export const runPayoutsJob: Job = {
  name: 'run-payouts',
  summary: 'draft the payouts of the date, for a person to approve',
  schedule: { every: 'month', on: 1, at: '02:15' },
  catchUp: 'each',
  async run(work) {
    return { summary: await draftPayouts(work) };
  },
};
