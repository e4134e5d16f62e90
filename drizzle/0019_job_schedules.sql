-- What a schedule has run (SEMANTICS §10): every date of a job once, in order, none before the schedule began. Runs by hand are
-- apart: a date may be run again by hand and then does what has become due since.

-- Since when a job has a schedule here: the business date on which a scheduler first saw it. What lies before was not missed.
create table job_schedules (
  job text primary key check (job ~ '^[a-z][a-z0-9-]*$'),
  starts_on date not null,
  created_by text not null,
  recorded_at timestamptz not null
);
create trigger stamp before insert on job_schedules for each row execute function stamp();
create trigger insert_only before update or delete or truncate on job_schedules for each statement execute function refuse_change();
grant select on job_schedules to @operator@, @auditor@;
grant insert on job_schedules to @operator@;

alter table job_runs add column origin text not null default 'hand' check (origin in ('hand', 'schedule'));
create trigger origin_stays before update of origin on job_runs for each row when (new.origin is distinct from old.origin)
  execute function refuse_direct_change();

-- MUST: no two schedulers, and no clock that goes back, do a date twice.
create unique index job_runs_scheduled_once on job_runs (job, scope, business_date)
  where origin = 'schedule' and status in ('succeeded', 'partly');

-- MUST: the schedule of a job goes forward. Whoever still runs is waited for, since it may be about to have done this date.
create function guard_scheduled_run() returns trigger language plpgsql set search_path from current as $$
declare
  begun date; done date;
begin
  select starts_on into begun from job_schedules where job = new.job;
  if begun is null or new.business_date < begun then
    raise exception 'the schedule of % has no %: it begins %', new.job, new.business_date, coalesce(begun::text, 'when a scheduler first sees it')
      using errcode = 'RV002';
  end if;
  perform from job_runs where job = new.job and scope = new.scope and status = 'running' for update;
  select max(business_date) into done from job_runs
  where job = new.job and scope = new.scope and origin = 'schedule' and status in ('succeeded', 'partly');
  if new.business_date <= done then
    raise exception 'the schedule of % has done % already', new.job, done using errcode = 'RV028';
  end if;
  return new;
end $$;
create trigger schedule before insert on job_runs for each row when (new.origin = 'schedule') execute function guard_scheduled_run();
