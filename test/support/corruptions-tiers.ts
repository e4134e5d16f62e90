import { partner, without, type Corruption } from './corruptions.ts';

/** An evaluation of acme, gold from 10 October on in these books, that is as it should be but for what is told. */
const evaluation = (told: Readonly<Record<string, string>> = {}): string => {
  const columns: Record<string, string> = {
    id: '801',
    run_id: '(select min(id) from job_runs)',
    partner_id: partner('acme'),
    evaluated_on: `'2026-10-31'`,
    known_seq: '(select max(known_seq) from known_changes)',
    window_months: '1',
    amounts: `'[{"currency": "EUR", "minor": "2600000", "rate": null}]'`,
    revenue_minor: '2600000',
    customers: '50',
    tier_from: `'gold'`,
    since: `'2026-10-10'`,
    misses_before: '0',
    effective_on: `'2027-01-01'`,
    mode: `'auto'`,
    grace: '2',
    tenure_months: '0',
    qualifies_for: `'gold'`,
    verdict: `'stays'`,
    tier_to: `'gold'`,
    misses: '0',
    created_by: `'x'`,
    recorded_at: 'now()',
    ...told,
  };
  return `insert into tier_evaluations (${Object.keys(columns).join(', ')}) overriding system value values (${Object.values(columns).join(', ')});`;
};
const RISEN = {
  amounts: `'[{"currency": "EUR", "minor": "10000000", "rate": null}]'`,
  revenue_minor: '10000000',
  customers: '200',
  qualifies_for: `'platinum'`,
  verdict: `'up'`,
  tier_to: `'platinum'`,
};
const version = (told: string): string => `
  insert into partner_tiers (partner_id, tier, valid, known_seq, evaluation_id, pin_id, created_by, recorded_at)
  select ${partner('acme')}, ${told}, 'x', now();`;
const NEWEST = '(select max(known_seq) + 1 from known_changes)';
const pin = (id: number, tier: string) => `
  insert into tier_pins (id, partner_id, tier, starts_on, until, reason, created_by, recorded_at) overriding system value
  values (${id}, ${partner('acme')}, '${tier}', '2027-01-01', '2027-06-30', 'x', 'x', now());`;

export const TIER_CORRUPTIONS: readonly Corruption[] = [
  [
    'tier_terms_apart',
    `${without('tier_terms')}; insert into tier_terms (tier, min_revenue_minor, min_customers, account_manager, valid, known_seq, created_by, recorded_at)
    values ('gold', 0, 0, true, '[2027-01-01,)', 1, 'x', now())`,
    /^tier gold: two versions/,
  ],
  [
    'tier_verdict',
    evaluation({ customers: '49' }),
    /^evaluation of acme on 2026-10-31: says stays gold, its inputs say missed gold$/,
  ],
  ['tier_verdict', evaluation({ amounts: `'[]'` }), /its revenue is not what its amounts come to$/],
  ['tier_policy', evaluation({ grace: '1' }), /^evaluation of acme on 2026-10-31: mode auto, 1 months, grace 1/],
  ['tier_policy', evaluation({ misses_before: '1' }), /, 1 missed before$/],
  [
    'tier_enacted',
    evaluation(RISEN),
    /^evaluation of acme on 2026-10-31: up to platinum from 2027-01-01, and the partner has no such tier$/,
  ],
  [
    'tier_enacted',
    `update settings set value = '"recommend"' where name = 'tier_mode'; ${evaluation({ ...RISEN, mode: `'recommend'` })}
    insert into tier_approvals (evaluation_id, effective_on, created_by, recorded_at) values (801, '2027-02-01', 'x', now())`,
    /up to platinum from 2027-02-01, and/,
  ],
  [
    'tier_cause',
    `${without('partner_tiers')};${version(`'diamond', '[2027-01-01,)', ${NEWEST}, null, null`)}`,
    /^tier diamond of acme from 2027-01-01: nothing says so$/,
  ],
  [
    'tier_cause',
    `${without('partner_tiers')};${evaluation(RISEN)}${version(`'platinum', '[2026-12-01,)', ${NEWEST}, 801, null`)}`,
    /^tier platinum of acme from 2026-12-01: what is named says platinum from 2027-01-01 for acme$/,
  ],
  [
    'tier_after_accrual',
    `${without('partner_tiers')};${evaluation({ ...RISEN, effective_on: `'2026-11-01'` })}${version(`'platinum', '[2026-11-01,)', ${NEWEST}, 801, null`)}`,
    /^tier platinum of acme from 2026-11-01: said when days up to 2026-/,
  ],
  ['tier_pinned', pin(802, 'silver'), /^pin of acme to silver: the partner has another tier on 2027-01-01$/],
  ['tier_pinned', `${pin(802, 'gold')}${pin(803, 'gold')}`, /^pin of acme to gold: 1 others overlap it$/],
];
