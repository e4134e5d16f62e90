import { insertSlot, retireSlots, slotsOfAccount } from '../../db/queries/account-slots.ts';
import { decidedSalesOfAccount, type DecidedSale } from '../../db/queries/decided-sales.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import type { Connection } from '../../db/connection.ts';
import type { Act, Terms } from '../../domain/acts.ts';
import { intersect, remainders } from '../../domain/date-ranges.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';

/** What a request of kind reattribution says. */
export interface Reattribution {
  readonly about: string;
  readonly account_id: number;
  readonly from: string;
  readonly shares: readonly { readonly partner_id: number; readonly share_ppm: number }[];
}

/** The highest slot there can be. */
const LAST_SLOT = 99;

/**
 * Gives an account's commission to other partners from a date on: in slots of new numbers, so that a leg of a sale never
 * changes its partner. Writes. Throws RefusedError `slots_exhausted`.
 */
export async function applyReattribution(_: Context, tx: Connection, terms: Terms): Promise<void> {
  const { about, account_id: accountId, from, shares } = terms as unknown as Reattribution;
  const knownSeq = await drawKnownSeq(tx, about);
  const { live, free } = await slotsOfAccount(tx, accountId);
  if (free + shares.length - 1 > LAST_SLOT) {
    throw new RefusedError(
      'slots_exhausted',
      `the account has changed hands ${LAST_SLOT} times, which is as often as it may`,
    );
  }
  const days = { from, to: null };
  const ending = live.filter(({ valid }) => intersect(valid, days) !== null);
  // Retired first: the exclusion constraint looks at each row as it comes.
  await retireSlots(
    tx,
    ending.map(({ id }) => id),
    knownSeq,
  );
  for (const { slot, partnerId, sharePpm, valid } of ending) {
    for (const rest of remainders(valid, days)) {
      await insertSlot(tx, { accountId, slot, partnerId, sharePpm, valid: rest, knownSeq });
    }
  }
  for (const [index, { partner_id: partnerId, share_ppm: sharePpm }] of shares.entries()) {
    await insertSlot(tx, { accountId, slot: free + index, partnerId, sharePpm, valid: days, knownSeq });
  }
}

/** Every decided sale of the account from the date on is rated again. Reads only. */
export async function actsOfReattribution(tx: Connection, terms: Terms): Promise<readonly Act[]> {
  const { account_id: accountId, from } = terms as unknown as Reattribution;
  return (await decidedSalesOfAccount(tx, accountId, from)).map((sale) => againOf('reattribution', sale));
}

export function againOf(kind: 'reattribution' | 'rerate', sale: DecidedSale): Act {
  const { saleId, eventId, instanceId, currency } = sale;
  return {
    kind,
    instance_id: instanceId,
    currency,
    ...(saleId === null ? { regards_id: eventId! } : { sale_id: saleId }),
  };
}
