import { askForWriteOff } from '../../../services/wallet/write-off-wallets.ts';
import { currencyChoices } from '../../choices.ts';
import { readCurrency } from '../../currency-reading.ts';
import { option, requiredOption, wholeNumber } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { ACCRUAL, ONE_SHOP, TEN_PERCENT } from '../../example-books.ts';

export const writeOff = requestCommand({
  verb: 'write-off',
  summary: 'ask to write off small balances that nothing moves any more',
  description:
    'Asks to bring to 0 every balance below an amount, owed to a partner or by one, that nothing was posted into for so ' +
    'many days; what is being paid is left alone. It waits for a second person, unless all of it is within the limit ' +
    '(`approval limit`).',
  parameters: {
    olderThan: requiredOption('--older-than <days>', 'days without a movement', {
      read: wholeNumber('--older-than', 1, 36_500),
    }),
    below: requiredOption('--below <amount>', 'balances smaller than this'),
    currency: requiredOption('--currency <code>', 'ISO 4217', {
      read: readCurrency,
      ask: { choices: currencyChoices },
    }),
    partner: option('--partner <code>', 'only those of this partner'),
    reason: requiredOption('--reason <text>', 'why, for the record'),
  },
  examples: [
    {
      command: 'wallet write-off --older-than 30 --below 15.00 --currency EUR --reason "dormant since spring"',
      setup: [
        ...ONE_SHOP,
        TEN_PERCENT,
        'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-03-05 --id pay-1',
        ACCRUAL,
      ],
    },
  ],
  run: async (ctx, input) => await askForWriteOff(ctx, input),
});
