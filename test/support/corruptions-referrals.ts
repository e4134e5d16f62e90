import { partner, type Corruption } from './corruptions.ts';

const ORIGIN = `created_by, recorded_at) overriding system value`;
/** A referral by acme's code ACME, which promises 25.00 EUR, clicked on on 1 October. */
const COME = `
  insert into referral_codes (id, code, partner_id, signup_minor, currency, valid, ${ORIGIN} values (901, 'ACME', ${partner('acme')}, 2500, 'EUR', '(,)', 'x', now());
  insert into referrals (id, visitor_hash, ${ORIGIN} values (901, repeat('a', 64), 'x', now());
  insert into referral_touches (referral_id, code_id, touched_at, touched_on, source, created_by, recorded_at)
  values (901, 901, '2026-10-01T12:00Z', '2026-10-01', 'direct', 'x', now());`;
const became = (ordinal: number, status: string, on = '2026-10-05') => `
  insert into referral_states (referral_id, ordinal, status, effective_on, created_by, recorded_at) values (901, ${ordinal}, '${status}', '${on}', 'x', now());`;
const CONVERTED = `${COME}${became(1, 'converted')}
  insert into referral_conversions (referral_id, account_id, converted_on, model, known_seq, created_by, recorded_at)
  values (901, (select min(id) from accounts), '2026-10-05', 'last', (select max(known_seq) from known_changes), 'x', now());`;
const shared = (of: string, ppm: number) =>
  `insert into referral_shares (referral_id, partner_id, touches, share_ppm) values (901, ${partner(of)}, 1, ${ppm});`;

export const REFERRAL_CORRUPTIONS: readonly Corruption[] = [
  [
    'referral_touched',
    `insert into referrals (id, ${ORIGIN} values (902, 'x', now())`,
    /^referral 902: came by no code$/,
  ],
  [
    'referral_touched',
    `${COME} insert into referrals (id, visitor_hash, ${ORIGIN} values (902, repeat('a', 64), 'x', now())`,
    /^referral 901: its visitor is 1 other open ones$/,
  ],
  [
    'referral_states_follow',
    `${COME}${became(1, 'lost')}${became(2, 'qualified')}`,
    /^referral 901: became lost, qualified, and has no customer$/,
  ],
  [
    'referral_states_follow',
    `${COME}${became(1, 'converted')}`,
    /^referral 901: became converted, and has no customer$/,
  ],
  [
    'referral_attributed',
    `${CONVERTED}${shared('zenith', 1_000_000)}`,
    /^conversion of referral 901: shared as zenith 1000000 ppm by 1, its touches say acme 1000000 ppm by 1$/,
  ],
  ['referral_attributed', CONVERTED, /shared as nobody’s, its touches say acme/],
  [
    'referral_signup_once',
    `${CONVERTED}${shared('acme', 1_000_000)}`,
    /^conversion of referral 901: promised and not asked for$/,
  ],
  [
    'referral_signup_once',
    `${CONVERTED}${shared('acme', 1_000_000)}
    insert into requests (id, kind, reason, payload, content_hash, created_by, recorded_at) overriding system value
    values (901, 'bonus', 'x', '{"acts":[{"currency":"EUR","legs":[{"amount_minor":"2600"}]}]}', 'x', 'x', now());
    update referral_conversions set request_id = 901`,
    /request 901 asks for 2600, promised was 2500$/,
  ],
];
