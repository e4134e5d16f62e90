import { importOpening } from '../../../services/opening/import-opening.ts';
import { parseDate } from '../../../domain/dates.ts';
import type { Command } from '../../command.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { ONE_SHOP } from '../../example-books.ts';

const EXAMPLE = `record,partner,instance,currency,amount,payable_on,source,sale_ref,sale_date,sale_net,received,returned,posted
wallet,acme,acme-shop,EUR,120.00,2026-12-01,,,,,,,
sale,acme,acme-shop,EUR,,,billing,INV-17,2026-09-14,500.00,500.00,0,50.00
`;

const AS_OBJECTS = `{"record":"wallet","partner":"acme","instance":"acme-shop","currency":"EUR","amount":"120.00"}
{"record":"partner","partner":"acme","currency":"EUR","paid":"900.00","withheld":"0"}
`;
const setup = [...ONE_SHOP];
const files = { 'opening.csv': EXAMPLE };

const importCommand = requestCommand({
  verb: 'import',
  summary: 'ask to begin the books with the history of another system',
  description: [
    'Imports a CSV, a record a row, or a file .ndjson, a record a line; what a record does not need is blank or left out:',
    EXAMPLE.trimEnd().replaceAll(/^(?=.)/gm, '  '),
    'wallet: what a partner has, or owes when below 0, and from when it may be paid. sale: one that money may still come ' +
      'of or go back on, with what was received, returned and earned (posted) so far; refunds of it then take back exactly ' +
      'their part. partner: paid, withheld (this year, gross), tier, missed_evaluations, kept as they are told; the ' +
      'misses count on where the tier is the one it is in, which `partner create --tier` says. account: instance, account, ' +
      'first_sale_on, and first_sale_only (yes, no) or earning_months where it was won with such limits.',
    'All of it stands against opening equity on the day --on. It always waits for a second person, and is done once, ' +
      'before anything is decided in these books; what it left out is put right by adjustments. A wrong row refuses the ' +
      'file by line and column.',
  ].join('\n\n'),
  parameters: {
    file: argument('FILE', 'the file'),
    on: option('--on <date>', 'the day the balances are of; default today', { read: parseDate }),
    reason: requiredOption('--reason <text>', 'where it comes from, for the record'),
  },
  examples: [
    { command: 'opening import opening.csv --reason "PartnerStack, closing of October"', setup, files },
    {
      command: 'opening import opening.ndjson --reason "Tapfiliate, closing of October"',
      setup,
      files: { 'opening.ndjson': AS_OBJECTS },
    },
    { command: 'opening import opening.csv --on 2026-11-01 --reason "PartnerStack" --dry-run', setup, files },
  ],
  run: async (ctx, { file, on, reason }, _say, path) =>
    await importOpening(ctx, { file: path(file), label: file, on, reason }),
});

export const commands: readonly Command[] = [importCommand];
