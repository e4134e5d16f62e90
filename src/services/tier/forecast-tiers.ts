import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import type { Page } from '../../db/queries/order.ts';
import type { NewEvaluation } from '../../db/queries/tier-evaluations.ts';
import {
  lastAccruedOn,
  partnersToEvaluate,
  tierMeasures,
  tierStandings,
  type PartnerMeasures,
  type StandingRow,
} from '../../db/queries/tier-standings.ts';
import { addDays, daysBetween, monthStart } from '../../domain/dates.ts';
import { divRoundHalfAwayFromZero } from '../../domain/money.ts';
import { monthEnd, tierWindow } from '../../domain/tiers/dates.ts';
import type { TierVerdict } from '../../domain/tiers/evaluate.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { isMissingRate, NO_MEASURES, TierEvaluator, toldMissingRate, type MissingRate } from './evaluator.ts';

/** What the coming evaluation would say of a partner. */
export interface TierForecast {
  readonly partner: string;
  readonly tier: string | null;
  readonly evaluatedOn: string;
  readonly currency: string;
  /** Average of a month of the window: so far, and if the rest of this month goes like its days so far. Null without a rate. */
  readonly revenue: bigint | null;
  readonly projected: bigint | null;
  readonly customers: number;
  /** The tier and the verdict if nothing more came in, and at this pace. */
  readonly asItStands: TierVerdict | null;
  readonly atThisPace: TierVerdict | null;
  /** What is missing to tell. */
  readonly missing: string | null;
}

/**
 * What the evaluation of this month's end would say of each partner, or of one, by the evaluator itself: of what has come in
 * up to yesterday, and of what that comes to if the rest of the month is like it; customers are those that paid so far. By
 * code. Reads only. Throws NotFoundError `partner_not_found`.
 */
export async function forecastTiers(
  ctx: Context,
  { partner }: { readonly partner?: string | undefined },
  page: Page,
): Promise<TierForecast[]> {
  const day = today(ctx);
  const partnerId = partner === undefined ? null : (await findPartner(ctx.db, partner, day)).id;
  const coming = await ComingEvaluation.load(ctx, partnerId);
  const partners = (await partnersToEvaluate(ctx.db, coming.evaluatedOn, partnerId))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .slice(page.offset, page.offset + page.limit);
  const standings = await tierStandings(
    ctx.db,
    partners.map(({ id }) => id),
  );
  return partners.map(({ id, code }) => {
    const standing = standings.get(id)!;
    const now = coming.asItStands(standing);
    const then = coming.atThisPace(standing);
    const told = {
      partner: code,
      tier: standing.tier,
      evaluatedOn: coming.evaluatedOn,
      currency: coming.evaluator.currency,
    };
    if (isMissingRate(now) || isMissingRate(then)) {
      const missing = toldMissingRate(code, isMissingRate(now) ? now : (then as MissingRate));
      const nothing = { revenue: null, projected: null, asItStands: null, atThisPace: null };
      return { ...told, ...nothing, customers: coming.measuresOf(id).customers, missing };
    }
    return {
      ...told,
      revenue: coming.average(now),
      projected: coming.average(then),
      customers: now.customers,
      asItStands: now,
      atThisPace: then,
      missing: null,
    };
  });
}

/** The evaluation of this month's end, before it can be made. */
export class ComingEvaluation {
  readonly evaluatedOn: string;
  readonly evaluator: TierEvaluator;
  readonly #lastAccrued: string | null;
  readonly #window: ReadonlyMap<number, PartnerMeasures>;
  readonly #month: ReadonlyMap<number, PartnerMeasures>;
  /** Days of the month that are over, and that are not. */
  readonly #days: { readonly over: number; readonly left: number };

  private constructor(
    evaluator: TierEvaluator,
    lastAccrued: string | null,
    measures: {
      readonly window: ReadonlyMap<number, PartnerMeasures>;
      readonly month: ReadonlyMap<number, PartnerMeasures>;
    },
    days: { readonly over: number; readonly left: number },
  ) {
    this.evaluator = evaluator;
    this.evaluatedOn = evaluator.evaluatedOn;
    this.#lastAccrued = lastAccrued;
    this.#window = measures.window;
    this.#month = measures.month;
    this.#days = days;
  }

  /** Of all partners or of one. Reads only. */
  static async load(ctx: Context, partnerId: number | null): Promise<ComingEvaluation> {
    const day = today(ctx);
    const end = monthEnd(day);
    const days = { over: daysBetween(monthStart(day), day), left: daysBetween(day, addDays(end, 1)) };
    return await ctx.db.transaction(async (tx) => {
      const knownSeq = await latestKnownSeq(tx);
      const evaluator = await TierEvaluator.load(tx, end, knownSeq);
      const { from } = tierWindow(end, evaluator.policy.months);
      const since = async (first: string) => await tierMeasures(tx, { from: first, to: day }, knownSeq, partnerId);
      const window = await since(from);
      const month = from === monthStart(day) ? window : await since(monthStart(day));
      return new ComingEvaluation(evaluator, await lastAccruedOn(tx), { window, month }, days);
    });
  }

  measuresOf(partnerId: number): PartnerMeasures {
    return this.#window.get(partnerId) ?? NO_MEASURES;
  }

  asItStands(standing: StandingRow): NewEvaluation | MissingRate {
    return this.evaluator.evaluate(this.measuresOf(standing.partnerId), standing, this.#lastAccrued);
  }

  atThisPace(standing: StandingRow): NewEvaluation | MissingRate {
    const { over, left } = this.#days;
    const { amounts, customers } = this.measuresOf(standing.partnerId);
    const ofMonth = new Map(
      (this.#month.get(standing.partnerId) ?? NO_MEASURES).amounts.map((one) => [one.currency, one.minor]),
    );
    const projected = amounts.map(({ currency, minor }) => ({
      currency,
      minor:
        over === 0
          ? minor
          : minor + divRoundHalfAwayFromZero((ofMonth.get(currency) ?? 0n) * BigInt(left), BigInt(over)),
    }));
    return this.evaluator.evaluate({ amounts: projected, customers }, standing, this.#lastAccrued);
  }

  /** Of a month of the window. */
  average({ revenue }: Pick<NewEvaluation, 'revenue'>): bigint {
    return divRoundHalfAwayFromZero(revenue, BigInt(this.evaluator.policy.months));
  }
}
