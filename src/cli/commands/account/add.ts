import { formatAccountCode, parseAccountCode, type AccountCode } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import { UsageError } from '../../../domain/errors.ts';
import { addAccount } from '../../../services/account/add-account.ts';
import { instanceChoices } from '../../choices.ts';
import type { Invocation } from '../../command.ts';
import { mutation } from '../../mutation.ts';
import { argument, option } from '../../parameters.ts';
import { accountRows, oneShop } from './rows.ts';

export const add = mutation({
  rows: accountRows,
  verb: 'add',
  summary: 'add an end customer to an instance',
  description:
    'Adds an account. Its code is what the billing system calls the customer, unique within the instance; it is ' +
    'written INSTANCE/CODE, or CODE with --instance.',
  parameters: {
    account: argument('[INSTANCE/]CODE', 'the account'),
    instance: option('--instance <code>', 'where it is a customer'),
    name: option('--name <text>', 'its name'),
    country: option('--country <code>', 'ISO 3166-1, two letters', { read: (text) => text.trim().toUpperCase() }),
    startsOn: option('--starts <date>', 'first day as a customer', { read: parseDate }),
    endsOn: option('--ends <date>', 'first day as a customer no more', { read: parseDate }),
  },
  examples: [
    { command: 'account add acme-shop/C-1042 --name "Jane Roe" --country DE', setup: oneShop },
    { command: 'account add C-1042 --instance acme-shop', setup: oneShop },
  ],
  async prepare(invocation, input) {
    const { instance, code } = await whichAccount(invocation, input);
    return { ...input, account: formatAccountCode({ instance, code }), instance };
  },
  run: async (ctx, { account, ...input }) => await addAccount(ctx, { ...input, ...parseAccountCode(account) }),
  done: (row) => `added account ${formatAccountCode(row)}`,
});

/**
 * Both spellings. With --instance the argument is the account's own code, unless it already begins with that instance: a
 * billing system may well put slashes into its codes.
 */
async function whichAccount(
  invocation: Invocation,
  { account, instance }: { readonly account: string; readonly instance: string | undefined },
): Promise<AccountCode> {
  if (instance !== undefined) {
    return account.startsWith(`${instance}/`) ? parseAccountCode(account) : parseAccountCode(`${instance}/${account}`);
  }
  if (account.includes('/')) return parseAccountCode(account);
  if (invocation.asker === null) {
    throw new UsageError('missing_input', `missing: --instance <code>, the instance of account '${account}'`, {
      hint: `write INSTANCE/${account}, or give --instance`,
    });
  }
  const choices = await instanceChoices(await invocation.context());
  const chosen =
    choices.length > 0
      ? await invocation.asker.select({ message: 'Instance:', choices })
      : await invocation.asker.text({ message: 'Instance:', check: () => null });
  return parseAccountCode(`${chosen}/${account}`);
}
