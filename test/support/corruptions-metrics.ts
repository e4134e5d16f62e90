import type { Corruption } from './corruptions.ts';

/** Taken as always, by a trigger that stamps it. */
const TAKEN = `set local session_replication_role = origin; select take_metrics('2026-10-01', '2026-11-01');
  set local session_replication_role = replica;`;

export const METRIC_CORRUPTIONS: readonly Corruption[] = [
  [
    'metrics_recomputed',
    `${TAKEN} update partner_metrics set revenue_minor = revenue_minor + 1 where partner_id = (select min(partner_id) from partner_metrics)`,
    /^snapshot \d+ of 2026-10-01 to 2026-10-31: its figures are not those that were taken$/,
  ],
  [
    'metrics_recomputed',
    `${TAKEN} update metric_snapshots set known_seq = 1`,
    /^snapshot \d+ of 2026-10-01 to 2026-10-31: counted again, \d+ figures come out otherwise$/,
  ],
];
