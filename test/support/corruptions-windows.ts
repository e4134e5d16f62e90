import { event, partner, type Corruption } from './corruptions.ts';

/** The programme's rule as one that counts tiers over the month and partner, and a first move by one of its entries. */
const moved = (
  changes: { ordinal?: number; owner?: string; base?: number; after?: number; full?: number } = {},
): string => {
  const { ordinal = 1, owner = partner('acme'), base = 10_005, after = base, full = 1001 } = changes;
  return `update rule_versions set kind = 'tiered', rate_ppm = null, currency = 'EUR', bracket_from = '{0}', bracket_ppm = '{100000}',
      bracket_mode = 'marginal', window_kind = 'month', window_per = 'partner'
      where id = (select rule_version_id from entries where event_id = ${event('own-1')});
    update entries set window_base_minor = 0, window_full_minor = 0 where event_id = ${event('own-1')};
    insert into window_moves (rule_id, owner_id, currency, starts_on, ordinal, event_id, leg, base_minor, full_minor, base_after_minor, full_after_minor, chunk_id)
    select v.rule_id, ${owner}, 'EUR', '2026-10-01', ${ordinal}, n.event_id, n.leg, ${base}, ${full}, ${after}, ${full}, n.chunk_id
    from entries n join rule_versions v on v.id = n.rule_version_id where n.event_id = ${event('own-1')}`;
};

/** Of what rating counts over (SEMANTICS §3, §4). */
export const WINDOW_CORRUPTIONS: readonly Corruption[] = [
  [
    'window_chain',
    moved({ ordinal: 2 }),
    /^window of rule \d+ for \d+ from 2026-10-01 in EUR, move 2 by books\/own-1: is 10005 and 1001 after 0 and 0$/,
  ],
  ['window_chain', moved({ after: 10_006 }), /move 1 by books\/own-1: is 10006 and 1001 after 0 and 0$/],
  [
    'window_of_entry',
    moved({ owner: partner('zenith') }),
    /move 1 by books\/own-1: its entry says rule \d+ from 2026-10-01$/,
  ],
  [
    'window_position',
    `${moved()}; update entries set window_base_minor = 5 where event_id = ${event('own-1')}`,
    /move 1 by books\/own-1: found 5, the window stood at 0$/,
  ],
  ['window_use', moved({ base: 10_004 }), /, event \d+: 100.04 EUR, recomputed 100.05 EUR$/],
  [
    'window_trued_up',
    `${moved()}; update rule_versions set bracket_mode = 'whole' where bracket_mode = 'marginal';
      update entries set kind = 'true_up', rate_ppm = 200000 where event_id = ${event('own-1')}`,
    /move 1 by books\/own-1: has posted 10.01 EUR on a base of 100.05 EUR$/,
  ],
  [
    'clock_started',
    `insert into account_terms (account_id, event_id, first_sale_on, first_sale_only, created_by, recorded_at)
      select account_id, event_id, first_sale_on - 1, false, 'x', now() from first_paid_sales`,
    /^account \S+\/C1: begins on 2026-\d\d-\d\d, its first paid sale is of 2026-10-0\d$/,
  ],
  [
    'clock_started',
    `update rule_versions set earning_months = 12, known_seq = 1 where kind = 'percentage'`,
    /^account \S+\/C1: does not run, its first paid sale is of 2026-10-0\d$/,
  ],
  [
    'share_cap',
    `insert into settings (name, value, valid, known_seq, created_by, recorded_at) values ('share_cap_ppm', '50000', daterange(null, null), 1, 'x', now())`,
    /^shares of books\/\S+: \d+\.\d\d EUR of \d+\.\d\d EUR, the cap is 50000 ppm$/,
  ],
];
