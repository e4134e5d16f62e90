import type { DoctorCheck, Scan } from './doctor.ts';

/** Closed periods against the ledger as it is now, and against each other. */

const CALLED = `'period ' || to_char(p.starts_on, 'YYYY-MM')`;

/** Periods that are not simply open, each with the last change of its status and what the ledger says of it now. */
const periods: Scan = {
  name: 'periods',
  rows: () => `from periods p
    left join lateral (select * from period_changes x where x.starts_on = p.starts_on order by x.id desc limit 1) c on true
    left join period_controls(array(select starts_on from periods where status = 'closed')) n on n.starts_on = p.starts_on
    where true`,
  called: CALLED,
};

/** Transfers that a closed period did not count when it closed, though they post into it. */
const late: Scan = {
  name: 'late transfers',
  rows: () => `from transfers t join postings g on g.id = t.posting_id
    join lateral (select p.starts_on, (
        select x.seen from period_changes x where x.starts_on = p.starts_on and x.status = 'closed' order by x.id desc limit 1) as seen
      from periods p where p.status = 'closed' and p.starts_on >= date_trunc('month', t.posting_date)::date order by p.starts_on limit 1) p on true
    where t.posting_date < closed_before()`,
  called: CALLED,
};

export const periodChecks: readonly DoctorCheck[] = [
  {
    name: 'periods_in_order',
    group: 'periods',
    weight: 'difference',
    proves:
      'a period has the status of its last change, and none is closed before the one in front of it (SEMANTICS §9)',
    scan: periods,
    offends: `p.status is distinct from c.status or p.status <> 'closed' and p.starts_on < closed_before()`,
    says: `case when c.id is null then 'it is ' || p.status || ' and nobody made it so'
      when p.status <> c.status then 'it is ' || p.status || ', and its last change made it ' || c.status
      else 'it is ' || p.status || ', and a later one is closed' end`,
  },
  {
    name: 'periods_frozen',
    group: 'periods',
    weight: 'difference',
    proves: 'what a period was closed with is what the ledger says of it now, and has the hash of then (SEMANTICS §9)',
    scan: periods,
    offends: `p.status = 'closed' and (c.control is distinct from n.control or c.control_hash is distinct from control_hash(p.starts_on, c.control))`,
    says: `case when c.control = n.control then 'its totals do not have their hash'
      else 'it was closed with ' || coalesce(c.control::text, 'no totals') || ' and the ledger says ' || n.control end`,
  },
  {
    name: 'periods_closed',
    group: 'periods',
    weight: 'difference',
    proves: 'nothing was posted into a period after it closed (SEMANTICS §9)',
    scan: late,
    offends: `not pg_visible_in_snapshot(g.transaction_id, p.seen)`,
    says: `'transfer ' || t.id || ' of ' || t.posting_date || ' was posted after it closed'`,
  },
];
