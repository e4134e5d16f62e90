import type { Job } from '../src/runner/job.ts';
import { closeWindows } from '../src/services/accrual/close-windows.ts';

export const closeWindowsJob: Job = {
  name: 'close-windows',
  summary: 'true up the windows of whole brackets that have ended by the date, again where sales have moved them since',
  schedule: { every: 'day', at: '01:30', whenOver: true },
  catchUp: 'each',
  async run(work) {
    return { summary: { ...(await closeWindows(work)) } };
  },
};
