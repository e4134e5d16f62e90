import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { postDecidedActs } from '../../db/queries/own-postings.ts';
import type { Connection } from '../../db/connection.ts';
import type { Act } from '../../domain/acts.ts';
import { rateGiven } from '../../domain/rating/act.ts';
import type { ActEvent, DecidedLeg, GivenLeg } from '../../domain/rating/model.ts';

/**
 * Decides a batch of acts that say themselves what they post, which this transaction has recorded, and posts it: nobody
 * else has seen its events, so no run is claimed, and nobody waits for one. By the function that decides every act.
 * Writes. Source: SEMANTICS §4, §6.
 */
export async function postActs(
  tx: Connection,
  batch: { readonly id: number; readonly firstId: number },
  acts: readonly Act[],
  on: string,
): Promise<void> {
  const knownSeq = await latestKnownSeq(tx);
  const decided = acts.flatMap((act, place) => {
    const { legs } = rateGiven(eventOf(act, batch.firstId + place, on), (act.legs ?? []).map(givenLeg), { knownSeq });
    return legs.map((leg: DecidedLeg) => ({ ...leg, place }));
  });
  await postDecidedActs(tx, batch.id, knownSeq, decided);
}

function eventOf({ kind, instance_id: instanceId, currency }: Act, id: number, occurredOn: string): ActEvent {
  return { id, kind, instanceId, currency, occurredOn };
}

function givenLeg(leg: NonNullable<Act['legs']>[number]): GivenLeg {
  return {
    leg: leg.leg,
    partnerId: leg.partner_id,
    amount: BigInt(leg.amount_minor),
    base: BigInt(leg.base_minor),
    ruleVersionId: leg.rule_version_id ?? null,
    ratePpm: leg.rate_ppm ?? null,
  };
}
