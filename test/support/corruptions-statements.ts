import type { Corruption } from './corruptions.ts';

/** Made as always, by a guard that reads the books, and then told otherwise. */
const MADE = `set local session_replication_role = origin;
  insert into statements (partner_id, currency, period_from, period_to, seen, content)
  select a.partner_id, a.currency, date '2026-10-01', date '2026-11-01', pg_current_snapshot(),
    jsonb_build_object('totals', statement_totals(a.partner_id, a.currency, '2026-10-01', '2026-11-01', now(), pg_current_snapshot()))
  from (select distinct partner_id, currency from ledger_accounts where type = 'wallet') a;
  set local session_replication_role = replica;`;

export const STATEMENT_CORRUPTIONS: readonly Corruption[] = [
  [
    'statements_recomputed',
    `${MADE} update statements set content = content || '{"partner": "another"}' where number = 1`,
    /^statement ST000001 of \w+: it does not say what it said when it was made$/,
  ],
  [
    'statements_recomputed',
    `${MADE} alter table statements drop constraint statement_identity; update statements set closing_minor = closing_minor + 1 where number = 1`,
    /^statement ST000001 of \w+: it closes with .* and the books with /,
  ],
  [
    'statements_in_sequence',
    `${MADE} delete from statements where number = 1`,
    /^statement ST000002 of \w+: a number before it is missing$/,
  ],
  [
    'statements_in_sequence',
    `${MADE} update statements set voided = true where number = 2`,
    /^statement ST000002 of \w+: it is void and nothing says why, or the other way round$/,
  ],
  [
    'statements_in_sequence',
    `${MADE} update statements set corrects_id = (select id from statements where number = 2) where number = 1`,
    /^statement ST000001 of \w+: it corrects one of another period, or one that is not void$/,
  ],
  [
    'statements_meet',
    `${MADE} insert into statements (number, partner_id, currency, period_from, period_to, taken_at, seen, opening_minor, entries_minor, rejected_minor, paid_minor,
        withheld_minor, fees_minor, returned_minor, closing_minor, wallet_minor, in_transit_minor, content, content_hash, created_by, recorded_at)
      select (select count(*) from statements) + 1, partner_id, currency, '2026-11-01', '2026-12-01', taken_at, seen, closing_minor + 1, 0, 0, 0,
        0, 0, 0, closing_minor + 1, closing_minor + 1, 0, content, content_hash, created_by, recorded_at from statements where number = 1`,
    /^statement ST000001 of \w+: it closes with .* and the next one opens with /,
  ],
  [
    'statements_outdated',
    `${MADE} update statements set seen = '3:3:' where number = 1`,
    /^statement ST000001 of \w+: it closes with .* and the books now with /,
  ],
  [
    'brands_of_white_label',
    `insert into brands (partner_id, name, colour, created_by, recorded_at) select id, name, '#7a1f5c', 'x', now() from partners where code = 'acme'`,
    /^brand of acme: it is no white-label partner$/,
  ],
];
