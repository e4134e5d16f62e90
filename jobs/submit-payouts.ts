import type { Job } from '../src/runner/job.ts';
import { submitDue } from '../src/services/payout/submit-due.ts';

export const submitPayoutsJob: Job = {
  name: 'submit-payouts',
  summary: 'send what a person has approved, and a provider is called for, when its date of submission has come',
  schedule: { every: 'day', at: '03:00' },
  // What was due on any night is due on the last of them.
  catchUp: 'latest',
  // Providers take their time, and no write renews the claim while they do.
  leaseSeconds: 3600,
  async run(work) {
    return await submitDue(work);
  },
};
