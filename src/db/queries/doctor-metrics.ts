import type { DoctorCheck, Scan } from './doctor.ts';

/** Figures that were taken, against the books as they were known then. */

/** As many periods back: an older snapshot has been computed again on every day that it was one of them. */
const PERIODS = 3;

const snapshots: Scan = {
  name: 'metrics',
  rows: () => `from metric_snapshots s
    left join lateral (
      select metrics_hash(array_agg(row(s.id, m.*)::partner_metrics)) as found, count(*) as rows
      from metrics_at(s.period_from, s.period_to, s.known_seq, s.taken_at, s.seen) m
    ) f on true
    left join lateral (
      select metrics_hash(array_agg(m)) as stored, count(*) as rows from partner_metrics m where m.snapshot_id = s.id
    ) p on true
    where s.id in (
      select max(l.id) from metric_snapshots l
      where (l.period_from, l.period_to) in (select k.period_from, k.period_to from metric_snapshots k group by 1, 2 order by 2 desc, 1 desc limit ${PERIODS})
      group by l.period_from, l.period_to)`,
  called: `'snapshot ' || s.id || ' of ' || s.period_from || ' to ' || (s.period_to - 1)`,
};

export const metricChecks: readonly DoctorCheck[] = [
  {
    name: 'metrics_recomputed',
    group: 'metrics',
    weight: 'difference',
    proves: `the figures of a snapshot, of the last ${PERIODS} periods, come out again from the books as they were known at its moment`,
    scan: snapshots,
    offends: `f.found is distinct from s.content_hash or p.stored is distinct from s.content_hash or p.rows <> s.rows`,
    says: `case when p.stored is distinct from s.content_hash then 'its figures are not those that were taken'
      else 'counted again, ' || f.rows || ' figures come out otherwise' end`,
  },
];
