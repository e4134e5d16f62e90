-- Periods (SEMANTICS §9): open → soft-closed → closed, month after month, and what the ledger said when one closed.

-- An adjustment into a soft-closed period says the day it is of, and a second person agreed to that day.
create function is_agreed_adjustment(event bigint) returns boolean language sql stable set search_path from current as $$
  select exists (select from revenue_events e join event_batches b on b.id = e.batch_id
    join requests r on r.id = b.request_id join request_approvals a on a.request_id = r.id
    where e.id = event and e.kind = 'adjustment' and r.kind = 'adjustment' and r.payload ->> 'on' = e.occurred_on::text) $$;

-- What the ledger says of periods, a row each: by currency and kind of account what was posted in the period, and how its
-- balance stood on the last day; and by currency what the entries of the period come to. Minor units.
create function period_controls(periods_ date[]) returns table (starts_on date, control jsonb) language sql stable set search_path from current as $$
  with moved as materialized (
    select s.month, a.currency, a.type, sum(s.debit) as debit, sum(s.credit) as credit, sum(s.transfers) as transfers
    from (
      select date_trunc('month', posting_date)::date as month, debit_id as account, sum(amount_minor) as debit, 0 as credit, count(*) as transfers from transfers group by 1, 2
      union all
      select date_trunc('month', posting_date)::date, credit_id, 0, sum(amount_minor), count(*) from transfers group by 1, 2
    ) s join ledger_accounts a on a.id = s.account group by 1, 2, 3
  ), accounts as (
    select p.starts_on, jsonb_agg(jsonb_build_object('currency', m.currency, 'account', m.type, 'transfers', m.transfers, 'debit', m.debit::text,
      'credit', m.credit::text, 'balance', m.balance::text) order by m.currency, m.type) as rows
    from unnest(periods_) p (starts_on) cross join lateral (
      select currency, type, coalesce(sum(debit) filter (where month = p.starts_on), 0) as debit, coalesce(sum(credit) filter (where month = p.starts_on), 0) as credit,
        coalesce(sum(transfers) filter (where month = p.starts_on), 0) as transfers, sum(debit - credit) as balance
      from moved where month <= p.starts_on group by 1, 2
    ) m group by 1
  ), earned as (
    select month, jsonb_agg(jsonb_build_object('currency', currency, 'entries', entries, 'amount', amount::text) order by currency) as rows
    from (
      select date_trunc('month', n.posting_date)::date as month, w.currency, count(*) as entries, sum(n.amount_minor) as amount
      from entries n join ledger_accounts w on w.id = n.wallet_id
      where n.posting_date >= (select min(x) from unnest(periods_) x) and n.posting_date < (select max(x) + interval '1 month' from unnest(periods_) x) group by 1, 2
    ) e group by 1
  )
  select p.starts_on, jsonb_build_object('accounts', coalesce(a.rows, '[]'), 'entries', coalesce(e.rows, '[]'))
  from unnest(periods_) p (starts_on) left join accounts a using (starts_on) left join earned e on e.month = p.starts_on $$;

create function control_hash(starts_on date, control jsonb) returns text language sql immutable set search_path from current as $$
  select encode(sha256(convert_to(starts_on || E'\n' || control, 'UTF8')), 'hex') $$;

-- What became of periods, in order; the status of one follows from its last row.
create table period_changes (
  id bigint generated always as identity primary key,
  starts_on date not null check (starts_on = date_trunc('month', starts_on)::date),
  from_status text not null,
  status text not null,
  reason text check (reason <> ''),
  -- by which a closed one was opened again
  request_id bigint references requests,
  -- what the ledger said when it closed, its hash, and which transactions that counted
  control jsonb,
  control_hash text,
  seen pg_snapshot,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  check (status = 'closed' or reason is not null),
  check ((status = 'closed') = (control is not null) and (status = 'closed') = (control_hash is not null) and (status = 'closed') = (seen is not null)),
  check ((from_status = 'closed') = (request_id is not null))
);
create index period_changes_period on period_changes (starts_on, id);
create trigger stamp before insert on period_changes for each row execute function stamp_in_transaction();
create trigger chosen_id before insert on period_changes for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on period_changes for each statement execute function refuse_change();

-- Without what the ledger said, which its hash stands for.
create function audit_period_change() returns trigger language plpgsql security definer set search_path from current as $$
begin
  insert into audit_log (action, table_name, row_key, after) values ('insert', 'period_changes', new.id::text, to_jsonb(new) - 'control' - 'seen');
  return null;
end $$;
create trigger audit after insert on period_changes for each row execute function audit_period_change();

-- Waits until nobody is posting, and keeps everybody from it to the commit. It asks again and again and does not queue:
-- whoever wants to post would have to queue behind it, also who holds what those need that it is waiting for.
create function take_periods() returns void language plpgsql volatile set search_path from current as $$
declare
  until timestamptz := clock_timestamp() + interval '20 seconds';
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'periods are changed read committed, not %', current_setting('transaction_isolation') using errcode = 'RV002';
  end if;
  while not pg_try_advisory_xact_lock(periods_lock()) loop
    if clock_timestamp() > until then
      raise exception 'somebody is posting, and has been for a while' using errcode = 'RV032', hint = 'again when that is done: `revshare job history` shows what runs';
    end if;
    perform pg_sleep(0.02);
  end loop;
end $$;

-- MUST: months follow each other; one closes when it is over and all that was decided is posted; the last alone opens again, and
-- closed once only by a request of two persons. SECURITY DEFINER, because the status follows from here and from nowhere else.
create function period_status_follows() returns trigger language plpgsql security definer set search_path from current as $$
declare
  called text := to_char(new.starts_on, 'YYYY-MM');
  ends date := (new.starts_on + interval '1 month')::date;
  moves text; other date;
begin
  perform take_periods();
  new.from_status := coalesce((select p.status from periods p where p.starts_on = new.starts_on), case when new.starts_on < closed_before() then 'closed' else 'open' end);
  moves := new.from_status || '>' || new.status;
  if moves not in ('open>soft_closed', 'open>closed', 'soft_closed>closed', 'soft_closed>open', 'closed>open') then
    raise exception 'the period % is %: it cannot become %', called, new.from_status, new.status using errcode = 'RV004';
  end if;
  if new.status = 'open' then
    select max(p.starts_on) into other from periods p where p.starts_on > new.starts_on and p.status <> 'open';
    if other is not null then
      raise exception 'the period % is % still: the last one opens first', to_char(other, 'YYYY-MM'), (select p.status from periods p where p.starts_on = other)
        using errcode = 'RV004';
    end if;
  else
    if ends > business_today() then
      raise exception 'the period % is not over: its last day is %', called, ends - 1 using errcode = 'RV029', hint = 'a period closes when it is over';
    end if;
    -- the first that stands open before it: after the last that is not, or where the books begin
    select case when new.status = 'closed' then coalesce(closed_before(), date_trunc('month', min(t.posting_date))::date)
                else coalesce(open_from(), date_trunc('month', min(t.posting_date))::date) end into other from transfers t;
    if other < new.starts_on then
      raise exception 'the period % is not % yet', to_char(other, 'YYYY-MM'), case new.status when 'closed' then 'closed' else 'soft-closed' end
        using errcode = 'RV004', hint = 'periods follow each other: the earlier one first';
    elsif other > new.starts_on then
      raise exception 'the books begin in %: there is nothing before it to close', to_char(other, 'YYYY-MM') using errcode = 'RV004';
    end if;
  end if;
  if (new.request_id is not null) <> (moves = 'closed>open')
     or moves = 'closed>open' and not (is_being_applied(new.request_id)
       and exists (select from requests r where r.id = new.request_id and r.kind = 'reopening' and r.payload ->> 'period' = called)) then
    raise exception 'what is closed opens by a request of its own, which a second person agrees to' using errcode = 'RV014', hint = format('revshare period reopen %s --reason …', called);
  end if;
  new.control := null;
  new.control_hash := null;
  new.seen := null;
  if new.status = 'closed' then
    if exists (select from decision_chunks c where c.id > (select posted_to())) then
      raise exception 'a night has decided and not posted yet' using errcode = 'RV032', hint = 'run it to its end: `revshare job run accrue-commissions`';
    end if;
    select c.control into new.control from period_controls(array[new.starts_on]) c;
    new.control_hash := control_hash(new.starts_on, new.control);
    new.seen := pg_current_snapshot();
  end if;
  insert into periods (starts_on, status) values (new.starts_on, new.status)
  on conflict (starts_on) do update set status = excluded.status;
  return new;
end $$;
-- After the stamp by name.
create trigger status_follows before insert on period_changes for each row execute function period_status_follows();

-- MUST: a reopening opens the period it asks for, and does nothing else.
create function assert_reopened(request bigint) returns void language plpgsql stable set search_path from current as $$
begin
  if not exists (select from period_changes c join requests r on r.id = c.request_id
                 where r.id = request and c.status = 'open' and c.transaction_id = pg_current_xact_id_if_assigned()
                   and to_char(c.starts_on, 'YYYY-MM') = r.payload ->> 'period')
     or exists (select from event_batches b where b.request_id = request) then
    raise exception 'request % asks to open another period than was opened', request using errcode = 'RV017';
  end if;
end $$;

revoke execute on function is_agreed_adjustment(bigint), period_controls(date[]), control_hash(date, jsonb), take_periods(), audit_period_change(), period_status_follows(), assert_reopened(bigint) from public;
grant execute on function is_agreed_adjustment(bigint), period_controls(date[]), control_hash(date, jsonb) to @operator@, @auditor@;
grant execute on function assert_reopened(bigint) to @operator@;
grant select on period_changes to @operator@, @auditor@;
grant insert on period_changes to @operator@;

-- ── Journals ──────────────────────────────────────────────────────────────────────────────────────────────────────────

-- What of a closed period was handed to whose books, and what takes it back. The file is no row here: it comes out again, byte
-- by byte, of the ledger as of `taken_at` and `seen`, the profile, and the number.
create table journals (
  id bigint generated always as identity primary key,
  number bigint not null unique,
  starts_on date not null references periods,
  format text not null check (format in ('generic', 'quickbooks', 'xero', 'netsuite', 'hledger', 'beancount')),
  -- null: all there are
  currency text references currencies,
  grouping text not null check (grouping in ('day', 'period')),
  profile jsonb check (jsonb_typeof(profile) = 'object'),
  reverses_id bigint unique references journals,
  -- of a reversal: the day its entries are of, where they are not of their own; and why
  dated date,
  reason text check (reason <> ''),
  -- what is debited, and so what is credited, per currency, in minor units
  totals jsonb not null check (jsonb_typeof(totals) = 'object'),
  entries integer not null check (entries >= 0),
  content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  file_name text not null check (file_name <> ''),
  reversed boolean not null default false,
  taken_at timestamptz not null,
  seen pg_snapshot not null,
  created_by text not null,
  recorded_at timestamptz not null,
  check ((reverses_id is not null) = (reason is not null)),
  check (reverses_id is not null or dated is null),
  check (not (reversed and reverses_id is not null))
);
create index journals_period on journals (starts_on, format);
create trigger stamp before insert on journals for each row execute function stamp();
create trigger chosen_id before insert on journals for each row execute function refuse_chosen_id();
create trigger never_removed before delete or truncate on journals for each statement execute function refuse_removal();
create trigger audit after insert or update on journals for each row execute function audit();

-- The next number, held to the commit, because it stands in the file whose hash the row holds: numbers have no gap.
create function next_journal_number() returns bigint language plpgsql volatile set search_path from current as $$
begin
  perform pg_advisory_xact_lock(hashtextextended(current_schema() || '.journals', 0));
  return (select coalesce(max(j.number), 0) + 1 from journals j);
end $$;

-- What was debited in a period when it closed, per currency.
create function debited_in(month date, only_currency text) returns jsonb language sql stable set search_path from current as $$
  select coalesce(jsonb_object_agg(s.currency, s.debit::text), '{}') from (
    select x.currency, sum(x.debit) as debit
    from (select c.control from period_changes c where c.starts_on = month and c.status = 'closed' order by c.id desc limit 1) c
    cross join jsonb_to_recordset(c.control -> 'accounts') x (currency text, debit numeric)
    where only_currency is null or x.currency = only_currency group by 1 having sum(x.debit) <> 0
  ) s $$;

-- MUST: a journal is of a closed period and moves what the period moved; nothing of it is handed over twice, unless it was taken back
-- whole in between; and what takes back is no other journal's.
create function guard_journal() returns trigger language plpgsql set search_path from current as $$
declare
  other journals;
begin
  if new.number <> next_journal_number() then
    raise exception 'journals are numbered without a gap: this is not %', new.number using errcode = 'RV002';
  end if;
  new.reversed := false;
  if new.reverses_id is null then
    if not exists (select from periods p where p.starts_on = new.starts_on and p.status = 'closed') then
      raise exception 'the period % is not closed', to_char(new.starts_on, 'YYYY-MM') using errcode = 'RV033', hint = 'what may still change is no journal yet';
    end if;
    if new.totals <> debited_in(new.starts_on, new.currency) then
      raise exception 'journal % does not move what the period % was closed with', new.number, to_char(new.starts_on, 'YYYY-MM') using errcode = 'RV033';
    end if;
    select * into other from journals j where j.starts_on = new.starts_on and j.format = new.format and j.reverses_id is null and not j.reversed
      and (j.currency is null or new.currency is null or j.currency = new.currency) limit 1;
    if found then
      raise exception 'journal % has handed over % for % already', other.number, to_char(new.starts_on, 'YYYY-MM'), new.format
        using errcode = 'RV033', hint = format('revshare journal reverse %s takes it back', other.number);
    end if;
    return new;
  end if;
  select * into other from journals j where j.id = new.reverses_id;
  if other.reverses_id is not null or other.reversed then
    raise exception 'journal % is taken back already, or takes back itself', other.number using errcode = 'RV033';
  end if;
  if (new.starts_on, new.format, new.currency, new.grouping, new.profile, new.totals, new.entries, new.taken_at, new.seen::text)
     is distinct from (other.starts_on, other.format, other.currency, other.grouping, other.profile, other.totals, other.entries, other.taken_at, other.seen::text) then
    raise exception 'journal % is not what journal % takes back', other.number, new.number using errcode = 'RV033';
  end if;
  return new;
end $$;
create trigger guard before insert on journals for each row execute function guard_journal();

-- SECURITY DEFINER: whether a journal is taken back follows from here and from nowhere else.
create function journal_reversed() returns trigger language plpgsql security definer set search_path from current as $$
begin
  update journals set reversed = true where id = new.reverses_id;
  return null;
end $$;
create trigger reverses after insert on journals for each row when (new.reverses_id is not null) execute function journal_reversed();

create function guard_journal_change() returns trigger language plpgsql set search_path from current as $$
begin
  if old.reversed or to_jsonb(new) - 'reversed' <> to_jsonb(old) - 'reversed' or not exists (select from journals j where j.reverses_id = new.id) then
    raise exception 'a journal never changes' using errcode = 'RV001', hint = 'take it back: revshare journal reverse';
  end if;
  return new;
end $$;
create trigger guard_change before update on journals for each row execute function guard_journal_change();

revoke execute on function next_journal_number(), debited_in(date, text), guard_journal(), journal_reversed(), guard_journal_change() from public;
grant execute on function next_journal_number(), debited_in(date, text) to @operator@, @auditor@;
grant select on journals to @operator@, @auditor@;
grant insert on journals to @operator@;
