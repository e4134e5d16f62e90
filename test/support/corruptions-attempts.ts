import type { Corruption } from './corruptions.ts';

/** Of what was sent to providers (SEMANTICS §7), planted beside the payouts of paid-books.ts, which went by hand. */
const ATTEMPT = (nth: number, status: string) => `
  insert into rail_profiles (rail, version, profile, created_by, recorded_at) select 'stripe', 1, '{}', 'tester', now()
    where not exists (select from rail_profiles where rail = 'stripe');
  insert into payout_attempts (payout_id, nth, rail_profile_id, key, created_by, recorded_at)
    select p.id, ${nth}, (select max(id) from rail_profiles), gen_random_uuid(), 'tester', now() from payouts p where p.status = '${status}';`;
const OUTCOME = (outcome: string) => `
  insert into payout_attempt_outcomes (attempt_id, outcome, provider_id, code, created_by, recorded_at)
    select max(id), '${outcome}', 'tr_1', 'told', 'tester', now() from payout_attempts;`;

export const ATTEMPT_CORRUPTIONS: readonly Corruption[] = [
  ['attempt_follows', ATTEMPT(2, 'completed'), /^attempt 2 of payout P\d+A: follows one that is not there$/],
  [
    'attempt_follows',
    ATTEMPT(1, 'completed') + OUTCOME('unknown') + ATTEMPT(2, 'completed'),
    /^attempt 2 of payout P\d+A: follows one that is unknown$/,
  ],
  [
    'attempt_agrees',
    ATTEMPT(1, 'failed') + OUTCOME('paid'),
    /^attempt 1 of payout P\d+A: was paid by the provider, and its payout is failed$/,
  ],
  ['attempt_alone', ATTEMPT(1, 'completed'), /^attempt 1 of payout P\d+A: goes by stripe to nowhere$/],
];
