import { parseCode } from '../../../domain/codes.ts';
import { createPartner } from '../../../services/partner/create-partner.ts';
import { partnerChoices, tierChoices } from '../../choices.ts';
import { currencyReading } from '../../currency-reading.ts';
import { mutation } from '../../mutation.ts';
import { argument, flag, option, requiredOption } from '../../parameters.ts';
import { oneAcme, PARTNER_TYPES, readContractDate, readEmail } from './parameters.ts';
import { partnerRows } from './rows.ts';

export const create = mutation({
  rows: partnerRows,
  verb: 'create',
  summary: 'make a partner',
  description:
    'Makes a partner, active unless --pending. Tier and parent hold from the beginning of time, so that imported ' +
    'history finds them. Code, type and --house never change.',
  parameters: {
    code: argument('CODE', 'what you will type for it, for ever', { read: parseCode }),
    name: requiredOption('--name <text>', 'its name'),
    type: requiredOption('--type <type>', 'what kind of partner', {
      choices: PARTNER_TYPES,
      ask: { message: 'Type of partner:' },
    }),
    currency: requiredOption('--currency <code>', 'what it is paid in by default, ISO 4217', currencyReading),
    email: option('--email <address>', 'where to write to', { read: readEmail }),
    company: option('--company <text>', 'its legal name'),
    contact: option('--contact <text>', 'the person to speak to'),
    contractFrom: option('--contract-from <date>', 'first day of the contract', { read: readContractDate }),
    contractTo: option('--contract-to <date>', 'first day after the contract', { read: readContractDate }),
    tier: option('--tier <tier>', 'bronze, silver, gold, …', { ask: { choices: tierChoices } }),
    parent: option('--parent <code>', 'the partner a reseller stands under', { ask: { choices: partnerChoices } }),
    house: flag('--house', "the operator's own sales: never earns"),
    pending: flag('--pending', 'begin as pending instead of active'),
  },
  examples: [
    { command: 'partner create acme --name "Acme Resale" --type reseller --currency EUR' },
    { command: 'partner create blogly --name Blogly --type affiliate --currency USD --tier silver --pending' },
    {
      command: 'partner create acme-north --name "Acme North" --type reseller --currency EUR --parent acme',
      setup: oneAcme,
    },
  ],
  run: async (ctx, input) => await createPartner(ctx, input),
  done: (row) => `created partner ${row.code}, ${row.status}`,
});
