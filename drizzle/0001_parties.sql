-- Who is who (SEMANTICS §1): tenants, partners, instances, agreements, accounts; tiers and hierarchy as dated versions.

create table tenants (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name text not null check (name <> ''),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on tenants for each row execute function stamp();
create trigger audit after insert or update on tenants for each row execute function audit();
create trigger never_removed before delete or truncate on tenants for each statement execute function refuse_removal();

create table tiers (
  code text primary key check (code ~ '^[a-z][a-z0-9_-]{0,30}$'),
  rank smallint not null unique,
  name text not null
);
insert into tiers values ('bronze', 1, 'Bronze'), ('silver', 2, 'Silver'), ('gold', 3, 'Gold'), ('platinum', 4, 'Platinum'), ('diamond', 5, 'Diamond');

create table partners (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name text not null check (name <> ''),
  type text not null check (type in ('reseller', 'affiliate', 'referral', 'white_label')),
  status text not null check (status in ('pending', 'active', 'inactive', 'suspended', 'terminated', 'archived')),
  currency text not null references currencies,
  house boolean not null default false,
  company text,
  contact text,
  email text check (email ~ '^[^@\s]+@[^@\s]+$'),
  contract_from date,
  contract_to date,
  created_by text not null,
  recorded_at timestamptz not null,
  check (contract_to is null or contract_from is null or contract_to > contract_from)
);
create trigger stamp before insert on partners for each row execute function stamp();
create trigger audit after insert or update on partners for each row execute function audit();

-- Every status a partner ever had, dated, so that it can be read as of any instant.
create table partner_status_changes (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  status text not null,
  created_by text not null,
  recorded_at timestamptz not null
);
create index partner_status_changes_partner on partner_status_changes (partner_id);
create trigger stamp before insert on partner_status_changes for each row execute function stamp();
create trigger insert_only before update or delete or truncate on partner_status_changes for each statement execute function refuse_change();

-- What partners earn is held, not what they are: a hold stands beside an entry's status (SEMANTICS §4). A hold names one
-- partner, one instance or one entry; it is open until its release row exists. With `held_from` it holds what an instance
-- earns by events of that day and later, and leaves alone what was earned before.
create table holds (
  id bigint generated always as identity primary key,
  partner_id bigint references partners,
  instance_id bigint,
  event_id bigint,
  leg smallint,
  reason text not null check (reason in ('partner_frozen', 'instance_suspended', 'fraud_review', 'missing_details', 'dispute')),
  note text,
  held_from date check (held_from is null or instance_id is not null),
  created_by text not null,
  recorded_at timestamptz not null,
  check (num_nonnulls(partner_id, instance_id, event_id) = 1 and (event_id is null) = (leg is null))
);
create index holds_partner on holds (partner_id) where partner_id is not null;
create index holds_instance on holds (instance_id) where instance_id is not null;
create index holds_entry on holds (event_id, leg) where event_id is not null;
create table hold_releases (
  hold_id bigint primary key references holds,
  note text,
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on holds for each row execute function stamp();
create trigger stamp before insert on hold_releases for each row execute function stamp();
create trigger insert_only before update or delete or truncate on holds for each statement execute function refuse_change();
create trigger insert_only before update or delete or truncate on hold_releases for each statement execute function refuse_change();
create trigger audit after insert on holds for each row execute function audit();
create trigger audit after insert on hold_releases for each row execute function audit();

-- A freeze is lifted with its partner, a suspension with its instance, never beside: the release comes after the change of
-- status (partner_status_follows, instance_status_follows).
create function guard_hold_release() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (select from holds h join partners p on p.id = h.partner_id
             where h.id = new.hold_id and h.reason = 'partner_frozen' and p.status = 'suspended') then
    raise exception 'the partner is still suspended' using errcode = 'RV004', hint = 'activate the partner: that releases its hold';
  end if;
  if exists (select from holds h join instances i on i.id = h.instance_id
             where h.id = new.hold_id and h.reason = 'instance_suspended' and i.status = 'suspended') then
    raise exception 'the instance is still suspended' using errcode = 'RV004', hint = 'resume the instance: that releases its hold';
  end if;
  return new;
end $$;
create trigger guard before insert on hold_releases for each row execute function guard_hold_release();
create view open_holds as select h.* from holds h where not exists (select from hold_releases r where r.hold_id = h.id);

-- The state machine of src/domain/partner-status.ts, held here too.
create function guard_partner() returns trigger language plpgsql set search_path from current as $$
begin
  if tg_op = 'INSERT' then
    if new.status not in ('pending', 'active') then
      raise exception 'a partner begins as pending or active, not %', new.status using errcode = 'RV004';
    end if;
    return new;
  end if;
  if (new.id, new.code, new.type, new.house, new.created_by, new.recorded_at)
     is distinct from (old.id, old.code, old.type, old.house, old.created_by, old.recorded_at) then
    raise exception 'code, type, house and origin of a partner never change' using errcode = 'RV001';
  end if;
  if new.status is distinct from old.status and not (old.status || '>' || new.status = any (array[
    'pending>active', 'pending>archived', 'active>suspended', 'active>inactive', 'active>terminated', 'active>archived',
    'inactive>active', 'inactive>terminated', 'inactive>archived',
    'suspended>active', 'suspended>terminated', 'terminated>archived'])) then
    raise exception 'a partner cannot go from % to %', old.status, new.status using errcode = 'RV004';
  end if;
  return new;
end $$;
create trigger guard before insert or update on partners for each row execute function guard_partner();
create trigger never_removed before delete or truncate on partners for each statement execute function refuse_removal();

-- SECURITY DEFINER: the history and the hold follow from the status, whoever changes it and however.
create function partner_status_follows() returns trigger language plpgsql security definer set search_path from current as $$
begin
  if tg_op = 'UPDATE' and new.status = old.status then
    return null;
  end if;
  insert into partner_status_changes (partner_id, status) values (new.id, new.status);
  if new.status = 'suspended' then
    -- whoever changes the status may say why, for this transaction: set_config('revshare.reason', …, true)
    insert into holds (partner_id, reason, note) values (new.id, 'partner_frozen', nullif(current_setting('revshare.reason', true), ''));
  elsif tg_op = 'UPDATE' and old.status = 'suspended' then
    insert into hold_releases (hold_id)
    select id from open_holds where partner_id = new.id and reason = 'partner_frozen';
  end if;
  return null;
end $$;
revoke execute on function partner_status_follows() from public;
create trigger status_follows after insert or update of status on partners for each row execute function partner_status_follows();

create table partner_tiers (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  tier text not null references tiers,
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint partner_tiers_overlap exclude using gist (
    int8range(partner_id, partner_id, '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);

-- A reseller under a partner. Levels above one come with a cap on the sum of shares.
create table partner_parents (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  parent_id bigint not null references partners,
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  check (parent_id <> partner_id),
  constraint partner_parents_overlap exclude using gist (
    int8range(partner_id, partner_id, '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);

create table instances (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name text not null check (name <> ''),
  tenant_id bigint not null references tenants,
  partner_id bigint not null references partners,
  status text not null default 'active' check (status in ('active', 'suspended')),
  -- null: from the beginning of time, so that imported history finds its partner
  founded_on date,
  created_by text not null,
  recorded_at timestamptz not null
);
create index instances_tenant on instances (tenant_id);
create index instances_partner on instances (partner_id);
create trigger stamp before insert on instances for each row execute function stamp();
create trigger audit after insert or update on instances for each row execute function audit();
alter table holds add foreign key (instance_id) references instances;
alter table settings add foreign key (instance_id) references instances;

-- MUST: the founding partner never changes (SEMANTICS §1).
create function guard_instance() returns trigger language plpgsql set search_path from current as $$
begin
  if new.partner_id is distinct from old.partner_id then
    raise exception 'the founding partner of an instance never changes'
      using errcode = 'RV001', hint = 'a transfer makes a new agreement and leaves the founder';
  end if;
  if (new.id, new.code, new.tenant_id, new.founded_on, new.created_by, new.recorded_at)
     is distinct from (old.id, old.code, old.tenant_id, old.founded_on, old.created_by, old.recorded_at) then
    raise exception 'code, tenant and origin of an instance never change' using errcode = 'RV001';
  end if;
  return new;
end $$;
create trigger guard before update on instances for each row execute function guard_instance();
create trigger never_removed before delete or truncate on instances for each statement execute function refuse_removal();

-- Who earns at an instance, and when. MUST not overlap.
create table agreements (
  id bigint generated always as identity primary key,
  instance_id bigint not null references instances,
  partner_id bigint not null references partners,
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint agreements_overlap exclude using gist (
    int8range(instance_id, instance_id, '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);
-- Who earns at an instance is asked by its number, which the ranges of the constraint do not serve.
create index agreements_instance on agreements (instance_id);

-- Founding makes the first agreement, by construction.
create function found_agreement() returns trigger language plpgsql security definer set search_path from current as $$
begin
  insert into agreements (instance_id, partner_id, valid, known_seq)
  values (new.id, new.partner_id, daterange(new.founded_on, null), draw_known_seq('instance ' || new.code || ' founded'));
  return null;
end $$;
revoke execute on function found_agreement() from public;
create trigger founding after insert on instances for each row execute function found_agreement();

create table accounts (
  id bigint generated always as identity primary key,
  instance_id bigint not null references instances,
  code text not null check (code <> '' and length(code) <= 200),
  name text,
  country text check (country ~ '^[A-Z]{2}$'),
  starts_on date,
  ends_on date,
  created_by text not null,
  recorded_at timestamptz not null,
  unique (instance_id, code),
  check (ends_on is null or starts_on is null or ends_on > starts_on)
);
create trigger stamp before insert on accounts for each row execute function stamp();
create trigger audit after insert or update on accounts for each row execute function audit();
create trigger never_removed before delete or truncate on accounts for each statement execute function refuse_removal();

-- Attribution slots: who shares an account's commission, at any time 100 % in all. No rows: the agreement's partner alone.
create table account_slots (
  id bigint generated always as identity primary key,
  account_id bigint not null references accounts,
  slot smallint not null check (slot between 0 and 99),
  partner_id bigint not null references partners,
  share_ppm integer not null check (share_ppm between 1 and 1000000),
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint account_slots_overlap exclude using gist (
    int8range(account_id, account_id, '[]') with &&, int4range(slot, slot, '[]') with &&,
    valid with &&, int8range(known_seq, retired_seq) with &&)
);

-- MUST: slots sum to 100 % at any time. It is enough to look at every day on which a live slot begins or ends.
create function check_account_slots() returns trigger language plpgsql set search_path from current as $$
declare
  wrong record;
begin
  select days.day, sum(s.share_ppm) as total into wrong
  from (
    select lower(valid) as day from account_slots where account_id = new.account_id and retired_seq is null
    union select upper(valid) from account_slots where account_id = new.account_id and retired_seq is null and not upper_inf(valid)
  ) days
  join account_slots s on s.account_id = new.account_id and s.retired_seq is null
    and (case when days.day is null then lower_inf(s.valid) else s.valid @> days.day end)
  group by days.day having sum(s.share_ppm) <> 1000000 limit 1;
  if found then
    raise exception 'attribution slots of account % sum to % ppm on %', new.account_id, wrong.total, coalesce(wrong.day::text, 'the first day')
      using errcode = 'RV005', hint = 'the shares in force on any day must sum to 1000000 ppm';
  end if;
  return null;
end $$;
create constraint trigger slots_sum after insert or update on account_slots deferrable initially deferred
  for each row execute function check_account_slots();

do $$
declare
  versioned text;
begin
  foreach versioned in array array['partner_tiers', 'partner_parents', 'agreements', 'account_slots'] loop
    execute format('create trigger stamp before insert on %I for each row execute function stamp()', versioned);
    execute format('create trigger guard_version before insert or update on %I for each row execute function guard_version()', versioned);
    execute format('create trigger never_removed before delete or truncate on %I for each statement execute function refuse_removal()', versioned);
    execute format('create trigger audit after insert or update on %I for each row execute function audit()', versioned);
    execute format('grant insert, update (retired_seq) on %I to @operator@', versioned);
  end loop;
end $$;

create table products (
  id bigint generated always as identity primary key,
  code text not null unique check (code <> '' and length(code) <= 200),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on products for each row execute function stamp();
create trigger insert_only before update or delete or truncate on products for each statement execute function refuse_change();
create trigger audit after insert on products for each row execute function audit();

grant select on tenants, tiers, partners, partner_status_changes, holds, hold_releases, open_holds, partner_tiers, partner_parents,
  instances, agreements, accounts, account_slots, products to @operator@, @auditor@;
grant insert on tenants, partners, holds, hold_releases, instances, accounts, products to @operator@;
grant update (name) on tenants to @operator@;
grant update (name, status, currency, company, contact, email, contract_from, contract_to) on partners to @operator@;
grant update (name) on instances to @operator@;
grant update (name, country, starts_on, ends_on) on accounts to @operator@;
