import { tierStandings } from '../../db/queries/tier-standings.ts';
import { addMonthsClamped } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import { formatRate, ratioPpm, WHOLE_PPM } from '../../domain/rates.ts';
import { monthEnd } from '../../domain/tiers/dates.ts';
import type { TierPolicy, TierVerdict } from '../../domain/tiers/evaluate.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { isMissingRate, toldMissingRate } from './evaluator.ts';
import { ComingEvaluation } from './forecast-tiers.ts';
import { tiersOn, type Tier } from './tier-view.ts';

/** A measure and what the tiers ask of it. */
export interface ExplainedMeasure {
  readonly measure: 'revenue a month' | 'customers';
  readonly has: string;
  /** What the tier it has asks for. */
  readonly asked: string | null;
  /** What the next one asks for, and what is missing for it. */
  readonly next: string | null;
  readonly missing: string | null;
}

/** What a tier gives beside the one below and the one above: what would be lost, and won. */
export interface ExplainedBenefit {
  readonly what: string;
  readonly below: string | null;
  readonly now: string | null;
  readonly next: string | null;
}

export interface ExplainedTier {
  readonly partner: string;
  readonly tier: string | null;
  readonly since: string | null;
  readonly pinnedUntil: string | null;
  readonly below: string | null;
  readonly next: string | null;
  /** The month-end that is evaluated next, what has come in so far being counted. */
  readonly evaluatedOn: string;
  readonly currency: string;
  readonly policy: TierPolicy;
  readonly verdict: TierVerdict;
  /** Evaluations missed in a row so far. */
  readonly misses: number;
  /** The month-end whose evaluation lowers it if it goes on like this; null while it has what its tier asks for. */
  readonly loweredOn: string | null;
  readonly measures: readonly ExplainedMeasure[];
  /** How far to the next tier: of both measures the lesser, in millionths; null at the top. */
  readonly progressPpm: number | null;
  readonly benefits: readonly ExplainedBenefit[];
}

/**
 * Why a partner is in its tier, by what has come in up to yesterday: each measure, what is missing for the next tier, what
 * would be lost with this one, and until when grace runs. By the evaluator itself. Reads only.
 * Throws NotFoundError `partner_not_found`, RefusedError `fx_rate_missing`. Source: SEMANTICS §8.
 */
export async function explainTier(ctx: Context, code: string): Promise<ExplainedTier> {
  const day = today(ctx);
  const { id } = await findPartner(ctx.db, code, day);
  const coming = await ComingEvaluation.load(ctx, id);
  const standing = (await tierStandings(ctx.db, [id])).get(id)!;
  const found = coming.asItStands(standing);
  if (isMissingRate(found)) throw new RefusedError('fx_rate_missing', toldMissingRate(code, found));
  const { policy, currency } = coming.evaluator;
  const tiers = await tiersOn(ctx.db, coming.evaluatedOn);
  const at = tiers.findIndex(({ tier }) => tier === standing.tier);
  const around = { below: tiers[at - 1] ?? null, now: tiers[at] ?? null, next: tiers[at + 1] ?? null };
  const money = (minor: bigint) => `${formatMinor(minor, currency)} ${currency}`;
  const average = coming.average(found);
  return {
    partner: code,
    tier: standing.tier,
    since: standing.since,
    pinnedUntil: found.pinId === null ? null : standing.pin!.until,
    below: around.below?.tier ?? null,
    next: around.next?.tier ?? null,
    evaluatedOn: coming.evaluatedOn,
    currency,
    policy,
    verdict: found,
    misses: standing.misses,
    loweredOn: loweredOn(found.verdict, standing, policy, coming.evaluatedOn),
    measures: [
      {
        measure: 'revenue a month',
        has: money(average),
        ...asked(around, ({ minRevenueMinor }) => minRevenueMinor, average, money),
      },
      {
        measure: 'customers',
        has: String(found.customers),
        ...asked(around, ({ minCustomers }) => BigInt(minCustomers), BigInt(found.customers), String),
      },
    ],
    progressPpm: progressTo(around.next, average, found.customers),
    benefits: benefitsOf(around),
  };
}

function progressTo(next: Tier | null, revenue: bigint, customers: number): number | null {
  if (next === null) return null;
  const reached = [
    ratioPpm(revenue > 0n ? revenue : 0n, next.minRevenueMinor),
    ratioPpm(customers, next.minCustomers),
  ].map((ppm) => Math.min(WHOLE_PPM, ppm ?? WHOLE_PPM));
  return Math.min(...reached);
}

type Around = Readonly<Record<'below' | 'now' | 'next', Tier | null>>;

function asked(
  { now, next }: Around,
  of: (tier: Tier) => bigint,
  has: bigint,
  written: (value: bigint) => string,
): Pick<ExplainedMeasure, 'asked' | 'next' | 'missing'> {
  const missing = next === null ? null : of(next) - has;
  return {
    asked: now === null ? null : written(of(now)),
    next: next === null ? null : written(of(next)),
    missing: missing === null || missing <= 0n ? null : written(missing),
  };
}

const BENEFITS: readonly (readonly [what: string, of: (tier: Tier) => string | null])[] = [
  ['commission', ({ ratePpm }) => (ratePpm === null ? null : formatRate(ratePpm))],
  ['support', ({ support }) => support],
  ['account manager', ({ accountManager }) => (accountManager ? 'yes' : 'no')],
  ['API calls an hour', ({ apiCallsHour }) => (apiCallsHour === null ? null : String(apiCallsHour))],
];

function benefitsOf({ below, now, next }: Around): ExplainedBenefit[] {
  const named = new Set([below, now, next].flatMap((tier) => Object.keys(tier?.benefits ?? {})));
  const all = [
    ...BENEFITS,
    ...[...named].sort().map((name) => [name, (tier: Tier) => tier.benefits[name] ?? null] as const),
  ];
  const said = (tier: Tier | null, of: (tier: Tier) => string | null) => (tier === null ? null : of(tier));
  return all.map(([what, of]) => ({ what, below: said(below, of), now: said(now, of), next: said(next, of) }));
}

/** When whoever misses now is lowered if it goes on missing: grace and tenure both over. */
function loweredOn(
  verdict: TierVerdict['verdict'],
  { misses, since }: { readonly misses: number; readonly since: string | null },
  { grace, tenureMonths }: TierPolicy,
  evaluatedOn: string,
): string | null {
  if (verdict !== 'missed' && verdict !== 'kept' && verdict !== 'down') return null;
  const byGrace = monthEnd(addMonthsClamped(evaluatedOn.slice(0, 7) + '-01', Math.max(1, grace - misses) - 1));
  const free = since === null ? null : addMonthsClamped(since, tenureMonths);
  // The evaluation whose next day is the first on which the tenure is over.
  const byTenure =
    free === null ? byGrace : monthEnd(addMonthsClamped(free.slice(0, 7) + '-01', free.endsWith('-01') ? -1 : 0));
  return byGrace > byTenure ? byGrace : byTenure;
}
