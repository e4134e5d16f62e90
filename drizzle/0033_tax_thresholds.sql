-- From which paid amount of a tax year a partner has to be reported (SEMANTICS §7). Data, because it changes by law: said by
-- whole years, dated and versioned like rules.

create table tax_thresholds (
  id bigint generated always as identity primary key,
  currency text not null references currencies,
  -- the tax form on file of whom it is for; null: of whoever has none that a threshold names
  form text check (form in ('w9', 'w8ben', 'w8bene', 'other')),
  -- what is filed: 1099-nec, 1042-s
  report text not null check (report ~ '^[a-z0-9][a-z0-9._-]{0,40}$'),
  amount_minor bigint not null check (amount_minor between 1 and 1000000000000000),
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint tax_thresholds_years check (
    not lower_inf(valid) and extract(doy from lower(valid)) = 1 and (upper_inf(valid) or extract(doy from upper(valid)) = 1)),
  -- equality is a range of one, and of the few currencies and forms no two share a hash
  constraint tax_thresholds_overlap exclude using gist (
    int8range(hashtextextended(currency || ' ' || coalesce(form, ''), 0), hashtextextended(currency || ' ' || coalesce(form, ''), 0), '[]') with &&,
    valid with &&, int8range(known_seq, retired_seq) with &&)
);
create trigger stamp before insert on tax_thresholds for each row execute function stamp();
create trigger guard_version before insert or update on tax_thresholds for each row execute function guard_version();
create trigger never_removed before delete or truncate on tax_thresholds for each statement execute function refuse_removal();
create trigger audit after insert or update on tax_thresholds for each row execute function audit();

grant select on tax_thresholds to @operator@, @auditor@;
grant insert, update (retired_seq) on tax_thresholds to @operator@;
