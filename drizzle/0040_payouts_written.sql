-- Payouts are written by the database itself (SEMANTICS §7). MUST: it finds what is due in wallets that it holds, and pays
-- what it found, so that each line is a posted entry of its wallet, eligible, of its very amount, in a wallet of the payout's
-- partner and currency, and that a payout is its wallets and they are their lines: nobody else can write one. Proving that of a
-- million lines which somebody else wrote cost more than writing them.
--
-- What is found lies in tables of the session that belong to the database's owner: whoever works reads them, and adds to
-- payout_giving which of the wallets give, and what is withheld and charged of each.

-- Names of such tables are only taken for ours while they are: of this programme, for the owner is one in all of a database, and
-- of this very search, if it is named.
create function is_ours(name text, search text default null) returns boolean language sql stable set search_path from current as $$
  select exists (select from pg_class c where c.oid = to_regclass('pg_temp.' || name) and c.relkind = 'r' and pg_get_userbyid(c.relowner) = current_user
    and case when search is null then starts_with(obj_description(c.oid, 'pg_class'), current_schema() || ' ')
      else obj_description(c.oid, 'pg_class') = current_schema() || ' ' || search end) $$;
create function name_search(cutoff date, retried bigint) returns text language sql immutable set search_path from current as $$
  select to_char(cutoff, 'YYYY-MM-DD') || coalesce(' ' || retried, '') $$;

-- Finds what is due in some wallets, by wallet and reason, as payout_due: a reason of null may be paid.
create function look_for_due(wallets bigint[], cutoff date, retried bigint, foreseen boolean) returns void
  language plpgsql set search_path from current
  -- A million entries want room to be sorted in. Over tables that were just filled, of which nobody has statistics yet, a nested
  -- loop is the one plan that can take hours.
  set work_mem = '128MB' set enable_nestloop = off as $find$
declare
  entries text := $due$@due_entries@$due$;
begin
  entries := replace(entries, '@wallets@', case when cardinality(wallets) * 2 > (select count(*) from ledger_accounts where type = 'wallet')
    then 'true' else 'n.wallet_id in (select unnest($1))' end);
  entries := replace(entries, '@foreseen@', case when foreseen
    then 'and not exists (select from pg_temp.payout_foreseen f where f.event_id = n.event_id and f.leg = n.leg)' else '' end);
  if exists (select from settings s where s.name = 'recovery_share_ppm' and s.value::numeric < 1000000) then
    entries := replace($shared$@shared_entries@$shared$, '@entries@', entries);
  end if;
  drop table if exists pg_temp.payout_due, pg_temp.payout_giving;
  execute format($due$
    create temporary table payout_due on commit drop as
    select d.*, a.partner_id, a.currency from (
      select e.*, encode(sha256(array_send(events) || array_send(legs) || array_send(amounts)), 'hex') as hash
      from (
        select wallet_id, reason, sum(amount_minor)::bigint as net, count(*) as entries, array_agg(event_id order by event_id, leg) as events,
          array_agg(leg order by event_id, leg) as legs, array_agg(amount_minor order by event_id, leg) as amounts
        from (%s) e group by wallet_id, reason
      ) e
    ) d join ledger_accounts a on a.id = d.wallet_id and a.id in (select unnest($1))
    $due$, entries)
    using wallets, cutoff, retried;
  execute format('comment on table pg_temp.payout_due is %L', current_schema() || ' ' || name_search(cutoff, retried));
  analyze pg_temp.payout_due (wallet_id, reason, partner_id, currency);
  grant select on pg_temp.payout_due to @operator@, @auditor@;
end $find$;

-- What a run would pay, to whoever may look.
create function find_due(wallets bigint[], cutoff date, retried bigint) returns void
  language plpgsql security definer set search_path from current as $$
begin
  perform look_for_due(wallets, cutoff, retried, is_ours('payout_foreseen'));
end $$;

-- The same, to be paid: holds the wallets to the end of the transaction, in the order of ids, so that runs over the same wallets
-- follow each other, and each later one sees what the earlier took instead of failing on it.
create function take_due(wallets bigint[], cutoff date, retried bigint) returns void
  language plpgsql security definer set search_path from current as $$
begin
  perform lock_wallets(wallets);
  perform look_for_due(wallets, cutoff, retried, false);
  create temporary table payout_giving (
    wallet_id bigint not null, withheld_minor bigint not null check (withheld_minor >= 0), fee_minor bigint not null check (fee_minor >= 0)
  ) on commit drop;
  execute format('comment on table pg_temp.payout_giving is %L', current_schema() || ' ' || name_search(cutoff, retried));
  grant select, insert on pg_temp.payout_giving to @operator@;
end $$;
revoke execute on function is_ours(text, text), name_search(date, bigint), look_for_due(bigint[], date, bigint, boolean),
  find_due(bigint[], date, bigint), take_due(bigint[], date, bigint) from public;
grant execute on function find_due(bigint[], date, bigint) to @operator@, @auditor@;
grant execute on function take_due(bigint[], date, bigint) to @operator@;

-- Begins a row of runs that are composed one after the other and not made, or goes on with it: what some wallets would pay
-- of what was found is not found again in this transaction, but by who pays.
create function foresee_due(wallets bigint[]) returns void language plpgsql security definer set search_path from current as $$
begin
  if not is_ours('payout_due') then
    raise exception 'nothing was found to be due' using errcode = 'RV002', hint = 'find_due comes first';
  end if;
  if not is_ours('payout_foreseen') then
    create temporary table payout_foreseen (event_id bigint, leg smallint, primary key (event_id, leg)) on commit drop;
    execute format('comment on table pg_temp.payout_foreseen is %L', current_schema() || ' foreseen');
  end if;
  insert into pg_temp.payout_foreseen (event_id, leg)
  select unnest(d.events), unnest(d.legs) from pg_temp.payout_due d where d.reason is null and d.wallet_id in (select unnest(wallets));
end $$;
revoke execute on function foresee_due(bigint[]) from public;
grant execute on function foresee_due(bigint[]) to @operator@, @auditor@;

-- Writes the payouts of a run, once: one per partner and currency of the wallets in payout_giving, each of which gives all that
-- may be paid of it. What is tried again keeps its number but for the letter. Returns how many lines there are.
create function write_payouts(run bigint, retried bigint) returns bigint
  language plpgsql security definer set search_path from current set work_mem = '128MB' set enable_nestloop = off as $$
declare
  before payouts; offender record; search text; last_id bigint; last_number bigint; written bigint;
begin
  if not is_open_run(run) or exists (select from payouts p where p.run_id = run) then
    raise exception 'payouts are written once, by the transaction of their run; run % is complete', run
      using errcode = 'RV002', hint = 'generate another run';
  end if;
  search := (select name_search(r.cutoff, retried) from payout_runs r where r.id = run);
  if not (is_ours('payout_due', search) and is_ours('payout_giving', search)) then
    raise exception 'nothing was taken to be paid by run %', run using errcode = 'RV002', hint = 'take_due comes first, with its cut-off';
  end if;
  if retried is not null then
    select * into before from payouts where id = retried;
    if before.status is null or before.status not in ('failed', 'returned', 'cancelled') then
      raise exception 'only a failed, returned or cancelled payout is tried again (%)', coalesce(before.number, retried::text) using errcode = 'RV004';
    end if;
    if right(before.number, 1) = 'Z' then
      raise exception 'payout % was tried 26 times', before.number using errcode = 'RV004', hint = 'let the next run take its entries';
    end if;
  end if;
  -- Under the lock of who numbered the run.
  last_id := (select coalesce(max(id), 0) from payouts);
  last_number := coalesce((select substr(left(p.number, -1), 2)::bigint from payouts p where p.retry_of is null order by p.id desc limit 1), 0);
  analyze pg_temp.payout_giving;
  create temporary table payout_paying on commit drop as
  select last_id + dense_rank() over (order by d.partner_id, d.currency) as payout_id, d.partner_id, d.currency, g.wallet_id, d.net as gross_minor,
    g.withheld_minor, g.fee_minor, d.entries, d.hash, i.id as instrument_id, case when d.wallet_id is null then 'nothing_due' else i.obstacle end as obstacle
  from pg_temp.payout_giving g left join pg_temp.payout_due d on d.wallet_id = g.wallet_id and d.reason is null
  left join instrument_standings i on i.partner_id = d.partner_id and i.currency = d.currency
  order by 1, g.wallet_id;
  analyze pg_temp.payout_paying (payout_id, wallet_id);
  select a.code, k.currency, coalesce(w.obstacle, 'another_payee') as obstacle into offender
  from pg_temp.payout_paying w left join ledger_accounts k on k.id = w.wallet_id left join partners a on a.id = k.partner_id
  where w.obstacle is not null or (w.partner_id, w.currency) <> (before.partner_id, before.currency) limit 1;
  if found then
    raise exception 'the partner % is not paid in %: %', offender.code, offender.currency, offender.obstacle
      using errcode = 'RV025', hint = case when offender.obstacle like 'instrument%' then 'revshare instrument list' else 'generate again' end;
  end if;

  insert into payouts (id, number, run_id, partner_id, currency, gross_minor, withheld_minor, fee_minor, sent_minor, status, retry_of,
    instrument_id, lines, content_hash, created_by, recorded_at)
  select s.payout_id, case when retried is null then 'P' || lpad(s.number, greatest(8, length(s.number)), '0') || 'A'
      else left(before.number, -1) || chr(ascii(right(before.number, 1)) + 1) end,
    run, s.partner_id, s.currency, s.gross, s.withheld, s.fee, s.gross - s.withheld - s.fee, 'pending', retried, s.instrument_id, s.lines,
    encode(sha256(convert_to(format(E'%s %s %s %s %s %s\n', a.code, s.currency, s.gross, s.withheld, s.fee, s.gross - s.withheld - s.fee) || s.wallets, 'UTF8')), 'hex'),
    session_user, now()
  from (
    select w.payout_id, (last_number + w.payout_id - last_id)::text as number, w.partner_id, w.currency, w.instrument_id, sum(w.gross_minor)::bigint as gross,
      sum(w.withheld_minor)::bigint as withheld, sum(w.fee_minor)::bigint as fee, sum(w.entries)::bigint as lines,
      string_agg(w.wallet_id || ' ' || w.gross_minor || ' ' || w.hash, E'\n' order by w.wallet_id) as wallets
    from pg_temp.payout_paying w group by w.payout_id, w.partner_id, w.currency, w.instrument_id
  ) s join partners a on a.id = s.partner_id order by s.payout_id;
  insert into payout_wallets (payout_id, wallet_id, gross_minor, withheld_minor, fee_minor, sent_minor)
  select payout_id, wallet_id, gross_minor, withheld_minor, fee_minor, gross_minor - withheld_minor - fee_minor
  from pg_temp.payout_paying order by payout_id, wallet_id;
  insert into payout_lines (payout_id, event_id, wallet_id, amount_minor, leg)
  select w.payout_id, unnest(d.events), d.wallet_id, unnest(d.amounts), unnest(d.legs)
  from pg_temp.payout_paying w join pg_temp.payout_due d on d.wallet_id = w.wallet_id and d.reason is null
  order by w.payout_id;
  get diagnostics written = row_count;
  drop table pg_temp.payout_due, pg_temp.payout_giving, pg_temp.payout_paying;
  return written;
end $$;
revoke execute on function write_payouts(bigint, bigint) from public;
grant execute on function write_payouts(bigint, bigint) to @operator@;
