-- What partners are told by e-mail of their payouts: sent, failed, returned, unclaimed. A notice is written by the change of
-- status itself and in its transaction, so that none is lost and none is of something that did not happen; what was tried
-- with it, and what the mail server said, stands beside it.

-- 1: partners with an e-mail address hear of their payouts
alter table settings add constraint notices_value check (name <> 'notices' or value in ('0', '1'));

-- What a change of status is called in a notice; null: nobody is written to about it.
create function notice_kind(status text) returns text language sql immutable set search_path from current as $$
  select case status when 'processing' then 'sent' when 'failed' then 'failed' when 'returned' then 'returned' when 'unclaimed' then 'unclaimed' end $$;
revoke execute on function notice_kind(text) from public;
grant execute on function notice_kind(text) to @operator@, @auditor@;

create table notices (
  id bigint generated always as identity primary key,
  -- MUST: one notice a change
  change_id bigint not null unique references payout_status_changes,
  -- names the mail, however often it is sent: mail programs show one of several with the same Message-ID
  key uuid not null unique default gen_random_uuid(),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger chosen_id before insert on notices for each row execute function refuse_chosen_id();
create trigger stamp before insert on notices for each row execute function stamp();
create trigger insert_only before update or delete or truncate on notices for each statement execute function refuse_change();
-- No line in the audit log: it follows from the change, and its key is another in every plan.

-- MUST: a notice is of a change of its own transaction, and of one that partners are told of.
create function guard_notice() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from payout_status_changes c where c.id = new.change_id and notice_kind(c.status) is not null
    and c.transaction_id = pg_current_xact_id_if_assigned()) then
    raise exception 'a notice is written with the change that it tells of, and with no other' using errcode = 'RV039';
  end if;
  return new;
end $$;
create trigger guard before insert on notices for each row execute function guard_notice();

-- SECURITY DEFINER, because nobody else writes notices. Read into arrays first, as every guard of a batch is.
create function write_notices() returns trigger language plpgsql security definer set search_path from current as $$
declare
  changes bigint[]; payouts_ bigint[];
begin
  select array_agg(id), array_agg(payout_id) into changes, payouts_ from inserted where notice_kind(status) is not null;
  if changes is not null and exists (select from settings s where s.name = 'notices' and s.value = '1' and s.retired_seq is null
    and s.valid @> business_today()) then
    insert into notices (change_id)
    select c.id from unnest(changes, payouts_) c (id, payout_id)
    join payouts p on p.id = c.payout_id join partners a on a.id = p.partner_id
    where a.email is not null order by c.id;
  end if;
  return null;
end $$;
revoke execute on function write_notices() from public;
create trigger notices after insert on payout_status_changes referencing new table as inserted
  for each statement execute function write_notices();

-- An attempt is committed before the mail server is spoken to. One that nobody answered may have been delivered.
create table notice_attempts (
  id bigint generated always as identity primary key,
  notice_id bigint not null references notices,
  nth smallint not null,
  -- the partner's address as it was then
  recipient text not null,
  -- by a person, who knows that it may arrive twice, or that it was refused
  asked boolean not null default false,
  created_by text not null,
  recorded_at timestamptz not null,
  unique (notice_id, nth)
);
create trigger chosen_id before insert on notice_attempts for each row execute function refuse_chosen_id();
create trigger stamp before insert on notice_attempts for each row execute function stamp();
create trigger insert_only before update or delete or truncate on notice_attempts for each statement execute function refuse_change();

-- What the mail server said. `deferred`: not taken, and later it may be; `refused`: not taken, and it never will be;
-- `unknown`: the line was cut when it may have been taken.
create table notice_outcomes (
  attempt_id bigint primary key references notice_attempts,
  outcome text not null check (outcome in ('sent', 'deferred', 'refused', 'unknown')),
  message text check (message <> '' and char_length(message) <= 500),
  created_by text not null,
  recorded_at timestamptz not null,
  check (outcome = 'sent' or message is not null)
);
create trigger stamp before insert on notice_outcomes for each row execute function stamp();
create trigger insert_only before update or delete or truncate on notice_outcomes for each statement execute function refuse_change();

-- Each notice as it stands: `pending`, `sending` while its attempt may still be under way, then what came of the last one.
create view notice_standings as
  select n.id, n.key::text, n.change_id, c.payout_id, notice_kind(c.status) as kind, n.recorded_at, coalesce(t.nth, 0::smallint) as attempts,
    t.id as attempt_id, t.recipient, coalesce(o.recorded_at, t.recorded_at) as attempted_at, o.message,
    case when t.id is null then 'pending' when o.outcome is not null then o.outcome
      when t.recorded_at > clock_timestamp() - interval '15 minutes' then 'sending' else 'unknown' end as status
  from notices n
  join payout_status_changes c on c.id = n.change_id
  left join lateral (select * from notice_attempts x where x.notice_id = n.id order by x.nth desc limit 1) t on true
  left join notice_outcomes o on o.attempt_id = t.id;

-- MUST: a notice that was sent is sent no more, one under way is left alone, and what may have arrived, or was refused, is
-- tried again only when a person asks. One at a time: the lock is held to the commit of the attempt. SECURITY DEFINER, for
-- a lock on a row takes the right to change it.
create function guard_notice_attempt() returns trigger language plpgsql security definer set search_path from current as $$
declare
  standing notice_standings;
begin
  perform from notices where id = new.notice_id for no key update;
  select * into standing from notice_standings s where s.id = new.notice_id;
  if standing.status in ('sent', 'sending') or (standing.status in ('refused', 'unknown') and not new.asked) then
    raise exception 'notice % is % and not sent again%', new.notice_id, standing.status,
      case when standing.status in ('refused', 'unknown') then ' by itself' else '' end using errcode = 'RV039';
  end if;
  select a.email into new.recipient from payouts p join partners a on a.id = p.partner_id where p.id = standing.payout_id;
  if new.recipient is null then
    raise exception 'notice % has nobody to go to: its partner has no e-mail address', new.notice_id using errcode = 'RV039',
      hint = 'revshare partner update CODE --email ADDRESS';
  end if;
  new.nth := standing.attempts + 1;
  return new;
end $$;
revoke execute on function guard_notice_attempt() from public;
create trigger guard before insert on notice_attempts for each row execute function guard_notice_attempt();

grant select on notices, notice_attempts, notice_outcomes, notice_standings to @operator@, @auditor@;
grant insert on notice_attempts, notice_outcomes to @operator@;
