import { listCommissions, showCommission } from '../../../services/commission/list-commissions.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { argument, option } from '../../parameters.ts';
import { commissionRows } from './columns.ts';
import { afterAccrual } from '../../example-books.ts';
import { exportCommissions } from './export.ts';
import { explain, whyNot } from './explain.ts';
import { commissionFilters, withWindow } from './filters.ts';
import { hold, release } from './hold.ts';
import { approve, reject } from './review.ts';
import { reattribute } from './reattribute.ts';
import { summary } from './summary.ts';

const asOfOption = option(
  '--as-of <date>',
  'with the status of this date or instant, and only what was decided by then',
);

const list = listCommand({
  ...commissionRows,
  summary: 'list decided commissions, one line a share',
  filters: { ...commissionFilters, asOf: asOfOption },
  dated: 'business date',
  query: async (ctx, filter, page, window) => await listCommissions(ctx, { ...withWindow(filter, window), ...page }),
  whenEmpty: '`revshare job run accrue-commissions` decides what was imported',
  examples: [
    afterAccrual('commission list --partner acme'),
    afterAccrual('commission list --period 2026-10 --status approved -o csv'),
    afterAccrual('commission list --currency EUR --min-amount 10 --as-of 2026-01-01'),
  ],
});

const show = showCommand({
  ...commissionRows,
  argument: argument<string>('ENTRY', 'EVENT.LEG, as `commission list` shows it'),
  options: { asOf: asOfOption },
  find: async (ctx, entry, { asOf }) => await showCommission(ctx, entry, asOf),
  examples: [afterAccrual('commission show 1.0')],
});

export const commands: readonly Command[] = [
  list,
  show,
  summary,
  explain,
  whyNot,
  approve,
  reject,
  hold,
  release,
  reattribute,
  exportCommissions,
];
