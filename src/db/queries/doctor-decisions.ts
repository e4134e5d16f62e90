import { postsChunk } from './decided-span.ts';
import { eventCalled, type DoctorCheck, type Scan } from './doctor.ts';
import { isWaiting } from './waiting-events.ts';

/** Whether every event was decided, once, by whom it should have been (SEMANTICS §4, §6). */

const batchCalled = `'batch ' || b.id || coalesce(' (' || b.file_name || ')', '')`;

const cursors: Scan = {
  name: 'cursors',
  rows: () => `from event_batches b
    left join (
      select batch_id, min(first_id) as low, max(last_id) as high, sum(last_id - first_id + 1) as events
      from decision_ranges group by batch_id
    ) r on r.batch_id = b.id where true`,
  called: batchCalled,
};

const ranges: Scan = {
  name: 'ranges',
  rows: () => `from (
      select r.*, lag(r.last_id) over (partition by r.batch_id order by r.first_id) as before from decision_ranges r
    ) r
    left join event_batches b on b.id = r.batch_id
    left join decision_chunks c on c.id = r.chunk_id
    left join job_runs j on j.id = c.run_id
    left join revenue_events e on e.id = r.last_id where true`,
  called: `'range ' || r.first_id || ' to ' || r.last_id || ' of ' || coalesce(${batchCalled}, 'no batch')`,
};

/** What each chunk entered or put off of each batch, beside the ranges by which it says so; not what has waited until then. */
const chunkBatches: Scan = {
  name: 'chunks and batches',
  rows: () => `from (
      select n.chunk_id, e.batch_id, count(distinct n.event_id) as events, min(n.event_id) as low, max(n.event_id) as high
      from (
        select chunk_id, event_id from entries
        where (event_id, chunk_id) not in (select event_id, decided_chunk_id from waiting_events where decided_chunk_id is not null)
        union all
        select chunk_id, event_id from waiting_events
      ) n
      join revenue_events e on e.id = n.event_id group by n.chunk_id, e.batch_id
    ) n
    full join (
      select chunk_id, batch_id, sum(last_id - first_id + 1) as events, min(first_id) as low, max(last_id) as high
      from decision_ranges group by chunk_id, batch_id
    ) r on r.chunk_id = n.chunk_id and r.batch_id = n.batch_id
    left join event_batches b on b.id = coalesce(r.batch_id, n.batch_id) where true`,
  called: `${batchCalled} || ' in chunk ' || coalesce(r.chunk_id, n.chunk_id)`,
};

const undecided: Scan = {
  name: 'decided events',
  rows: () => `from revenue_events e join event_batches b on b.id = e.batch_id
    left join entries n on n.event_id = e.id and n.leg = 0 where true`,
  called: `'event ' || ${eventCalled('e')}`,
};

/** Each event that had to wait, beside what came of it. */
const waits: Scan = {
  name: 'waiting events',
  rows: () => `from waiting_events w
    left join revenue_events e on e.id = w.event_id
    left join decision_ranges r on r.chunk_id = w.chunk_id and w.event_id between r.first_id and r.last_id
    left join lateral (select min(n.chunk_id) as first, max(n.chunk_id) as last from entries n where n.event_id = w.event_id) n on true
    where true`,
  called: `'event ' || coalesce(${eventCalled('e')}, w.event_id::text)`,
};

const chunks: Scan = {
  name: 'chunks',
  rows: () => `from decision_chunks c
    left join job_runs j on j.id = c.run_id
    left join postings p on ${postsChunk('p', 'c.id')} where true`,
  called: `'chunk ' || c.id || coalesce(' of ' || j.job || ' for ' || j.business_date, '')`,
};

const runs: Scan = {
  name: 'job runs',
  rows: () => `from job_runs j where true`,
  called: `'run ' || j.id || ', ' || j.job || ' for ' || j.business_date || ', attempt ' || j.attempt`,
};

const scheduled: Scan = {
  name: 'scheduled runs',
  rows: () => `from (
      select r.*, lag(r.business_date) over (partition by r.job, r.scope order by r.id) as before
      from job_runs r where r.origin = 'schedule' and r.status in ('succeeded', 'partly')
    ) j
    left join job_schedules s on s.job = j.job where true`,
  called: runs.called,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'> & { weight?: DoctorCheck['weight'] }): DoctorCheck => ({
  group: 'decisions',
  weight: 'difference',
  ...one,
});

export const decisionChecks: readonly DoctorCheck[] = [
  check({
    name: 'cursor_ranged',
    proves: 'a batch is decided up to its cursor, and the ranges that say so begin at its first event (§6)',
    scan: cursors,
    offends: `b.decided_to - b.first_id + 1 <> coalesce(r.events, 0) or r.low <> b.first_id or r.high <> b.decided_to`,
    says: `'is decided to ' || b.decided_to || ' from ' || b.first_id || ', its ranges say ' || coalesce(r.low || ' to ' || r.high, 'nothing')`,
  }),
  check({
    name: 'ranges_follow',
    proves: 'the ranges of a batch follow each other without gap or overlap, each of a chunk (§6)',
    scan: ranges,
    offends: `c.id is null or b.id is null or r.first_id <> coalesce(r.before + 1, b.first_id)`,
    says: `case when c.id is null then 'has no chunk' else 'follows ' || coalesce(r.before::text, 'nothing') end`,
  }),
  check({
    name: 'decided_in_time',
    proves: 'a run decides events up to its business date, and none beyond (§6)',
    scan: ranges,
    offends: `e.occurred_on > j.business_date`,
    says: `'ends on ' || e.occurred_on || ', its run was for ' || j.business_date`,
  }),
  check({
    name: 'decided_once',
    proves: 'every event up to the cursor was decided, once, or put off by the chunk whose range it is in (§4, §6)',
    scan: chunkBatches,
    offends: `n.events is distinct from r.events or n.low is distinct from r.low or n.high is distinct from r.high`,
    says: `coalesce(n.events, 0) || ' events entered (' || coalesce(n.low || ' to ' || n.high, 'none') || '), '
      || coalesce(r.events, 0) || ' said to be decided (' || coalesce(r.low || ' to ' || r.high, 'none') || ')'`,
  }),
  check({
    name: 'undecided_empty',
    proves: 'no event beyond the cursor has an entry, and none up to it lacks one unless it waits (§4)',
    scan: undecided,
    // With attribution slots the own leg need not be leg 0.
    offends: `(e.id <= b.decided_to) <> (n.event_id is not null)
      and (e.id > b.decided_to or not exists (select from entries m where m.event_id = e.id) and not ${isWaiting('e')})`,
    says: `case when n.event_id is null then 'has no entry, and the cursor is past it' else 'has an entry, and the cursor is before it' end`,
  }),
  check({
    name: 'waiting_undecided',
    proves:
      'an event that waits is in the range of the chunk that put it off and has no entry; one that has waited was decided by the chunk that says so, and no other (§5)',
    scan: waits,
    offends: `e.id is null or r.chunk_id is null or n.first is distinct from w.decided_chunk_id or n.last is distinct from w.decided_chunk_id`,
    says: `case when e.id is null then 'waits, and does not exist' when r.chunk_id is null then 'was put off by chunk ' || w.chunk_id || ', in whose ranges it is not'
      else coalesce('was decided by chunk ' || w.decided_chunk_id, 'waits') || ', and has ' || coalesce('entries of chunk ' || n.first, 'no entry') end`,
  }),
  check({
    name: 'waiting_for_rates',
    weight: 'information',
    proves: 'no event waits for an exchange rate (§5)',
    scan: waits,
    offends: `w.decided_chunk_id is null`,
    says: `'waits for a rate ' || w.base || '/' || w.quote || ' of ' || w.rate_date || ': \`revshare fx import\`'`,
  }),
  check({
    name: 'chunk_of_run',
    proves: 'a chunk was written by its run’s own login and read what its run knew (§6)',
    scan: chunks,
    offends: `c.id > 0 and (j.id is null or c.created_by <> j.created_by or c.known_seq is distinct from j.known_seq)`,
    says: `'by ' || c.created_by || ' at change ' || c.known_seq || ', its run '
      || coalesce('by ' || j.created_by || ' at change ' || coalesce(j.known_seq::text, 'none'), 'does not exist')`,
  }),
  check({
    name: 'chunk_posts_itself',
    proves:
      'acts that nobody claimed say themselves what they post, and are posted by the transaction that did them (§4, §6)',
    scan: chunks,
    offends: `c.id < 0 and (p.chunk_from is distinct from c.id or p.transaction_id <> c.transaction_id or exists (
      select from decision_ranges r join event_batches b on b.id = r.batch_id join revenue_events e on e.id between r.first_id and r.last_id
      where r.chunk_id = c.id and (b.transaction_id <> c.transaction_id or e.kind not in ('adjustment', 'bonus', 'write_off')
        or num_nonnulls(e.sale_id, e.regards_id) > 0)))`,
    says: `'by ' || c.created_by || ', decides for itself ' || case when p.id is null then 'and is not posted'
      when p.transaction_id <> c.transaction_id then 'and was posted later' else 'what it may not' end`,
  }),
  check({
    name: 'chunks_posted',
    weight: 'warning',
    proves: 'what a finished run decided is posted: until then nobody is paid for it (§6)',
    scan: chunks,
    offends: `c.id > 0 and p.id is null and j.status <> 'running'`,
    says: `'its run ' || j.status || ' without posting it; the next run will'`,
  }),
  check({
    name: 'scheduled_once',
    proves: 'the schedule of a job did each of its dates once, in their order, and none before it began (§10)',
    scan: scheduled,
    offends: `s.job is null or j.business_date < s.starts_on or j.business_date <= j.before`,
    says: `case when j.business_date <= j.before then 'was done after ' || j.before
      else 'is of a schedule that begins on ' || coalesce(s.starts_on::text, 'no date') end`,
  }),
  check({
    name: 'runs_alive',
    weight: 'warning',
    proves: 'no run claims to be running after its lease (§6)',
    scan: runs,
    offends: `j.status = 'running' and j.lease_until < now()`,
    says: `'by ' || j.created_by || ' on ' || j.worker || ', its lease ended ' || date_trunc('second', j.lease_until) || '; the next run takes over'`,
  }),
];
