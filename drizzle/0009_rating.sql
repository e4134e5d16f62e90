-- What rating counts over (SEMANTICS §3, §4): the windows of tiers and caps, and the clocks of accounts.

-- A window is named by its rule, whom it counts per, the currency and its first day. Each decided leg under such a rule
-- moves it, if only by nothing, and the latest move says where it stands: the ordinals of a window count its moves, so
-- that two writers who both continue the same move collide, and each row proves the sum it brings from the one before.
create table window_moves (
  rule_id bigint not null,
  -- the partner, the instance or the account that the rule counts per
  owner_id bigint not null,
  event_id bigint not null,
  chunk_id bigint not null,
  base_minor bigint not null,
  full_minor bigint not null,
  base_after_minor bigint not null check (base_after_minor >= 0),
  -- under whole brackets what the window has posted, true-ups included; below zero where a rate falls with the volume
  full_after_minor bigint not null,
  -- the first day; that of a rule's lifetime is 0001-01-01
  starts_on date not null,
  ordinal integer not null check (ordinal >= 1),
  leg smallint not null,
  currency text not null,
  primary key (rule_id, owner_id, currency, starts_on, ordinal),
  -- a sale that is rated again may leave one window and enter another
  constraint window_moves_entry unique (event_id, leg, rule_id, owner_id, starts_on)
);
create trigger insert_only before update or delete or truncate on window_moves for each statement execute function refuse_change();

-- The first day of the window of a kind that holds a day, and the first day after a window that begins on one.
create function window_start(kind text, day date) returns date language sql immutable set search_path from current as $$
  select case kind when 'lifetime' then date '0001-01-01' else date_trunc(kind, day::timestamp)::date end $$;
create function window_end(kind text, starts_on date) returns date language sql immutable set search_path from current as $$
  select case kind when 'month' then starts_on + interval '1 month' when 'quarter' then starts_on + interval '3 months'
    when 'year' then starts_on + interval '1 year' else 'infinity' end::date $$;
revoke execute on function window_start(text, date), window_end(text, date) from public;
grant execute on function window_start(text, date), window_end(text, date) to @operator@, @auditor@;

-- MUST: a move is its entry's, made by the chunk that made the entry, and begins where the window stood.
create function guard_window_moves() returns trigger language plpgsql set search_path from current set plan_cache_mode = force_custom_plan as $$
declare
  rules_ bigint[]; owners bigint[]; events_ bigint[]; event_chunks bigint[]; bases bigint[]; fulls bigint[]; bases_after bigint[];
  fulls_after bigint[]; starts date[]; ordinals int[]; legs smallint[]; currencies_ text[]; chunks bigint[]; offender bigint;
begin
  select array_agg(rule_id), array_agg(owner_id), array_agg(event_id), array_agg(chunk_id), array_agg(base_minor), array_agg(full_minor),
      array_agg(base_after_minor), array_agg(full_after_minor), array_agg(starts_on), array_agg(ordinal), array_agg(leg), array_agg(currency)
    into rules_, owners, events_, event_chunks, bases, fulls, bases_after, fulls_after, starts, ordinals, legs, currencies_ from inserted;
  if events_ is null then
    return null;
  end if;
  select array_agg(distinct x) into chunks from unnest(event_chunks) x;
  select x into offender from unnest(chunks) x
  where not exists (select from decision_chunks c where c.id = x and c.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if offender is not null then
    raise exception 'moves belong to a chunk of their own transaction (chunk %)', offender using errcode = 'RV002';
  end if;
  perform assert_not_posted(chunks);

  select i.event_id into offender
  from unnest(events_, legs, event_chunks, rules_, currencies_) i (event_id, leg, chunk_id, rule_id, currency)
  left join entries n on n.event_id = i.event_id and n.leg = i.leg and n.chunk_id = i.chunk_id
  left join rule_versions v on v.id = n.rule_version_id
  left join revenue_events e on e.id = i.event_id
  -- what is rated again leaves the window of the rule it had before
  where n.event_id is null or e.currency <> i.currency
    or (v.rule_id is distinct from i.rule_id and n.kind not in ('rerate', 'reattribution')) limit 1;
  if offender is not null then
    raise exception 'the move of event % has no entry of its chunk, rule and currency', offender using errcode = 'RV009';
  end if;

  select i.event_id into offender
  from unnest(rules_, owners, currencies_, starts, ordinals, events_, bases, fulls, bases_after, fulls_after)
    i (rule_id, owner_id, currency, starts_on, ordinal, event_id, base, "full", base_after, full_after)
  left join window_moves p on p.rule_id = i.rule_id and p.owner_id = i.owner_id and p.currency = i.currency and p.starts_on = i.starts_on
    and p.ordinal = i.ordinal - 1
  where (p.ordinal is null and i.ordinal > 1)
    or coalesce(p.base_after_minor, 0) + i.base <> i.base_after or coalesce(p.full_after_minor, 0) + i."full" <> i.full_after limit 1;
  if offender is not null then
    raise exception 'the move of event % does not begin where its window stood', offender using errcode = 'RV015';
  end if;
  return null;
end $$;
create trigger guard after insert on window_moves referencing new table as inserted for each statement execute function guard_window_moves();

-- By which rule an account was won: its first paid sale freezes the clock, and what the rule said of first sales and
-- months; later rules change rates, never these. The version stands here when it said anything of them. Kept from the
-- moment on at which a rule of the programme first does; accounts won before are frozen then, without limits or chunk.
create table account_terms (
  account_id bigint primary key,
  event_id bigint not null,
  sale_id bigint,
  rule_version_id bigint,
  chunk_id bigint,
  first_sale_on date not null,
  first_sale_only boolean not null,
  earning_months smallint,
  created_by text not null,
  recorded_at timestamptz not null,
  check (chunk_id is not null or rule_version_id is null)
);
create trigger stamp before insert on account_terms for each row execute function stamp();
create trigger insert_only before update or delete or truncate on account_terms for each statement execute function refuse_change();

-- MUST: the terms are those of the rule that decided a paid sale of the account, in the chunk that decided it. That it
-- was the first follows from the key, and doctor proves it.
create function guard_account_terms() returns trigger language plpgsql set search_path from current set plan_cache_mode = force_custom_plan as $$
declare
  accounts_ bigint[]; events_ bigint[]; sales_ bigint[]; versions bigint[]; chunks bigint[]; dates date[]; firsts boolean[]; months smallint[];
  missing bigint;
begin
  select array_agg(account_id), array_agg(event_id), array_agg(sale_id), array_agg(rule_version_id), array_agg(chunk_id),
      array_agg(first_sale_on), array_agg(first_sale_only), array_agg(earning_months)
    into accounts_, events_, sales_, versions, chunks, dates, firsts, months from inserted;
  if accounts_ is null then
    return null;
  end if;
  select x into missing from (select distinct x from unnest(chunks) x where x is not null) d
  where not exists (select from decision_chunks c where c.id = x and c.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if missing is not null then
    raise exception 'terms of accounts belong to a chunk of their own transaction (chunk %)', missing using errcode = 'RV002';
  end if;
  -- Only freeze_account_terms(), which looks for the first sales itself, runs as the owner.
  if exists (select from unnest(chunks) x where x is null)
     and current_user <> (select tableowner from pg_tables where schemaname = tg_table_schema and tablename = tg_table_name) then
    raise exception 'terms of accounts come from a chunk, or from freeze_account_terms()' using errcode = 'RV002';
  end if;

  select i.account_id into missing
  from unnest(accounts_, events_, sales_, versions, chunks, dates, firsts, months)
    i (account_id, event_id, sale_id, rule_version_id, chunk_id, first_sale_on, first_sale_only, earning_months)
  left join revenue_events e on e.id = i.event_id
  left join sales s on s.id = e.sale_id
  left join rule_versions v on v.id = i.rule_version_id
  where e.kind is distinct from 'payment' or e.net_minor <= 0 or s.sale_net_minor <= 0 or e.sale_id is distinct from i.sale_id
    or (case when s.id is null then e.account_id else s.account_id end) is distinct from i.account_id
    or (case when s.id is null then e.occurred_on else coalesce(s.sale_date, s.first_payment_on) end) is distinct from i.first_sale_on
    or i.first_sale_only <> coalesce(v.first_sale_only, false) or i.earning_months is distinct from v.earning_months
    or not exists (
      select from entries n join rule_versions w on w.id = n.rule_version_id
      where n.event_id = i.event_id and n.leg % 16 = 0 and w.kind <> 'exclude'
        and (i.chunk_id is null or n.chunk_id = i.chunk_id) and (i.rule_version_id is null or n.rule_version_id = i.rule_version_id))
  limit 1;
  if missing is not null then
    raise exception 'the terms of account % are not those of a paid sale of its own', missing using errcode = 'RV009';
  end if;
  return null;
end $$;
create trigger guard after insert on account_terms referencing new table as inserted for each statement execute function guard_account_terms();

-- The first paid sale of each account, in the order of decisions, by which it was won. A sale of nothing wins nobody,
-- whatever was paid of it.
create view first_paid_sales as
select distinct on (account_id) account_id, event_id, sale_id, rule_version_id, chunk_id, first_sale_on
from (
  select case when s.id is null then e.account_id else s.account_id end as account_id, e.id as event_id, e.sale_id, e.occurred_on,
    n.rule_version_id, n.chunk_id, n.leg, case when s.id is null then e.occurred_on else coalesce(s.sale_date, s.first_payment_on) end as first_sale_on
  from entries n
  join revenue_events e on e.id = n.event_id
  join rule_versions v on v.id = n.rule_version_id
  join ledger_accounts w on w.id = n.wallet_id
  join partners p on p.id = w.partner_id
  left join sales s on s.id = e.sale_id
  where e.kind = 'payment' and e.net_minor > 0 and coalesce(s.sale_net_minor, 1) > 0 and n.leg % 16 = 0 and v.kind <> 'exclude' and not p.house
) paid
where account_id is not null
order by account_id, chunk_id, occurred_on, event_id, leg;

-- Freezes every account that was won before any rule spoke of first sales or months: they earn on without such limits.
-- To be called when the first such rule is made, while no accrual can begin. SECURITY DEFINER: it alone may do this.
create function freeze_account_terms() returns bigint language sql security definer set search_path from current as $$
  with frozen as (
    insert into account_terms (account_id, event_id, sale_id, first_sale_on, first_sale_only)
    select account_id, event_id, sale_id, first_sale_on, false from first_paid_sales
    on conflict do nothing returning 1
  )
  select count(*) from frozen $$;
revoke execute on function freeze_account_terms() from public;
grant execute on function freeze_account_terms() to @operator@;

grant select on window_moves, account_terms, first_paid_sales to @operator@, @auditor@;
grant insert on window_moves, account_terms to @operator@;
