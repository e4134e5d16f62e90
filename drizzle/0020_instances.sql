-- Instances as businesses of their own (SEMANTICS §1): suspended and resumed apart from their siblings, handed to another
-- partner by a dated agreement under four eyes.

-- Every suspension and resumption. The status of an instance and the hold on what it earns follow from them.
create table instance_status_changes (
  id bigint generated always as identity primary key,
  instance_id bigint not null references instances,
  status text not null check (status in ('active', 'suspended')),
  -- first day whose events earn as held; for a resumption the day it was said
  effective_on date not null,
  reason text not null check (reason <> ''),
  created_by text not null,
  recorded_at timestamptz not null
);
create index instance_status_changes_instance on instance_status_changes (instance_id);
create trigger stamp before insert on instance_status_changes for each row execute function stamp();
create trigger insert_only before update or delete or truncate on instance_status_changes for each statement execute function refuse_change();
create trigger audit after insert on instance_status_changes for each row execute function audit();

-- MUST: an instance is suspended while it is active and resumed while it is suspended, one change after another by their
-- days too. SECURITY DEFINER, for it takes the row of the instance, whose status nobody has the right to update.
create function guard_instance_status() returns trigger language plpgsql security definer set search_path from current as $$
declare
  is_now text; last_on date;
begin
  select status into is_now from instances where id = new.instance_id for no key update;
  if is_now = new.status then
    raise exception 'the instance is % already', is_now using errcode = 'RV004';
  end if;
  select max(effective_on) into last_on from instance_status_changes where instance_id = new.instance_id;
  if new.effective_on < last_on then
    raise exception 'the instance changed on %: what it becomes on % would change its past', last_on, new.effective_on using errcode = 'RV004';
  end if;
  return new;
end $$;
revoke execute on function guard_instance_status() from public;
create trigger guard before insert on instance_status_changes for each row execute function guard_instance_status();

-- SECURITY DEFINER: status and hold follow from the change, and are nobody's to write.
create function instance_status_follows() returns trigger language plpgsql security definer set search_path from current as $$
begin
  update instances set status = new.status where id = new.instance_id;
  if new.status = 'suspended' then
    insert into holds (instance_id, reason, note, held_from) values (new.instance_id, 'instance_suspended', new.reason, new.effective_on);
  else
    insert into hold_releases (hold_id, note)
    select id, new.reason from open_holds where instance_id = new.instance_id and reason = 'instance_suspended';
  end if;
  return null;
end $$;
revoke execute on function instance_status_follows() from public;
create trigger status_follows after insert on instance_status_changes for each row execute function instance_status_follows();
create trigger follows before update of status on instances for each row when (new.status is distinct from old.status)
  execute function refuse_direct_change();
create trigger follows before insert on holds for each row when (new.reason = 'instance_suspended') execute function refuse_direct_change();

-- MUST: who earns at an instance changes by a transfer that is being done, and by nothing else. An instance that is made by
-- this very transaction may bring the agreements it had before.
create function check_agreement_transferred() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from agreements a join known_changes k on k.known_seq = a.known_seq
                 where a.instance_id = new.instance_id and k.transaction_id = pg_current_xact_id_if_assigned()
                   and not exists (select from agreements o where o.instance_id = a.instance_id and o.known_seq < a.known_seq))
     and not exists (select from request_applications d join requests r on r.id = d.request_id
                     where r.kind = 'transfer' and (r.payload ->> 'instance_id')::bigint = new.instance_id
                       and d.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'who earns at an instance changes by a transfer that two people agreed to'
      using errcode = 'RV014', hint = 'revshare instance transfer CODE --to PARTNER --from DATE --reason …';
  end if;
  return null;
end $$;
create constraint trigger transferred after insert or update on agreements deferrable initially deferred
  for each row execute function check_agreement_transferred();

-- MUST: a transfer gives the instance to the partner it names from its day on, and leaves every day before as it was.
create function assert_transferred(request bigint) returns void language plpgsql stable set search_path from current as $$
declare
  asked jsonb := (select payload from requests where id = request);
  days datemultirange := datemultirange(daterange((asked ->> 'from')::date, null));
  wrong bigint;
begin
  with mine as (
    select known_seq from known_changes where transaction_id = pg_current_xact_id_if_assigned()
  ), earning as (
    select a.partner_id,
      coalesce(range_agg(a.valid) filter (where a.known_seq not in (select known_seq from mine)
        and (a.retired_seq is null or a.retired_seq in (select known_seq from mine))), '{}') as before,
      coalesce(range_agg(a.valid) filter (where a.retired_seq is null), '{}') as after
    from agreements a where a.instance_id = (asked ->> 'instance_id')::bigint group by 1
  )
  select partner_id into wrong from earning
  where after <> before - days + case when partner_id = (asked ->> 'partner_id')::bigint then days else '{}' end limit 1;
  if found or not exists (
    select from agreements a where a.instance_id = (asked ->> 'instance_id')::bigint and a.partner_id = (asked ->> 'partner_id')::bigint
      and a.retired_seq is null and a.valid = daterange((asked ->> 'from')::date, null)) then
    raise exception 'request % asks for another transfer than what was done', request using errcode = 'RV017', hint = 'nothing was written; ask again';
  end if;
end $$;
revoke execute on function assert_transferred(bigint) from public;
grant execute on function assert_transferred(bigint) to @operator@;

-- Legacy revenue names no instance: what went to the default of its import says so for ever.
alter table revenue_events add column instance_defaulted boolean not null default false;

grant select on instance_status_changes to @operator@, @auditor@;
grant insert on instance_status_changes to @operator@;
