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
create trigger stamp before insert on deduction_terms for each row execute function stamp();
create trigger guard_version before insert or update on deduction_terms for each row execute function guard_version();
create trigger never_removed before delete or truncate on deduction_terms for each statement execute function refuse_removal();
create trigger audit after insert or update on deduction_terms for each row execute function audit();

-- What is taken off a partner's payouts in a currency on a cut-off, as known at a change: its own word goes before the
-- programme's, and a form on file before the rate of those who have none.
create function deductions_on(partner bigint, currency text, cutoff date, known bigint)
  returns table (withholding_ppm integer, fee_minor bigint) language sql stable set search_path from current as $$
  select coalesce(own.withholding_ppm, case when own.form is null then of_all.withholding_ppm end, 0),
    coalesce((own.fees ->> deductions_on.currency)::bigint, (of_all.fees ->> deductions_on.currency)::bigint, 0)
  from (select) one
  left join deduction_terms own on own.partner_id = partner and own.valid @> cutoff
    and own.known_seq <= known and (own.retired_seq is null or own.retired_seq > known)
  left join deduction_terms of_all on of_all.partner_id is null and of_all.valid @> cutoff
    and of_all.known_seq <= known and (of_all.retired_seq is null or of_all.retired_seq > known) $$;
revoke execute on function deductions_on(bigint, text, date, bigint) from public;
grant execute on function deductions_on(bigint, text, date, bigint) to @operator@, @auditor@;

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

-- MUST: what a second person approves is withheld and charged as the terms say that the run went by. Rounded half away from
-- zero, once a payout. Where nobody ever said anything, nothing is.
create function guard_run_deductions() returns trigger language plpgsql set search_path from current as $$
declare
  offender record;
begin
  select p.number, p.withheld_minor, p.fee_minor, coalesce(d.withholding_ppm, 0) as ppm, coalesce(d.fee_minor, 0) as fee into offender
  from payout_runs r
  join payouts p on p.run_id = r.id
  left join lateral deductions_on(p.partner_id, p.currency, r.cutoff, r.known_seq) d on exists (select from deduction_terms)
  where r.id = new.run_id
    and (p.withheld_minor <> round(p.gross_minor * coalesce(d.withholding_ppm, 0) * 0.000001) or p.fee_minor <> coalesce(d.fee_minor, 0))
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
