import { parseDate } from '../../../domain/dates.ts';
import { chargeWholesale, type WholesaleCharged } from '../../../services/wholesale/charge-wholesale.ts';
import { listWholesale } from '../../../services/wholesale/list-wholesale.ts';
import { receiveWholesale } from '../../../services/wholesale/receive-wholesale.ts';
import { instanceChoices } from '../../choices.ts';
import type { Command } from '../../command.ts';
import { currencyReading } from '../../currency-reading.ts';
import { listCommand } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { charged, wholesaleLines, withUsage } from './rows.ts';
import { statement } from './statement.ts';

const instance = argument<string>('INSTANCE', 'the instance', {
  ask: { message: 'Instance:', choices: instanceChoices },
});

const c = columnsOf<WholesaleCharged>();

const charge = mutation({
  rows: {
    noun: 'charge',
    plural: 'charges',
    id: (row) => (row.posting === null ? '' : String(row.posting)),
    columns: [
      c.code('period', (row) => row.period),
      c.number('cycles', (row) => row.cycles),
      c.number('usage', (row) => row.usage),
      c.amounts('amounts', (row) => row.amounts),
      c.number('posting', (row) => row.posting),
    ],
  },
  sections: [section('lines', wholesaleLines.columns, (row: WholesaleCharged) => row.lines)],
  verb: 'charge',
  summary: 'charge partners what a period cost them wholesale',
  description:
    'Charges each cycle of a subscription that began in the period, in full on its first day, if it was active then: none ' +
    'of a trial, none that began while it was suspended, no part back when it is cancelled. And the usage of its days, by ' +
    'the price of each day, a line for each instance, meter, currency and month. What was charged is not charged again, so ' +
    'that it may run any day. It is posted as receivable against wholesale revenue, and never netted with a wallet.',
  parameters: {
    period: requiredOption('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
    instance: option('--instance <code>', 'of this instance alone'),
  },
  previews: true,
  examples: [
    withUsage('wholesale charge --period 2026-10'),
    withUsage('wholesale charge --period 2026-10 --instance acme-shop --dry-run'),
  ],
  run: async (ctx, input) => await chargeWholesale(ctx, input),
  done: (row) =>
    row.posting === null
      ? `nothing to charge for ${row.period}`
      : `${row.amounts.join(', ')} charged for ${row.period}: ${row.cycles} cycles, ${row.usage} of usage`,
});

const receive = mutation({
  rows: wholesaleLines,
  verb: 'receive',
  summary: 'record what a partner paid of what it owes wholesale',
  description:
    'Records a payment of whoever earns at the instance, or of --partner: cash against its receivable, at most what it ' +
    'owes there. The bank’s reference pays once.',
  parameters: {
    instance,
    amount: argument('AMOUNT', 'how much'),
    currency: argument('CURRENCY', 'of the amount, ISO 4217', currencyReading),
    reference: requiredOption('--reference <text>', "the bank's"),
    on: option('--on <date>', "day of the money; default today in the programme's zone", { read: parseDate }),
    partner: option('--partner <code>', 'who paid'),
  },
  previews: true,
  examples: [
    charged('wholesale receive acme-shop 60.00 EUR --reference "SEPA 8812" --on 2026-11-05'),
    charged('wholesale receive acme-shop 12.00 EUR --reference "SEPA 8813" --partner acme --dry-run'),
  ],
  run: async (ctx, input) => await receiveWholesale(ctx, input),
  done: (row) => `received ${row.amount.replace('-', '')} ${row.currency} of ${row.partner} for ${row.instance}`,
});

const show = listCommand({
  ...wholesaleLines,
  verb: 'show',
  summary: 'show what an instance was charged wholesale, and what was received',
  filters: { instance },
  dated: 'posting date',
  query: async (ctx, { instance: code }, page, { from, to }) =>
    await listWholesale(ctx, { instance: code, from, to }, page),
  whenEmpty: '`revshare wholesale charge --period …` charges what there is',
  examples: [charged('wholesale show acme-shop'), charged('wholesale show acme-shop --period 2026-10 --json')],
});

export const commands: readonly Command[] = [charge, show, receive, statement];
