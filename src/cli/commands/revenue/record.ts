import { BILLING_KINDS } from '../../../domain/event-kinds.ts';
import { recordRevenue } from '../../../services/revenue/record-revenue.ts';
import { currencyChoices, instanceChoices } from '../../choices.ts';
import { mutation } from '../../mutation.ts';
import { readCurrency } from '../../currency-reading.ts';
import { flag, option, requiredOption } from '../../parameters.ts';
import { oneShop } from './example.ts';
import { revenueRows } from './rows.ts';

export const record = mutation({
  rows: revenueRows,
  verb: 'record',
  summary: 'record one revenue event by hand',
  description:
    'Records one event with the checks of an import. Its id is yours to give, unique within the source: recorded again ' +
    'with the same content it adds nothing, with other content it is refused. An event of an invoice line names it with ' +
    '--sale-ref and says what the whole line is worth with --sale-net.',
  parameters: {
    id: requiredOption('--id <text>', 'what the source calls this event'),
    instance: requiredOption('--instance <code>', 'where it happened', { ask: { choices: instanceChoices } }),
    kind: requiredOption('--kind <kind>', 'what happened', { choices: BILLING_KINDS }),
    net: requiredOption('--net <amount>', 'net amount; negative for what is given back'),
    currency: requiredOption('--currency <code>', 'ISO 4217', {
      read: readCurrency,
      ask: { choices: currencyChoices },
    }),
    occurredAt: requiredOption('--occurred-at <time>', "ISO 8601; without an offset in the programme's zone"),
    gross: option('--gross <amount>', 'gross amount; default net plus tax'),
    tax: option('--tax <amount>', 'tax; default gross less net'),
    account: option('--account <code>', 'the customer, by its code inside the instance'),
    createAccount: flag('--create-account', 'add the account if it does not exist'),
    product: option('--product <code>', 'what was sold; it may be unknown so far'),
    subscription: option('--subscription <code>', 'whose wholesale price it takes; default the one in force'),
    saleRef: option('--sale-ref <text>', 'the invoice line it belongs to'),
    saleNet: option('--sale-net <amount>', 'net amount of the whole line'),
    saleGross: option('--sale-gross <amount>', 'gross amount of the whole line; default --sale-net'),
    wholesaleNet: option('--wholesale-net <amount>', 'what it costs wholesale; with --sale-ref the whole line'),
    saleDate: option('--sale-date <date>', 'invoice date; default the date of the first payment'),
    quantity: option('--quantity <number>', 'how many'),
    country: option('--country <text>', 'where the customer is'),
    transactionType: option('--transaction-type <text>', 'subscription, transaction, addon …'),
    source: option('--source <code>', 'where it comes from; default manual'),
  },
  examples: [
    {
      command:
        'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
      setup: oneShop,
    },
    {
      command:
        'revenue record --instance acme-shop --kind refund --net -20.00 --currency EUR --occurred-at 2026-10-07T10:15:00Z --id ref-7 --sale-ref INV-7 --sale-net 80.00',
      setup: oneShop,
    },
  ],
  async run(ctx, input, say) {
    const recorded = await recordRevenue(ctx, {
      source: input.source,
      createAccount: input.createAccount,
      fields: {
        external_id: input.id,
        instance: input.instance,
        kind: input.kind,
        net: input.net,
        gross: input.gross,
        tax: input.tax,
        currency: input.currency,
        occurred_at: input.occurredAt,
        account: input.account,
        product: input.product,
        subscription: input.subscription,
        sale_ref: input.saleRef,
        sale_net: input.saleNet,
        sale_gross: input.saleGross,
        wholesale_net: input.wholesaleNet,
        sale_date: input.saleDate,
        quantity: input.quantity,
        country: input.country,
        transaction_type: input.transactionType,
      },
    });
    if (!recorded.isNew) say(`${recorded.source}:${recorded.externalId} was recorded already: nothing changed`);
    return recorded;
  },
  done: (row) => `event ${row.id} of ${row.occurredOn} is recorded; \`revshare job run accrue-commissions\` decides it`,
});
