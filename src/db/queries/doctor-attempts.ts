import type { DoctorCheck, Scan } from './doctor.ts';

/** What was sent to providers, and what they said (SEMANTICS §7). */
const attempts: Scan = {
  name: 'attempts',
  rows: () => `from payout_attempt_standings a
    left join payouts p on p.id = a.payout_id
    left join instruments i on i.id = p.instrument_id
    left join api_rails() k on k.rail = a.rail
    left join payout_attempt_standings b on b.payout_id = a.payout_id and b.nth = a.nth - 1
    left join payout_file_lines f on f.payout_id = a.payout_id where true`,
  called: `'attempt ' || a.nth || ' of payout ' || coalesce(p.number, '?')`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight' | 'scan'>): DoctorCheck => ({
  group: 'payouts',
  weight: 'difference',
  scan: attempts,
  ...one,
});

export const attemptChecks: readonly DoctorCheck[] = [
  check({
    name: 'attempt_follows',
    proves: 'a payout is sent again, by another key, only after a definite refusal (§7)',
    offends: `a.nth > 1 and b.outcome is distinct from 'refused'`,
    says: `'follows one that is ' || coalesce(b.outcome, case when b.id is null then 'not there' else 'open' end)`,
  }),
  check({
    name: 'attempt_agrees',
    proves: 'what a provider said of an attempt the books say of its payout (§7)',
    offends: `not p.status = any (outcome_statuses(a.outcome))`,
    says: `'was ' || a.outcome || ' by the provider, and its payout is ' || p.status`,
  }),
  check({
    name: 'attempt_alone',
    proves: 'what is sent to a provider is in no file, and goes to an account there (§7)',
    offends: `f.file_id is not null or i.kind is distinct from k.kind`,
    says: `case when f.file_id is not null then 'is in a file as well' else 'goes by ' || a.rail || ' to ' || coalesce(i.kind, 'nowhere') end`,
  }),
];
