import type { DoctorCheck, Scan } from './doctor.ts';

/** Journals that were handed over, against each other and against what their periods closed with. */

const journals: Scan = {
  name: 'journals',
  rows: () => `from journals j
    left join journals o on o.id = j.reverses_id
    left join journals n on n.reverses_id = j.id
    cross join lateral (select debited_in(j.starts_on, j.currency) as debited) d
    where true`,
  called: `'journal J' || lpad(j.number::text, 6, '0')`,
};

const HANDED_OVER_TWICE = `not j.reversed and j.reverses_id is null and exists (
  select from journals x where x.id <> j.id and x.starts_on = j.starts_on and x.format = j.format and not x.reversed and x.reverses_id is null
    and (x.currency is null or j.currency is null or x.currency = j.currency))`;

export const journalChecks: readonly DoctorCheck[] = [
  {
    name: 'journals_in_sequence',
    group: 'periods',
    weight: 'difference',
    proves:
      'journals are numbered without a gap, nothing is handed over to the same books twice, and what is taken back is taken back whole, once',
    scan: journals,
    offends: `j.number <> (select count(*) from journals x where x.number <= j.number) or j.reversed <> (n.id is not null)
      or (j.reverses_id is not null and (j.starts_on, j.format, j.currency, j.totals, j.entries) is distinct from (o.starts_on, o.format, o.currency, o.totals, o.entries))
      or ${HANDED_OVER_TWICE}`,
    says: `case when j.number <> (select count(*) from journals x where x.number <= j.number) then 'a number before it is missing'
      when j.reversed <> (n.id is not null) then 'it is taken back and no journal does so, or the other way round'
      when ${HANDED_OVER_TWICE} then 'another has handed over the same'
      else 'it is not what it takes back' end`,
  },
  {
    name: 'journals_current',
    group: 'periods',
    weight: 'warning',
    proves: 'a journal that is not taken back moves what its period was closed with last',
    scan: journals,
    offends: `not j.reversed and j.reverses_id is null and j.totals <> d.debited`,
    says: `'its period was closed again since, with other totals: take it back and hand it over anew'`,
  },
];
