import type { PeriodDetails, PeriodView } from '../../../services/period/period-view.ts';
import type { ChecklistStep } from '../../../services/period/closing-step.ts';
import type { Example } from '../../command.ts';
import { ACCRUAL, ONE_PAYMENT } from '../../example-books.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';

const p = columnsOf<PeriodView>();

/** A calendar month of the ledger. */
export const periodRows: NounRows<PeriodView> = {
  noun: 'period',
  plural: 'periods',
  id: (row) => row.month,
  columns: [
    p.code('period', (row) => row.month),
    p.date('from', (row) => row.from, { detail: true }),
    p.date('last', (row) => row.last, { detail: true }),
    p.code('status', (row) => row.status),
    p.number('transfers', (row) => row.transfers),
    p.actor('changed_by', (row) => row.changedBy),
    p.instant('changed_at', (row) => row.changedAt),
    p.text('reason', (row) => row.reason),
    p.code('control_hash', (row) => row.controlHash, { detail: true }),
  ],
};

const a = columnsOf<PeriodDetails['accounts'][number]>();
const e = columnsOf<PeriodDetails['entries'][number]>();
const h = columnsOf<PeriodDetails['history'][number]>();

export const periodSections = [
  section<PeriodDetails, PeriodDetails['accounts'][number]>(
    'accounts',
    [
      a.code('account', (row) => row.account),
      a.code('currency', (row) => row.currency),
      a.number('transfers', (row) => row.transfers),
      a.money('debit', (row) => row.debit),
      a.money('credit', (row) => row.credit),
      a.money('balance', (row) => row.balance),
    ],
    (row) => row.accounts,
  ),
  section<PeriodDetails, PeriodDetails['entries'][number]>(
    'entries',
    [
      e.code('currency', (row) => row.currency),
      e.number('entries', (row) => row.entries),
      e.money('amount', (row) => row.amount),
    ],
    (row) => row.entries,
  ),
  section<PeriodDetails, PeriodDetails['history'][number]>(
    'history',
    [
      h.instant('at', (row) => row.at),
      h.code('from', (row) => row.from),
      h.code('to', (row) => row.status),
      h.actor('by', (row) => row.by),
      h.number('request', (row) => row.request),
      h.text('reason', (row) => row.reason),
    ],
    (row) => row.history,
  ),
];

const k = columnsOf<ChecklistStep>();

export const checklistColumns = [
  k.code('step', (row) => row.step),
  k.code('result', (row) => row.result),
  k.text('found', (row) => row.found),
  k.text('remedy', (row) => row.remedy),
];

const decided = [...ONE_PAYMENT, ACCRUAL];

/** A command that works while October has events to decide; once they are decided; and once it is closed. */
export const undecided = (command: string): Example => ({ command, setup: ONE_PAYMENT });
export const withEarnings = (command: string): Example => ({ command, setup: decided });
export const onceClosed = (command: string): Example => ({
  command,
  setup: [...decided, 'period close 2026-10 --confirm 2026-10'],
});
