import { askForReopening, openPeriod, softClosePeriod } from '../../../services/period/change-period.ts';
import { listPeriods, showPeriod } from '../../../services/period/list-periods.ts';
import type { PeriodDetails } from '../../../services/period/period-view.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { option, requiredOption } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { check, close } from './close.ts';
import { month } from './parameters.ts';
import { onceClosed, periodRows, periodSections, withEarnings } from './rows.ts';

const list = listCommand({
  ...periodRows,
  description:
    'Months from the first that anything was posted in to this one, the latest first. What happened in a month that is not ' +
    'open any more posts on the first day of the earliest open one, and keeps the day it is of.',
  filters: {
    status: option('--status <status>', 'only those', { choices: ['open', 'soft_closed', 'closed'] }),
  },
  query: async (ctx, filter, page) => await listPeriods(ctx, filter, page),
  examples: [withEarnings('period list'), onceClosed('period list --status closed --json')],
});

const show = showCommand({
  ...(periodRows as NounRows<PeriodDetails>),
  summary: 'show a period with its totals and what became of it',
  description:
    'By currency and kind of account what was posted in the period, and the balance on its last day; and what its entries ' +
    'come to. Of a closed period as it was frozen then, otherwise as the ledger says now.',
  argument: month,
  sections: periodSections,
  find: async (ctx, text) => await showPeriod(ctx, text),
  examples: [withEarnings('period show 2026-10'), onceClosed('period show 2026-10 --json')],
});

const softClose = mutation({
  rows: periodRows as NounRows<PeriodDetails>,
  sections: periodSections,
  verb: 'soft-close',
  summary: 'let only adjustments that a second person agrees to post into a period',
  description:
    'From then on everything else posts into the earliest open period. The books of the month can be looked at, and put ' +
    'right by `adjustment add --on DATE`, before it is closed. Periods follow each other: the earlier one first.',
  parameters: { month, reason: requiredOption('--reason <text>', 'why, for the record') },
  examples: [withEarnings('period soft-close 2026-10 --reason "books of October are reviewed"')],
  run: async (ctx, input) => await softClosePeriod(ctx, input),
  done: (row) => `period ${row.month} is soft-closed`,
});

const open = mutation({
  rows: periodRows as NounRows<PeriodDetails>,
  sections: periodSections,
  verb: 'open',
  summary: 'open a soft-closed period again, the last of them',
  parameters: { month, reason: requiredOption('--reason <text>', 'why, for the record') },
  examples: [
    {
      command: 'period open 2026-10 --reason "a file was missing"',
      setup: [...withEarnings('').setup!, 'period soft-close 2026-10 --reason "under review"'],
    },
  ],
  run: async (ctx, input) => await openPeriod(ctx, input),
  done: (row) => `period ${row.month} is open`,
});

const reopen = requestCommand({
  verb: 'reopen',
  summary: 'ask to open the last closed period again',
  description:
    'A second person agrees with `approval approve`, and the period is open; of what it was closed with the totals and their ' +
    'hash are kept. Only the last that is not open opens again. Close it again when it is put right.',
  parameters: { month, reason: requiredOption('--reason <text>', 'why, for the record') },
  examples: [onceClosed('period reopen 2026-10 --reason "an invoice of October was missing"')],
  run: async (ctx, input) => await askForReopening(ctx, input),
});

export const commands: readonly Command[] = [list, show, check, softClose, open, close, reopen];
