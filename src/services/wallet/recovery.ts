import type { Connection } from '../../db/connection.ts';
import { takeWallets, type WalletOf } from '../../db/queries/wallets.ts';
import type { Act, Terms } from '../../domain/acts.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';

/**
 * What a wallet still owes, in minor units; 0 or less: nothing. It is held to the end of the transaction together with the
 * one that pays, in one order, so that no two recoveries pay the same debt.
 */
export async function stillOwed(ctx: Context, tx: Connection, paying: WalletOf, owing: WalletOf): Promise<bigint> {
  const [, debtor] = await takeWallets(tx, [paying, owing], today(ctx));
  return -BigInt(debtor!.balance);
}

/**
 * Looks again, when a recovery is done, whether so much is owed still: another may have paid it while this one waited.
 * Writes nothing; its acts are what moves. Throws RefusedError `owes_less`. Source: SEMANTICS §6.
 */
export async function assertOwed(ctx: Context, tx: Connection, terms: Terms, acts: readonly Act[]): Promise<void> {
  const [paying, owing] = acts.map(({ instance_id: instanceId, currency, legs }) => ({
    instanceId,
    currency,
    partnerId: legs![0]!.partner_id,
    amount: BigInt(legs![0]!.amount_minor),
  }));
  const owed = await stillOwed(ctx, tx, paying!, owing!);
  if (owing!.amount <= owed) return;
  const told = `${formatMinor(owed > 0n ? owed : 0n, owing!.currency)} ${owing!.currency}`;
  throw new RefusedError('owes_less', `${String(terms['about'])}: it owes ${told} by now`, {
    hint: 'reject it, and ask again for what is owed still',
  });
}
