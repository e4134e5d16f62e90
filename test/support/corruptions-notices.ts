import type { Corruption } from './corruptions.ts';

/** Of what partners are told, planted beside the payouts of paid-books.ts, of which nobody was told. */
const NOTICE = (status: string) => `
  insert into notices (change_id, created_by, recorded_at) select max(id), 'tester', now() from payout_status_changes where status = '${status}';`;
const ATTEMPT = (nth: number) => `
  insert into notice_attempts (notice_id, nth, recipient, created_by, recorded_at) select max(id), ${nth}, 'a@b', 'tester', now() from notices;`;
const SENT = `
  insert into notice_outcomes (attempt_id, outcome, created_by, recorded_at) select max(id), 'sent', 'tester', now() from notice_attempts;`;

export const NOTICE_CORRUPTIONS: readonly Corruption[] = [
  ['notice_of_change', NOTICE('completed'), /^notice \d+: tells of a payout that became completed$/],
  [
    'notice_sent_once',
    NOTICE('failed') + ATTEMPT(1) + SENT + ATTEMPT(2),
    /^notice \d+: was sent by attempt 1, and tried 2 times$/,
  ],
];
