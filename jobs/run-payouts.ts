import type { Job } from '../src/runner/job.ts';
import { draftPayouts } from '../src/services/payout/generate-payouts.ts';

export const runPayoutsJob: Job = {
  name: 'run-payouts',
  summary: 'draft the payouts of whoever closes on the date, for a person to approve; without a schedule once a month',
  schedule: { every: 'day', at: '02:15' },
  catchUp: 'each',
  async run(work) {
    return { summary: await draftPayouts(work) };
  },
};
