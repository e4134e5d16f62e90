import { money, type DoctorCheck, type Scan } from './doctor.ts';

/** Statements against the books, each as these were known when it was made, and against each other. */

const statements: Scan = {
  name: 'statements',
  rows: () => `from statements s
    join partners p on p.id = s.partner_id
    left join statements n on n.partner_id = s.partner_id and n.currency = s.currency and n.period_from = s.period_to and not n.voided
    left join statements o on o.id = s.corrects_id
    cross join lateral (select jsonb_build_object('opening', s.opening_minor::text, 'entries', s.entries_minor::text, 'rejected', s.rejected_minor::text,
      'paid', s.paid_minor::text, 'withheld', s.withheld_minor::text, 'fees', s.fees_minor::text, 'returned', s.returned_minor::text,
      'closing', s.closing_minor::text, 'wallet', s.wallet_minor::text, 'in_transit', s.in_transit_minor::text) as totals) f
    cross join lateral (select statement_totals(s.partner_id, s.currency, s.period_from, s.period_to, s.taken_at, s.seen) as totals) b
    cross join lateral (select case when s.voided then b.totals else
      statement_totals(s.partner_id, s.currency, s.period_from, s.period_to, clock_timestamp(), pg_current_snapshot()) end as totals) c
    where true`,
  called: `'statement ST' || lpad(s.number::text, 6, '0') || ' of ' || p.code`,
};

export const statementChecks: readonly DoctorCheck[] = [
  {
    name: 'statements_recomputed',
    group: 'statements',
    weight: 'difference',
    proves:
      'the figures of every statement come out again from the ledger as it was known when it was made, and add up (SEMANTICS §9)',
    scan: statements,
    offends: `f.totals <> b.totals or s.content -> 'totals' is distinct from b.totals or s.content_hash <> statement_hash(s.content)
      or s.opening_minor + s.entries_minor - s.rejected_minor - s.paid_minor - s.withheld_minor - s.fees_minor + s.returned_minor <> s.closing_minor
      or s.closing_minor <> s.wallet_minor + s.in_transit_minor`,
    says: `case when s.content_hash <> statement_hash(s.content) then 'it does not say what it said when it was made'
      else 'it closes with ' || ${money('s.closing_minor', 's.currency')} || ' and the books with ' || ${money(`(b.totals ->> 'closing')::numeric`, 's.currency')} end`,
  },
  {
    name: 'statements_in_sequence',
    group: 'statements',
    weight: 'difference',
    proves:
      'statements are numbered without a gap, a void one says why, and a correction refers to a void one of its period',
    scan: statements,
    offends: `s.number <> (select count(*) from statements x where x.number <= s.number)
      or s.voided <> exists (select from statement_voids v where v.statement_id = s.id)
      or (o.partner_id, o.currency, o.period_from, o.period_to, o.voided) is distinct from (s.partner_id, s.currency, s.period_from, s.period_to, true) and s.corrects_id is not null`,
    says: `case when s.number <> (select count(*) from statements x where x.number <= s.number) then 'a number before it is missing'
      when s.voided <> exists (select from statement_voids v where v.statement_id = s.id) then 'it is void and nothing says why, or the other way round'
      else 'it corrects one of another period, or one that is not void' end`,
  },
  {
    name: 'statements_meet',
    group: 'statements',
    weight: 'difference',
    proves: 'what a live statement closes with is what the next one opens with (SEMANTICS §9)',
    scan: statements,
    offends: `not s.voided and n.opening_minor <> s.closing_minor`,
    says: `'it closes with ' || ${money('s.closing_minor', 's.currency')} || ' and the next one opens with ' || ${money('n.opening_minor', 's.currency')}`,
  },
  {
    name: 'statements_outdated',
    group: 'statements',
    weight: 'warning',
    proves: 'nothing was posted into the period of a live statement since it was made',
    scan: statements,
    offends: `not s.voided and b.totals <> c.totals`,
    says: `'it closes with ' || ${money('s.closing_minor', 's.currency')} || ' and the books now with ' || ${money(`(c.totals ->> 'closing')::numeric`, 's.currency')}`,
  },
  {
    name: 'brands_of_white_label',
    group: 'statements',
    weight: 'difference',
    proves: 'only white-label partners have a brand, and each logo is a picture of its kind',
    scan: {
      name: 'brands',
      rows: () => 'from brands b join partners p on p.id = b.partner_id where true',
      called: `'brand of ' || p.code`,
    },
    offends: `p.type <> 'white_label' or b.logo_type is not null
      and substr(b.logo, 1, 3) <> case b.logo_type when 'image/png' then '\\x89504e'::bytea else '\\xffd8ff'::bytea end`,
    says: `case when p.type <> 'white_label' then 'it is no white-label partner' else 'its logo is no ' || b.logo_type end`,
  },
];
