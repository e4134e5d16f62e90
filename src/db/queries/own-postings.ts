import type { DecidedLeg } from '../../domain/rating/model.ts';
import type { Connection } from '../connection.ts';

/** A leg of the act in that place of its batch, counted from 0. */
export interface PlacedLeg extends DecidedLeg {
  readonly place: number;
}

/**
 * Writes what the acts of a batch of this transaction came to, and posts it (post_acts of drizzle/0024), as known at a
 * number. Amounts go as strings: a number of JSON would lose digits.
 */
export async function postDecidedActs(
  tx: Connection,
  batch: number,
  knownSeq: number,
  legs: readonly PlacedLeg[],
): Promise<void> {
  const decided = legs.map((leg) => ({
    place: leg.place,
    leg: leg.leg,
    partner_id: leg.partnerId,
    kind: leg.kind,
    reason: leg.decisionReason,
    amount: String(leg.amount),
    base: String(leg.base),
    full: String(leg.full),
    rule_version_id: leg.ruleVersionId,
    rate_ppm: leg.ratePpm,
  }));
  await tx.sql`select post_acts(${batch}, ${knownSeq}, ${JSON.stringify(decided)}::text::jsonb)`;
}
