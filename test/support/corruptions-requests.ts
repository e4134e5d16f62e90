import type { Corruption } from './corruptions.ts';

const HASH = `encode(sha256(convert_to(kind || E'\\n' || reason || E'\\n' || payload, 'UTF8')), 'hex')`;

/** A request of nothing, by tester, whose hash is right. */
const asked = (kind: string) => `insert into requests (kind, reason, payload, content_hash, created_by, recorded_at)
  select kind, reason, payload, ${HASH}, 'tester', now() from (values ('${kind}', 'as agreed', '{"acts": []}'::jsonb)) v (kind, reason, payload)`;
const answered = (table: string, by: string) =>
  `insert into ${table} (request_id, created_by, recorded_at ${
    table === 'request_approvals' ? ', content_hash' : table === 'request_rejections' ? ', reason' : ''
  }) select id, '${by}', now() ${
    table === 'request_approvals' ? ', content_hash' : table === 'request_rejections' ? `, 'no'` : ''
  } from requests`;
const FIRST_BATCH = `where id = (select min(id) from event_batches)`;

export const REQUEST_CORRUPTIONS: readonly Corruption[] = [
  [
    'request_content',
    `${asked('bonus')}; update requests set reason = 'as nobody agreed'`,
    /^request \d+ \(bonus\): its hash is [0-9a-f]{12}, its content hashes to [0-9a-f]{12}$/,
  ],
  [
    'request_second_person',
    `${asked('bonus')}; ${answered('request_approvals', 'tester')}`,
    /^request \d+ \(bonus\): approved by tester, who asked for it$/,
  ],
  [
    'request_second_person',
    `${asked('bonus')}; ${answered('request_approvals', 'checker')}; update request_approvals set content_hash = 'another'`,
    /^request \d+ \(bonus\): approved as another, it is [0-9a-f]{12}$/,
  ],
  [
    'request_second_person',
    `${asked('rerate')}; ${answered('request_applications', 'tester')}`,
    /^request \d+ \(rerate\): done by tester without a second person$/,
  ],
  [
    'request_done',
    `${asked('bonus')}; ${answered('request_approvals', 'checker')}`,
    /^request \d+ \(bonus\): approved by checker and not done$/,
  ],
  [
    'request_done',
    `${asked('bonus')}; ${answered('request_applications', 'checker')}; ${answered('request_rejections', 'checker')}`,
    /^request \d+ \(bonus\): done, and turned down by checker$/,
  ],
  [
    'request_done',
    `${asked('bonus')}; ${answered('request_applications', 'checker')}; update event_batches set request_id = (select max(id) from requests) ${FIRST_BATCH}`,
    /^request \d+ \(bonus\): 0 acts were asked for, \d+ were done$/,
  ],
  [
    'books_opened',
    `${asked('opening')}; ${answered('request_applications', 'tester')}`,
    /^opening by request \d+: nobody else approved it$/,
  ],
  [
    'books_opened',
    `${asked('opening')}; ${answered('request_approvals', 'checker')}; ${answered('request_applications', 'checker')};
    insert into opening_accounts (account_id, request_id, first_sale_on, first_sale_only, created_by, recorded_at)
    select (select min(id) from accounts), max(id), '2026-01-01', false, 'checker', now() from requests`,
    /^opening by request \d+: 0 records asked for, 1 there$/,
  ],
  [
    'batch_requested',
    `${asked('bonus')}; update event_batches set request_id = (select max(id) from requests) ${FIRST_BATCH}`,
    /^batch \d+: is of origin \w+ and does request \d+$/,
  ],
];
