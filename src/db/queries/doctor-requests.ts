import type { DoctorCheck, Scan } from './doctor.ts';

/** What people put right, and who agreed (SEMANTICS §7): requests, their answers, and what was done by them. */
const requests: Scan = {
  name: 'requests',
  rows: () => `from requests r
    left join request_approvals a on a.request_id = r.id
    left join request_rejections x on x.request_id = r.id
    left join request_applications d on d.request_id = r.id
    left join event_batches b on b.request_id = r.id
    cross join lateral (
      select case jsonb_typeof(r.payload -> 'acts') when 'array' then jsonb_array_length(r.payload -> 'acts')
          when 'object' then (r.payload -> 'acts' ->> 'count')::bigint else 0 end as asked,
        b.last_id - b.first_id + 1 as done,
        encode(sha256(convert_to(r.kind || E'\\n' || r.reason || E'\\n' || r.payload, 'UTF8')), 'hex') as hash
    ) c where true`,
  called: `'request ' || r.id || ' (' || r.kind || ')'`,
};

const batches: Scan = {
  name: 'batches of operators',
  rows: () => `from event_batches b left join requests r on r.id = b.request_id where true`,
  called: `'batch ' || b.id`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight' | 'scan'> & { scan?: Scan }): DoctorCheck => ({
  group: 'requests',
  weight: 'difference',
  scan: requests,
  ...one,
});

export const requestChecks: readonly DoctorCheck[] = [
  check({
    name: 'request_content',
    proves: 'a request says what was asked for, to the letter: its hash binds its content (§7)',
    offends: `r.content_hash <> c.hash`,
    says: `'its hash is ' || left(r.content_hash, 12) || ', its content hashes to ' || left(c.hash, 12)`,
  }),
  check({
    name: 'request_second_person',
    proves:
      'who approved a request did not make it, and approved this content; who earns and by which rule is never done without (§7)',
    offends: `a.created_by = r.created_by or a.content_hash <> r.content_hash
      or (d.request_id is not null and a.request_id is null and r.kind in ('reattribution', 'rerate', 'recovery', 'opening', 'transfer', 'limit'))`,
    says: `case when a.request_id is null then 'done by ' || d.created_by || ' without a second person'
      when a.created_by = r.created_by then 'approved by ' || a.created_by || ', who asked for it'
      else 'approved as ' || left(a.content_hash, 12) || ', it is ' || left(r.content_hash, 12) end`,
  }),
  check({
    name: 'request_done',
    proves: 'what was approved was done with it, as many acts as were asked for, and what was turned down was not (§7)',
    offends: `case when d.request_id is null then b.id is not null or (a.request_id is not null and x.request_id is null)
      else x.request_id is not null or coalesce(c.done, 0) <> c.asked end`,
    says: `case when d.request_id is not null and x.request_id is not null then 'done, and turned down by ' || x.created_by
      when d.request_id is not null then c.asked || ' acts were asked for, ' || coalesce(c.done, 0) || ' were done'
      when b.id is not null then 'batch ' || b.id || ' was made without doing it'
      else 'approved by ' || a.created_by || ' and not done' end`,
  }),
  check({
    name: 'batch_requested',
    scan: batches,
    proves: 'what an operator did to money was asked for, and nothing else was (§7)',
    offends: `(b.origin = 'operator') <> (r.id is not null)`,
    says: `case when r.id is null then 'is an operator''s and does no request' else 'is of origin ' || b.origin || ' and does request ' || r.id end`,
  }),
];
