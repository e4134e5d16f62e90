-- Events that had their turn and could not be decided, because no exchange rate was near enough (SEMANTICS §5): the chunk
-- whose range they are in goes on without them, and a later one decides them. What else was to be decided of the same sale
-- waits with them. An event that is in here and decided by nobody yet is `waiting`.
create table waiting_events (
  event_id bigint primary key,
  -- in whose range the event is
  chunk_id bigint not null,
  -- the rate that was missing when its turn came
  base text not null references currencies,
  quote text not null references currencies,
  rate_date date not null,
  -- null while it waits
  decided_chunk_id bigint,
  check (base <> quote),
  check (decided_chunk_id > chunk_id)
);
create index waiting_events_chunk on waiting_events (chunk_id);
create index waiting_events_decided on waiting_events (decided_chunk_id) where decided_chunk_id is not null;
create index waiting_events_open on waiting_events (event_id) where decided_chunk_id is null;
create trigger never_removed before delete or truncate on waiting_events for each statement execute function refuse_removal();

-- MUST: an event waits from the chunk on in whose range it is, in that chunk's own transaction, and only while it has no
-- entry: an event of a range is either decided or waiting.
create function guard_waiting_events() returns trigger language plpgsql set search_path from current as $$
declare
  events_ bigint[]; event_chunks bigint[]; bases text[]; settled bigint[]; chunks bigint[]; offender bigint;
begin
  select array_agg(event_id), array_agg(chunk_id), array_agg(base), array_agg(decided_chunk_id) filter (where decided_chunk_id is not null),
      array_agg(distinct chunk_id)
    into events_, event_chunks, bases, settled, chunks from inserted;
  if events_ is null then
    return null;
  end if;
  if settled is not null then
    raise exception 'an event waits before it is decided' using errcode = 'RV002';
  end if;
  select x into offender from unnest(chunks) x
  where not exists (select from decision_chunks c where c.id = x and c.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if offender is not null then
    raise exception 'what waits belongs to a chunk of its own transaction (chunk %)', offender using errcode = 'RV002';
  end if;
  perform assert_not_posted(chunks);
  select i.event_id into offender
  from unnest(events_, event_chunks, bases) i (event_id, chunk_id, base)
  left join revenue_events e on e.id = i.event_id
  left join decision_ranges r on r.chunk_id = i.chunk_id and i.event_id between r.first_id and r.last_id
  where r.chunk_id is null or e.currency is distinct from i.base limit 1;
  if offender is not null then
    raise exception 'event % is outside the ranges of its chunk, or not in the currency that is to be converted', offender using errcode = 'RV002';
  end if;
  select x into offender from unnest(events_) x where exists (select from entries n where n.event_id = x) limit 1;
  if offender is not null then
    raise exception 'event % is decided: it cannot wait', offender using errcode = 'RV002';
  end if;
  return null;
end $$;
create trigger guard after insert on waiting_events referencing new table as inserted for each statement execute function guard_waiting_events();

-- MUST: it is decided once, and nothing else of it changes.
create function guard_waiting_change() returns trigger language plpgsql set search_path from current as $$
begin
  if old.decided_chunk_id is not null or new.decided_chunk_id is null
     or to_jsonb(new) - 'decided_chunk_id' is distinct from to_jsonb(old) - 'decided_chunk_id' then
    raise exception 'event % waits until it is decided, once; nothing else of that changes', old.event_id using errcode = 'RV001';
  end if;
  return new;
end $$;
create trigger decided_once before update on waiting_events for each row execute function guard_waiting_change();

-- MUST: by a chunk of this transaction that has an entry of it.
create function guard_waiting_decided() returns trigger language plpgsql set search_path from current as $$
declare
  events_ bigint[]; event_chunks bigint[]; chunks bigint[]; offender bigint;
begin
  select array_agg(event_id), array_agg(decided_chunk_id), array_agg(distinct decided_chunk_id) into events_, event_chunks, chunks from updated;
  if events_ is null then
    return null;
  end if;
  select x into offender from unnest(chunks) x
  where not exists (select from decision_chunks c where c.id = x and c.transaction_id = pg_current_xact_id_if_assigned()) limit 1;
  if offender is not null then
    raise exception 'what has waited is decided by a chunk of its own transaction (chunk %)', offender using errcode = 'RV002';
  end if;
  perform assert_not_posted(chunks);
  select i.event_id into offender from unnest(events_, event_chunks) i (event_id, chunk_id)
  where not exists (select from entries n where n.event_id = i.event_id and n.chunk_id = i.chunk_id) limit 1;
  if offender is not null then
    raise exception 'event % has no entry of the chunk that says to have decided it', offender using errcode = 'RV002';
  end if;
  return null;
end $$;
create trigger guard_decided after update on waiting_events referencing new table as updated for each statement execute function guard_waiting_decided();

-- MUST: an event that waits gets entries from the chunk only that says to decide it, and one that has waited from no other.
-- Costs an accrual a look into an empty table where nothing ever waited.
create function guard_waited_entries() returns trigger language plpgsql set search_path from current as $$
declare
  events_ bigint[]; event_chunks bigint[]; offender bigint;
begin
  if not exists (select from waiting_events) then
    return null;
  end if;
  select array_agg(event_id), array_agg(chunk_id) into events_, event_chunks from (select distinct event_id, chunk_id from inserted) d;
  select i.event_id into offender from unnest(events_, event_chunks) i (event_id, chunk_id)
  join waiting_events w on w.event_id = i.event_id where w.decided_chunk_id is distinct from i.chunk_id limit 1;
  if offender is not null then
    raise exception 'event % waits, or was decided by another chunk', offender using errcode = 'RV002';
  end if;
  return null;
end $$;
create trigger guard_waited after insert on entries referencing new table as inserted for each statement execute function guard_waited_entries();

grant select on waiting_events to @operator@, @auditor@;
grant insert, update (decided_chunk_id) on waiting_events to @operator@;
