import { addMonthsClamped } from '../dates.ts';

/**
 * Which tier a partner has earned, and what becomes of the one it has. One pure function: the nightly job, `tier explain` and
 * `tier forecast` ask it, and the database says the same again by itself (judge_tier). Source: SEMANTICS §8.
 */

/** What a tier asks for, every month of the window: revenue in the programme's currency and customers, both. */
export interface Step {
  readonly tier: string;
  readonly rank: number;
  readonly minRevenue: bigint;
  readonly minCustomers: number;
}

export const TIER_MODES = ['auto', 'recommend', 'manual'] as const;
export const TIER_WINDOWS = [1, 3, 12] as const;

export interface TierPolicy {
  /** auto: moves; recommend: proposes, and a person approves; manual: only says. */
  readonly mode: (typeof TIER_MODES)[number];
  /** Months that are averaged. */
  readonly months: (typeof TIER_WINDOWS)[number];
  /** How many evaluations in a row are missed when a partner is lowered: 1, the first. */
  readonly grace: number;
  /** For how many months a tier is kept at least. */
  readonly tenureMonths: number;
}

export const DEFAULT_TIER_POLICY: TierPolicy = { mode: 'auto', months: 1, grace: 2, tenureMonths: 0 };

/** Payments less returns of the window, all of it, in minor units; and who of the partner's customers paid in it. */
export interface Measures {
  readonly revenue: bigint;
  readonly customers: number;
}

/** Where a partner stands when it is evaluated. */
export interface Standing {
  /** Null: in no tier yet. */
  readonly tier: string | null;
  readonly rank: number;
  /** Its first day in it; null: from the beginning. */
  readonly since: string | null;
  /** Evaluations missed in a row before this one, in this tier. */
  readonly misses: number;
  readonly pinned: boolean;
}

export const TIER_VERDICTS = ['stays', 'up', 'down', 'missed', 'kept', 'pinned'] as const;

export interface TierVerdict {
  /** The highest tier whose thresholds are met. */
  readonly qualifiesFor: string;
  /**
   * missed: below, within grace; kept: below, but not long enough in the tier; pinned: whatever it earned, a person keeps it.
   */
  readonly verdict: (typeof TIER_VERDICTS)[number];
  /** The tier it is to have; the one it has, but for `up` and `down`. */
  readonly tier: string;
  /** Evaluations missed in a row with this one. */
  readonly misses: number;
}

/** Whether both thresholds are met; of the average, without rounding it. */
export function meets({ revenue, customers }: Measures, step: Step, months: number): boolean {
  return revenue >= step.minRevenue * BigInt(months) && customers >= step.minCustomers;
}

/**
 * Up to whatever was earned; down one level, when `grace` evaluations in a row were missed and the tier was had long
 * enough. The lowest tier has everyone.
 * @param effectiveOn the day from which a move would count
 * @throws RangeError for a ladder without steps
 */
export function evaluateTier(
  measures: Measures,
  standing: Standing,
  ladder: readonly Step[],
  policy: TierPolicy,
  effectiveOn: string,
): TierVerdict {
  const falling = ladder.toSorted((a, b) => b.rank - a.rank);
  const lowest = falling.at(-1);
  if (lowest === undefined) throw new RangeError('there is no tier to be in');
  const earned = falling.find((step) => meets(measures, step, policy.months)) ?? lowest;
  const says = (verdict: TierVerdict['verdict'], tier: string, misses: number): TierVerdict => ({
    qualifiesFor: earned.tier,
    verdict,
    tier,
    misses,
  });
  if (standing.tier === null) return says('up', earned.tier, 0);
  if (standing.pinned) return says('pinned', standing.tier, 0);
  if (earned.rank > standing.rank) return says('up', earned.tier, 0);
  if (earned.rank === standing.rank) return says('stays', standing.tier, 0);
  const misses = standing.misses + 1;
  if (misses < policy.grace) return says('missed', standing.tier, misses);
  const { since } = standing;
  if (since !== null && addMonthsClamped(since, policy.tenureMonths) > effectiveOn) {
    return says('kept', standing.tier, misses);
  }
  const below = falling.find(({ rank }) => rank < standing.rank)!;
  return says('down', below.tier, misses);
}
