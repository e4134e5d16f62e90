-- What is sold, at what price and within which authority (SEMANTICS §1): plans, the price book, subscriptions with their
-- history, and what a partner may agree by itself.

create table plans (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  name text not null check (name <> '' and length(name) <= 200),
  -- what events of it name; null: a plan of everything
  product_id bigint references products,
  created_by text not null,
  recorded_at timestamptz not null
);

-- What usage is counted in.
create table meters (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  created_by text not null,
  recorded_at timestamptz not null
);

-- The price book: what a plan costs a cycle, or a meter a unit, in a region and currency. Of a plan wholesale is what the
-- operator asks of the partner, list what the customer is meant to pay; of a meter there is wholesale alone, and a unit may
-- cost less than the smallest coin. Without a region: wherever no price of the region is.
create table prices (
  id bigint generated always as identity primary key,
  plan_id bigint references plans,
  meter_id bigint references meters,
  cycle text check (cycle in ('monthly', 'quarterly', 'annual')),
  region text check (region ~ '^[A-Z][A-Z0-9]{1,7}$'),
  currency text not null references currencies,
  wholesale_minor bigint check (wholesale_minor between 0 and 1000000000000000),
  list_minor bigint check (list_minor between 0 and 1000000000000000),
  unit_price numeric check (unit_price >= 0 and unit_price < 1e12 and scale(unit_price) <= 12),
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint prices_item check (case when meter_id is null
    then num_nonnulls(plan_id, cycle, wholesale_minor, list_minor) = 4 and unit_price is null
    else num_nonnulls(plan_id, cycle, wholesale_minor, list_minor) = 0 and unit_price is not null end),
  -- plans above zero, meters below; equality is a range of one, and of the few places of an item no two share a hash
  constraint prices_overlap exclude using gist (
    int8range(coalesce(plan_id, -meter_id), coalesce(plan_id, -meter_id), '[]') with &&,
    int8range(hashtextextended(coalesce(cycle, '') || ' ' || coalesce(region, '') || ' ' || currency, 0),
      hashtextextended(coalesce(cycle, '') || ' ' || coalesce(region, '') || ' ' || currency, 0), '[]') with &&,
    valid with &&, int8range(known_seq, retired_seq) with &&)
);

-- A subscription is of an instance, or of one account there. Plan, cycle and currency are for ever: another plan is another
-- subscription. What it costs is in its terms, what has become of it in its states.
create table subscriptions (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  instance_id bigint not null references instances,
  account_id bigint references accounts,
  plan_id bigint not null references plans,
  cycle text not null check (cycle in ('monthly', 'quarterly', 'annual')),
  currency text not null references currencies,
  region text check (region ~ '^[A-Z][A-Z0-9]{1,7}$'),
  created_by text not null,
  recorded_at timestamptz not null
);
create index subscriptions_instance on subscriptions (instance_id);
create index subscriptions_account on subscriptions (account_id) where account_id is not null;

create function guard_subscription() returns trigger language plpgsql set search_path from current as $$
begin
  if new.account_id is not null and not exists (select from accounts a where a.id = new.account_id and a.instance_id = new.instance_id) then
    raise exception 'account % is not of its subscription''s instance', new.account_id using errcode = '23503';
  end if;
  return new;
end $$;
create trigger guard before insert on subscriptions for each row execute function guard_subscription();

-- What a unit of it costs the partner a cycle (wholesale), what the partner asks of its customer (price), how many there are.
create table subscription_terms (
  id bigint generated always as identity primary key,
  subscription_id bigint not null references subscriptions,
  quantity integer not null check (quantity between 1 and 1000000000),
  wholesale_minor bigint not null check (wholesale_minor >= 0),
  price_minor bigint not null check (price_minor >= 0),
  valid daterange not null check (not isempty(valid) and not lower_inf(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint subscription_terms_amounts check (greatest(wholesale_minor, price_minor)::numeric * quantity <= 1000000000000000),
  constraint subscription_terms_overlap exclude using gist (
    int8range(subscription_id, subscription_id, '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);

-- What it became, and from which day on. The latest row that has begun by a day says what it is on it: a later row that
-- begins earlier takes the place of what was only planned, and both stay.
create table subscription_states (
  subscription_id bigint not null references subscriptions,
  ordinal integer not null check (ordinal >= 1),
  status text not null check (status in ('trial', 'active', 'suspended', 'cancelled')),
  starts_on date not null,
  reason text check (reason <> ''),
  known_seq bigint not null references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  primary key (subscription_id, ordinal)
);

create function subscription_status(subscription bigint, day date, seq bigint default 9223372036854775807) returns text
  language sql stable set search_path from current as $$
  select s.status from subscription_states s
  where s.subscription_id = subscription and s.starts_on <= day and s.known_seq <= seq order by s.ordinal desc limit 1 $$;

-- From nothing it begins on trial or active. src/domain/subscription-status.ts holds the same; a test compares the two.
create function subscription_transitions() returns text[] language sql immutable set search_path from current as $$
  select array['>trial', '>active', 'trial>active', 'trial>cancelled', 'active>suspended', 'active>cancelled', 'suspended>active',
    'suspended>cancelled', 'cancelled>active'] $$;
revoke execute on function subscription_status(bigint, date, bigint), subscription_transitions() from public;
grant execute on function subscription_status(bigint, date, bigint), subscription_transitions() to @operator@, @auditor@;

-- MUST: states follow each other as they may; what is said again takes back what was planned behind it.
create function guard_subscription_state() returns trigger language plpgsql set search_path from current as $$
declare
  before text := coalesce(subscription_status(new.subscription_id, new.starts_on), '');
begin
  if not exists (select from known_changes k where k.known_seq = new.known_seq and k.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'known_seq % was not drawn in this transaction', new.known_seq
      using errcode = 'RV002', hint = 'draw it with draw_known_seq(summary)';
  end if;
  if new.ordinal <> (select coalesce(max(s.ordinal), 0) + 1 from subscription_states s where s.subscription_id = new.subscription_id) then
    raise exception 'state % of subscription % does not continue its states', new.ordinal, new.subscription_id using errcode = 'RV002';
  end if;
  if before = '' and new.ordinal > 1 then
    raise exception 'subscription % had not begun on %', new.subscription_id, new.starts_on using errcode = 'RV004';
  end if;
  if not (before || '>' || new.status = any (subscription_transitions())) and not (before = new.status and exists (
    select from subscription_states s where s.subscription_id = new.subscription_id and s.starts_on > new.starts_on)) then
    raise exception 'subscription % cannot go from % to %', new.subscription_id, before, new.status using errcode = 'RV004';
  end if;
  return new;
end $$;
create trigger guard before insert on subscription_states for each row execute function guard_subscription_state();

-- MUST: a subscription has begun, and has terms from its first day on.
create function check_subscription_begun() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from subscription_states s join subscription_terms t on t.subscription_id = s.subscription_id
                 where s.subscription_id = new.id and s.ordinal = 1 and t.retired_seq is null and t.valid @> s.starts_on) then
    raise exception 'subscription % has no state, or no terms from its first day on', new.code using errcode = 'RV002';
  end if;
  return null;
end $$;
create constraint trigger begun after insert on subscriptions deferrable initially deferred
  for each row execute function check_subscription_begun();

-- What a partner may agree by itself. Amounts are minor units by currency: {"EUR": 5000}. What is null limits nothing.
create table partner_terms (
  id bigint generated always as identity primary key,
  partner_id bigint not null references partners,
  max_discount_ppm integer check (max_discount_ppm between 0 and 1000000),
  territory text[] check (strictly_rising(territory collate "C") and territory::text ~ '^\{[A-Z]{2}(,[A-Z]{2})*\}$'),
  product_ids bigint[] check (strictly_rising(product_ids)),
  minimum_order jsonb not null check (jsonb_typeof(minimum_order) = 'object'
    and not jsonb_path_exists(minimum_order, '$.* ? (@.type() != "number" || @ < 0 || @ != @.floor())')),
  credit_limit jsonb not null check (jsonb_typeof(credit_limit) = 'object'
    and not jsonb_path_exists(credit_limit, '$.* ? (@.type() != "number" || @ < 0 || @ != @.floor())')),
  -- data for whoever tracks referrals: what rules say of first sales and months is the rules' own
  cookie_days smallint check (cookie_days between 0 and 3650),
  first_purchase_only boolean,
  recurring_months smallint check (recurring_months between 1 and 1200),
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint partner_terms_overlap exclude using gist (
    int8range(partner_id, partner_id, '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);

create function guard_partner_terms() returns trigger language plpgsql set search_path from current as $$
declare
  missing text;
begin
  select x::text into missing from unnest(new.product_ids) x where not exists (select from products p where p.id = x) limit 1;
  if missing is not null then
    raise exception 'the terms are limited to product %, which is not there', missing using errcode = '23503';
  end if;
  select key into missing from (select jsonb_object_keys(new.minimum_order) union select jsonb_object_keys(new.credit_limit)) k (key)
  where not exists (select from currencies c where c.code = key) limit 1;
  if missing is not null then
    raise exception 'the terms have an amount in %, which is no currency', missing using errcode = '23503';
  end if;
  return new;
end $$;
create trigger guard_terms before insert on partner_terms for each row execute function guard_partner_terms();

do $$
declare
  kept text;
begin
  foreach kept in array array['prices', 'subscription_terms', 'partner_terms'] loop
    execute format('create trigger guard_version before insert or update on %I for each row execute function guard_version()', kept);
    execute format('create trigger never_removed before delete or truncate on %I for each statement execute function refuse_removal()', kept);
    execute format('create trigger audit after insert or update on %I for each row execute function audit()', kept);
    execute format('grant update (retired_seq) on %I to @operator@', kept);
  end loop;
  foreach kept in array array['plans', 'meters', 'subscriptions', 'subscription_states'] loop
    execute format('create trigger insert_only before update or delete or truncate on %I for each statement execute function refuse_change()', kept);
    execute format('create trigger audit after insert on %I for each row execute function audit()', kept);
  end loop;
  foreach kept in array array['plans', 'meters', 'prices', 'subscriptions', 'subscription_terms', 'subscription_states', 'partner_terms'] loop
    execute format('create trigger stamp before insert on %I for each row execute function stamp()', kept);
    execute format('grant select on %I to @operator@, @auditor@', kept);
    execute format('grant insert on %I to @operator@', kept);
  end loop;
end $$;
