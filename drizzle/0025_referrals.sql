-- Referrals (SEMANTICS §1, §3): the codes that partners hand out, the clicks on them, the leads that these make, and which
-- partners a customer is owed to. Facts are insert-only; where a referral stands follows from its dated states.

-- ── What is known of a visitor ────────────────────────────────────────────────────────────────────────────────────────

-- The key of the hashes, in the shape of HMAC-SHA256's two pads. Nobody reads it but the function below: a table of hashes
-- that somebody carries off says of no address whose it is.
create table referral_key (
  only_row boolean primary key default true check (only_row),
  inner_pad bytea not null check (length(inner_pad) = 64),
  outer_pad bytea not null check (length(outer_pad) = 64)
);
do $$
declare
  key bytea := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
  inner_pad bytea := ''; outer_pad bytea := ''; one int;
begin
  for at in 0..63 loop
    one := case when at < 32 then get_byte(key, at) else 0 end;
    inner_pad := inner_pad || set_byte('\x00', 0, one # 54);
    outer_pad := outer_pad || set_byte('\x00', 0, one # 92);
  end loop;
  insert into referral_key (inner_pad, outer_pad) values (inner_pad, outer_pad);
end $$;
create trigger insert_only before update or delete or truncate on referral_key for each statement execute function refuse_change();

-- SECURITY DEFINER only to read the key.
create function referral_hash(told text) returns text language sql stable security definer set search_path from current as $$
  select encode(sha256(k.outer_pad || sha256(k.inner_pad || convert_to(told, 'UTF8'))), 'hex') from referral_key k $$;
revoke execute on function referral_hash(text) from public;
grant execute on function referral_hash(text) to @operator@;

-- ── Codes, referrals, touches ─────────────────────────────────────────────────────────────────────────────────────────

create table referral_codes (
  id bigint generated always as identity primary key,
  code text not null unique check (code ~ '^[A-Z0-9][A-Z0-9_-]{2,39}$'),
  partner_id bigint not null references partners,
  campaign text check (campaign <> '' and length(campaign) <= 100),
  landing_url text check (landing_url ~ '^https?://' and length(landing_url) <= 2000),
  -- what a customer who came by it is worth to the partner, once and whatever it buys
  signup_minor bigint check (signup_minor between 1 and 1000000000000000),
  currency text references currencies,
  -- clicks of these days count
  valid daterange not null check (not isempty(valid)),
  created_by text not null,
  recorded_at timestamptz not null,
  check ((signup_minor is null) = (currency is null))
);
create index referral_codes_partner on referral_codes (partner_id);

-- One who came by a code, or was named by a partner: a lead. Its first touch says whose it is to begin with.
create table referrals (
  id bigint generated always as identity primary key,
  visitor_hash text check (visitor_hash ~ '^[0-9a-f]{64}$'),
  email text check (email ~ '^[^@\s]+@[^@\s]+$' and length(email) <= 320),
  name text check (name <> '' and length(name) <= 200),
  company text check (company <> '' and length(company) <= 200),
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null
);
create index referrals_visitor on referrals (visitor_hash) where visitor_hash is not null;

-- A click on a code. MUST: of a lead, one a code and day: who clicks again has not come again.
create table referral_touches (
  id bigint generated always as identity primary key,
  referral_id bigint not null references referrals,
  code_id bigint not null references referral_codes,
  touched_at timestamptz not null,
  touched_on date not null check (touched_on between (touched_at at time zone 'UTC')::date - 1 and (touched_at at time zone 'UTC')::date + 1),
  source text not null check (source <> '' and length(source) <= 200),
  campaign text check (campaign <> '' and length(campaign) <= 100),
  landing_url text check (length(landing_url) <= 2000),
  referrer_url text check (length(referrer_url) <= 2000),
  ip_hash text check (ip_hash ~ '^[0-9a-f]{64}$'),
  user_agent text check (length(user_agent) <= 1000),
  created_by text not null,
  recorded_at timestamptz not null,
  constraint referral_touches_once unique (referral_id, code_id, touched_on)
);

-- ── States ────────────────────────────────────────────────────────────────────────────────────────────────────────────

-- What became of a referral; before its first row it is new.
create table referral_states (
  referral_id bigint not null references referrals,
  ordinal smallint not null check (ordinal >= 1),
  status text not null check (status in ('qualified', 'converted', 'lost', 'expired')),
  effective_on date not null,
  reason text check (reason <> ''),
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null,
  primary key (referral_id, ordinal)
);

-- src/domain/referrals.ts holds the same; a test compares the two.
create function referral_transitions() returns text[] language sql immutable set search_path from current as $$
  select array['new>qualified', 'new>converted', 'new>lost', 'new>expired', 'qualified>converted', 'qualified>lost', 'qualified>expired'] $$;
create function referral_status(referral bigint) returns text language sql stable set search_path from current as $$
  select coalesce((select s.status from referral_states s where s.referral_id = referral order by s.ordinal desc limit 1), 'new') $$;

-- ── Attribution ───────────────────────────────────────────────────────────────────────────────────────────────────────

-- Days that a click on a partner's code counts, as known at a number; 30 where its terms say nothing.
create function cookie_days(partner bigint, day date, seq bigint) returns int language sql stable set search_path from current as $$
  select coalesce((select t.cookie_days from partner_terms t where t.partner_id = partner and t.valid @> day
    and t.known_seq <= seq and (t.retired_seq is null or t.retired_seq > seq)), 30)::int $$;

-- Whose a referral is on a day: all of the first or the last touch that counts, or of each partner as much as it has of
-- them, in millionths, by largest remainder, ties by the lower id. The same as src/domain/referrals.ts, said again here so
-- that neither is believed alone.
create function referral_attribution(referral bigint, by_model text, day date, seq bigint)
  returns table (partner_id bigint, touches int, share_ppm int) language sql stable set search_path from current as $$
  with counted as (
    select c.partner_id, row_number() over w as from_first, row_number() over (order by t.touched_at desc, t.id desc) as from_last
    from referral_touches t join referral_codes c on c.id = t.code_id
    where t.referral_id = referral and t.touched_on <= day and t.touched_on + cookie_days(c.partner_id, day, seq) >= day
    window w as (order by t.touched_at, t.id)
  ), held as (
    select c.partner_id, count(*) as touches from counted c
    where case by_model when 'first' then c.from_first = 1 when 'last' then c.from_last = 1 else true end group by 1
  ), shares as (
    select h.partner_id, h.touches, div(h.touches * 1000000, sum(h.touches) over ()) as whole, mod(h.touches * 1000000, sum(h.touches) over ()) as rest
    from held h
  )
  select s.partner_id, s.touches::int, (s.whole + case when row_number() over (order by s.rest desc, s.partner_id)
    <= 1000000 - sum(s.whole) over () then 1 else 0 end)::int
  from shares s $$;

create table referral_conversions (
  referral_id bigint primary key references referrals,
  -- MUST: a customer came once
  account_id bigint not null unique references accounts,
  converted_on date not null,
  model text not null check (model in ('first', 'last', 'linear')),
  -- the partners' terms as known then
  known_seq bigint not null references known_changes,
  -- what asks for the signup's flat amount; null where no code promised one
  request_id bigint unique references requests,
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null
);
create table referral_shares (
  referral_id bigint not null references referral_conversions,
  partner_id bigint not null references partners,
  touches integer not null check (touches >= 1),
  share_ppm integer not null check (share_ppm between 1 and 1000000),
  primary key (referral_id, partner_id)
);

-- ── What the database refuses ─────────────────────────────────────────────────────────────────────────────────────────

-- What is said of one referral, or of one visitor, is said after what was said before. In a few buckets: an import may touch a
-- hundred thousand of them, and a transaction holds every lock to its end.
create function lock_referral(what text) returns void language sql set search_path from current as $$
  select pg_advisory_xact_lock(hashtextextended(current_schema() || '.referral', (hashtextextended(what, 0) & 63))) $$;

-- MUST: a visitor is one open referral at a time, and nobody brings itself.
create function guard_referral() returns trigger language plpgsql set search_path from current as $$
begin
  if new.visitor_hash is not null then
    perform lock_referral(new.visitor_hash);
    if exists (select from referrals r where r.visitor_hash = new.visitor_hash and referral_status(r.id) in ('new', 'qualified')) then
      raise exception 'the visitor is an open referral already' using errcode = 'RV027', hint = 'the click is a touch of that one';
    end if;
  end if;
  return new;
end $$;
create trigger guard before insert on referrals for each row execute function guard_referral();

create function guard_referral_touch() returns trigger language plpgsql set search_path from current as $$
begin
  perform lock_referral(new.referral_id::text);
  if new.touched_at > now() + interval '1 minute' then
    raise exception 'a click at % is to come', new.touched_at using errcode = 'RV027';
  end if;
  if referral_status(new.referral_id) not in ('new', 'qualified') then
    raise exception 'referral % is % and touched no more', new.referral_id, referral_status(new.referral_id) using errcode = 'RV027';
  end if;
  if not exists (select from referral_codes c where c.id = new.code_id and c.valid @> new.touched_on) then
    raise exception 'the code is not open on %', new.touched_on using errcode = 'RV027';
  end if;
  if exists (select from referral_codes c join partners p on p.id = c.partner_id join referrals r on r.id = new.referral_id
             where c.id = new.code_id and (lower(r.email) = lower(p.email) or lower(r.company) in (lower(p.name), lower(p.company)))) then
    raise exception 'a partner does not refer itself' using errcode = 'RV027';
  end if;
  return new;
end $$;
create trigger guard before insert on referral_touches for each row execute function guard_referral_touch();

-- MUST: a referral came by something.
create function check_referral_touched() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from referral_touches t where t.referral_id = new.id) then
    raise exception 'referral % came by no code', new.id using errcode = 'RV027';
  end if;
  return null;
end $$;
create constraint trigger touched after insert on referrals deferrable initially deferred for each row execute function check_referral_touched();

-- MUST: states follow each other as they may; expired is what no touch counts for any more, converted what has a customer.
create function guard_referral_state() returns trigger language plpgsql set search_path from current as $$
declare
  is_now text;
begin
  perform lock_referral(new.referral_id::text);
  is_now := referral_status(new.referral_id);
  if new.ordinal <> (select coalesce(max(s.ordinal), 0) + 1 from referral_states s where s.referral_id = new.referral_id) then
    raise exception 'state % of referral % does not continue its states', new.ordinal, new.referral_id using errcode = 'RV002';
  end if;
  if not is_now || '>' || new.status = any (referral_transitions()) then
    raise exception 'referral % cannot go from % to %', new.referral_id, is_now, new.status using errcode = 'RV004';
  end if;
  if new.effective_on < (select max(d) from (select max(s.effective_on) as d from referral_states s where s.referral_id = new.referral_id
       union all select min(t.touched_on) from referral_touches t where t.referral_id = new.referral_id) x)
     or new.effective_on > business_today() then
    raise exception 'referral % was not there, or was something else already, on %', new.referral_id, new.effective_on using errcode = 'RV004';
  end if;
  if new.status = 'expired' and exists (
       select from referral_attribution(new.referral_id, 'last', new.effective_on, (select max(k.known_seq) from known_changes k))) then
    raise exception 'a click of referral % counts still', new.referral_id using errcode = 'RV027';
  end if;
  return new;
end $$;
create trigger guard before insert on referral_states for each row execute function guard_referral_state();

-- MUST: a conversion goes by what is known when it is made.
create function guard_referral_conversion() returns trigger language plpgsql set search_path from current as $$
begin
  if new.known_seq is distinct from (select max(k.known_seq) from known_changes k) then
    raise exception 'referral % is converted by what was known at change %', new.referral_id, new.known_seq using errcode = 'RV002';
  end if;
  return new;
end $$;
create trigger guard before insert on referral_conversions for each row execute function guard_referral_conversion();

-- MUST: what is converted has a conversion of the same day, its shares are those of its touches, and a signup is promised
-- to nobody twice.
create function check_referral_converted() returns trigger language plpgsql set search_path from current as $$
declare
  of_referral bigint := (to_jsonb(new) ->> 'referral_id')::bigint;
  c referral_conversions;
begin
  select * into c from referral_conversions x where x.referral_id = of_referral;
  if c.referral_id is null or not exists (
       select from referral_states s where s.referral_id = of_referral and s.status = 'converted' and s.effective_on = c.converted_on) then
    raise exception 'referral % is converted by a customer of that day, or not at all', of_referral using errcode = 'RV027';
  end if;
  if exists (select partner_id, touches, share_ppm from referral_shares s where s.referral_id = of_referral
       except select a.partner_id, a.touches, a.share_ppm from referral_attribution(of_referral, c.model, c.converted_on, c.known_seq) a)
     or exists (select a.partner_id from referral_attribution(of_referral, c.model, c.converted_on, c.known_seq) a
       except select s.partner_id from referral_shares s where s.referral_id = of_referral)
     or not exists (select from referral_shares s where s.referral_id = of_referral) then
    raise exception 'the shares of referral % are not what its touches make them', of_referral using errcode = 'RV027';
  end if;
  if c.request_id is not null and not exists (select from requests q where q.id = c.request_id and q.kind = 'bonus') then
    raise exception 'a signup is given by a bonus' using errcode = 'RV027';
  end if;
  return null;
end $$;
create constraint trigger converted after insert on referral_conversions deferrable initially deferred
  for each row execute function check_referral_converted();
create constraint trigger converted after insert on referral_shares deferrable initially deferred
  for each row execute function check_referral_converted();
create constraint trigger converted after insert on referral_states deferrable initially deferred
  for each row when (new.status = 'converted') execute function check_referral_converted();

do $$
declare
  kept text;
begin
  foreach kept in array array['referral_codes', 'referrals', 'referral_touches', 'referral_states', 'referral_conversions', 'referral_shares'] loop
    execute format('create trigger insert_only before update or delete or truncate on %I for each statement execute function refuse_change()', kept);
    execute format('create trigger audit after insert on %I for each row execute function audit()', kept);
    execute format('grant select on %I to @operator@, @auditor@', kept);
    execute format('grant insert on %I to @operator@', kept);
  end loop;
  foreach kept in array array['referral_codes', 'referral_touches'] loop
    execute format('create trigger stamp before insert on %I for each row execute function stamp()', kept);
  end loop;
  foreach kept in array array['referrals', 'referral_states', 'referral_conversions'] loop
    execute format('create trigger stamp before insert on %I for each row execute function stamp_in_transaction()', kept);
  end loop;
end $$;
revoke execute on function lock_referral(text), referral_transitions(), referral_status(bigint), cookie_days(bigint, date, bigint),
  referral_attribution(bigint, text, date, bigint) from public;
grant execute on function referral_transitions(), referral_status(bigint), cookie_days(bigint, date, bigint),
  referral_attribution(bigint, text, date, bigint) to @operator@, @auditor@;
grant execute on function lock_referral(text) to @operator@;
