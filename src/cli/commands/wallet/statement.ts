import { parseWalletCode, type WalletCode } from '../../../domain/codes.ts';
import { parsePeriod } from '../../../domain/dates.ts';
import { today } from '../../../services/today.ts';
import { walletStatement, type StatementLine } from '../../../services/wallet/wallet-statement.ts';
import { walletChoices } from '../../choices.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';
import { argument, requiredOption } from '../../parameters.ts';
import { afterAccrual } from '../../example-books.ts';

const c = columnsOf<StatementLine>();

export const statement = command({
  verb: 'statement',
  summary: 'opening, movements by kind and closing of a wallet over a period',
  description:
    'By posting dates: opening + entries by kind + rejected + paid + withheld + fees + returned = closing, which is the next ' +
    'opening. A payout is paid when it completed; until then it is in transit and still counted, so the closing is what is ' +
    'in the wallet and in transit. The sum is proved against the ledger before anything is printed; exit code 5 if it differs.',
  parameters: {
    wallet: argument<WalletCode>('PARTNER/INSTANCE/CURRENCY', 'the wallet, as `wallet list` shows it', {
      read: parseWalletCode,
      ask: { message: 'Wallet:', choices: walletChoices },
    }),
    period: requiredOption('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
  },
  examples: [
    afterAccrual('wallet statement acme/acme-shop/EUR --period 2026-10'),
    afterAccrual('wallet statement acme/acme-shop/EUR --period 2026-Q4 -o csv'),
    afterAccrual('wallet statement acme/acme-shop/EUR --period 2026-10 --json'),
  ],
  async run(invocation, { wallet, period: asked }) {
    const ctx = await invocation.context();
    const period = parsePeriod(asked, today(ctx));
    await invocation.note(`period ${period.label}: ${period.from} up to, not including, ${period.to} (${ctx.zone})`);
    await printList(
      invocation.print,
      [
        c.code('line', (row) => row.line),
        c.number('movements', (row) => row.movements),
        c.money('amount', (row) => row.amount),
        c.code('currency', (row) => row.currency),
      ],
      await walletStatement(ctx, wallet, period),
      (row) => row.line,
    );
  },
});
