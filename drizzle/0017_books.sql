-- Wallets as people move them (SEMANTICS §6): what an act is posted against, what stops a debit, what a recovery is.

-- What an entry is posted against: what partners earn is an expense, but what the books began with is equity, and what
-- only goes from one wallet to another passes through clearing. `act`: the entry's event, asked of these kinds only.
create function posted_against(kind entry_kind, act bigint) returns text language sql stable set search_path from current as $$
  select case kind
    when 'opening' then 'opening_equity'
    when 'adjustment' then coalesce((
      select 'recovery_clearing' from revenue_events e join event_batches b on b.id = e.batch_id join requests r on r.id = b.request_id
      where e.id = act and r.kind = 'recovery'), 'commission_expense')
    else 'commission_expense' end $$;
revoke execute on function posted_against(entry_kind, bigint) from public;
grant execute on function posted_against(entry_kind, bigint) to @operator@, @auditor@;

-- What this transaction is just taking from wallets and has not posted yet: what anybody else took is in the books by the
-- time one looks (0024). Found by the batches that are undecided, which are few, however long the books are.
create function debits_on_the_way() returns table (partner_id bigint, instance_id bigint, currency text, amount_minor bigint)
  language sql stable set search_path from current as $$
  select l.partner_id, e.instance_id, e.currency, -l.amount_minor
  from event_batches b join requests r on r.id = b.request_id and r.kind in ('debit', 'recovery')
  join revenue_events e on e.id between b.first_id and b.last_id join event_legs l on l.event_id = e.id
  where b.request_id is not null and b.decided_to < b.last_id and l.amount_minor < 0 $$;
revoke execute on function debits_on_the_way() from public;
grant execute on function debits_on_the_way() to @operator@, @auditor@;
create index event_batches_open_requests on event_batches (id) where request_id is not null and decided_to < last_id;

-- What may still be taken from a wallet: its balance less what payouts have drafted and what is just being taken.
create function spendable(wallet bigint) returns numeric language sql stable set search_path from current as $$
  select coalesce((select sum(t.amount_minor) from transfers t where t.credit_id = wallet), 0)
    - coalesce((select sum(t.amount_minor) from transfers t where t.debit_id = wallet), 0)
    - coalesce((select sum(w.gross_minor) from payouts p join payout_wallets w on w.payout_id = p.id
                where p.status in ('pending', 'ready') and w.wallet_id = wallet), 0)
    - coalesce((select sum(d.amount_minor) from debits_on_the_way() d join ledger_accounts a on a.id = wallet
                where d.partner_id = a.partner_id and d.instance_id = a.instance_id and d.currency = a.currency), 0) $$;
revoke execute on function spendable(bigint) from public;
grant execute on function spendable(bigint) to @operator@, @auditor@;

-- Wallets, made where there are none yet and held to the end of the transaction: first all rows are there, in one order,
-- then they are locked, in one order, so that no two wait for each other and there is always something to lock. Returns
-- their numbers in the order in which they were named.
create function take_wallets(partners bigint[], instances bigint[], currencies_ text[]) returns bigint[]
  language plpgsql set search_path from current as $$
declare
  wallets bigint[];
begin
  insert into ledger_accounts (type, partner_id, instance_id, currency)
  select distinct 'wallet', k.partner_id, k.instance_id, k.currency from unnest(partners, instances, currencies_) k (partner_id, instance_id, currency)
  order by 2, 3, 4
  on conflict do nothing;
  select array_agg(a.id order by k.place) into wallets
  from unnest(partners, instances, currencies_) with ordinality k (partner_id, instance_id, currency, place)
  join ledger_accounts a on a.type = 'wallet' and a.partner_id = k.partner_id and a.instance_id = k.instance_id and a.currency = k.currency;
  perform lock_wallets(wallets);
  return wallets;
end $$;
revoke execute on function take_wallets(bigint[], bigint[], text[]) from public;
grant execute on function take_wallets(bigint[], bigint[], text[]) to @operator@;

-- MUST: a debit stops at its wallet, whoever writes it and however many write at once. A plain adjustment may go below it.
create function guard_debits() returns trigger language plpgsql set search_path from current as $$
declare
  events_ bigint[]; partners_ bigint[]; instances_ bigint[]; currencies_ text[]; wallets bigint[]; offender record;
begin
  select array_agg(event_id), array_agg(partner_id) into events_, partners_ from inserted where amount_minor < 0;
  if events_ is null then
    return null;
  end if;
  select array_agg(i.partner_id), array_agg(e.instance_id), array_agg(e.currency) into partners_, instances_, currencies_
  from unnest(events_, partners_) i (event_id, partner_id)
  join revenue_events e on e.id = i.event_id join event_batches b on b.id = e.batch_id
  join requests r on r.id = b.request_id and r.kind in ('debit', 'recovery');
  if partners_ is null then
    return null;
  end if;
  wallets := take_wallets(partners_, instances_, currencies_);
  select p.code as partner, n.code as instance, w.currency, spendable(w.id) as left_over into offender
  from (select distinct x from unnest(wallets) x) taken join ledger_accounts w on w.id = taken.x
  join partners p on p.id = w.partner_id join instances n on n.id = w.instance_id
  where spendable(w.id) < 0 limit 1;
  if found then
    raise exception 'wallet %/%/% has less than is taken from it', offender.partner, offender.instance, offender.currency
      using errcode = 'RV021', hint = 'a debit stops at what is there: `revshare wallet show` tells; what may go below it is an adjustment';
  end if;
  return null;
end $$;
create trigger guard_debits after insert on event_legs referencing new table as inserted for each statement execute function guard_debits();

-- Whether an entry is what a debit or a recovery took: money that is out of its wallet and must not go out a second time.
create function takes_what_is_there(act bigint) returns boolean language sql stable set search_path from current as $$
  select exists (select from revenue_events e join event_batches b on b.id = e.batch_id join requests r on r.id = b.request_id
    where e.id = act and r.kind in ('debit', 'recovery')) $$;
revoke execute on function takes_what_is_there(bigint) from public;
grant execute on function takes_what_is_there(bigint) to @operator@, @auditor@;

-- MUST: a payout takes along what debits took from its wallets, of whatever day it is: they took what was payable, and who
-- pays the same amount again takes the wallet below zero. Asked from the few debits there are, not from a million lines.
-- In a run that is complete: before that it has no payouts, and `set constraints` may ask sooner. After `sealed` by name,
-- which completes the run and holds its wallets, so that no debit comes in between either.
create function guard_payout_debits() returns trigger language plpgsql set search_path from current as $$
declare
  offender record;
begin
  if (select content_hash from payout_runs where id = new.id) is null then
    raise exception 'run % is not complete yet', new.id using errcode = 'RV013';
  end if;
  with debits as materialized (
    select n.event_id, n.leg, n.wallet_id
    from requests r join event_batches b on b.request_id = r.id join entries n on n.event_id between b.first_id and b.last_id and n.amount_minor < 0
    where r.kind in ('debit', 'recovery')
      and not exists (select from payout_lines l where l.event_id = n.event_id and l.leg = n.leg and l.release_id is null)
      and not exists (select from entry_reviews x where x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved')
  )
  select p.number, d.event_id, d.leg into offender
  from debits d join payout_wallets w on w.wallet_id = d.wallet_id join payouts p on p.id = w.payout_id and p.run_id = new.id limit 1;
  if found then
    raise exception 'payout % leaves out entry %.%, which a debit took from its wallet', offender.number, offender.event_id, offender.leg
      using errcode = 'RV013', hint = 'generate again';
  end if;
  return null;
end $$;
revoke execute on function guard_payout_debits() from public;
create constraint trigger takes_debits_along after insert on payout_runs deferrable initially deferred
  for each row execute function guard_payout_debits();

-- MUST: a recovery stands or falls whole: to take back one half of it would leave the other in clearing.
create function guard_recovered_reviews() returns trigger language plpgsql set search_path from current as $$
declare
  offender record;
begin
  select r.event_id, r.leg into offender from inserted r join entries n on n.event_id = r.event_id and n.leg = r.leg and n.kind = 'adjustment'
  where r.verdict <> 'approved' and posted_against(n.kind, n.event_id) = 'recovery_clearing' limit 1;
  if found then
    raise exception 'entry %.% is one half of a recovery', offender.event_id, offender.leg
      using errcode = 'RV012', hint = 'ask for the opposite: `revshare wallet recover`, or an adjustment of each wallet';
  end if;
  return null;
end $$;
revoke execute on function guard_recovered_reviews() from public;
create trigger guard_recovered after insert on entry_reviews referencing new table as inserted
  for each statement execute function guard_recovered_reviews();

-- MUST: a recovery takes from one wallet of a partner what it gives to another of the same partner and currency, whole.
create function assert_recovered(request bigint) returns void language plpgsql stable set search_path from current as $$
declare
  moved record;
begin
  select count(*) as legs, count(distinct e.instance_id) as instances, count(distinct l.partner_id) as partners,
    count(distinct e.currency) as currencies, coalesce(sum(l.amount_minor), 1) as rest into moved
  from event_batches b join revenue_events e on e.batch_id = b.id and e.id between b.first_id and b.last_id
  join event_legs l on l.event_id = e.id where b.request_id = request;
  if (moved.legs, moved.instances, moved.partners, moved.currencies, moved.rest) is distinct from (2::bigint, 2::bigint, 1::bigint, 1::bigint, 0::numeric) then
    raise exception 'request % is no recovery: it takes from one wallet of a partner what it gives to another', request using errcode = 'RV017';
  end if;
end $$;
revoke execute on function assert_recovered(bigint) from public;
grant execute on function assert_recovered(bigint) to @operator@;

-- ── Beginning with history ────────────────────────────────────────────────────────────────────────────────────────────

-- What an opening brings besides wallets and open sales: what partners had been paid and withheld this year and where they
-- stood, and since when accounts are customers. Read by withholding, tiers and clocks.
create table opening_partners (
  partner_id bigint not null references partners,
  currency text not null references currencies,
  request_id bigint not null references requests,
  paid_minor bigint not null check (paid_minor >= 0),
  withheld_minor bigint not null check (withheld_minor between 0 and paid_minor),
  tier text references tiers,
  missed_evaluations smallint check (missed_evaluations >= 0),
  created_by text not null,
  recorded_at timestamptz not null,
  primary key (partner_id, currency)
);
create table opening_accounts (
  account_id bigint primary key references accounts,
  request_id bigint not null references requests,
  first_sale_on date not null,
  first_sale_only boolean not null,
  earning_months smallint check (earning_months > 0),
  created_by text not null,
  recorded_at timestamptz not null
);
do $$
declare
  opened text;
begin
  foreach opened in array array['opening_partners', 'opening_accounts'] loop
    execute format('create trigger stamp before insert on %I for each row execute function stamp()', opened);
    execute format('create trigger insert_only before update or delete or truncate on %I for each statement execute function refuse_change()', opened);
    execute format('create trigger audit after insert on %I for each row execute function audit()', opened);
  end loop;
end $$;

-- How often in a row a partner had missed its tier before these books, as the opening says of the tier it stands in.
create function opened_misses(partner bigint, stands text) returns smallint language sql stable set search_path from current as $$
  select coalesce(max(o.missed_evaluations), 0)::smallint from opening_partners o where o.partner_id = partner and coalesce(o.tier, stands) = stands $$;
revoke execute on function opened_misses(bigint, text) from public;
grant execute on function opened_misses(bigint, text) to @operator@, @auditor@;

-- MUST: such rows come with the opening they belong to, in the transaction that does it.
create function guard_opening_rows() returns trigger language plpgsql set search_path from current as $$
begin
  if not is_being_applied(new.request_id) or (select kind from requests where id = new.request_id) <> 'opening' then
    raise exception 'what the books begin with comes with their opening' using errcode = 'RV014', hint = 'revshare opening import FILE';
  end if;
  return new;
end $$;
create trigger guard before insert on opening_partners for each row execute function guard_opening_rows();
create trigger guard before insert on opening_accounts for each row execute function guard_opening_rows();

-- MUST: books are opened once, and before anything is decided in them. Waits for whoever is just deciding, and holds new
-- chunks off until the commit.
create function guard_opening() returns trigger language plpgsql set search_path from current as $$
begin
  if (select kind from requests where id = new.request_id) <> 'opening' then
    return new;
  end if;
  perform pg_advisory_xact_lock(opening_lock());
  perform pg_advisory_xact_lock(chunks_lock());
  if exists (select from request_applications a join requests r on r.id = a.request_id where r.kind = 'opening' and a.request_id <> new.request_id) then
    raise exception 'these books are opened already' using errcode = 'RV022', hint = 'what it left out is put right by adjustments';
  end if;
  if exists (select from decision_chunks) then
    raise exception 'books are opened before anything is decided in them' using errcode = 'RV022', hint = 'what they should have begun with is put right by adjustments';
  end if;
  return new;
end $$;
create trigger guard_opening before insert on request_applications for each row execute function guard_opening();

-- MUST: what is written is what was asked for and approved.
create function assert_opened(request bigint) returns void language plpgsql stable set search_path from current as $$
declare
  asked jsonb;
begin
  select payload into asked from requests where id = request;
  if coalesce(asked -> 'partners', '[]') <> (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('partner_id', p.partner_id, 'currency', p.currency,
        'paid_minor', p.paid_minor::text, 'withheld_minor', p.withheld_minor::text, 'tier', p.tier, 'missed_evaluations', p.missed_evaluations))
        order by p.partner_id, p.currency), '[]') from opening_partners p where p.request_id = request)
     or coalesce(asked -> 'accounts', '[]') <> (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('account_id', a.account_id,
        'first_sale_on', a.first_sale_on, 'first_sale_only', a.first_sale_only, 'earning_months', a.earning_months))
        order by a.account_id), '[]') from opening_accounts a where a.request_id = request) then
    raise exception 'request % asks for another opening than what was done', request using errcode = 'RV017', hint = 'nothing was written; ask again';
  end if;
end $$;
revoke execute on function assert_opened(bigint) from public;
grant execute on function assert_opened(bigint) to @operator@;

grant select on opening_partners, opening_accounts to @operator@, @auditor@;
grant insert on opening_partners, opening_accounts to @operator@;

-- An account that the books began with has its clock from there.
create or replace function freeze_account_terms() returns bigint language sql security definer set search_path from current as $$
  with frozen as (
    insert into account_terms (account_id, event_id, sale_id, first_sale_on, first_sale_only)
    select account_id, event_id, sale_id, first_sale_on, false from first_paid_sales f
    where not exists (select from opening_accounts o where o.account_id = f.account_id)
    on conflict do nothing returning 1
  )
  select count(*) from frozen $$;

-- MUST: what books began with, and what passes through clearing, is never voided: a void posts against expense, and takes
-- back one half of a recovery.
create function guard_voided_acts() returns trigger language plpgsql set search_path from current as $$
declare
  targets bigint[]; offender text;
begin
  select array_agg(voids_id) into targets from inserted where voids_id is not null;
  if targets is null then
    return null;
  end if;
  select r.kind || ' ' || e.external_id into offender
  from unnest(targets) x (id) join revenue_events e on e.id = x.id join event_batches b on b.id = e.batch_id
  join requests r on r.id = b.request_id and r.kind in ('opening', 'recovery') limit 1;
  if found then
    raise exception '% is not voided', offender using errcode = 'RV006', hint = 'ask for the opposite, or for an adjustment';
  end if;
  return null;
end $$;
create trigger guard_voided_acts after insert on revenue_events referencing new table as inserted
  for each statement execute function guard_voided_acts();
