import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { insertPin, moveTiers, partnerPins, releasePin, type PinRow } from '../../db/queries/tier-evaluations.ts';
import { tierStandings } from '../../db/queries/tier-standings.ts';
import { addDays } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { effectiveFrom } from '../../domain/tiers/dates.ts';
import type { Context } from '../context.ts';
import { findPartner, findTier } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { holdTiers } from './hold-tiers.ts';

export interface PinnedPartner extends PinRow {
  readonly partner: string;
}

export interface NewTierPin {
  /** Default: the one it has. */
  readonly tier?: string | undefined;
  /** Its last day. */
  readonly until: string;
  readonly reason: string;
}

/**
 * Keeps a partner in its tier, or puts it in another, until a day: from today, or from after the last day that may be
 * decided; evaluations go on and move nothing. An open pin gives way. Writes.
 * Throws NotFoundError for partner and tier, RefusedError `pin_over`, `tier_missing`. Source: SEMANTICS §8.
 */
export async function pinTier(ctx: Context, code: string, pin: NewTierPin): Promise<PinnedPartner> {
  const day = today(ctx);
  return await ctx.write(async (tx) => {
    const { id } = await findPartner(tx, code, day);
    const wanted = pin.tier === undefined ? null : await findTier(tx, pin.tier);
    const lastAccrued = await holdTiers(tx);
    const standing = (await tierStandings(tx, [id])).get(id)!;
    const tier = wanted ?? standing.tier;
    if (tier === null) {
      throw new RefusedError('tier_missing', `${code} is in no tier that it could be kept in`, {
        hint: 'name one by --tier',
      });
    }
    const startsOn = effectiveFrom(addDays(day, -1), lastAccrued, standing.since);
    if (pin.until < startsOn) {
      throw new RefusedError('pin_over', `the pin would begin on ${startsOn}, after its last day ${pin.until}`, {
        hint: 'choose a later --until',
      });
    }
    if (standing.pin !== null && standing.pin.until >= startsOn) {
      await releasePin(tx, standing.pin.id, `pinned anew: ${pin.reason}`);
    }
    const pinId = await insertPin(tx, { partnerId: id, tier, startsOn, until: pin.until, reason: pin.reason });
    if (tier !== standing.tier) {
      const knownSeq = await drawKnownSeq(tx, `tier of ${code} pinned: ${tier} from ${startsOn} on`);
      await moveTiers(tx, [{ partnerId: id, tier, from: startsOn, evaluationId: null, pinId }], knownSeq);
    }
    return { partner: code, ...(await partnerPins(tx, id))[0]! };
  });
}

/**
 * Releases the open pin of a partner: the next evaluation moves it again. Writes.
 * Throws NotFoundError `partner_not_found`, RefusedError `not_pinned`.
 */
export async function unpinTier(ctx: Context, code: string, reason: string): Promise<PinnedPartner> {
  const day = today(ctx);
  return await ctx.write(async (tx) => {
    const { id } = await findPartner(tx, code, day);
    await holdTiers(tx);
    const { pin } = (await tierStandings(tx, [id])).get(id)!;
    if (pin === null || pin.until < day) {
      throw new RefusedError('not_pinned', `${code} is not pinned${pin === null ? '' : ` since ${pin.until}`}`);
    }
    await releasePin(tx, pin.id, reason);
    return { partner: code, ...(await partnerPins(tx, id))[0]! };
  });
}
