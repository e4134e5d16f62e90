-- Revenue events and sales (SEMANTICS §2): append-only facts in signed minor units.

create type event_kind as enum (
  'payment', 'refund', 'chargeback', 'chargeback_won', 'credit_note', 'signup', 'adjustment',
  'bonus', 'write_off', 'reattribution', 'rerate', 'opening', 'true_up', 'void');

create table sources (
  id integer generated always as identity primary key,
  code text not null unique check (code ~ '^[a-z0-9][a-z0-9_.-]{0,62}$'),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on sources for each row execute function stamp();
create trigger insert_only before update or delete or truncate on sources for each statement execute function refuse_change();

create sequence event_ids;

-- Reserves a contiguous block. The lock is held for an instant only, so imports do not wait for each other's commits: it
-- is taken inside a subtransaction that is rolled back on purpose, which lets it go and leaves the sequence where it is,
-- however the call ends. The lock is on a table that only its owner may lock, so nobody can hold imports up with it.
create function allocate_event_ids(how_many bigint) returns bigint language plpgsql security definer set search_path from current as $$
declare
  first_id bigint;
begin
  if how_many is null or how_many not between 1 and 1000000000 then
    raise exception 'between one id and a thousand million are given out at a time' using errcode = 'RV002';
  end if;
  begin
    lock table programme in share row exclusive mode;
    first_id := nextval('event_ids');
    if how_many > 1 then
      perform setval('event_ids', first_id + how_many - 1);
    end if;
    raise exception using errcode = 'RV000', message = 'the block is reserved';
  exception when sqlstate 'RV000' then null;
  end;
  return first_id;
end $$;
revoke execute on function allocate_event_ids(bigint) from public;
grant execute on function allocate_event_ids(bigint) to @operator@;

-- A batch is what arrived together: one file, or one event recorded by hand. Its events have the contiguous ids
-- first_id..last_id in the order (occurred_on, line), so the decided ones with occurred_on <= D are a prefix and
-- decided_to is the whole book-keeping of what is undecided. Who recorded an event, and when, is its batch's.
create table event_batches (
  id bigint generated always as identity primary key,
  source_id integer not null references sources,
  origin text not null check (origin in ('import', 'record', 'operator', 'system')),
  file_name text,
  file_sha256 text check (file_sha256 ~ '^[0-9a-f]{64}$'),
  reason text,
  first_id bigint not null,
  last_id bigint not null,
  decided_to bigint not null,
  first_on date not null,
  last_on date not null,
  rows_read bigint not null,
  rows_known bigint not null,
  rows_rejected bigint not null,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  check (last_id >= first_id and decided_to between first_id - 1 and last_id and last_on >= first_on),
  constraint event_batches_ids_overlap exclude using gist (int8range(first_id, last_id, '[]') with &&)
);
create index event_batches_undecided on event_batches (first_on) where decided_to < last_id;
create trigger stamp before insert on event_batches for each row execute function stamp_in_transaction();
create trigger chosen_id before insert on event_batches for each row execute function refuse_chosen_id();
create trigger never_removed before delete or truncate on event_batches for each statement execute function refuse_removal();
create trigger audit after insert on event_batches for each row execute function audit();

-- SECURITY DEFINER only to read the sequence.
create function guard_event_batch() returns trigger language plpgsql security definer set search_path from current as $$
begin
  if tg_op = 'INSERT' then
    if new.decided_to <> new.first_id - 1 then
      raise exception 'a batch begins undecided' using errcode = 'RV002';
    end if;
    if new.first_id < 1 or new.last_id > (select last_value from event_ids) then
      raise exception 'events %..% were not allocated', new.first_id, new.last_id
        using errcode = 'RV002', hint = 'draw the block with allocate_event_ids(how_many)';
    end if;
    return new;
  end if;
  if to_jsonb(new) - 'decided_to' is distinct from to_jsonb(old) - 'decided_to' or new.decided_to <= old.decided_to then
    raise exception 'of a batch only decided_to moves, and only forward' using errcode = 'RV001';
  end if;
  return new;
end $$;
revoke execute on function guard_event_batch() from public;
create trigger guard before insert or update on event_batches for each row execute function guard_event_batch();

-- A sale with a sale_ref: its terms, which the first decision freezes, and the lock for concurrent decisions. The sale is
-- known once its first payment is recorded; sale_date is the invoice date, or else that payment's date.
create table sales (
  id bigint generated always as identity primary key,
  source_id integer not null references sources,
  sale_ref text not null check (sale_ref <> ''),
  instance_id bigint not null references instances,
  account_id bigint,
  product_id bigint,
  currency text not null references currencies,
  sale_net_minor bigint not null check (sale_net_minor >= 0),
  sale_gross_minor bigint not null check (sale_gross_minor >= 0),
  -- false while nothing was said and the net stands for it
  gross_told boolean not null default true,
  wholesale_net_minor bigint check (wholesale_net_minor >= 0),
  sale_date date,
  first_payment_on date,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint sales_amounts check (greatest(sale_net_minor, sale_gross_minor, wholesale_net_minor) <= 1000000000000000),
  unique (source_id, sale_ref)
);
create trigger stamp before insert on sales for each row execute function stamp();

-- An entry that waits for its sale (sale_unknown) decides nothing of it.
create function sale_is_decided(sale bigint) returns boolean language plpgsql stable set search_path from current as $$
begin
  return exists (select from revenue_events e join entries n on n.event_id = e.id
                 where e.sale_id = sale and n.reason is distinct from 'sale_unknown');
end $$;

-- What nobody has said of a sale yet a later event may say, until the first decision: nothing becomes something, and the
-- gross that was taken for the net becomes its own. What was said never changes.
create function guard_sale() returns trigger language plpgsql set search_path from current as $$
begin
  if (new.id, new.source_id, new.sale_ref, new.instance_id, new.currency, new.sale_net_minor, new.created_by, new.recorded_at)
     is distinct from (old.id, old.source_id, old.sale_ref, old.instance_id, old.currency, old.sale_net_minor, old.created_by, old.recorded_at)
     or (old.account_id is not null and new.account_id is distinct from old.account_id)
     or (old.product_id is not null and new.product_id is distinct from old.product_id)
     or ((old.gross_told or not new.gross_told)
         and (new.sale_gross_minor, new.gross_told) is distinct from (old.sale_gross_minor, old.gross_told))
     or (old.wholesale_net_minor is not null and new.wholesale_net_minor is distinct from old.wholesale_net_minor)
     or (old.sale_date is not null and new.sale_date is distinct from old.sale_date)
     or (old.first_payment_on is not null and new.first_payment_on is distinct from old.first_payment_on) then
    raise exception 'what was said of a sale never changes' using errcode = 'RV001';
  end if;
  if (new.account_id, new.product_id, new.gross_told, new.wholesale_net_minor)
     is distinct from (old.account_id, old.product_id, old.gross_told, old.wholesale_net_minor) and sale_is_decided(new.id) then
    raise exception 'the terms of sale % are frozen by its first decision', new.id
      using errcode = 'RV001', hint = 'it was decided meanwhile; import again to see which rows say otherwise';
  end if;
  return new;
end $$;
create trigger guard before update on sales for each row execute function guard_sale();

-- What a sale learns comes with an event of it, in one transaction: who said it, and when, is that event's batch's.
create function check_sale_told() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from revenue_events e join event_batches b on b.id = e.batch_id
                 where e.sale_id = new.id and b.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'sale % learns its terms only from an event that is recorded with them', new.id using errcode = 'RV002';
  end if;
  return null;
end $$;
create constraint trigger told_by_event after update on sales deferrable initially deferred
  for each row when (old.first_payment_on is not distinct from new.first_payment_on) execute function check_sale_told();
create trigger never_removed before delete or truncate on sales for each statement execute function refuse_removal();

create function guard_sales() returns trigger language plpgsql set search_path from current as $$
declare
  accounts_ bigint[]; account_instances bigint[]; products_ bigint[]; offender text;
begin
  select array_agg(account_id), array_agg(instance_id) into accounts_, account_instances
  from (select distinct account_id, instance_id from inserted where account_id is not null) d;
  select x.account_id::text into offender
  from unnest(accounts_, account_instances) x (account_id, instance_id)
  where not exists (select from accounts a where a.id = x.account_id and a.instance_id = x.instance_id) limit 1;
  if offender is not null then
    raise exception 'account % is not of its sale''s instance', offender using errcode = '23503';
  end if;
  select array_agg(distinct product_id) into products_ from inserted where product_id is not null;
  select x::text into offender from unnest(products_) x where not exists (select from products p where p.id = x) limit 1;
  if offender is not null then
    raise exception 'there is no product %', offender using errcode = '23503';
  end if;
  if tg_op = 'INSERT' and exists (select from inserted where first_payment_on is not null) then
    raise exception 'a sale becomes known by its first payment' using errcode = 'RV002', hint = 'record the payment';
  end if;
  return null;
end $$;
create trigger guard_new after insert on sales referencing new table as inserted for each statement execute function guard_sales();
create trigger guard_changed after update on sales referencing new table as inserted for each statement execute function guard_sales();

-- Lean on purpose: the key, the identity that makes an import repeatable, and two partial indexes. What would be seven
-- foreign keys is one statement-level check of the batch.
create table revenue_events (
  id bigint primary key,
  batch_id bigint not null,
  source_id integer not null,
  version integer not null default 1 check (version >= 1),
  kind event_kind not null,
  external_id text not null check (external_id <> '' and length(external_id) <= 500),
  instance_id bigint not null,
  account_id bigint,
  product_id bigint,
  sale_id bigint,
  voids_id bigint,
  -- an act's object where that is no sale: the event it rates anew, or the orphan it settles
  regards_id bigint,
  currency text not null,
  net_minor bigint not null,
  gross_minor bigint not null,
  tax_minor bigint not null default 0,
  -- what an event that is its own sale, or names none, costs wholesale; any other takes its sale's
  wholesale_net_minor bigint,
  quantity numeric,
  country text,
  transaction_type text,
  occurred_at timestamptz not null,
  occurred_on date not null,
  check (case
    when kind in ('payment', 'chargeback_won') then net_minor >= 0 and gross_minor >= 0 and coalesce(wholesale_net_minor, 0) >= 0
    when kind in ('refund', 'chargeback', 'credit_note') then net_minor <= 0 and gross_minor <= 0 and coalesce(wholesale_net_minor, 0) <= 0
    when kind = 'signup' then net_minor = 0
    else true end),
  -- what is above it is a mistake; sums of what is below it stay far inside a bigint
  constraint revenue_events_amounts check (
    net_minor between -1000000000000000 and 1000000000000000 and gross_minor between -1000000000000000 and 1000000000000000
    and tax_minor between -1000000000000000 and 1000000000000000 and wholesale_net_minor between -1000000000000000 and 1000000000000000),
  check ((kind = 'void') = (voids_id is not null)),
  check (wholesale_net_minor is null or sale_id is null),
  -- What an act moves stands in its legs or in what it regards, never in amounts of revenue.
  constraint revenue_events_acts check (case
    when kind in ('rerate', 'reattribution') then num_nonnulls(sale_id, regards_id) = 1 and net_minor = 0 and gross_minor = 0
    when kind in ('bonus', 'write_off', 'true_up') then num_nonnulls(sale_id, regards_id) = 0 and net_minor = 0 and gross_minor = 0
    -- of a sale it says what had been collected before these books
    when kind = 'opening' then regards_id is null and gross_minor = 0 and (case when sale_id is null then net_minor = 0 else net_minor > 0 end)
    when kind = 'void' then regards_id is null and net_minor = 0 and gross_minor = 0
    when kind = 'adjustment' then regards_id is null or (sale_id is null and net_minor = 0 and gross_minor = 0)
    else regards_id is null end),
  constraint revenue_events_identity unique (source_id, external_id, version)
);
create index revenue_events_sale on revenue_events (sale_id) where sale_id is not null;
create unique index revenue_events_voided_once on revenue_events (voids_id) where voids_id is not null;
create index revenue_events_regards on revenue_events (regards_id) where regards_id is not null;
create trigger insert_only before update or delete or truncate on revenue_events for each statement execute function refuse_change();

-- Reads the transition table once into arrays and joins their unnest, which is also what Citus wants.
create function guard_revenue_events() returns trigger language plpgsql set search_path from current as $$
declare
  batches bigint[]; sources_ int[]; instances_ bigint[]; accounts_ bigint[]; account_instances bigint[];
  products_ bigint[]; currencies_ text[]; lows bigint[]; highs bigint[]; firsts date[]; lasts date[]; sales_ bigint[]; targets bigint[];
  names text[]; versions int[]; offender text;
begin
  select array_agg(distinct source_id), array_agg(distinct instance_id), array_agg(distinct currency),
         array_agg(distinct product_id) filter (where product_id is not null)
    into sources_, instances_, currencies_, products_ from inserted;
  if sources_ is null then
    return null;
  end if;

  select array_agg(batch_id), array_agg(low), array_agg(high), array_agg(first_on), array_agg(last_on)
    into batches, lows, highs, firsts, lasts
  from (select batch_id, min(id) as low, max(id) as high, min(occurred_on) as first_on, max(occurred_on) as last_on
        from inserted group by batch_id) b;
  select b.batch_id::text into offender
  from unnest(batches, lows, highs, firsts, lasts) b (batch_id, low, high, first_on, last_on)
  where not exists (
    select from event_batches e where e.id = b.batch_id and e.transaction_id = pg_current_xact_id_if_assigned()
      and b.low >= e.first_id and b.high <= e.last_id and b.first_on >= e.first_on and b.last_on <= e.last_on
      and array[e.source_id] = sources_) limit 1;
  if offender is not null then
    raise exception 'events belong to a batch of their own transaction, within its ids, dates and source (batch %)', offender using errcode = 'RV002';
  end if;

  -- What billing reports arrives in files and by hand, what an operator does by request, what the system computes by itself;
  -- an adjustment is the one word that both billing and operators use.
  select array_agg(batch_id), array_agg(origin) into batches, names
  from (select distinct batch_id, case when kind = 'true_up' then 'system'
      when kind in ('bonus', 'write_off', 'reattribution', 'rerate', 'opening', 'void') then 'operator'
      when kind = 'adjustment' then 'either' else 'billing' end as origin from inserted) d;
  select b.id::text into offender from event_batches b join unnest(batches, names) n (batch_id, origin) on n.batch_id = b.id
  where case n.origin when 'either' then b.origin = 'system' when 'billing' then b.origin in ('operator', 'system') else b.origin <> n.origin end limit 1;
  if offender is not null then
    raise exception 'batch % holds what its origin does not do: billing reports, an operator acts, the system computes', offender using errcode = 'RV002';
  end if;

  select x::text into offender from unnest(instances_) x where not exists (select from instances i where i.id = x) limit 1;
  if offender is not null then
    raise exception 'there is no instance %', offender using errcode = '23503';
  end if;
  select x into offender from unnest(currencies_) x where not exists (select from currencies c where c.code = x) limit 1;
  if offender is not null then
    raise exception 'there is no currency %', offender using errcode = '23503';
  end if;
  select x::text into offender from unnest(products_) x where not exists (select from products p where p.id = x) limit 1;
  if offender is not null then
    raise exception 'there is no product %', offender using errcode = '23503';
  end if;

  select array_agg(account_id), array_agg(instance_id) into accounts_, account_instances
  from (select distinct account_id, instance_id from inserted where account_id is not null) d;
  select x.account_id::text into offender
  from unnest(accounts_, account_instances) x (account_id, instance_id)
  where not exists (select from accounts a where a.id = x.account_id and a.instance_id = x.instance_id) limit 1;
  if offender is not null then
    raise exception 'account % is not of its event''s instance', offender using errcode = '23503';
  end if;

  -- An act on a sale is of the operator's own source.
  select array_agg(sale_id), array_agg(instance_id), array_agg(currency),
      array_agg(case when kind in ('void', 'rerate', 'reattribution', 'opening') then null else source_id end),
      array_agg(account_id), array_agg(product_id), array_agg(external_id)
    into sales_, instances_, currencies_, sources_, accounts_, products_, names from inserted where sale_id is not null;
  if sales_ is not null then
    select i.external_id into offender
    from unnest(sales_, instances_, currencies_, sources_, accounts_, products_, names)
      i (sale_id, instance_id, currency, source_id, account_id, product_id, external_id)
    left join sales s on s.id = i.sale_id
    where s.id is null or s.currency <> i.currency or s.instance_id <> i.instance_id or s.source_id <> i.source_id
      or s.account_id <> i.account_id or s.product_id <> i.product_id limit 1;
    if offender is not null then
      raise exception 'event % differs from its sale in source, instance, currency, account or product', offender using errcode = 'RV006';
    end if;
  end if;

  -- A void takes back an event of the same instance, currency and sale that is no void itself; another act regards such an event.
  select array_agg(coalesce(voids_id, regards_id)), array_agg(case when voids_id is not null then sale_id end), array_agg(instance_id),
      array_agg(currency), array_agg(kind || ' ' || external_id)
    into targets, sales_, instances_, currencies_, names from inserted where voids_id is not null or regards_id is not null;
  if names is not null then
    select i.name into offender
    from unnest(targets, sales_, instances_, currencies_, names) i (target_id, sale_id, instance_id, currency, name)
    where not exists (select from revenue_events e where e.id = i.target_id and e.kind <> 'void' and e.instance_id = i.instance_id
                        and e.currency = i.currency and (i.name not like 'void %' or e.sale_id is not distinct from i.sale_id)) limit 1;
    if offender is not null then
      raise exception '% names no event of its instance, currency and sale', offender using errcode = '23503';
    end if;
  end if;

  -- MUST: one version live. A later version comes only after the earlier one was voided.
  select array_agg(source_id), array_agg(external_id), array_agg(version) into sources_, names, versions from inserted where version > 1;
  if names is not null then
    select i.external_id into offender
    from unnest(sources_, names, versions) i (source_id, external_id, version)
    where not exists (
      select from revenue_events p join revenue_events v on v.voids_id = p.id
      where p.source_id = i.source_id and p.external_id = i.external_id and p.version = i.version - 1) limit 1;
    if offender is not null then
      raise exception 'event % has a live version', offender using errcode = 'RV007', hint = 'void it first';
    end if;
  end if;
  return null;
end $$;
create trigger guard after insert on revenue_events referencing new table as inserted
  for each statement execute function guard_revenue_events();

-- A sale is known by its first recorded payment, or by the opening of the books, and nobody can say so but those: SECURITY DEFINER, because no login
-- may write first_payment_on. Locked in the order of their ids, as decisions lock them.
create function know_sales() returns trigger language plpgsql security definer set search_path from current
  set plan_cache_mode = force_custom_plan as $$
declare
  sales_ bigint[]; days date[];
begin
  select array_agg(sale_id), array_agg(day) into sales_, days
  from (select sale_id, min(occurred_on) as day from inserted where sale_id is not null and kind in ('payment', 'opening') group by sale_id) paid;
  if sales_ is null then
    return null;
  end if;
  perform from sales s where s.id = any (sales_) and s.first_payment_on is null order by s.id for no key update;
  update sales s set first_payment_on = paid.day, sale_date = coalesce(s.sale_date, paid.day)
  from unnest(sales_, days) paid (sale_id, day) where s.id = paid.sale_id and s.first_payment_on is null;
  return null;
end $$;
revoke execute on function know_sales() from public;
create trigger known_sales after insert on revenue_events referencing new table as inserted
  for each statement execute function know_sales();

-- A batch is whole: its range holds exactly its events, in the order of their business dates, and begins and ends on the
-- dates it says. Checked once, at commit, along the primary key: neither sorts nor looks anything up.
create function check_event_batch() returns trigger language plpgsql set search_path from current as $$
declare
  found_events bigint; disordered boolean; begins date; ends date;
begin
  select count(*), bool_or(e.occurred_on < e.before), min(e.occurred_on), max(e.occurred_on) into found_events, disordered, begins, ends
  from (select occurred_on, lag(occurred_on) over (order by id) as before from revenue_events
        where id between new.first_id and new.last_id and batch_id = new.id) e;
  if found_events <> new.last_id - new.first_id + 1 then
    raise exception 'batch % announces % events and holds %', new.id, new.last_id - new.first_id + 1, found_events using errcode = 'RV002';
  end if;
  if disordered or begins <> new.first_on or ends <> new.last_on then
    raise exception 'the events of batch % are not in the order of their business dates, from % to %', new.id, new.first_on, new.last_on
      using errcode = 'RV002', hint = 'what is decided of a batch is always its beginning, so its ids follow the dates';
  end if;
  return null;
end $$;
create constraint trigger batch_is_whole after insert on event_batches deferrable initially deferred
  for each row execute function check_event_batch();

grant select on sources, event_batches, sales, revenue_events to @operator@, @auditor@;
grant insert on sources, event_batches, sales, revenue_events to @operator@;
grant update (decided_to) on event_batches to @operator@;
grant update (account_id, product_id, sale_gross_minor, gross_told, wholesale_net_minor, sale_date) on sales to @operator@;
