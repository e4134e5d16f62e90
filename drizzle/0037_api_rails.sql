-- How money leaves by calls (SEMANTICS §7): what was asked of a provider, by which key, and what it answered. The row of an
-- attempt is committed before the provider is called, so that whatever happens to the call, the key of it is known.

alter table rail_profiles drop constraint rail_profiles_rail_check;
alter table rail_profiles add constraint rail_profiles_rail_check
  check (rail in ('sepa', 'nacha', 'paypal', 'wise', 'stripe', 'paypal-payouts', 'razorpayx'));

-- The rails that are called, the instruments they pay to, and for how long they promise to know a key again
-- (src/rails/api-rails.ts; a test compares the two).
create function api_rails() returns table (rail text, kind text, keeps interval) language sql immutable set search_path from current as $$
  values ('stripe', 'stripe', interval '24 hours'), ('paypal-payouts', 'paypal', interval '30 days'), ('razorpayx', 'razorpay', interval '24 hours') $$;
revoke execute on function api_rails() from public;
grant execute on function api_rails() to @operator@, @auditor@;

create table payout_attempts (
  id bigint generated always as identity primary key,
  payout_id bigint not null references payouts,
  -- counts the attempts at sending this very payout
  nth smallint not null check (nth > 0),
  rail_profile_id bigint not null references rail_profiles,
  -- 36 characters, drawn by the database: what the provider knows a repetition by
  key uuid not null unique,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  unique (payout_id, nth)
);
create trigger chosen_id before insert on payout_attempts for each row execute function refuse_chosen_id();
create trigger stamp before insert on payout_attempts for each row execute function stamp_in_transaction();
create trigger insert_only before update or delete or truncate on payout_attempts for each statement execute function refuse_change();
-- No line in the audit log: it is a record by itself, and its key is another in every plan.

-- What a provider answered. `refused`: nothing moved, and it may later; `failed`: nothing moved, and it never will; `unknown`:
-- nobody can tell yet. After paid, refused, failed and returned there is nothing more to say of an attempt.
create table payout_attempt_outcomes (
  id bigint generated always as identity primary key,
  attempt_id bigint not null references payout_attempts,
  outcome text not null check (outcome in ('accepted', 'unclaimed', 'paid', 'refused', 'failed', 'returned', 'unknown')),
  -- what the provider calls it
  provider_id text check (provider_id <> ''),
  code text check (code <> ''),
  message text check (message <> '' and char_length(message) <= 500),
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  check (outcome not in ('refused', 'failed', 'returned', 'unknown') or code is not null),
  check (outcome not in ('accepted', 'unclaimed', 'paid', 'returned') or provider_id is not null)
);
create index payout_attempt_outcomes_attempt on payout_attempt_outcomes (attempt_id, id);
create index payout_attempt_outcomes_provider on payout_attempt_outcomes (provider_id) where provider_id is not null;
create trigger chosen_id before insert on payout_attempt_outcomes for each row execute function refuse_chosen_id();
create trigger stamp before insert on payout_attempt_outcomes for each row execute function stamp_in_transaction();
create trigger insert_only before update or delete or truncate on payout_attempt_outcomes for each statement execute function refuse_change();

create function attempt_ends(outcome text) returns boolean language sql immutable set search_path from current as $$
  select outcome in ('paid', 'refused', 'failed', 'returned') $$;
revoke execute on function attempt_ends(text) from public;
grant execute on function attempt_ends(text) to @operator@, @auditor@;

-- Each attempt as it stands: its last answer, what the provider calls it, and until when its key may be sent again. An hour
-- less than the provider promises, for no two clocks agree.
create view payout_attempt_standings as
  select a.id, a.payout_id, a.nth, a.rail_profile_id, r.rail, a.key::text, a.recorded_at, a.created_by,
    a.recorded_at + k.keeps - interval '1 hour' as send_until,
    o.outcome, o.code, o.message, o.recorded_at as answered_at, coalesce(attempt_ends(o.outcome), false) as ended,
    (select x.provider_id from payout_attempt_outcomes x where x.attempt_id = a.id and x.provider_id is not null order by x.id limit 1) as provider_id
  from payout_attempts a
  join rail_profiles r on r.id = a.rail_profile_id
  join api_rails() k on k.rail = r.rail
  left join lateral (select * from payout_attempt_outcomes x where x.attempt_id = a.id order by x.id desc limit 1) o on true;

-- MUST: attempts are of live payouts, one open at a time. The first is written by the submission itself, so that what went
-- into a file or the register is never sent as well; another, with another key, only after a definite refusal, and to the
-- instrument that was approved. Holds the payout's row, as its changes of status do, which takes the owner's right.
create function guard_payout_attempt() returns trigger language plpgsql security definer set search_path from current as $$
declare
  paid payouts; last payout_attempt_standings; standing instrument_standings; pays_to text;
begin
  select * into paid from payouts where id = new.payout_id for no key update;
  if paid.status <> 'processing' then
    raise exception 'payout % is %, and only what is with the provider is attempted', paid.number, paid.status using errcode = 'RV037';
  end if;
  select k.kind into pays_to from rail_profiles r join api_rails() k on k.rail = r.rail where r.id = new.rail_profile_id;
  if pays_to is distinct from (select i.kind from instruments i where i.id = paid.instrument_id) then
    raise exception 'payout % is not paid by that rail', paid.number using errcode = 'RV037';
  end if;
  select * into last from payout_attempt_standings s where s.payout_id = new.payout_id order by s.nth desc limit 1;
  if last.id is null then
    if not exists (select from payout_status_changes c where c.payout_id = new.payout_id and c.status = 'processing'
      and c.transaction_id = pg_current_xact_id_if_assigned()) then
      raise exception 'payout % left by a file or by hand: it is not sent as well', paid.number using errcode = 'RV037';
    end if;
  elsif last.outcome is distinct from 'refused' then
    raise exception 'attempt % of payout % is %: another follows a refusal and nothing else', last.nth, paid.number, coalesce(last.outcome, 'open')
      using errcode = 'RV037', hint = 'look it up: revshare payout resolve ' || paid.number;
  end if;
  select * into standing from instrument_standings s where s.partner_id = paid.partner_id and s.currency = paid.currency;
  if standing.id is distinct from paid.instrument_id or standing.obstacle is not null then
    raise exception 'payout % is for an instrument that is paid to no more: %', paid.number, coalesce(standing.obstacle, 'instrument_changed')
      using errcode = 'RV025', hint = 'say that it failed; the next run pays to the new one';
  end if;
  new.nth := coalesce(last.nth, 0) + 1;
  new.key := gen_random_uuid();
  return new;
end $$;
revoke execute on function guard_payout_attempt() from public;
create trigger guard before insert on payout_attempts for each row execute function guard_payout_attempt();

-- MUST: what was attempted is in no file. (That the file came first is caught by the submission: both are of its transaction.)
create function refuse_attempted_in_file() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (select from payout_attempts a where a.payout_id = new.payout_id) then
    raise exception 'payout % is sent to a provider and in no file', (select number from payouts where id = new.payout_id) using errcode = 'RV037';
  end if;
  return new;
end $$;
create trigger attempted before insert on payout_file_lines for each row execute function refuse_attempted_in_file();
create function refuse_filed_attempt() returns trigger language plpgsql set search_path from current as $$
begin
  if exists (select from payout_file_lines l where l.payout_id = new.payout_id) then
    raise exception 'payout % is in a file and not sent to a provider', (select number from payouts where id = new.payout_id) using errcode = 'RV037';
  end if;
  return new;
end $$;
create trigger in_file before insert on payout_attempts for each row execute function refuse_filed_attempt();

-- MUST: nothing is said of an attempt that has ended; and what the provider calls it is one name, and of no other attempt.
create function guard_attempt_outcome() returns trigger language plpgsql security definer set search_path from current as $$
declare
  meant payout_attempt_standings; paid payouts;
begin
  select p.* into paid from payouts p join payout_attempts a on a.payout_id = p.id where a.id = new.attempt_id for no key update of p;
  select * into meant from payout_attempt_standings s where s.id = new.attempt_id;
  if meant.ended then
    raise exception 'attempt % of payout % has ended: %', meant.nth, paid.number, meant.outcome using errcode = 'RV037';
  end if;
  if new.provider_id is not null and (coalesce(meant.provider_id, new.provider_id) <> new.provider_id or exists (
    select from payout_attempt_outcomes o join payout_attempt_standings s on s.id = o.attempt_id
    where o.provider_id = new.provider_id and s.id <> new.attempt_id and s.rail = meant.rail)) then
    raise exception 'what the provider calls % is not attempt % of payout %', new.provider_id, meant.nth, paid.number using errcode = 'RV037';
  end if;
  return new;
end $$;
revoke execute on function guard_attempt_outcome() from public;
create trigger guard before insert on payout_attempt_outcomes for each row execute function guard_attempt_outcome();

-- What the books say of a payout whose attempt ended so.
create function outcome_statuses(outcome text) returns text[] language sql immutable set search_path from current as $$
  select case outcome when 'paid' then array['completed', 'returned'] when 'failed' then array['failed'] when 'returned' then array['returned', 'failed']
    when 'unclaimed' then array['unclaimed', 'completed', 'returned', 'cancelled'] end $$;
revoke execute on function outcome_statuses(text) from public;
grant execute on function outcome_statuses(text) to @operator@, @auditor@;

-- MUST: what a provider said of an attempt the books say of its payout, in the same transaction.
create function check_attempt_outcome() returns trigger language plpgsql set search_path from current as $$
declare
  paid payouts;
begin
  select p.* into paid from payouts p join payout_attempts a on a.payout_id = p.id where a.id = new.attempt_id;
  if not paid.status = any (outcome_statuses(new.outcome)) then
    raise exception 'payout % was % by the provider, and is % here', paid.number, new.outcome, paid.status using errcode = 'RV037';
  end if;
  return null;
end $$;
create constraint trigger agrees after insert on payout_attempt_outcomes deferrable initially deferred
  for each row when (new.outcome in ('paid', 'failed', 'returned', 'unclaimed')) execute function check_attempt_outcome();

-- MUST: a payout has not failed while its attempt is open and the provider may still be paying by that key.
create function guard_open_attempt() returns trigger language plpgsql set search_path from current as $$
declare
  open_ payout_attempt_standings;
begin
  select * into open_ from payout_attempt_standings s where s.payout_id = new.payout_id and not s.ended and s.send_until > clock_timestamp();
  if open_.id is not null then
    raise exception 'attempt % of payout % has no end yet: nobody knows that it failed', open_.nth, (select number from payouts where id = new.payout_id)
      using errcode = 'RV037', hint = 'look it up: revshare payout resolve ' || (select number from payouts where id = new.payout_id);
  end if;
  return new;
end $$;
-- After `status_follows` by name, which says first whether the payout may go there at all.
create trigger unended before insert on payout_status_changes for each row when (new.status = 'failed') execute function guard_open_attempt();

-- What providers told by webhooks, each event once, whatever came of it.
alter table reconciliations drop constraint reconciliations_format_check;
alter table reconciliations add constraint reconciliations_format_check
  check (format in ('camt.053', 'camt.052', 'camt.054', 'pain.002', 'nacha', 'paypal', 'bank-csv', 'stripe-event', 'paypal-event', 'razorpay-event'));

create table webhook_events (
  id bigint generated always as identity primary key,
  provider text not null check (provider in ('stripe', 'paypal', 'razorpay')),
  event_id text not null check (event_id <> ''),
  type text not null check (type <> ''),
  -- of its body as it came
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  payout_id bigint references payouts,
  -- what came of it
  outcome text not null check (outcome ~ '^[a-z][a-z_]*$'),
  created_by text not null,
  recorded_at timestamptz not null,
  unique (provider, event_id)
);
create index webhook_events_payout on webhook_events (payout_id) where payout_id is not null;
create trigger chosen_id before insert on webhook_events for each row execute function refuse_chosen_id();
create trigger stamp before insert on webhook_events for each row execute function stamp();
create trigger insert_only before update or delete or truncate on webhook_events for each statement execute function refuse_change();
create trigger audit after insert on webhook_events for each row execute function audit();

grant select on payout_attempts, payout_attempt_outcomes, payout_attempt_standings, webhook_events to @operator@, @auditor@;
grant insert on payout_attempts, payout_attempt_outcomes, webhook_events to @operator@;
