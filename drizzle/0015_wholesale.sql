-- What the operator charges the partner (SEMANTICS §1, §6): usage, cycles of subscriptions, and what of it was received; kept
-- apart from what the partner earns. And what a sale costs wholesale where billing does not say it (§3).

-- Usage as it was metered. A correction is a row of its own, with a quantity below zero.
create table usage_batches (
  id bigint generated always as identity primary key,
  file_name text not null,
  file_sha256 text not null check (file_sha256 ~ '^[0-9a-f]{64}$'),
  created_by text not null,
  recorded_at timestamptz not null
);
create table usage_records (
  id bigint generated always as identity primary key,
  batch_id bigint not null references usage_batches,
  instance_id bigint not null references instances,
  meter_id bigint not null references meters,
  external_id text not null check (external_id <> '' and length(external_id) <= 500),
  quantity numeric not null check (quantity <> 0 and abs(quantity) < 1e15 and scale(quantity) <= 10),
  used_on date not null,
  currency text not null references currencies,
  region text check (region ~ '^[A-Z][A-Z0-9]{1,7}$'),
  constraint usage_records_identity unique (instance_id, external_id)
);
create index usage_records_used on usage_records (used_on);

-- Plain charges: a cycle of a subscription, in full on its first day; or the usage of a meter that was charged together.
create table wholesale_charges (
  id bigint generated always as identity primary key,
  posting_id bigint not null references postings,
  instance_id bigint not null references instances,
  -- who earned there on the day: it owes
  partner_id bigint not null references partners,
  subscription_id bigint references subscriptions,
  terms_id bigint references subscription_terms,
  cycle daterange check (not isempty(cycle) and not lower_inf(cycle) and not upper_inf(cycle)),
  meter_id bigint references meters,
  currency text not null references currencies,
  quantity numeric not null,
  amount_minor bigint not null check (amount_minor between -1000000000000000 and 1000000000000000),
  -- the first day of the cycle, the last day of the usage
  charged_on date not null,
  posting_date date not null,
  created_by text not null,
  recorded_at timestamptz not null,
  constraint wholesale_charges_of check (case when meter_id is null
    then num_nonnulls(subscription_id, terms_id, cycle) = 3 and charged_on = lower(cycle) and amount_minor >= 0
    else num_nonnulls(subscription_id, terms_id, cycle) = 0 end),
  -- MUST: no day of a subscription is charged twice
  constraint wholesale_charges_overlap exclude using gist (
    int8range(subscription_id, subscription_id, '[]') with &&, cycle with &&) where (subscription_id is not null)
);
create index wholesale_charges_posting on wholesale_charges (posting_id);
create index wholesale_charges_instance on wholesale_charges (instance_id, charged_on);

-- MUST: usage is charged once.
create table charged_usage (
  usage_id bigint primary key references usage_records,
  charge_id bigint not null references wholesale_charges
);
create index charged_usage_charge on charged_usage (charge_id);

-- What the partner paid of it.
create table wholesale_receipts (
  id bigint generated always as identity primary key,
  posting_id bigint not null references postings,
  instance_id bigint not null references instances,
  partner_id bigint not null references partners,
  currency text not null references currencies,
  amount_minor bigint not null check (amount_minor between 1 and 1000000000000000),
  reference text not null check (reference <> ''),
  received_on date not null,
  posting_date date not null,
  created_by text not null,
  recorded_at timestamptz not null,
  -- a bank's reference pays once
  constraint wholesale_receipts_reference unique (partner_id, reference)
);
create index wholesale_receipts_posting on wholesale_receipts (posting_id);

-- What a unit of a meter costs on a day: in its region, or else anywhere.
create function meter_price(meter bigint, in_region text, in_currency text, day date) returns numeric
  language sql stable set search_path from current as $$
  select p.unit_price from prices p
  where p.meter_id = meter and p.currency = in_currency and (p.region is null or p.region = in_region) and p.valid @> day and p.retired_seq is null
  order by p.region nulls last limit 1 $$;
revoke execute on function meter_price(bigint, text, text, date) from public;
grant execute on function meter_price(bigint, text, text, date) to @operator@, @auditor@;

alter table postings drop constraint postings_kind_check;
alter table postings add constraint postings_kind_check check (kind in ('decision', 'review', 'payout', 'wholesale'));

create function assert_wholesale_posting(posting bigint, partner bigint, instance bigint, day date, posted_on date) returns void
  language plpgsql set search_path from current as $$
begin
  if not exists (select from postings g where g.id = posting and g.kind = 'wholesale' and g.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'wholesale is posted by a posting of its own transaction' using errcode = 'RV011';
  end if;
  perform assert_periods_open(array[posted_on]);
  if posted_on <> posting_day(day) then
    raise exception 'wholesale of % posts on %, not on its day or the first of the next open period', day, posted_on using errcode = 'RV002';
  end if;
  if not exists (select from agreements a where a.instance_id = instance and a.partner_id = partner
                 and (a.valid @> day or day is null) and a.retired_seq is null) then
    raise exception 'partner % had no agreement at instance % on %', partner, instance, day using errcode = 'RV009';
  end if;
end $$;

-- MUST: a charge is of whoever earned there on its day; of a subscription that was active then, at what it cost then.
create function guard_wholesale_charge() returns trigger language plpgsql set search_path from current as $$
begin
  perform assert_wholesale_posting(new.posting_id, new.partner_id, new.instance_id, new.charged_on, new.posting_date);
  if new.subscription_id is not null and not exists (
    select from subscriptions s join subscription_terms t on t.subscription_id = s.id
    where s.id = new.subscription_id and s.instance_id = new.instance_id and s.currency = new.currency and t.id = new.terms_id
      and t.retired_seq is null and t.valid @> new.charged_on and t.quantity = new.quantity and t.wholesale_minor * t.quantity = new.amount_minor
      and subscription_status(s.id, new.charged_on) = 'active') then
    raise exception 'subscription % was not active on %, or did not cost that', new.subscription_id, new.charged_on using errcode = 'RV009';
  end if;
  return new;
end $$;
create trigger guard before insert on wholesale_charges for each row execute function guard_wholesale_charge();

-- MUST: the usage of a charge is what it says, by the price of each day, rounded once.
create function check_usage_charge() returns trigger language plpgsql set search_path from current as $$
declare
  summed record; charge wholesale_charges;
begin
  select * into charge from wholesale_charges where id = case tg_table_name when 'charged_usage' then (to_jsonb(new) ->> 'charge_id')::bigint
    else (to_jsonb(new) ->> 'id')::bigint end;
  if charge.meter_id is null then
    if tg_table_name = 'charged_usage' then
      raise exception 'charge % is of a subscription, not of usage', charge.id using errcode = 'RV009';
    end if;
    return null;
  end if;
  select sum(u.quantity) as quantity, round(sum(u.quantity * meter_price(u.meter_id, u.region, u.currency, u.used_on)) * 10::numeric ^ c.minor_units) as amount,
      max(u.used_on) as last_day, bool_and(u.instance_id = charge.instance_id and u.meter_id = charge.meter_id and u.currency = charge.currency) as fits,
      bool_and(meter_price(u.meter_id, u.region, u.currency, u.used_on) is not null) as priced
    into summed
  from charged_usage x join usage_records u on u.id = x.usage_id join currencies c on c.code = charge.currency
  where x.charge_id = charge.id group by c.minor_units;
  if summed is null or not (summed.fits and summed.priced) or summed.quantity <> charge.quantity or summed.amount <> charge.amount_minor
     or summed.last_day <> charge.charged_on then
    raise exception 'charge % is not what its usage comes to', charge.id using errcode = 'RV009';
  end if;
  return null;
end $$;
create constraint trigger usage_charge after insert on wholesale_charges deferrable initially deferred
  for each row execute function check_usage_charge();
create constraint trigger usage_charge after insert on charged_usage deferrable initially deferred
  for each row execute function check_usage_charge();

create function guard_wholesale_receipt() returns trigger language plpgsql set search_path from current as $$
begin
  perform assert_wholesale_posting(new.posting_id, new.partner_id, new.instance_id, null, posting_day(new.received_on));
  if new.posting_date <> posting_day(new.received_on) then
    raise exception 'what was received on % posts on %', new.received_on, posting_day(new.received_on) using errcode = 'RV002';
  end if;
  return new;
end $$;
create trigger guard before insert on wholesale_receipts for each row execute function guard_wholesale_receipt();

-- The transfers that a posting of wholesale wants: SEMANTICS §6. Never a wallet's.
create function wholesale_movements(posting bigint) returns table (debit_id bigint, credit_id bigint, kind text, posting_date date, amount bigint)
  language sql stable set search_path from current as $$
  with facts (partner_id, instance_id, currency, against, kind, posting_date, amount) as (
    select c.partner_id, c.instance_id, c.currency, 'wholesale_revenue',
      case when c.meter_id is null then 'wholesale_subscription' else 'wholesale_usage' end, c.posting_date, c.amount_minor
    from wholesale_charges c where c.posting_id = posting
    union all
    select r.partner_id, r.instance_id, r.currency, 'cash', 'wholesale_received', r.posting_date, -r.amount_minor
    from wholesale_receipts r where r.posting_id = posting
  )
  select case when sum(f.amount) > 0 then w.id else x.id end, case when sum(f.amount) > 0 then x.id else w.id end,
    f.kind, f.posting_date, abs(sum(f.amount))::bigint
  from facts f
  left join ledger_accounts w on w.type = 'wholesale_receivable' and w.partner_id = f.partner_id and w.instance_id = f.instance_id and w.currency = f.currency
  left join ledger_accounts x on x.type = f.against and x.currency = f.currency
  group by w.id, x.id, f.kind, f.posting_date having sum(f.amount) <> 0 $$;
revoke execute on function wholesale_movements(bigint) from public;
grant execute on function wholesale_movements(bigint) to @operator@, @auditor@;

create function assert_wholesale_posted(posting bigint) returns void language plpgsql stable set search_path from current as $$
begin
  perform from (
    select f.debit_id, f.credit_id, f.kind, f.posting_date, f.amount::numeric as said, 0::numeric as posted from wholesale_movements(posting) f
    union all
    select t.debit_id, t.credit_id, t.kind, t.posting_date, 0, t.amount_minor from transfers t where t.posting_id = posting
  ) sides group by debit_id, credit_id, kind, posting_date having sum(said) <> sum(posted) or debit_id is null or credit_id is null;
  if found then
    raise exception 'posting %: transfers differ from what was charged and received', posting using errcode = 'RV011';
  end if;
end $$;

create or replace function assert_posting_complete(posting bigint) returns void language plpgsql stable set search_path from current as $$
begin
  case (select kind from postings where id = posting)
    when 'decision' then perform assert_decisions_posted(posting);
    when 'review' then perform assert_review_posted(posting);
    when 'payout' then perform assert_payouts_posted(posting);
    when 'wholesale' then perform assert_wholesale_posted(posting);
  end case;
end $$;

create function check_wholesale_posting() returns trigger language plpgsql set search_path from current as $$
begin
  perform assert_wholesale_posted(new.posting_id);
  return null;
end $$;
create constraint trigger posting_is_complete after insert on wholesale_charges deferrable initially deferred
  for each row execute function check_wholesale_posting();
create constraint trigger posting_is_complete after insert on wholesale_receipts deferrable initially deferred
  for each row execute function check_wholesale_posting();

-- ── What a sale costs wholesale where billing does not say it ─────────────────────────────────────────────────────────

-- Which subscription an event is of, where its file says so.
alter table revenue_events add column subscription_id bigint;

create function guard_event_subscriptions() returns trigger language plpgsql set search_path from current as $$
declare
  events_ bigint[]; named bigint[]; offender bigint;
begin
  select array_agg(id), array_agg(subscription_id) into events_, named from inserted where subscription_id is not null;
  if events_ is null then
    return null;
  end if;
  select i.event_id into offender from unnest(events_, named) i (event_id, subscription_id)
  join revenue_events e on e.id = i.event_id
  where not exists (select from subscriptions s where s.id = i.subscription_id and s.instance_id = e.instance_id
                    and (s.account_id is null or s.account_id = e.account_id)) limit 1;
  if offender is not null then
    raise exception 'event % names a subscription that is not of its instance and account', offender using errcode = '23503';
  end if;
  return null;
end $$;
create trigger guard_subscriptions after insert on revenue_events referencing new table as inserted
  for each statement execute function guard_event_subscriptions();

-- The subscription of the whole instance is looked for by each of its sales, among perhaps many of its accounts'.
create index subscriptions_of_instance on subscriptions (instance_id) where account_id is null;

-- What the sales of these events, or events that are their own sale, take from a subscription, as known at a number: from the
-- one that the event names; else of those in force on the sale's day in its currency from the narrowest, of the account before
-- the instance's, of the product before every product's. Nothing where none or more than one is. All at once: a call for each
-- would cost more than everything else about deciding it.
create function subscription_costs_of(events bigint[], seq bigint)
  returns table (event_id bigint, sale_id bigint, subscription_id bigint, terms_id bigint, wholesale_net_minor bigint)
  language sql stable set search_path from current set plan_cache_mode = force_custom_plan as $$
  with asked as materialized (
    select e.id, e.sale_id, e.instance_id, e.currency, e.subscription_id as named,
      case when s.id is null then e.account_id else s.account_id end as account_id,
      case when s.id is null then e.product_id else s.product_id end as product_id,
      case when s.id is null then e.occurred_on else coalesce(s.sale_date, s.first_payment_on) end as day
    from unnest(events) x (id) join revenue_events e on e.id = x.id left join sales s on s.id = e.sale_id
  ), near as (
    select a.id, s.id as subscription_id from asked a join subscriptions s on s.id = a.named where a.named is not null
    union all
    select a.id, s.id from asked a join subscriptions s on s.account_id = a.account_id where a.named is null
    union all
    select a.id, s.id from asked a join subscriptions s on s.instance_id = a.instance_id and s.account_id is null where a.named is null
  ), in_force as (
    select a.id, a.sale_id, s.id as subscription_id, t.id as terms_id, t.wholesale_minor * t.quantity as cost,
      (s.account_id is not null)::int * 2 + (p.product_id is not null)::int as place
    from near n
    join asked a on a.id = n.id
    join subscriptions s on s.id = n.subscription_id and s.instance_id = a.instance_id and s.currency = a.currency
    join plans p on p.id = s.plan_id and (a.named is not null or p.product_id is null or p.product_id = a.product_id)
    join subscription_terms t on t.subscription_id = s.id and t.valid @> a.day and t.known_seq <= seq and (t.retired_seq is null or t.retired_seq > seq)
    where (select x.status from subscription_states x where x.subscription_id = s.id and x.starts_on <= a.day and x.known_seq <= seq
           order by x.ordinal desc limit 1) in ('trial', 'active')
  )
  select id, sale_id, subscription_id, terms_id, cost from (
    select f.*, count(*) over (partition by id, place) as alike, max(place) over (partition by id) as narrowest from in_force f
  ) found where place = narrowest and alike = 1 $$;
revoke execute on function subscription_costs_of(bigint[], bigint) from public;
grant execute on function subscription_costs_of(bigint[], bigint) to @operator@, @auditor@;

-- What the first decision of a sale took from a subscription: frozen for the sale. Of an event that is its own sale, sale_id
-- is null. Kept where rules of margin ask for it.
create table subscription_costs (
  event_id bigint primary key,
  sale_id bigint unique,
  chunk_id bigint not null,
  subscription_id bigint not null,
  terms_id bigint not null,
  wholesale_net_minor bigint not null check (wholesale_net_minor between 0 and 1000000000000000)
);
create trigger insert_only before update or delete or truncate on subscription_costs for each statement execute function refuse_change();

-- MUST: it comes with the first decision of its sale, which billing gave no wholesale price, and is what was known then.
create function guard_subscription_costs() returns trigger language plpgsql set search_path from current set plan_cache_mode = force_custom_plan as $$
declare
  events_ bigint[]; sales_ bigint[]; event_chunks bigint[]; subscriptions_ bigint[]; terms bigint[]; costs bigint[]; offender bigint;
begin
  select array_agg(event_id), array_agg(sale_id), array_agg(chunk_id), array_agg(subscription_id), array_agg(terms_id), array_agg(wholesale_net_minor)
    into events_, sales_, event_chunks, subscriptions_, terms, costs from inserted;
  if events_ is null then
    return null;
  end if;
  select x into offender from (select distinct x from unnest(event_chunks) x) d
  where not exists (select from decision_chunks c where c.id = x and c.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if offender is not null then
    raise exception 'costs belong to a chunk of their own transaction (chunk %)', offender using errcode = 'RV002';
  end if;
  select i.event_id into offender
  from unnest(events_, sales_, event_chunks, subscriptions_, terms, costs) i (event_id, sale_id, chunk_id, subscription_id, terms_id, cost)
  left join revenue_events e on e.id = i.event_id
  left join sales s on s.id = e.sale_id
  left join (
    select k.*, c.known_seq from (select distinct known_seq from decision_chunks where id = any (event_chunks)) c
    cross join lateral subscription_costs_of(events_, c.known_seq) k
  ) k on k.event_id = i.event_id and k.known_seq = (select c.known_seq from decision_chunks c where c.id = i.chunk_id)
  where e.id is null or e.sale_id is distinct from i.sale_id or (s.id is null and e.kind <> 'payment')
    or coalesce(s.wholesale_net_minor, e.wholesale_net_minor) is not null
    or k.subscription_id is distinct from i.subscription_id or k.terms_id is distinct from i.terms_id or k.wholesale_net_minor is distinct from i.cost
    or not exists (select from entries n where n.event_id = i.event_id and n.chunk_id = i.chunk_id)
    or exists (select from revenue_events o join entries n on n.event_id = o.id
               where o.sale_id = i.sale_id and n.chunk_id < i.chunk_id and n.reason is distinct from 'sale_unknown') limit 1;
  if offender is not null then
    raise exception 'the cost of event % is not what its subscription cost at the first decision of its sale', offender using errcode = 'RV009';
  end if;
  return null;
end $$;
create trigger guard after insert on subscription_costs referencing new table as inserted for each statement execute function guard_subscription_costs();

do $$
declare
  kept text;
begin
  foreach kept in array array['usage_batches', 'usage_records', 'wholesale_charges', 'charged_usage', 'wholesale_receipts'] loop
    execute format('create trigger insert_only before update or delete or truncate on %I for each statement execute function refuse_change()', kept);
  end loop;
  foreach kept in array array['usage_batches', 'wholesale_charges', 'wholesale_receipts'] loop
    execute format('create trigger stamp before insert on %I for each row execute function stamp()', kept);
    execute format('create trigger audit after insert on %I for each row execute function audit()', kept);
  end loop;
  foreach kept in array array['usage_batches', 'usage_records', 'wholesale_charges', 'charged_usage', 'wholesale_receipts', 'subscription_costs'] loop
    execute format('grant select on %I to @operator@, @auditor@', kept);
    execute format('grant insert on %I to @operator@', kept);
  end loop;
end $$;
