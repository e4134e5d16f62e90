-- What is proved at commit can be had proved sooner, by `set constraints … immediate`, and changed in the same transaction
-- after that. Here it is proved again by whatever changes it, or is said at once, so that nothing can follow.

-- MUST: who earns at an instance changes by a transfer that is being done, and to what that one asks for: a change that
-- follows it is proved with it.
create or replace function check_agreement_transferred() returns trigger language plpgsql set search_path from current as $$
declare
  transfers_ bigint[];
begin
  if exists (select from agreements a join known_changes k on k.known_seq = a.known_seq
             where a.instance_id = new.instance_id and k.transaction_id = pg_current_xact_id_if_assigned()
               and not exists (select from agreements o where o.instance_id = a.instance_id and o.known_seq < a.known_seq)) then
    return null;
  end if;
  select array_agg(r.id) into transfers_ from request_applications d join requests r on r.id = d.request_id
  where r.kind = 'transfer' and (r.payload ->> 'instance_id')::bigint = new.instance_id and d.transaction_id = pg_current_xact_id_if_assigned();
  if transfers_ is null then
    raise exception 'who earns at an instance changes by a transfer that two people agreed to'
      using errcode = 'RV014', hint = 'revshare instance transfer CODE --to PARTNER --from DATE --reason …';
  end if;
  perform assert_transferred(x) from unnest(transfers_) x;
  return null;
end $$;

-- MUST: what the books began with is written as it was asked for, each table by one statement.
create function opened_rows(request bigint, part text) returns jsonb language sql stable set search_path from current as $$
  select case part
    when 'partners' then (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('partner_id', p.partner_id, 'currency', p.currency,
        'paid_minor', p.paid_minor::text, 'withheld_minor', p.withheld_minor::text, 'tier', p.tier, 'missed_evaluations', p.missed_evaluations))
        order by p.partner_id, p.currency), '[]') from opening_partners p where p.request_id = request)
    when 'accounts' then (select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('account_id', a.account_id,
        'first_sale_on', a.first_sale_on, 'first_sale_only', a.first_sale_only, 'earning_months', a.earning_months))
        order by a.account_id), '[]') from opening_accounts a where a.request_id = request) end $$;
create function assert_opened_rows(request bigint, part text) returns void language plpgsql stable set search_path from current as $$
begin
  if coalesce((select payload -> part from requests where id = request), '[]') <> opened_rows(request, part) then
    raise exception 'request % asks for another opening than what was done', request using errcode = 'RV017', hint = 'nothing was written; ask again';
  end if;
end $$;
create or replace function assert_opened(request bigint) returns void language plpgsql stable set search_path from current as $$
begin
  perform assert_opened_rows(request, 'partners');
  perform assert_opened_rows(request, 'accounts');
end $$;
create function check_opened_rows() returns trigger language plpgsql set search_path from current as $$
begin
  perform assert_opened_rows(i.request_id, substr(tg_table_name, length('opening_') + 1)) from (select distinct request_id from inserted) i;
  return null;
end $$;
revoke execute on function opened_rows(bigint, text), assert_opened_rows(bigint, text), check_opened_rows() from public;
grant execute on function opened_rows(bigint, text), assert_opened_rows(bigint, text) to @operator@;
create trigger as_asked after insert on opening_partners referencing new table as inserted for each statement execute function check_opened_rows();
create trigger as_asked after insert on opening_accounts referencing new table as inserted for each statement execute function check_opened_rows();

-- MUST: the payouts of a file are said at once, so that none can follow once it has been proved to come to its total.
create function check_file_at_once() returns trigger language plpgsql set search_path from current as $$
declare
  files_ bigint[]; counts bigint[]; offender bigint;
begin
  select array_agg(file_id), array_agg(payouts) into files_, counts from (select file_id, count(*) as payouts from inserted group by 1) i;
  select i.file_id into offender from unnest(files_, counts) i (file_id, payouts)
  where i.payouts <> (select count(*) from payout_file_lines l where l.file_id = i.file_id) limit 1;
  if found then
    raise exception 'the payouts of file % are said at once', offender using errcode = 'RV002';
  end if;
  return null;
end $$;
revoke execute on function check_file_at_once() from public;
create trigger said_at_once after insert on payout_file_lines referencing new table as inserted for each statement execute function check_file_at_once();
