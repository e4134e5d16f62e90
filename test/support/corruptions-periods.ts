import type { Corruption } from './corruptions.ts';

/** Closed as always, by a guard that reads the ledger, and then told otherwise. */
const closing = (...months: string[]) => `set local session_replication_role = origin;
  ${months.map((month) => `insert into period_changes (starts_on, from_status, status) values ('${month}-01', '', 'closed');`).join('\n')}
  set local session_replication_role = replica;`;

/** October closed and handed over, as always; and what is not told of the next one. */
const HANDED_OVER = `${closing('2026-10')} set local session_replication_role = origin;
  insert into journals (number, starts_on, format, grouping, totals, entries, content_hash, file_name, taken_at, seen)
  select 1, '2026-10-01', 'generic', 'day', debited_in('2026-10-01', null), 1, repeat('0', 64), 'october.csv', now(), pg_current_snapshot();
  set local session_replication_role = replica;`;
const another = (
  number: number,
  more: string,
) => `insert into journals (number, starts_on, format, grouping, totals, entries, content_hash, file_name,
    taken_at, seen, created_by, recorded_at, reverses_id, reason, reversed)
  select ${number}, starts_on, format, grouping, totals, entries, content_hash, file_name, taken_at, seen, created_by, recorded_at, ${more} from journals`;

export const PERIOD_CORRUPTIONS: readonly Corruption[] = [
  [
    'periods_in_order',
    `insert into periods (starts_on, status, created_by, recorded_at) values ('2026-09-01', 'closed', 'somebody', now())`,
    /^period 2026-09: it is closed and nobody made it so$/,
  ],
  [
    'periods_in_order',
    `${closing('2026-10')} update periods set status = 'soft_closed'`,
    /^period 2026-10: it is soft_closed, and its last change made it closed$/,
  ],
  [
    'periods_frozen',
    `${closing('2026-10')} update period_changes set control_hash = repeat('0', 64)`,
    /^period 2026-10: its totals do not have their hash$/,
  ],
  [
    'periods_frozen',
    `${closing('2026-10')} update transfers set amount_minor = amount_minor + 1
      where id = (select max(id) from transfers where posting_date < '2026-11-01')`,
    /^period 2026-10: it was closed with .* and the ledger says /,
  ],
  [
    'periods_closed',
    `${closing('2026-10')} insert into postings (kind, run_id, chunk_from, chunk_to, transaction_id, created_by, recorded_at)
      values ('payout', null, null, null, (pg_current_xact_id()::text::numeric + 1000000)::text::xid8, 'somebody', now());
      insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date, created_by, recorded_at)
      select max(p.id), min(a.id), max(a.id), 1, 'payout_fee', '2026-10-31', 'somebody', now() from postings p, ledger_accounts a`,
    /^period 2026-10: transfer \d+ of 2026-10-31 was posted after it closed$/,
  ],
  [
    'journals_in_sequence',
    `${HANDED_OVER} update journals set number = 2`,
    /^journal J000002: a number before it is missing$/,
  ],
  [
    'journals_in_sequence',
    `${HANDED_OVER} update journals set reversed = true`,
    /^journal J000001: it is taken back and no journal does so, or the other way round$/,
  ],
  [
    'journals_in_sequence',
    `${HANDED_OVER} ${another(2, 'null, null, false')}`,
    /^journal J000002: another has handed over the same$/,
  ],
  [
    'journals_in_sequence',
    `${HANDED_OVER} ${another(2, "id, 'wrong', false")}; update journals set reversed = number = 1, entries = number`,
    /^journal J000002: it is not what it takes back$/,
  ],
  [
    'journals_current',
    `${HANDED_OVER} update period_changes set control = '{"accounts": [], "entries": []}'`,
    /^journal J000001: its period was closed again since/,
  ],
];
