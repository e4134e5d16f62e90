-- What banks told of payouts (SEMANTICS §7): every report that proved something, and each of its records that did. A record
-- points to the change of a payout that it proves, so the two can be laid beside each other for good.

create table reconciliations (
  id bigint generated always as identity primary key,
  -- of the file as it came
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  format text not null check (format in ('camt.053', 'camt.052', 'camt.054', 'pain.002', 'nacha', 'paypal', 'bank-csv')),
  reference text check (reference <> ''),
  account text check (account <> ''),
  -- what the whole file tells, of payouts and of other things
  records integer not null check (records > 0),
  transaction_id xid8 not null default pg_current_xact_id(),
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger chosen_id before insert on reconciliations for each row execute function refuse_chosen_id();
create trigger stamp before insert on reconciliations for each row execute function stamp_in_transaction();
create trigger insert_only before update or delete or truncate on reconciliations for each statement execute function refuse_change();
create trigger audit after insert on reconciliations for each row execute function audit();

create table bank_records (
  reconciliation_id bigint not null references reconciliations,
  payout_id bigint not null references payouts,
  -- of what the record says, whatever file says it: the same fact proves a thing once
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  -- where in the file
  place text not null check (place <> ''),
  kind text not null check (kind in ('debited', 'unclaimed', 'rejected', 'returned')),
  matched_by text not null check (matched_by in ('number', 'reference', 'amount_and_date')),
  -- of this payout, and of the whole record, which may be of several; what was rejected may be told without an amount
  amount_minor bigint check (amount_minor > 0),
  booked_minor bigint check (booked_minor >= amount_minor),
  currency text references currencies,
  value_date date,
  bank_reference text check (bank_reference <> ''),
  change_id bigint not null references payout_status_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  primary key (fingerprint, payout_id),
  check ((amount_minor is null) = (booked_minor is null)),
  check (amount_minor is not null or kind = 'rejected')
);
create index bank_records_payout on bank_records (payout_id);
create index bank_records_change on bank_records (change_id);
create index bank_records_reference on bank_records (bank_reference) where bank_reference is not null;
create index bank_records_reconciliation on bank_records (reconciliation_id);
create trigger stamp before insert on bank_records for each row execute function stamp();
create trigger insert_only before update or delete or truncate on bank_records for each statement execute function refuse_change();

-- What a record proves: what was debited is completed, what came back was returned, or had not been paid in our books yet.
create function proven_statuses(kind text) returns text[] language sql immutable set search_path from current as $$
  select case kind when 'debited' then array['completed'] when 'unclaimed' then array['unclaimed'] when 'rejected' then array['failed']
    when 'returned' then array['returned', 'failed'] end $$;
revoke execute on function proven_statuses(text) from public;
grant execute on function proven_statuses(text) to @operator@, @auditor@;

-- MUST: nothing is closed by a guess. A record proves a change of its own payout that says the same, in the payout's
-- currency; its report is of the same transaction. And to the cent: what proves a change comes to what the payout sent, in
-- one record or in several, and a record that is of several payouts is used up by them. All that belongs together is
-- therefore said in one statement, and looked at once.
create function guard_bank_records() returns trigger language plpgsql set search_path from current as $$
declare
  records bigint[] := array(select payout_id from inserted); changes bigint[] := array(select change_id from inserted);
  kinds text[] := array(select kind from inserted); currencies_ text[] := array(select coalesce(currency, '') from inserted);
  facts text[] := array(select distinct fingerprint from inserted); proven bigint[] := array(select distinct change_id from inserted);
  reports bigint[] := array(select distinct reconciliation_id from inserted);
  offender record;
begin
  select p.number, x.kind, c.payout_id = p.id as own, x.currency, p.currency as paid_in into offender
  from unnest(records, changes, kinds, currencies_) x (payout_id, change_id, kind, currency)
  join payouts p on p.id = x.payout_id join payout_status_changes c on c.id = x.change_id
  where c.payout_id <> p.id or not c.status = any (proven_statuses(x.kind)) or x.currency not in ('', p.currency) limit 1;
  if offender is not null then
    raise exception 'what was % of payout % proves % and nothing else', offender.kind, offender.number,
      case when not offender.own then 'a change of its own' when offender.currency not in ('', offender.paid_in) then 'what was paid in ' || offender.paid_in
        else array_to_string(proven_statuses(offender.kind), ' or ') end
      using errcode = 'RV030';
  end if;
  if exists (select from unnest(reports) x (id) join reconciliations r on r.id = x.id
    where r.transaction_id is distinct from pg_current_xact_id_if_assigned()) then
    raise exception 'a record belongs to a report that was read with it' using errcode = 'RV030';
  end if;

  select p.number, s.told, p.sent_minor into offender
  from (select b.change_id, b.payout_id, sum(b.amount_minor) as told from bank_records b
    where b.change_id = any (proven) and b.amount_minor is not null group by 1, 2) s
  join payouts p on p.id = s.payout_id where s.told <> p.sent_minor limit 1;
  if offender is not null then
    raise exception 'the bank''s records of payout % come to %, and it sent %', offender.number, offender.told, offender.sent_minor
      using errcode = 'RV030', hint = 'amounts in the smallest unit of the currency';
  end if;
  select max(b.booked_minor) as booked, sum(b.amount_minor) as told into offender from bank_records b
  where b.fingerprint = any (facts) and b.amount_minor is not null
  group by b.fingerprint having min(b.booked_minor) <> max(b.booked_minor) or sum(b.amount_minor) <> max(b.booked_minor) limit 1;
  if offender is not null then
    raise exception 'a record of % is shared out among payouts to the cent, and % of it is', offender.booked, offender.told
      using errcode = 'RV030', hint = 'amounts in the smallest unit of the currency';
  end if;
  return null;
end $$;
create trigger guard after insert on bank_records referencing new table as inserted for each statement execute function guard_bank_records();

-- MUST: a report that proves nothing is not on record.
create function check_reconciliation() returns trigger language plpgsql set search_path from current as $$
begin
  if not exists (select from bank_records b where b.reconciliation_id = new.id) then
    raise exception 'a report is on record by what it proves' using errcode = 'RV030';
  end if;
  return null;
end $$;
create constraint trigger proves after insert on reconciliations deferrable initially deferred for each row execute function check_reconciliation();

grant select on reconciliations, bank_records to @operator@, @auditor@;
grant insert on reconciliations, bank_records to @operator@;
