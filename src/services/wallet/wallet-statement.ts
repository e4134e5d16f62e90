import { readOneMoment } from '../../db/queries/as-of.ts';
import { statementRows, walletBefore, type StatementRow } from '../../db/queries/wallets.ts';
import { formatWalletCode, type WalletCode } from '../../domain/codes.ts';
import type { Period } from '../../domain/dates.ts';
import { IntegrityError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findWalletId } from './list-wallets.ts';

/** A line of a statement; the amount is a decimal string. */
export interface StatementLine {
  /** opening_balance, a kind of entry, rejected, paid, …, closing_balance; then what that is made of. */
  readonly line: string;
  /** How many movements it sums up; null for a balance. */
  readonly movements: number | null;
  readonly amount: string;
  readonly currency: string;
}

/**
 * The statement of a wallet over a period of posting dates: opening + entries by kind + what reviews rejected + payouts =
 * closing = what is in the wallet and in transit = the next opening. A payout is `paid` when it completed. Reads only, in
 * one snapshot. Throws NotFoundError `wallet_not_found`, IntegrityError `statement_differs`. Source: SEMANTICS §9.
 */
export async function walletStatement(ctx: Context, code: WalletCode, period: Period): Promise<StatementLine[]> {
  const { walletId, currency } = await findWalletId(ctx, code);
  const { before, moved, after } = await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    return {
      before: await walletBefore(tx, walletId, period.from),
      moved: await statementRows(tx, walletId, period),
      after: await walletBefore(tx, walletId, period.to),
    };
  });
  const opening = BigInt(before.wallet) + BigInt(before.inTransit);
  const closing = BigInt(after.wallet) + BigInt(after.inTransit);
  const difference = closing - moved.reduce((sum, { amount }) => sum + BigInt(amount), opening);
  if (difference !== 0n) {
    throw new IntegrityError(
      'statement_differs',
      `the statement of ${formatWalletCode(code)} for ${period.label} and the ledger differ by ${formatMinor(difference, currency)} ${currency}`,
      { hint: 'run `revshare doctor` and send nothing until it is understood' },
    );
  }
  const balance = (line: string, minor: bigint): StatementLine => ({
    line,
    movements: null,
    amount: formatMinor(minor, currency),
    currency,
  });
  return [
    balance('opening_balance', opening),
    ...moved.map(({ line, movements, amount }: StatementRow) => ({ ...balance(line, BigInt(amount)), movements })),
    balance('closing_balance', closing),
    balance('closing_in_wallet', BigInt(after.wallet)),
    balance('closing_in_transit', BigInt(after.inTransit)),
  ];
}
