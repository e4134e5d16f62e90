import type { Job } from '../src/runner/job.ts';
import { approveDue } from '../src/services/review/review-commissions.ts';

export const approveDueJob: Job = {
  name: 'approve-due',
  summary: 'approve what was decided under the policy after_hold and has come to its date',
  schedule: { every: 'day', at: '01:45' },
  catchUp: 'each',
  async run(work) {
    return { summary: await approveDue(work) };
  },
};
