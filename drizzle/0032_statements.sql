-- Statements to partners (SEMANTICS §9): what a partner had, earned and was paid over a period in one currency. Numbered
-- without a gap and kept as they were said; what is wrong in one is put right by another that refers to it.

create table statements (
  id bigint generated always as identity primary key,
  number bigint not null unique check (number >= 1),
  partner_id bigint not null references partners,
  currency text not null references currencies,
  -- half-open posting dates
  period_from date not null,
  period_to date not null,
  -- the voided statement in whose place it stands
  corrects_id bigint unique references statements,
  -- the moment of the books it was read from
  taken_at timestamptz not null,
  seen pg_snapshot not null,
  opening_minor bigint not null,
  entries_minor bigint not null,
  rejected_minor bigint not null,
  paid_minor bigint not null check (paid_minor >= 0),
  withheld_minor bigint not null,
  fees_minor bigint not null,
  returned_minor bigint not null check (returned_minor >= 0),
  closing_minor bigint not null,
  wallet_minor bigint not null,
  in_transit_minor bigint not null,
  -- all that it says, amounts as text in minor units (src/domain/statement.ts)
  content jsonb not null,
  content_hash text not null,
  -- follows from statement_voids
  voided boolean not null default false,
  created_by text not null,
  recorded_at timestamptz not null,
  check (period_to > period_from),
  check (corrects_id <> id),
  constraint statement_identity check (
    opening_minor + entries_minor - rejected_minor - paid_minor - withheld_minor - fees_minor + returned_minor = closing_minor
    and closing_minor = wallet_minor + in_transit_minor),
  -- MUST: no day of a partner and currency is told by two statements that are live
  constraint statements_overlap exclude using gist (
    int8range(partner_id, partner_id, '[]') with &&,
    int8range(hashtextextended(currency, 0), hashtextextended(currency, 0), '[]') with &&,
    daterange(period_from, period_to) with &&) where (not voided)
);
create index statements_partner on statements (partner_id, period_from);

create table statement_voids (
  statement_id bigint primary key references statements,
  reason text not null check (reason <> ''),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on statement_voids for each row execute function stamp();
create trigger insert_only before update or delete or truncate on statement_voids for each statement execute function refuse_change();
create trigger audit after insert on statement_voids for each row execute function audit();

-- What a statement sums up, wallet by wallet, from the ledger as it was known at a moment. A payout is paid when it completed:
-- what is in transit is the partner's until then.
create function statement_figures(partner bigint, of_currency text, starts date, ends date, at timestamptz, seen pg_snapshot)
  returns table (wallet_id bigint, movements bigint, opening numeric, entries numeric, rejected numeric, paid numeric, withheld numeric, fees numeric,
    returned numeric, closing numeric, wallet numeric, in_transit numeric)
  language sql stable set search_path from current as $$
  with wallets as materialized (
    select a.id from ledger_accounts a where a.type = 'wallet' and a.partner_id = partner and a.currency = of_currency
  ), moved as (
    select w.id, t.posting_date as on_date, g.kind, o.type as against, case when t.credit_id = w.id then t.amount_minor else -t.amount_minor end as minor
    from wallets w
    join transfers t on w.id in (t.credit_id, t.debit_id) and t.posting_date < ends
    join postings g on g.id = t.posting_id and g.recorded_at <= at and pg_visible_in_snapshot(g.transaction_id, seen)
    join ledger_accounts o on o.id = case when t.credit_id = w.id then t.debit_id else t.credit_id end
  ), sums as (
    select m.id, count(*) filter (where m.on_date >= starts) as movements,
      sum(m.minor) filter (where m.on_date < starts) as opening, sum(m.minor) as wallet,
      sum(m.minor) filter (where m.on_date >= starts and m.kind = 'decision') as entries,
      -sum(m.minor) filter (where m.on_date >= starts and m.kind = 'review') as rejected,
      -sum(m.minor) filter (where m.on_date >= starts and m.kind = 'payout' and m.against = 'withholding_payable') as withheld,
      -sum(m.minor) filter (where m.on_date >= starts and m.kind = 'payout' and m.against = 'payout_fees') as fees
    from moved m group by 1
  ), changed as (
    select w.id, d.on_date, c.status, c.from_status, p.sent_minor as minor
    from wallets w
    join payout_wallets p on p.wallet_id = w.id
    join payout_status_changes c on c.payout_id = p.payout_id
    join postings g on g.id = c.posting_id and g.recorded_at <= at and pg_visible_in_snapshot(g.transaction_id, seen)
    cross join lateral (select min(t.posting_date) as on_date from transfers t where t.posting_id = g.id) d
    where d.on_date < ends
  ), sent as (
    select c.id, count(*) filter (where c.on_date >= starts) as movements,
      sum(c.minor) filter (where c.on_date >= starts and c.status = 'completed') as paid,
      sum(c.minor) filter (where c.on_date >= starts and c.status = 'returned' and c.from_status = 'completed') as returned,
      sum(s.sign * c.minor) filter (where c.on_date < starts) as opening, sum(s.sign * c.minor) as in_transit
    from changed c
    -- what had completed comes back through transit, and leaves it in the same posting
    cross join lateral (select case when c.status = 'processing' then 1
      when c.status in ('completed', 'failed', 'cancelled') or (c.status = 'returned' and c.from_status <> 'completed') then -1 else 0 end as sign) s
    group by 1
  )
  select w.id, coalesce(s.movements, 0) + coalesce(t.movements, 0), coalesce(s.opening, 0) + coalesce(t.opening, 0), coalesce(s.entries, 0),
    coalesce(s.rejected, 0), coalesce(t.paid, 0), coalesce(s.withheld, 0), coalesce(s.fees, 0), coalesce(t.returned, 0),
    coalesce(s.wallet, 0) + coalesce(t.in_transit, 0), coalesce(s.wallet, 0), coalesce(t.in_transit, 0)
  from wallets w left join sums s on s.id = w.id left join sent t on t.id = w.id $$;

-- Their sum, as a statement writes it.
create function statement_totals(partner bigint, of_currency text, starts date, ends date, at timestamptz, seen pg_snapshot)
  returns jsonb language sql stable set search_path from current as $$
  select jsonb_build_object('opening', coalesce(sum(opening), 0)::text, 'entries', coalesce(sum(entries), 0)::text,
    'rejected', coalesce(sum(rejected), 0)::text, 'paid', coalesce(sum(paid), 0)::text, 'withheld', coalesce(sum(withheld), 0)::text,
    'fees', coalesce(sum(fees), 0)::text, 'returned', coalesce(sum(returned), 0)::text, 'closing', coalesce(sum(closing), 0)::text,
    'wallet', coalesce(sum(wallet), 0)::text, 'in_transit', coalesce(sum(in_transit), 0)::text)
  from statement_figures(partner, of_currency, starts, ends, at, seen) $$;

create function statement_hash(content jsonb) returns text language sql immutable set search_path from current as $$
  select encode(sha256(convert_to(content::text, 'UTF8')), 'hex') $$;

-- MUST: a statement says what the ledger says, in the next number; it opens with what the one before it closed with. Its
-- figures, number and hash are the database's to write, whatever an insert says of them.
create function guard_statement() returns trigger language plpgsql set search_path from current as $$
declare
  totals jsonb; other record;
begin
  perform pg_advisory_xact_lock(hashtextextended(current_schema() || '.statements', 0));
  if new.period_to > business_today() then
    raise exception 'the period is not over: its last day is %', new.period_to - 1 using errcode = 'RV029', hint = 'a statement is of days that are over';
  end if;
  select s.number, s.period_from, s.period_to into other from statements s
  where s.partner_id = new.partner_id and s.currency = new.currency and not s.voided and s.period_from < new.period_to and s.period_to > new.period_from
  order by s.number limit 1;
  if found then
    raise exception 'statement ST% tells of % to % already', lpad(other.number::text, 6, '0'), other.period_from, other.period_to - 1
      using errcode = 'RV031', hint = 'a day is told once: ask for other days, or void it first; where somebody else is making them just now, the same again';
  end if;
  new.taken_at := clock_timestamp();
  totals := statement_totals(new.partner_id, new.currency, new.period_from, new.period_to, new.taken_at, new.seen);
  if new.content -> 'totals' is distinct from totals
     or totals <> statement_totals(new.partner_id, new.currency, new.period_from, new.period_to, clock_timestamp(), pg_current_snapshot()) then
    raise exception 'the books say otherwise than the statement of % for % to %', (select p.code from partners p where p.id = new.partner_id),
      new.period_from, new.period_to - 1 using errcode = 'RV031', hint = 'something was just posted: generate again';
  end if;
  select (totals ->> 'opening')::bigint, (totals ->> 'entries')::bigint, (totals ->> 'rejected')::bigint, (totals ->> 'paid')::bigint,
    (totals ->> 'withheld')::bigint, (totals ->> 'fees')::bigint, (totals ->> 'returned')::bigint, (totals ->> 'closing')::bigint,
    (totals ->> 'wallet')::bigint, (totals ->> 'in_transit')::bigint
  into new.opening_minor, new.entries_minor, new.rejected_minor, new.paid_minor, new.withheld_minor, new.fees_minor, new.returned_minor,
    new.closing_minor, new.wallet_minor, new.in_transit_minor;
  select s.number, s.period_from, s.period_to into other from statements s
  where s.partner_id = new.partner_id and s.currency = new.currency and not s.voided
    and (s.period_to = new.period_from and s.closing_minor <> new.opening_minor or s.period_from = new.period_to and s.opening_minor <> new.closing_minor)
  order by s.period_from limit 1;
  if found then
    raise exception 'statement ST% of % for % to % does not meet this one: what closes a period opens the next', lpad(other.number::text, 6, '0'),
      (select p.code from partners p where p.id = new.partner_id), other.period_from, other.period_to - 1
      using errcode = 'RV031', hint = 'the books of its period have changed since: void it, then generate both again, the earlier first';
  end if;
  new.number := coalesce((select max(s.number) from statements s), 0) + 1;
  new.corrects_id := (select s.id from statements s where s.partner_id = new.partner_id and s.currency = new.currency
    and s.period_from = new.period_from and s.period_to = new.period_to and s.voided
    and not exists (select from statements n where n.corrects_id = s.id) order by s.number desc limit 1);
  new.content_hash := statement_hash(new.content);
  new.voided := false;
  return new;
end $$;
create trigger stamp before insert on statements for each row execute function stamp();
create trigger guard before insert on statements for each row execute function guard_statement();
create trigger chosen_id before insert on statements for each row execute function refuse_chosen_id();

-- MUST: nothing of a statement changes but that it is voided, once, by a row that says why.
create function guard_statement_change() returns trigger language plpgsql set search_path from current as $$
begin
  if old.voided or to_jsonb(new) - 'voided' <> to_jsonb(old) - 'voided' or not exists (select from statement_voids v where v.statement_id = new.id) then
    raise exception 'a statement never changes' using errcode = 'RV001', hint = 'void it and generate another';
  end if;
  return new;
end $$;
create trigger guard_change before update on statements for each row execute function guard_statement_change();
create trigger never_removed before delete or truncate on statements for each statement execute function refuse_removal();

-- SECURITY DEFINER: whether a statement is void follows from here and from nowhere else.
create function void_statement() returns trigger language plpgsql security definer set search_path from current as $$
begin
  update statements set voided = true where id = new.statement_id;
  return null;
end $$;
create trigger voids after insert on statement_voids for each row execute function void_statement();

-- Without what it says, which its hash stands for.
create function audit_statement() returns trigger language plpgsql security definer set search_path from current as $$
begin
  insert into audit_log (action, table_name, row_key, after) values ('insert', 'statements', new.id::text, to_jsonb(new) - 'content');
  return null;
end $$;
create trigger audit after insert on statements for each row execute function audit_statement();

revoke execute on function statement_figures(bigint, text, date, date, timestamptz, pg_snapshot), statement_totals(bigint, text, date, date, timestamptz, pg_snapshot),
  statement_hash(jsonb), void_statement(), audit_statement() from public;
grant execute on function statement_figures(bigint, text, date, date, timestamptz, pg_snapshot), statement_totals(bigint, text, date, date, timestamptz, pg_snapshot),
  statement_hash(jsonb) to @operator@, @auditor@;
grant select on statements, statement_voids to @operator@, @auditor@;
grant insert on statements, statement_voids to @operator@;
