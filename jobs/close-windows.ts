import type { Job } from '../src/runner/job.ts';
import { windowClosing } from '../src/runner/window-closing.ts';

export const closeWindowsJob: Job = {
  ...windowClosing,
  summary: 'true up the windows of whole brackets that have ended by the date, again where sales have moved them since',
  schedule: { every: 'day', at: '01:30', whenOver: true },
  catchUp: 'each',
};
