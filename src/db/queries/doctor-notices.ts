import type { DoctorCheck, Scan } from './doctor.ts';

/** What partners are told of their payouts by e-mail. */
const notices: Scan = {
  name: 'notices',
  rows: () => `from notices n
    left join payout_status_changes c on c.id = n.change_id
    left join lateral (select count(*) as sent, min(t.nth) as first from notice_attempts t join notice_outcomes o on o.attempt_id = t.id
      where t.notice_id = n.id and o.outcome = 'sent') s on true
    left join lateral (select max(t.nth) as last from notice_attempts t where t.notice_id = n.id) l on true where true`,
  called: `'notice ' || n.id`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight' | 'scan'>): DoctorCheck => ({
  group: 'payouts',
  weight: 'difference',
  scan: notices,
  ...one,
});

export const noticeChecks: readonly DoctorCheck[] = [
  check({
    name: 'notice_of_change',
    proves: 'a notice tells of a change of a payout that partners are told of',
    offends: `notice_kind(c.status) is null`,
    says: `'tells of ' || coalesce('a payout that became ' || c.status, 'no change of a payout')`,
  }),
  check({
    name: 'notice_sent_once',
    proves: 'a notice that was sent is not sent again',
    offends: `s.sent > 1 or l.last > s.first`,
    says: `'was sent by attempt ' || s.first || ', and tried ' || l.last || ' times'`,
  }),
];
