import type { Job } from '../src/runner/job.ts';
import { sendNoticesByNight } from '../src/services/notice/send-notices.ts';

export const sendNoticesJob: Job = {
  name: 'send-notices',
  summary: 'mail what partners are to be told of their payouts, each once',
  schedule: { every: 'day', at: '03:45' },
  // What was to be told on any night is told on the last of them.
  catchUp: 'latest',
  // A mail server takes its time, and no write renews the claim while it does.
  leaseSeconds: 3600,
  async run(work) {
    return await sendNoticesByNight(work);
  },
};
