import type { Connection } from '../../db/connection.ts';
import { deductionsOf, knownNow } from '../../db/queries/deductions.ts';
import { instrumentObstacles } from '../../db/queries/instruments.ts';
import {
  limitRecovery,
  minimumPayouts,
  partnersById,
  planForManyRows,
  sortDueEntries,
  sortedEntries,
  type PayablePartner,
  type PayoutScope,
  type SortedEntries,
} from '../../db/queries/payout-due.ts';
import type { LeftOut } from '../../db/queries/payout-runs.ts';
import { netWallets, type Netting } from '../../domain/netting.ts';

export interface ComposedRun extends Netting {
  /** Everything that stays where it is, per wallet and reason. */
  readonly left: readonly LeftOut[];
  /** What was known of deductions: the last change before it was composed. */
  readonly knownSeq: number;
}

/**
 * What a run with this cut-off would pay out of these wallets, and why not the rest. Leaves the entries sorted in a
 * table of the transaction and the planner set for many rows; writes nothing that stays. Whoever is going to pay holds the wallets.
 */
export async function composeRun(
  tx: Connection,
  wallets: readonly number[],
  scope: PayoutScope,
  cutoff: string,
): Promise<ComposedRun> {
  await planForManyRows(tx);
  await sortDueEntries(tx, wallets, scope, cutoff);
  await limitRecovery(tx, cutoff);
  const sorted = await sortedEntries(tx);
  const due = sorted.filter(({ reason }) => reason === null);
  const payees = due.map((wallet) => wallet.partnerId);
  const partners = await partnersById(tx, payees);
  const instruments = await instrumentObstacles(tx, payees);
  const minimums = await minimumPayouts(tx, cutoff);
  const knownSeq = await knownNow(tx);
  const deductions = await deductionsOf(tx, due, cutoff, knownSeq);
  const netting = netWallets(due, (partnerId, currency) => ({
    // A retry pays again what was due once; that the rest of it has shrunk is no reason to keep it.
    minimum: scope.retryOf === null ? (minimums.get(currency) ?? 0n) : 0n,
    ...(deductions.get(`${partnerId} ${currency}`) ?? { withholdingPpm: 0n, fee: 0n }),
    obstacle: obstacleOf(partners.get(partnerId)) ?? instruments.get(`${partnerId} ${currency}`) ?? null,
  }));
  return { ...netting, left: leftOut(sorted, netting), knownSeq };
}

/** What was sorted out, and what may be paid but for its wallet. */
function leftOut(sorted: readonly SortedEntries[], { skips }: Netting): LeftOut[] {
  const reasons = new Map(skips.map(({ walletId, reason }) => [walletId, reason]));
  return sorted.flatMap(({ walletId, positive, negative, entries, reason: own }) => {
    const reason = own ?? reasons.get(walletId);
    return reason === undefined ? [] : [{ walletId, reason, amount: positive + negative, entries }];
  });
}

/**
 * Why nothing can be paid to a partner whatever its instrument, or null. Active, inactive and terminated partners are paid;
 * the house earns nothing. Source: SEMANTICS §1, §7.
 */
export function obstacleOf(partner: Pick<PayablePartner, 'status' | 'house'> | undefined): string | null {
  if (partner === undefined || partner.house) {
    return 'house_partner';
  }
  return ['active', 'inactive', 'terminated'].includes(partner.status) ? null : `partner_${partner.status}`;
}
