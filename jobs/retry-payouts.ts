import type { Job } from '../src/runner/job.ts';
import { retryAttempts } from '../src/services/payout/retry-attempts.ts';

export const retryPayoutsJob: Job = {
  name: 'retry-payouts',
  summary: 'ask providers what became of payouts, and try again what they refused for now, by another key',
  schedule: { every: 'day', at: '03:30' },
  catchUp: 'latest',
  // Providers take their time, and no write renews the claim while they do.
  leaseSeconds: 3600,
  async run(work) {
    return await retryAttempts(work);
  },
};
