-- Corrections by people (SEMANTICS §2, §4) under four eyes (§7). Somebody asks, somebody else agrees, and what is then
-- done is exactly what was asked for: an act is an event of a batch that names its request.

-- What is asked for. `payload` holds the acts to the cent, or the terms they follow from with the acts' count and hash;
-- `content_hash` binds the approval to all of it.
create table requests (
  id bigint generated always as identity primary key,
  kind text not null check (kind in ('adjustment', 'bonus', 'write_off', 'void', 'settlement', 'reattribution', 'rerate', 'debit', 'recovery', 'opening', 'transfer', 'limit', 'reopening')),
  reason text not null check (reason <> ''),
  payload jsonb not null check (jsonb_typeof(payload) = 'object' and (kind = 'limit' or payload ? 'acts')),
  content_hash text not null,
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on requests for each row execute function stamp();
create trigger chosen_id before insert on requests for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on requests for each statement execute function refuse_change();
create trigger audit after insert on requests for each row execute function audit();

create function hash_request() returns trigger language plpgsql set search_path from current as $$
begin
  new.content_hash := encode(sha256(convert_to(new.kind || E'\n' || new.reason || E'\n' || new.payload, 'UTF8')), 'hex');
  return new;
end $$;
create trigger hashed before insert on requests for each row execute function hash_request();

-- The second person's yes, anybody's no, and the doing: once each.
create table request_approvals (
  request_id bigint primary key references requests,
  content_hash text not null,
  note text check (note <> ''),
  created_by text not null,
  recorded_at timestamptz not null
);
create table request_rejections (
  request_id bigint primary key references requests,
  reason text not null check (reason <> ''),
  created_by text not null,
  recorded_at timestamptz not null
);
create table request_applications (
  request_id bigint primary key references requests,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on request_approvals for each row execute function stamp();
create trigger stamp before insert on request_rejections for each row execute function stamp();
create trigger stamp before insert on request_applications for each row execute function stamp_in_transaction();
do $$
declare
  answer text;
begin
  foreach answer in array array['request_approvals', 'request_rejections', 'request_applications'] loop
    execute format('create trigger insert_only before update or delete or truncate on %I for each statement execute function refuse_change()', answer);
    execute format('create trigger audit after insert on %I for each row execute function audit()', answer);
  end loop;
end $$;

-- MUST: who approves is not who asked, both named by the session; the approval is of this content and no other. Answers to
-- one request come one after another: each takes its row first, which wants the right to update it, which nobody has.
create function guard_request_answer() returns trigger language plpgsql security definer set search_path from current as $$
declare
  asked requests;
begin
  select * into asked from requests where id = new.request_id for no key update;
  if not found then
    raise exception 'there is no request %', new.request_id using errcode = '23503';
  end if;
  if exists (select from request_rejections r where r.request_id = asked.id) then
    raise exception 'request % was rejected, which is final', asked.id using errcode = 'RV004', hint = 'ask again';
  end if;
  if tg_table_name <> 'request_applications'
     and exists (select from request_applications a where a.request_id = asked.id and a.transaction_id <> pg_current_xact_id()) then
    raise exception 'request % is done', asked.id using errcode = 'RV004', hint = 'what it posted is taken back by a request of its own';
  end if;
  if tg_table_name = 'request_approvals' then
    if asked.created_by = session_user then
      raise exception 'request % was made by %, who cannot approve it', asked.id, asked.created_by
        using errcode = 'RV014', hint = 'a second person approves, with a login of their own';
    end if;
    if asked.content_hash <> to_jsonb(new) ->> 'content_hash' then
      raise exception 'request % has other content than what was approved', asked.id using errcode = 'RV017', hint = 'look at the request again';
    end if;
  end if;
  return new;
end $$;
revoke execute on function guard_request_answer() from public;
create trigger guard before insert on request_approvals for each row execute function guard_request_answer();
create trigger guard before insert on request_rejections for each row execute function guard_request_answer();
create trigger guard before insert on request_applications for each row execute function guard_request_answer();

-- Whether the request is being done by this very transaction.
create function is_being_applied(request bigint) returns boolean language sql stable set search_path from current as $$
  select exists (select from request_applications a where a.request_id = request and a.transaction_id = pg_current_xact_id_if_assigned()) $$;
revoke execute on function is_being_applied(bigint) from public;
grant execute on function is_being_applied(bigint) to @operator@, @auditor@;

alter table event_batches add column request_id bigint references requests;
create unique index event_batches_request on event_batches (request_id) where request_id is not null;

-- MUST: what an operator does to money names the request it does, in the transaction that does it. At commit that one is
-- proved to be approved, or small enough (check_request_applied).
create function guard_operator_batch() returns trigger language plpgsql set search_path from current as $$
begin
  if (new.origin = 'operator') <> (new.request_id is not null) then
    raise exception 'an operator''s batch does a request, and no other batch does' using errcode = 'RV014', hint = 'ask for it: see `revshare approval --help`';
  end if;
  if new.request_id is not null and not is_being_applied(new.request_id) then
    raise exception 'request % is not being done by this transaction', new.request_id using errcode = 'RV014';
  end if;
  return new;
end $$;
create trigger guard_request before insert on event_batches for each row execute function guard_operator_batch();

-- What an act itself says a partner gets: of a bonus, an adjustment, a write-off, a true-up. Signed minor units of the
-- event's currency; base, rule and rate say how it was come by, where somebody worked it out.
create table event_legs (
  event_id bigint not null,
  leg smallint not null check (leg between 0 and 1599),
  partner_id bigint not null references partners,
  amount_minor bigint not null,
  base_minor bigint not null default 0,
  rule_version_id bigint references rule_versions,
  rate_ppm integer,
  -- when it may be paid, of what the books began with; of anything else the hold says
  payable_on date,
  primary key (event_id, leg)
);
create trigger insert_only before update or delete or truncate on event_legs for each statement execute function refuse_change();

-- Whoever has, had or could have earned at an instance has a wallet there or gets one: by agreement, by attribution, or
-- from above one who has.
create function may_hold_wallet(partner bigint, instance bigint) returns boolean language sql stable set search_path from current as $$
  with recursive below (id) as (
    select partner union select p.partner_id from below b join partner_parents p on p.parent_id = b.id
  )
  select exists (select from ledger_accounts a where a.type = 'wallet' and a.partner_id = partner and a.instance_id = instance)
    or exists (select from below b join agreements g on g.partner_id = b.id where g.instance_id = instance)
    or exists (select from below b join account_slots s on s.partner_id = b.id join accounts c on c.id = s.account_id where c.instance_id = instance) $$;
revoke execute on function may_hold_wallet(bigint, bigint) from public;
grant execute on function may_hold_wallet(bigint, bigint) to @operator@, @auditor@;

-- MUST: legs come with their event, and only with one that says itself what it posts.
create function guard_event_legs() returns trigger language plpgsql set search_path from current as $$
declare
  events_ bigint[]; partners_ bigint[]; amounts bigint[]; offender record;
begin
  select array_agg(event_id), array_agg(partner_id), array_agg(amount_minor) into events_, partners_, amounts from inserted;
  if events_ is null then
    return null;
  end if;
  -- Events are looked up one by one: joined, all of them would be read, as long as the planner takes them for few.
  select i.event_id into offender from (select distinct x.event_id from unnest(events_) x (event_id)) i
  where (
    select b.transaction_id = pg_current_xact_id_if_assigned() and b.origin in ('operator', 'system')
      and e.kind in ('bonus', 'adjustment', 'write_off', 'opening', 'true_up')
    from revenue_events e join event_batches b on b.id = e.batch_id where e.id = i.event_id) is not true limit 1;
  if found then
    raise exception 'legs are written with their event, and only of an act that says itself what it posts (event %)', offender.event_id using errcode = 'RV002';
  end if;
  select i.partner_id, i.instance_id into offender
  from (
    select distinct x.partner_id, (select e.instance_id from revenue_events e where e.id = x.event_id) as instance_id
    from unnest(events_, partners_) x (event_id, partner_id)
  ) i
  where not may_hold_wallet(i.partner_id, i.instance_id) limit 1;
  if found then
    raise exception 'partner % never earned at instance % and has no wallet there', (select code from partners where id = offender.partner_id),
      (select code from instances where id = offender.instance_id) using errcode = 'RV009';
  end if;

  -- Written off is what is there: the wallet ends at nothing, and so does a request that waited for too long.
  if exists (select from unnest(events_) x (id) where (select e.kind from revenue_events e where e.id = x.id) = 'write_off') then
    select p.code as partner, n.code as instance into offender
    from unnest(events_, partners_, amounts) i (event_id, partner_id, amount_minor)
    join revenue_events e on e.id = i.event_id and e.kind = 'write_off'
    join partners p on p.id = i.partner_id join instances n on n.id = e.instance_id
    left join ledger_accounts w on w.type = 'wallet' and w.partner_id = i.partner_id and w.instance_id = e.instance_id and w.currency = e.currency
    where i.amount_minor + coalesce((select sum(case when t.credit_id = w.id then t.amount_minor else -t.amount_minor end)
      from transfers t where w.id in (t.credit_id, t.debit_id)), 0) <> 0 limit 1;
    if found then
      raise exception 'the balance of partner % at instance % is another than what is written off', offender.partner, offender.instance using errcode = 'RV017';
    end if;
  end if;
  return null;
end $$;
create trigger guard after insert on event_legs referencing new table as inserted for each statement execute function guard_event_legs();

-- MUST: what is given is posted, leg by leg, to the cent and to the partner named. Costs an accrual nothing where no act
-- lies among its events.
create function guard_given_entries() returns trigger language plpgsql set search_path from current as $$
declare
  low bigint; high bigint; events_ bigint[]; legs smallint[]; wallets bigint[]; amounts bigint[]; payables date[]; offender bigint;
begin
  select min(event_id), max(event_id) into low, high from inserted;
  if not exists (select from event_legs l where l.event_id between low and high) then
    return null;
  end if;
  select array_agg(event_id), array_agg(leg), array_agg(wallet_id), array_agg(amount_minor), array_agg(payable_on)
    into events_, legs, wallets, amounts, payables from inserted;
  select event_id into offender from (
    select l.event_id, l.leg, l.partner_id, l.amount_minor, l.payable_on from event_legs l where l.event_id between low and high and l.event_id = any (events_)
  ) l
  full join (
    select i.event_id, i.leg, w.partner_id, i.amount_minor, i.payable
    from unnest(events_, legs, wallets, amounts, payables) i (event_id, leg, wallet_id, amount_minor, payable) left join ledger_accounts w on w.id = i.wallet_id
    where exists (select from event_legs x where x.event_id = i.event_id)
  ) n using (event_id, leg)
  where l.amount_minor is distinct from n.amount_minor or (n.amount_minor <> 0 and l.partner_id is distinct from n.partner_id)
    or l.payable_on <> n.payable limit 1;
  if found then
    raise exception 'the entries of event % are not what it gives', offender using errcode = 'RV009';
  end if;
  return null;
end $$;
create trigger guard_given after insert on entries referencing new table as inserted for each statement execute function guard_given_entries();

-- MUST: an orphan is settled once, and only while its sale is unknown: then it posted nothing, and the sale that comes
-- later leaves it out. Holds the sale, so that its first payment waits for this or this sees it.
create function guard_settlements() returns trigger language plpgsql set search_path from current as $$
declare
  orphans bigint[]; offender text;
begin
  select array_agg(regards_id) into orphans from inserted where kind = 'adjustment' and regards_id is not null;
  if orphans is null then
    return null;
  end if;
  perform s.id from sales s where s.id in (select e.sale_id from revenue_events e where e.id = any (orphans)) order by s.id for share;
  select e.external_id into offender from unnest(orphans) x (id) left join revenue_events e on e.id = x.id left join sales s on s.id = e.sale_id
  where s.id is null or s.first_payment_on is not null
    or not exists (select from entries n where n.event_id = e.id and n.reason = 'sale_unknown')
    or exists (select from revenue_events v where v.voids_id = e.id) limit 1;
  if found then
    raise exception 'event % is no orphan: its sale is known, it is void, or nobody has decided it', offender using errcode = 'RV006';
  end if;
  return null;
end $$;
create trigger guard_settlements after insert on revenue_events referencing new table as inserted for each statement execute function guard_settlements();
create unique index revenue_events_settled_once on revenue_events (regards_id) where regards_id is not null and kind = 'adjustment';

-- The sale that an opening is of, by its name and terms: it gets a number only when it is opened.
create function opened_sale(e revenue_events) returns jsonb language sql stable set search_path from current as $$
  select jsonb_strip_nulls(jsonb_build_object('source', o.code, 'ref', s.sale_ref, 'net_minor', s.sale_net_minor::text, 'date', s.sale_date,
    'account_id', s.account_id, 'product_id', s.product_id, 'collected_minor', e.net_minor::text))
  from sales s join sources o on o.id = s.source_id where s.id = e.sale_id and e.kind = 'opening' $$;
revoke execute on function opened_sale(revenue_events) from public;
grant execute on function opened_sale(revenue_events) to @operator@, @auditor@;

-- The acts of a batch as a request writes them: what they do and to whom, without numbers drawn and dates.
create function batch_acts(batch bigint) returns table (event_id bigint, act jsonb) language sql stable set search_path from current as $$
  select e.id, jsonb_strip_nulls(jsonb_build_object('kind', e.kind, 'instance_id', e.instance_id, 'account_id', e.account_id, 'currency', e.currency,
    'sale_id', case when e.kind <> 'opening' then e.sale_id end, 'sale', case when e.kind = 'opening' then opened_sale(e) end, 'voids_id', e.voids_id, 'regards_id', e.regards_id, 'legs', (
      select jsonb_agg(jsonb_build_object('leg', l.leg, 'partner_id', l.partner_id, 'amount_minor', l.amount_minor::text, 'base_minor', l.base_minor::text,
        'rule_version_id', l.rule_version_id, 'rate_ppm', l.rate_ppm, 'payable_on', l.payable_on) order by l.leg) from event_legs l where l.event_id = e.id)))
  from event_batches b join revenue_events e on e.id between b.first_id and b.last_id and e.batch_id = b.id
  where b.id = batch $$;
revoke execute on function batch_acts(bigint) from public;
grant execute on function batch_acts(bigint) to @operator@, @auditor@;

-- More of them than anybody reads are told by their count and hash.
create function batch_digest(batch bigint) returns jsonb language sql stable set search_path from current as $$
  select jsonb_build_object('count', count(*), 'sha256', encode(sha256(convert_to(coalesce(string_agg(act::text, E'\n' order by event_id), ''), 'UTF8')), 'hex'))
  from batch_acts(batch) $$;
revoke execute on function batch_digest(bigint) from public;
grant execute on function batch_digest(bigint) to @operator@, @auditor@;

create function business_today() returns date language sql stable set search_path from current as $$
  select (now() at time zone zone)::date from programme $$;
revoke execute on function business_today() from public;
grant execute on function business_today() to @operator@, @auditor@;

-- The version of the limit that stands now over which a payout run wants a second checker; null: there is none.
create function second_checker_limit() returns bigint language sql stable set search_path from current as $$
  select s.id from settings s
  where s.name = 'second_checker_limit' and s.instance_id is null and s.retired_seq is null and s.valid @> business_today() $$;
revoke execute on function second_checker_limit() from public;

-- Up to which sum, in minor units, one person may act alone; 0: never.
create function four_eyes_limit(currency text) returns bigint language sql stable set search_path from current as $$
  select coalesce((select (s.value ->> four_eyes_limit.currency)::bigint from settings s
    where s.name = 'four_eyes_limit' and s.instance_id is null and s.retired_seq is null and s.valid @> business_today()), 0) $$;
revoke execute on function four_eyes_limit(text) from public;
grant execute on function four_eyes_limit(text) to @operator@, @auditor@;

-- How much a batch of acts moves per currency: what its legs give or take; of the events that it takes back their revenue,
-- or what they posted, if that is more.
create function batch_weights(batch bigint) returns table (currency text, weight numeric) language sql stable set search_path from current as $$
  select e.currency, sum(coalesce(abs(l.amount_minor), greatest(abs(v.net_minor),
      (select sum(abs(n.amount_minor)) from entries n where n.event_id = v.id))))
  from event_batches b join revenue_events e on e.id between b.first_id and b.last_id and e.batch_id = b.id
  left join event_legs l on l.event_id = e.id left join revenue_events v on v.id = e.voids_id
  where b.id = batch group by 1 $$;
revoke execute on function batch_weights(bigint) from public;
grant execute on function batch_weights(bigint) to @operator@, @auditor@;

-- Whether what a batch does is small enough for one person. Who earns, and by which rule, is never small.
create function is_small(batch bigint) returns boolean language sql stable set search_path from current as $$
  select coalesce((select r.kind not in ('reattribution', 'rerate', 'recovery', 'opening', 'transfer', 'limit') from event_batches b join requests r on r.id = b.request_id where b.id = batch), false)
    and not exists (select from batch_weights(batch) w where w.weight > four_eyes_limit(w.currency) or four_eyes_limit(w.currency) = 0) $$;
revoke execute on function is_small(bigint) from public;
grant execute on function is_small(bigint) to @operator@, @auditor@;

-- MUST: what was done is what was asked for, and a second person agreed unless it is small.
create function assert_request_applied(request bigint) returns void language plpgsql stable set search_path from current as $$
declare
  asked requests; batch bigint; acts jsonb; made text;
begin
  select * into asked from requests where id = request;
  select id into batch from event_batches where request_id = request;
  if asked.kind = 'limit' then
    if not exists (select from settings s join known_changes k on k.known_seq = s.known_seq
                   where s.name = asked.payload ->> 'setting' and s.retired_seq is null and s.value = asked.payload -> 'value'
                     and s.valid @> business_today() and upper_inf(s.valid)
                     and k.transaction_id = pg_current_xact_id_if_assigned()) or batch is not null then
      raise exception 'request % asks for another limit than what was set', request using errcode = 'RV017';
    end if;
  elsif asked.kind = 'reopening' then
    perform assert_reopened(request);
  else
    acts := asked.payload -> 'acts';
    select string_agg(distinct act ->> 'kind', ', ') into made from batch_acts(batch);
    if made is distinct from (case when acts = '[]' then null when asked.kind in ('settlement', 'debit', 'recovery') then 'adjustment' else asked.kind end)
       or (case when jsonb_typeof(acts) = 'array'
                then acts <> coalesce((select jsonb_agg(b.act order by b.event_id) from batch_acts(batch) b), '[]')
                else acts <> batch_digest(batch) end) then
      raise exception 'request % asks for other acts than what was done', request using errcode = 'RV017', hint = 'nothing was written; ask again';
    end if;
    if exists (select from batch_acts(batch) b where b.act ->> 'kind' in ('bonus', 'adjustment', 'write_off', 'opening') and not b.act ? 'legs') then
      raise exception 'an act of request % gives nothing to anybody', request using errcode = 'RV017';
    end if;
    if asked.kind = 'recovery' then
      perform assert_recovered(request);
    elsif asked.kind = 'opening' then
      perform assert_opened(request);
    end if;
    if asked.kind = 'transfer' then
      perform assert_transferred(request);
    end if;
  end if;
  if not exists (select from request_approvals a where a.request_id = request) and not is_small(batch) then
    raise exception 'request % wants the approval of a second person', request
      using errcode = 'RV014', hint = format('revshare approval approve %s, with a login of their own', request);
  end if;
end $$;
revoke execute on function assert_request_applied(bigint) from public;
grant execute on function assert_request_applied(bigint) to @operator@;

create function check_request_applied() returns trigger language plpgsql set search_path from current as $$
begin
  perform assert_request_applied(new.request_id);
  return null;
end $$;
create constraint trigger applied after insert on request_applications deferrable initially deferred
  for each row execute function check_request_applied();

-- The legs of an event are one statement, so that none can follow once they have been proved (set constraints … immediate).
create function check_legs_at_once() returns trigger language plpgsql set search_path from current as $$
declare
  events_ bigint[]; counts bigint[]; offender bigint;
begin
  select array_agg(event_id), array_agg(legs) into events_, counts from (select event_id, count(*) as legs from inserted group by 1) i;
  select i.event_id into offender from unnest(events_, counts) i (event_id, legs)
  where i.legs <> (select count(*) from event_legs l where l.event_id = i.event_id) limit 1;
  if found then
    raise exception 'the legs of event % are written at once', offender using errcode = 'RV002';
  end if;
  return null;
end $$;
create trigger written_at_once after insert on event_legs referencing new table as inserted for each statement execute function check_legs_at_once();

-- MUST: up to where one person acts alone, and one checker is enough, is decided by two: no version is said, and none retired,
-- without their request. Cutting an old version short is none of that: it says what it said.
create function guard_limit() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from request_applications a join requests r on r.id = a.request_id join request_approvals p on p.request_id = r.id
                 where a.transaction_id = pg_current_xact_id_if_assigned() and r.kind = 'limit' and r.payload ->> 'setting' = new.name
                   and (tg_op = 'UPDATE' or r.payload -> 'value' = new.value))
     and not (tg_op = 'INSERT' and exists (
       select from settings s where s.name = new.name and s.retired_seq = new.known_seq and s.value = new.value and new.valid <@ s.valid)) then
    raise exception 'a limit up to which one person or one checker is enough wants the approval of a second person'
      using errcode = 'RV014', hint = 'revshare approval limit CURRENCY AMOUNT --reason …';
  end if;
  return new;
end $$;
create trigger guard_limit before insert or update on settings for each row
  when (new.name in ('four_eyes_limit', 'second_checker_limit')) execute function guard_limit();

-- MUST: nobody stands above himself, and nobody below more partners than the programme has levels. The days matter: a
-- chain counts where all its links are in force. Deferred, because a change retires one link and makes another.
create function check_partner_parents() returns trigger language plpgsql set search_path from current as $$
declare
  levels int := coalesce((select (s.value)::int from settings s where s.name = 'partner_levels' and s.instance_id is null
    and s.retired_seq is null and s.valid @> business_today()), 1);
  chain record;
begin
  if exists (select from partner_parents p where p.id = new.id and p.retired_seq is not null) then
    return null;
  end if;
  with recursive above (partner_id, valid, links) as (
    select new.parent_id, new.valid, 1
    union all
    select p.parent_id, a.valid * p.valid, a.links + 1 from above a join partner_parents p
      on p.partner_id = a.partner_id and p.retired_seq is null and p.valid && a.valid
    where a.partner_id <> new.partner_id and a.links <= 16
  ), below (partner_id, valid, links) as (
    select new.partner_id, new.valid, 0
    union all
    select p.partner_id, b.valid * p.valid, b.links + 1 from below b join partner_parents p
      on p.parent_id = b.partner_id and p.retired_seq is null and p.valid && b.valid
    where b.links <= 16
  )
  select a.links + b.links as links, bool_or(a.partner_id = new.partner_id) over () as closed into chain
  from above a join below b on b.valid && a.valid order by 1 desc limit 1;
  if chain.closed then
    raise exception 'a partner never stands under itself' using errcode = 'RV018', hint = 'one link of that chain must go first';
  end if;
  if chain.links > levels then
    raise exception 'this makes % levels of partners and the programme has %', chain.links, levels
      using errcode = 'RV018', hint = 'the setting partner_levels says how many there may be';
  end if;
  return null;
end $$;
create constraint trigger hierarchy after insert on partner_parents deferrable initially deferred
  for each row execute function check_partner_parents();

grant select on requests, request_approvals, request_rejections, request_applications, event_legs to @operator@, @auditor@;
grant insert on requests, request_approvals, request_rejections, request_applications, event_legs to @operator@;
