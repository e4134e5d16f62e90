-- Rules (SEMANTICS §3). A rule is an identity: slot, level, scope and product. What it says is in its versions.

create table rules (
  id bigint generated always as identity primary key,
  slot text not null check (slot in ('own', 'override')),
  level smallint not null,
  scope text not null check (scope in ('account', 'instance', 'partner', 'tier', 'programme')),
  account_id bigint references accounts,
  instance_id bigint references instances,
  partner_id bigint references partners,
  tier text references tiers,
  product_id bigint references products,
  created_by text not null,
  recorded_at timestamptz not null,
  check ((slot = 'own') = (level = 0) and level between 0 and 15),
  check ((scope = 'account') = (account_id is not null) and (scope = 'instance') = (instance_id is not null)
    and (scope = 'partner') = (partner_id is not null) and (scope = 'tier') = (tier is not null)),
  unique nulls not distinct (slot, level, scope, account_id, instance_id, partner_id, tier, product_id)
);
create trigger stamp before insert on rules for each row execute function stamp();
create trigger insert_only before update or delete or truncate on rules for each statement execute function refuse_change();
create trigger audit after insert on rules for each row execute function audit();

-- Brackets, products and countries are kept in one order, so that two versions that say the same look the same.
create function strictly_rising(list anyarray) returns boolean language sql immutable strict set search_path from current as $$
  select coalesce(array_ndims(list) = 1 and array_lower(list, 1) = 1 and not exists (
    select from generate_subscripts(list, 1) n where list[n] is null or list[n] <= list[n - 1]), false)
$$;

-- Amounts in minor units of `currency`, rates in ppm (125000 = 12.5 %), validity [from, to).
create table rule_versions (
  id bigint generated always as identity primary key,
  rule_id bigint not null references rules,
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  -- the version whose remainder this one is, when a later change cut it short
  continues_id bigint references rule_versions,
  kind text not null check (kind in ('percentage', 'flat', 'tiered', 'hybrid', 'exclude')),
  includes boolean not null default false,
  base text not null default 'net' check (base in ('net', 'gross', 'margin')),
  -- of an override: the base less what the levels below it earn
  on_rest boolean not null default false,
  rate_ppm integer check (rate_ppm >= 0),
  flat_minor bigint check (flat_minor >= 0),
  -- from bracket_from[n] on, bracket_ppm[n]
  bracket_from bigint[],
  bracket_ppm integer[],
  bracket_mode text check (bracket_mode in ('marginal', 'whole')),
  -- what brackets and the window's cap are counted over
  window_kind text check (window_kind in ('month', 'quarter', 'year', 'lifetime')),
  window_per text check (window_per in ('partner', 'instance', 'account')),
  -- limits: a sale that misses one earns nothing, and no wider rule steps in
  limit_products bigint[] check (strictly_rising(limit_products)),
  min_sale_minor bigint check (min_sale_minor > 0),
  cap_sale_minor bigint check (cap_sale_minor > 0),
  cap_window_minor bigint check (cap_window_minor > 0),
  first_sale_only boolean not null default false,
  earning_months smallint check (earning_months between 1 and 600),
  -- countries, ISO 3166 alpha-2
  territory text[] check (strictly_rising(territory collate "C") and territory::text ~ '^\{[A-Z]{2}(,[A-Z]{2})*\}$'),
  currency text references currencies,
  -- converts what it earns into this currency; null: it pays in the sale's
  pays_in text references currencies,
  note text,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint rate_of_its_kind check ((kind in ('percentage', 'hybrid')) = (rate_ppm is not null)),
  constraint flat_of_its_kind check ((kind in ('flat', 'hybrid')) = (flat_minor is not null)),
  constraint brackets_of_their_kind check (num_nonnulls(bracket_from, bracket_ppm, bracket_mode) = case kind when 'tiered' then 3 else 0 end),
  constraint brackets_rise check (strictly_rising(bracket_from) and bracket_from[1] = 0),
  constraint brackets_have_rates check (cardinality(bracket_from) = cardinality(bracket_ppm) and array_ndims(bracket_ppm) = 1
    and array_lower(bracket_ppm, 1) = 1 and array_position(bracket_ppm, null) is null and 0 <= all (bracket_ppm)),
  constraint base_of_a_rate check (kind not in ('flat', 'exclude') or (base = 'net' and not on_rest)),
  constraint window_of_tiers_and_caps check (num_nonnulls(window_kind, window_per) = case when kind = 'tiered' or cap_window_minor is not null then 2 else 0 end),
  -- the true-up of whole brackets could not honour a cap or a rate of exchange, and a lifetime never closes
  constraint whole_brackets_stand_alone check (bracket_mode is distinct from 'whole'
    or (window_kind <> 'lifetime' and num_nonnulls(cap_sale_minor, cap_window_minor, pays_in) = 0)),
  -- a window counts in the sale's currency, and what is paid in another one cannot be added up there
  constraint window_cap_in_one_currency check (cap_window_minor is null or pays_in is null),
  constraint currency_of_amounts check ((currency is not null)
    = (num_nonnulls(flat_minor, bracket_from, min_sale_minor, cap_sale_minor, cap_window_minor) > 0)),
  constraint exclusion_is_plain check (kind <> 'exclude' or (not includes and not first_sale_only
    and num_nonnulls(limit_products, min_sale_minor, cap_sale_minor, cap_window_minor, earning_months, territory, pays_in) = 0)),
  constraint rule_versions_overlap exclude using gist (
    int8range(rule_id, rule_id, '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);

-- What a CHECK cannot see: which slot the version's rule is of, and whether the products of an array are there.
create function guard_rule_terms() returns trigger language plpgsql set search_path from current as $$
declare
  its_slot text := (select slot from rules where id = new.rule_id);
  offender text;
begin
  if its_slot = 'own' and new.on_rest then
    raise exception 'a rule of the own slot has no levels below it' using errcode = '23514';
  end if;
  if its_slot = 'override' and (new.first_sale_only or new.earning_months is not null) then
    raise exception 'the earning clock is the own slot''s: an override follows it' using errcode = '23514';
  end if;
  select x::text into offender from unnest(new.limit_products) x where not exists (select from products p where p.id = x) limit 1;
  if offender is not null then
    raise exception 'the rule is limited to product %, which is not there', offender using errcode = '23503';
  end if;
  return new;
end $$;

create trigger guard_terms before insert on rule_versions for each row execute function guard_rule_terms();
create trigger stamp before insert on rule_versions for each row execute function stamp();
create trigger guard_version before insert or update on rule_versions for each row execute function guard_version();
create trigger never_removed before delete or truncate on rule_versions for each statement execute function refuse_removal();
create trigger audit after insert or update on rule_versions for each row execute function audit();

grant select on rules, rule_versions to @operator@, @auditor@;
grant insert on rules, rule_versions to @operator@;
grant update (retired_seq) on rule_versions to @operator@;
