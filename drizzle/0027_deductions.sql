-- What is taken off a payout on its way (SEMANTICS §7): tax that is withheld, and what the transfer costs. Said for the
-- programme or for one partner, dated and versioned like rules; a run stores the known_seq that it went by.

create table deduction_terms (
  id bigint generated always as identity primary key,
  -- null: whoever says nothing for itself
  partner_id bigint references partners,
  -- the tax form that is on file; who has one is withheld nothing that is not said for it
  form text check (form is null or (form in ('w9', 'w8ben', 'w8bene', 'other') and partner_id is not null)),
  withholding_ppm integer check (withholding_ppm between 0 and 1000000),
  -- minor units by currency
  fees jsonb not null check (jsonb_typeof(fees) = 'object'
    and not jsonb_path_exists(fees, '$.* ? (@.type() != "number" || @ < 0 || @ != @.floor())')),
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint deduction_terms_overlap exclude using gist (
    int8range(coalesce(partner_id, 0), coalesce(partner_id, 0), '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);
create index deduction_terms_partner on deduction_terms (partner_id);
create trigger stamp before insert on deduction_terms for each row execute function stamp();
create trigger guard_version before insert or update on deduction_terms for each row execute function guard_version();
create trigger never_removed before delete or truncate on deduction_terms for each statement execute function refuse_removal();
create trigger audit after insert or update on deduction_terms for each row execute function audit();

-- What is taken off partners' payouts, each in a currency, on a cut-off, as known at a change: a partner's own word goes before
-- the programme's, and a form on file before the rate of those who have none. All of a run at once.
create function deductions_on(partners bigint[], currencies text[], cutoff date, known bigint)
  returns table (partner_id bigint, currency text, withholding_ppm integer, fee_minor bigint)
  language sql stable set search_path from current as $$
  select x.partner_id, x.currency, coalesce(own.withholding_ppm, case when own.form is null then of_all.withholding_ppm end, 0),
    coalesce((own.fees ->> x.currency)::bigint, (of_all.fees ->> x.currency)::bigint, 0)
  from unnest(partners, currencies) x (partner_id, currency)
  left join deduction_terms own on own.partner_id = x.partner_id and own.valid @> cutoff
    and own.known_seq <= known and (own.retired_seq is null or own.retired_seq > known)
  left join deduction_terms of_all on of_all.partner_id is null and of_all.valid @> cutoff
    and of_all.known_seq <= known and (of_all.retired_seq is null or of_all.retired_seq > known) $$;
revoke execute on function deductions_on(bigint[], text[], date, bigint) from public;
grant execute on function deductions_on(bigint[], text[], date, bigint) to @operator@, @auditor@;

alter table payout_runs add column known_seq bigint references known_changes;
create function know_payout_run() returns trigger language plpgsql set search_path from current as $$
declare
  known bigint := (select max(k.known_seq) from known_changes k);
begin
  -- least() passes over nulls
  new.known_seq := least(nullif(new.known_seq, 0), known);
  return new;
end $$;
create trigger known before insert on payout_runs for each row execute function know_payout_run();

-- The same of the payouts of a run, by the terms that it went by.
create function deductions_of_run(run bigint) returns table (payout_id bigint, withholding_ppm integer, fee_minor bigint)
  language sql stable set search_path from current as $$
  select p.id, d.withholding_ppm, d.fee_minor
  from payout_runs r
  cross join lateral (select array_agg(p.partner_id) as partners, array_agg(p.currency) as currencies from payouts p where p.run_id = r.id) g
  cross join lateral deductions_on(g.partners, g.currencies, r.cutoff, r.known_seq) d
  join payouts p on p.run_id = r.id and p.partner_id = d.partner_id and p.currency = d.currency
  where r.id = run $$;
revoke execute on function deductions_of_run(bigint) from public;
grant execute on function deductions_of_run(bigint) to @operator@, @auditor@;

-- MUST: what a second person approves is withheld and charged as the terms say that the run went by. Rounded half away from
-- zero, once a payout.
create function guard_run_deductions() returns trigger language plpgsql set search_path from current as $$
declare
  offender record;
begin
  select p.number, p.withheld_minor, p.fee_minor, d.withholding_ppm as ppm, d.fee_minor as fee into offender
  from deductions_of_run(new.run_id) d join payouts p on p.id = d.payout_id
  where p.withheld_minor <> round(p.gross_minor * d.withholding_ppm * 0.000001) or p.fee_minor <> d.fee_minor
  order by p.id limit 1;
  if found then
    raise exception 'payout % withholds % and charges %, and the terms say % ppm and %', offender.number, offender.withheld_minor,
      offender.fee_minor, offender.ppm, offender.fee using errcode = 'RV013', hint = 'cancel it and generate again';
  end if;
  return new;
end $$;
-- After `guard` by name, so that who may not approve at all is told that first.
create trigger guard_deductions before insert on payout_approvals for each row execute function guard_run_deductions();

grant select on deduction_terms to @operator@, @auditor@;
grant insert, update (retired_seq) on deduction_terms to @operator@;
