import type { Connection } from '../../db/connection.ts';
import {
  findDue,
  minimumPayouts,
  planForManyRows,
  standingWallets,
  type PayoutScope,
  type StandingWallet,
} from '../../db/queries/payout-due.ts';
import { knownNow } from '../../db/queries/deductions.ts';
import type { LeftOut } from '../../db/queries/payout-runs.ts';
import { netWallets, type NettedPayout, type Netting } from '../../domain/netting.ts';

/** Whole partners of a run. */
export interface ComposedPart {
  readonly payouts: readonly NettedPayout[];
  /** Everything that stays where it is, per wallet and reason. */
  readonly left: readonly LeftOut[];
}

/**
 * What a run with this cut-off would pay of what was found (`findDue`), and why not the rest, in parts and in the order of partners.
 * Leaves the planner set for many rows; writes nothing.
 * @param known the last change of deductions that it goes by
 */
export async function* composeInParts(
  tx: Connection,
  scope: PayoutScope,
  cutoff: string,
  known: number,
): AsyncGenerator<ComposedPart> {
  await planForManyRows(tx);
  // A retry pays again what was due once; that the rest of it has shrunk is no reason to keep it.
  const minimums = scope.retryOf === null ? await minimumPayouts(tx, cutoff) : new Map<string, bigint>();
  for await (const standing of byPartner(standingWallets(tx, cutoff, known))) yield netted(standing, minimums);
}

/** The same as a whole, as of now. */
export async function composeRun(tx: Connection, scope: PayoutScope, cutoff: string): Promise<ComposedPart> {
  const whole = { payouts: [] as NettedPayout[], left: [] as LeftOut[] };
  await findDue(tx, scope, cutoff, { toPay: false });
  for await (const part of composeInParts(tx, scope, cutoff, await knownNow(tx))) {
    whole.payouts.push(...part.payouts);
    whole.left.push(...part.left);
  }
  return whole;
}

/** Cuts between partners what is in their order and was cut anywhere: a payout nets all wallets of one. No part is empty. */
export async function* byPartner<W extends { readonly partnerId: number }>(
  parts: AsyncIterable<readonly W[]>,
): AsyncGenerator<W[]> {
  let rest: W[] = [];
  for await (const part of parts) {
    const rows = [...rest, ...part];
    const last = rows.at(-1)!.partnerId;
    const cut = rows.findIndex(({ partnerId }) => partnerId === last);
    rest = rows.slice(cut);
    if (cut > 0) yield rows.slice(0, cut);
  }
  if (rest.length > 0) yield rest;
}

function netted(standing: readonly StandingWallet[], minimums: ReadonlyMap<string, bigint>): ComposedPart {
  const due = standing.filter(({ reason }) => reason === null);
  const netting = netWallets(due, ({ currency, partnerStatus, house, instrumentObstacle, withholdingPpm, fee }) => ({
    withholdingPpm,
    fee,
    minimum: minimums.get(currency) ?? 0n,
    obstacle: obstacleOf({ status: partnerStatus, house }) ?? instrumentObstacle,
  }));
  return { payouts: netting.payouts, left: leftOut(standing, netting) };
}

/** What was sorted out, and what may be paid but for its wallet. */
function leftOut(standing: readonly StandingWallet[], { skips }: Netting): LeftOut[] {
  const reasons = new Map(skips.map(({ walletId, reason }) => [walletId, reason]));
  return standing.flatMap(({ walletId, partnerId, currency, net, entries, reason: own }) => {
    const reason = own ?? reasons.get(walletId);
    return reason === undefined ? [] : [{ walletId, partnerId, currency, reason, amount: net, entries }];
  });
}

/**
 * Why nothing can be paid to a partner whatever its instrument, or null. Active, inactive and terminated partners are paid;
 * the house earns nothing. Source: SEMANTICS §1, §7.
 */
export function obstacleOf({ status, house }: { readonly status: string; readonly house: boolean }): string | null {
  if (house) {
    return 'house_partner';
  }
  return ['active', 'inactive', 'terminated'].includes(status) ? null : `partner_${status}`;
}
