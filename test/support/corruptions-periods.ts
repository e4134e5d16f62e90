import type { Corruption } from './corruptions.ts';

/** Closed as always, by a guard that reads the ledger, and then told otherwise. */
const closing = (...months: string[]) => `set local session_replication_role = origin;
  ${months.map((month) => `insert into period_changes (starts_on, from_status, status) values ('${month}-01', '', 'closed');`).join('\n')}
  set local session_replication_role = replica;`;

export const PERIOD_CORRUPTIONS: readonly Corruption[] = [
  [
    'periods_in_order',
    `insert into periods (starts_on, status, created_by, recorded_at) values ('2026-09-01', 'closed', 'somebody', now())`,
    /^period 2026-09: it is closed and nobody made it so$/,
  ],
  [
    'periods_in_order',
    `${closing('2026-08')} update periods set status = 'soft_closed'`,
    /^period 2026-08: it is soft_closed, and its last change made it closed$/,
  ],
  [
    'periods_frozen',
    `${closing('2026-08')} update period_changes set control_hash = repeat('0', 64)`,
    /^period 2026-08: its totals do not have their hash$/,
  ],
  [
    'periods_frozen',
    `${closing('2026-09', '2026-10')} update transfers set amount_minor = amount_minor + 1
      where id = (select max(id) from transfers where posting_date < '2026-11-01')`,
    /^period 2026-10: it was closed with .* and the ledger says /,
  ],
  [
    'periods_closed',
    `${closing('2026-08', '2026-09')} insert into postings (kind, run_id, chunk_from, chunk_to, transaction_id, created_by, recorded_at)
      values ('payout', null, null, null, pg_current_xact_id(), 'somebody', now());
      insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date, created_by, recorded_at)
      select max(p.id), min(a.id), max(a.id), 1, 'payout_fee', '2026-09-30', 'somebody', now() from postings p, ledger_accounts a`,
    /^period 2026-09: transfer \d+ of 2026-09-30 was posted after it closed$/,
  ],
];
