import { BILLING_KINDS } from '../../../domain/event-kinds.ts';
import { listOrphans, listRevenue, showRevenue } from '../../../services/revenue/list-revenue.ts';
import type { Command } from '../../command.ts';
import type { DateWindow } from '../../date-window.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { argument, flag, option, wholeNumber } from '../../parameters.ts';
import { control } from './control.ts';
import { files, legacyImport, oneShop, recorded as setup } from './example.ts';
import { exportRevenue } from './export.ts';
import { importCommand } from './import.ts';
import { record } from './record.ts';
import { revenueRows } from './rows.ts';
import { settle } from './settle.ts';
import { voidCommand } from './void.ts';

const instance = option('--instance <code>', 'only those of this instance');
const source = option('--source <code>', 'only those of this source');

const list = listCommand({
  ...revenueRows,
  summary: 'list revenue events by business date',
  filters: {
    instance,
    account: option('--account <instance/code>', 'only those of this account'),
    product: option('--product <code>', 'only those of this product'),
    kind: option('--kind <kind>', 'only those of this kind', { choices: BILLING_KINDS }),
    currency: option('--currency <code>', 'only those in this currency'),
    source,
    saleRef: option('--sale-ref <text>', 'only those of this sale'),
    batch: option('--batch <n>', 'only those of this batch', {
      read: wholeNumber('--batch', 1, Number.MAX_SAFE_INTEGER),
    }),
    undecided: flag('--undecided', 'only those that no accrual has decided yet'),
    waiting: flag('--waiting', 'only those that wait for an exchange rate'),
    defaulted: flag('--defaulted', 'only those that named no instance and went to the default of their import'),
  },
  dated: 'business date',
  query: async (ctx, filter, page, window) => await listRevenue(ctx, { ...filter, ...bounds(window) }, page),
  whenEmpty: '`revshare revenue import FILE --map MAP.toml` imports some',
  examples: [
    { command: 'revenue list --instance acme-shop', setup },
    { command: 'revenue list --period 2026-10 --undecided -o csv', setup },
    { command: 'revenue list --waiting', setup },
    { command: 'revenue list --defaulted', setup: [...oneShop, legacyImport], files },
  ],
});

const show = showCommand({
  ...revenueRows,
  argument: argument<string>('EVENT', 'an event number, an external id, or SOURCE:EXTERNAL_ID'),
  find: showRevenue,
  examples: [{ command: 'revenue show manual:pay-1', setup }],
});

const orphans = listCommand({
  ...revenueRows,
  verb: 'orphans',
  summary: 'list events whose sale has no recorded payment',
  description:
    'Lists refunds, credit notes, adjustments and chargebacks, lost or won, of sales that are not known yet: they post ' +
    'nothing (sale_unknown) and count when the first payment of their sale is recorded.',
  filters: { instance, source },
  dated: 'business date',
  query: async (ctx, filter, page, window) => await listOrphans(ctx, { ...filter, ...bounds(window) }, page),
  whenEmpty: 'every event has its sale',
  examples: [{ command: 'revenue orphans', setup }],
});

function bounds({ from, to }: DateWindow): { from: string | undefined; to: string | undefined } {
  return { from: from ?? undefined, to: to ?? undefined };
}

export const commands: readonly Command[] = [
  importCommand,
  record,
  list,
  show,
  orphans,
  control,
  settle,
  voidCommand,
  exportRevenue,
];
