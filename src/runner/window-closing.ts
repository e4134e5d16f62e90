import { closeWindows } from '../services/accrual/close-windows.ts';
import type { Work } from './job.ts';

/** True-ups under the claim of their job, whoever calls for them: the schedule, a person, or the closing of a period. */
export const windowClosing = {
  name: 'close-windows',
  async run(work) {
    return { summary: { ...(await closeWindows(work)) } };
  },
} satisfies Work;
