-- When partners are paid (SEMANTICS §7): schedules of the programme, or of one partner, dated and versioned like rules; and
-- the days that the programme itself calls closed, or open, beside what its calendars say.

create table payout_schedules (
  id bigint generated always as identity primary key,
  -- null: whoever has none of its own
  partner_id bigint references partners,
  frequency text not null check (frequency in ('weekly', 'biweekly', 'semimonthly', 'monthly', 'quarterly')),
  -- a cut-off, from which every fourteenth day is one
  anchor date check ((anchor is not null) = (frequency = 'biweekly')),
  -- days from the cut-off until which a run is reviewed, and until it is submitted
  review_days smallint not null check (review_days between 0 and 180),
  net_days smallint not null check (net_days between 0 and 180),
  calendar text not null check (calendar in ('target', 'fed', 'weekdays')),
  valid daterange not null check (not isempty(valid)),
  known_seq bigint not null references known_changes,
  retired_seq bigint references known_changes,
  created_by text not null,
  recorded_at timestamptz not null,
  check (review_days <= net_days),
  constraint payout_schedules_overlap exclude using gist (
    int8range(coalesce(partner_id, 0), coalesce(partner_id, 0), '[]') with &&, valid with &&, int8range(known_seq, retired_seq) with &&)
);
create trigger stamp before insert on payout_schedules for each row execute function stamp();
create trigger guard_version before insert or update on payout_schedules for each row execute function guard_version();
create trigger never_removed before delete or truncate on payout_schedules for each statement execute function refuse_removal();
create trigger audit after insert or update on payout_schedules for each row execute function audit();

-- What was said last of a day counts.
create table holidays (
  id bigint generated always as identity primary key,
  day date not null,
  closed boolean not null,
  name text not null check (name <> '' and char_length(name) <= 200),
  created_by text not null,
  recorded_at timestamptz not null
);
create index holidays_day on holidays (day, id);
create trigger stamp before insert on holidays for each row execute function stamp();
create trigger chosen_id before insert on holidays for each row execute function refuse_chosen_id();
create trigger insert_only before update or delete or truncate on holidays for each statement execute function refuse_change();
create trigger audit after insert on holidays for each row execute function audit();

-- A run may be of whoever closes on its cut-off.
alter table payout_runs drop constraint payout_runs_scope_check;
alter table payout_runs add constraint payout_runs_scope_check check (scope ~ '^(programme|due|partner=[a-z0-9_-]+|retry=P[0-9]{8,13}[A-Z])$');

grant select on payout_schedules, holidays to @operator@, @auditor@;
grant insert on payout_schedules, holidays to @operator@;
grant update (retired_seq) on payout_schedules to @operator@;
