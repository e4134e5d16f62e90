import { instantLiteral, snapshotLiteral, type AsOf } from './as-of.ts';

/**
 * The status of entries as of a moment, derived from rows that are only ever added (SEMANTICS §4), for statements that
 * read a million entries at once: what is rare (holds, reviews, payouts) is gathered first and joined, where an EXISTS per
 * entry would cost more than the export itself.
 */
export interface StatusAsOf {
  /** Joins to put behind the entries `n`, their events `e` and wallets `w`. They neither add nor take away rows. */
  readonly joins: string;
  readonly status: string;
}

export function statusAsOf(asOf: AsOf): StatusAsOf {
  const held = `(select h.* from holds h join ${audited(asOf, 'holds')} m on m.after ->> 'id' = h.id::text
    where not exists (select from ${audited(asOf, 'hold_releases')} r where (r.after ->> 'hold_id')::bigint = h.id))`;
  return {
    joins: '',
    status: `case
    when n.amount_minor > 0 and (
      w.partner_id in (select partner_id from ${held} h where partner_id is not null)
      or e.instance_id in (select instance_id from ${held} h where instance_id is not null)
      or (n.event_id, n.leg) in (select event_id, leg from ${held} h where event_id is not null)) then 'held'
    when n.amount_minor <= 0 then 'approved'
    when not exists (select from settings where name = 'approval') then 'approved'
    when coalesce((
      select s.value #>> '{}' from settings s
      where s.name = 'approval' and (s.instance_id = e.instance_id or s.instance_id is null)
        and s.known_seq <= n.known_seq and (s.retired_seq is null or s.retired_seq > n.known_seq) and s.valid @> e.occurred_on
      order by s.instance_id nulls last limit 1), 'at_decision') = 'at_decision' then 'approved'
    else 'pending' end`,
  };
}

/**
 * What a table without a transaction_id of its own looked like at the moment: its lines in the audit trail, which carries
 * both. Triggers write it, whoever changes the table and however.
 */
function audited(asOf: AsOf, table: string): string {
  return `(select l.id, l.row_key, l.after from audit_log l where l.table_name = '${table}'
    and l.recorded_at <= ${instantLiteral(asOf)} and pg_visible_in_snapshot(l.transaction_id, ${snapshotLiteral(asOf)}))`;
}
