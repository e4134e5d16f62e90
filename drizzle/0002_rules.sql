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

-- Amounts in minor units of `currency`, rates in ppm (125000 = 12.5 %), validity [from, to).
create table rule_versions (
  id bigint generated always as identity primary key,
  rule_id bigint not null references rules,
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  -- the version whose remainder this one is, when a later change cut it short
  continues_id bigint references rule_versions,
  kind text not null check (kind in ('percentage', 'flat', 'exclude')),
  includes boolean not null default false,
  base text not null default 'net' check (base in ('net', 'gross')),
  rate_ppm integer check (rate_ppm >= 0),
  flat_minor bigint check (flat_minor >= 0),
  currency text references currencies,
  note text,
  created_by text not null,
  recorded_at timestamptz not null,
  check ((kind = 'percentage') = (rate_ppm is not null) and (kind = 'flat') = (flat_minor is not null)
    and (kind = 'flat') = (currency is not null) and not (kind = 'exclude' and includes)),
  constraint rule_versions_overlap exclude using gist (
    int8range(rule_id, rule_id, '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);
create trigger stamp before insert on rule_versions for each row execute function stamp();
create trigger guard_version before insert or update on rule_versions for each row execute function guard_version();
create trigger never_removed before delete or truncate on rule_versions for each statement execute function refuse_removal();
create trigger audit after insert or update on rule_versions for each row execute function audit();

grant select on rules, rule_versions to @operator@, @auditor@;
grant insert on rules, rule_versions to @operator@;
grant update (retired_seq) on rule_versions to @operator@;
