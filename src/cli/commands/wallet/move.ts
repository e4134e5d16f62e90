import { parseWalletCode, type WalletCode } from '../../../domain/codes.ts';
import { askForCredit, askForDebit } from '../../../services/wallet/move-wallet.ts';
import { askForRecovery } from '../../../services/wallet/recover-wallet.ts';
import { walletChoices } from '../../choices.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { afterAccrual } from '../../example-books.ts';

const wallet = (name: string, about: string) =>
  argument<WalletCode>(name, about, {
    read: parseWalletCode,
    ask: { message: `${about[0]!.toUpperCase()}${about.slice(1)}:`, choices: walletChoices },
  });

const parameters = {
  wallet: wallet('PARTNER/INSTANCE/CURRENCY', 'the wallet'),
  amount: argument<string>('AMOUNT', 'how much, above 0'),
  reason: requiredOption('--reason <text>', 'why, for the record'),
};

export const credit = requestCommand({
  verb: 'credit',
  summary: 'ask to put money into a wallet that no revenue explains',
  description:
    'Asks for an adjustment in the partner’s favour, posted today as an entry of its own: `adjustment add` by the name of ' +
    'the wallet. It waits for a second person, unless it is within the limit (`approval limit`).',
  parameters,
  examples: [
    afterAccrual('wallet credit acme/acme-shop/EUR 12.50 --reason "sale of 3 Oct was billed elsewhere"'),
    afterAccrual('wallet credit acme/acme-shop/EUR 12.50 --reason "billed elsewhere" --dry-run --json'),
  ],
  run: async (ctx, input) => await askForCredit(ctx, input),
});

export const debit = requestCommand({
  verb: 'debit',
  summary: 'ask to take money out of a wallet, as far as there is some',
  description:
    'Asks for an adjustment against the partner that stops at what is payable in the wallet, whoever else takes from it at ' +
    'the same time. What may go below zero is an adjustment (`adjustment add`). It waits for a second person, unless it is ' +
    'within the limit (`approval limit`).',
  parameters,
  examples: [
    afterAccrual('wallet debit acme/acme-shop/EUR 5.00 --reason "travel costs, as agreed"'),
    { ...afterAccrual('wallet debit acme/acme-shop/EUR 1000 --reason "more than there is"'), exit: 3 },
  ],
  run: async (ctx, input) => await askForDebit(ctx, input),
});

export const recover = requestCommand({
  verb: 'recover',
  summary: 'ask to pay what one wallet of a partner owes out of another',
  description:
    'Asks for two adjustments against recovery clearing, since no transfer joins two instances: FROM gives what is payable ' +
    'in it, TO gets what it owes. Both are of one partner and currency. It always waits for a second person.',
  parameters: {
    from: wallet('FROM', 'the wallet that pays'),
    to: wallet('TO', 'the wallet that owes'),
    amount: option('--amount <amount>', 'less than all that is owed'),
    reason: requiredOption('--reason <text>', 'why, for the record'),
  },
  examples: [
    {
      command: 'wallet recover acme/acme-shop/EUR acme/acme-attic/EUR --reason "agreed on 12 May"',
      setup: [
        ...afterAccrual('').setup!,
        'instance create acme-attic --tenant northwind --partner acme --name "Northwind Attic"',
        'adjustment add acme acme-attic --reason "paid twice" -- -4.00 EUR',
        'approval approve 1 --yes --actor checker',
      ],
    },
  ],
  run: async (ctx, input) => await askForRecovery(ctx, input),
});
