import type { Job } from '../src/runner/job.ts';
import { accrueCommissions } from '../src/services/accrual/accrue-commissions.ts';
import { toldMissing } from '../src/services/accrual/waiting-events.ts';

export const accrueCommissionsJob: Job = {
  name: 'accrue-commissions',
  summary: 'decide every revenue event up to the date, and post what was decided',
  schedule: { every: 'day', at: '01:15', whenOver: true },
  catchUp: 'each',
  async run(work) {
    const summary = await accrueCommissions(work);
    return { summary: { ...summary }, failures: summary.waiting.map(toldMissing) };
  },
};
