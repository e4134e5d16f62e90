import { listEarnings, type Earning } from '../../../services/earnings/list-earnings.ts';
import type { Command } from '../../command.ts';
import { listCommand } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { option } from '../../parameters.ts';
import { exportEarnings } from './export.ts';
import { afterAccrual } from '../../example-books.ts';

const c = columnsOf<Earning>();

const list = listCommand({
  noun: 'earning',
  plural: 'earnings',
  summary: 'list posted entries with their status, as of now or of a moment',
  description:
    'What `earnings export` writes, page by page: one line an entry, decisions of zero included, in the order of events.',
  id: (row) => row.entry,
  columns: [
    c.code('entry', (row) => row.entry),
    c.date('posting_date', (row) => row.postingDate),
    c.date('occurred_on', (row) => row.occurredOn, { detail: true }),
    c.code('partner', (row) => row.partner),
    c.code('instance', (row) => row.instance),
    c.text('account', (row) => row.account, { detail: true }),
    c.text('product', (row) => row.product, { detail: true }),
    c.text('event', (row) => row.externalId, { aside: true }),
    c.text('sale_ref', (row) => row.saleRef, { detail: true }),
    c.code('kind', (row) => row.kind),
    c.money('base', (row) => row.base, { aside: true }),
    c.rate('rate', (row) => row.ratePpm, { aside: true }),
    c.money('amount', (row) => row.amount),
    c.code('currency', (row) => row.currency),
    c.code('sale_currency', (row) => row.saleCurrency, { detail: true }),
    c.code('status', (row) => row.status),
    c.code('reason', (row) => row.reason, { detail: true }),
    c.date('payable_on', (row) => row.payableOn, { aside: true }),
  ],
  filters: {
    partner: option('--partner <code>', 'earned by this partner'),
    instance: option('--instance <code>', 'of this instance'),
    asOf: option('--as-of <date>', 'with the status of this date or instant, and only what was posted by then'),
  },
  dated: 'posting date',
  query: async (ctx, { partner, instance, asOf }, page, { from, to }) =>
    await listEarnings(
      ctx,
      { from, to, partner: partner ?? null, instance: instance ?? null, asOf: asOf ?? null },
      page,
    ),
  whenEmpty: '`revshare job run accrue-commissions` decides and posts what was imported',
  examples: [afterAccrual('earnings list --period 2026-10'), afterAccrual('earnings list --partner acme -o csv')],
});

export const commands: readonly Command[] = [list, exportEarnings];
