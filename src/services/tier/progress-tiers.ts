import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { insertEvaluations, moveTiers, type NewEvaluation } from '../../db/queries/tier-evaluations.ts';
import {
  partnersToEvaluate,
  tierMeasures,
  tierStandings,
  type EvaluatedPartner,
  type PartnerMeasures,
} from '../../db/queries/tier-standings.ts';
import type { Connection } from '../../db/connection.ts';
import { UsageError } from '../../domain/errors.ts';
import { lastMonthEnd, tierWindow } from '../../domain/tiers/dates.ts';
import { TIER_VERDICTS } from '../../domain/tiers/evaluate.ts';
import { leaseLost, type DecidingRun } from '../accrual/post-run.ts';
import type { Context, Unit } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { isMissingRate, NO_MEASURES, TierEvaluator, toldMissingRate } from './evaluator.ts';
import { holdTiers } from './hold-tiers.ts';

export interface TierProgress {
  /** The month-end that was evaluated. */
  readonly evaluated_on: string;
  readonly partners: number;
  /** How many evaluations ended how. */
  readonly verdicts: Readonly<Record<string, number>>;
  /** Partners that have another tier now. */
  readonly moved: number;
  /** Moves that wait for a person. */
  readonly proposed: number;
  /** Who has another tier now, or would if somebody approved it. */
  readonly moves: readonly ProgressedPartner[];
  /** Who could not be evaluated, and why. */
  readonly left: readonly string[];
}

export interface ProgressedPartner {
  readonly partner: string;
  readonly from: string | null;
  readonly to: string;
  /** First day, at the earliest. */
  readonly on: string;
}

export interface ProgressOptions {
  /** The last day that is over for this run: the latest month-end up to it is evaluated. */
  readonly asOf: string;
  /** Only this partner. */
  readonly partner?: string | undefined;
  readonly chunkPartners?: number | undefined;
}

/** Partners that one transaction evaluates and moves. */
const CHUNK_PARTNERS = 5_000;

/**
 * Evaluates every partner that has not been evaluated yet for the latest month-end up to a day, stores what it was made
 * from, and moves whom the policy moves at once: from the day after the month-end, or after the last that may be decided, so
 * that nothing decided is rated anew. Who needs an exchange rate that is not there is left, told, and tried again by the next
 * run. Chunks commit one by one under the run's lease; a killed run's work is gone on with.
 *
 * Writes. Throws UsageError `day_not_over`, NotFoundError `partner_not_found`, UnavailableError `lease_lost`.
 * Source: SEMANTICS §8.
 */
export async function progressTiers(
  work: { ctx: Context; unit: Unit; run: DecidingRun },
  { asOf, partner, chunkPartners = CHUNK_PARTNERS }: ProgressOptions,
): Promise<TierProgress> {
  const { ctx, unit, run } = work;
  const evaluatedOn = lastMonthEnd(asOf);
  const { evaluator, partners, measures } = await unit(async (tx) => {
    const partnerId = partner === undefined ? null : (await findPartner(tx, partner, today(ctx))).id;
    const loaded = await TierEvaluator.load(tx, evaluatedOn, run.knownSeq);
    const waiting = await partnersToEvaluate(tx, evaluatedOn, partnerId);
    const window = tierWindow(evaluatedOn, loaded.policy.months);
    return {
      evaluator: loaded,
      partners: waiting,
      measures:
        waiting.length === 0
          ? new Map<number, PartnerMeasures>()
          : await tierMeasures(tx, window, run.knownSeq, partnerId),
    };
  });
  const done: (NewEvaluation & EvaluatedPartner)[] = [];
  const left: string[] = [];
  const named = new Map(partners.map((one) => [one.id, one]));
  for (let at = 0; at < partners.length; at += chunkPartners) {
    const chunk = partners.slice(at, at + chunkPartners);
    await unit(async (tx) => {
      const { found, missing } = await evaluateChunk(
        tx,
        run,
        evaluator,
        chunk,
        (id) => measures.get(id) ?? NO_MEASURES,
      );
      left.push(...missing);
      if (found.length === 0) return;
      const ids = await insertEvaluations(tx, run, evaluator, found);
      if (ids === 'lost') throw leaseLost(run);
      const moving = found.flatMap((one, index) => (moves(one) ? [{ one, evaluationId: ids[index]! }] : []));
      if (moving.length > 0 && evaluator.policy.mode === 'auto') {
        await moveTiers(
          tx,
          moving.map(({ one: { partnerId, tier, effectiveOn }, evaluationId }) => ({
            partnerId,
            tier,
            from: effectiveOn,
            evaluationId,
            pinId: null,
          })),
          await drawKnownSeq(tx, `tiers by the evaluation of ${evaluatedOn}`),
        );
      }
      done.push(...found.map((one) => ({ ...one, ...named.get(one.partnerId)! })));
    });
    ctx.progress.step('evaluating tiers', Math.min(at + chunkPartners, partners.length), partners.length);
  }
  ctx.progress.done();
  return { ...summed(done, evaluator), left };
}

/** @throws UsageError `day_not_over` for a day that more may still happen on */
export function assertDayOver(ctx: Pick<Context, 'clock' | 'zone'>, asOf: string): void {
  const now = today(ctx);
  if (asOf < now) return;
  throw new UsageError('day_not_over', `${asOf} is not over: today is ${now} (${ctx.zone})`, {
    hint: 'an evaluation is made once, of months that are over; `revshare tier forecast` tells how this one stands',
  });
}

async function evaluateChunk(
  tx: Connection,
  run: DecidingRun,
  evaluator: TierEvaluator,
  chunk: readonly EvaluatedPartner[],
  measuresOf: (partnerId: number) => PartnerMeasures,
): Promise<{ readonly found: NewEvaluation[]; readonly missing: string[] }> {
  // No accrual begins, nor does anybody pin or approve, between what is read here and the commit.
  const lastAccrued = await holdTiers(tx, run.leaseSeconds);
  const standings = await tierStandings(
    tx,
    chunk.map(({ id }) => id),
  );
  const found: NewEvaluation[] = [];
  const missing: string[] = [];
  for (const { id, code } of chunk) {
    const one = evaluator.evaluate(measuresOf(id), standings.get(id)!, lastAccrued);
    if (isMissingRate(one)) missing.push(toldMissingRate(code, one));
    else found.push(one);
  }
  return { found, missing };
}

const moves = ({ verdict }: NewEvaluation): boolean => verdict === 'up' || verdict === 'down';

function summed(
  done: readonly (NewEvaluation & EvaluatedPartner)[],
  { evaluatedOn, policy }: TierEvaluator,
): Omit<TierProgress, 'left'> {
  const counts = TIER_VERDICTS.map(
    (verdict) => [verdict, done.filter((one) => one.verdict === verdict).length] as const,
  );
  const moving = policy.mode === 'manual' ? [] : done.filter(moves);
  return {
    evaluated_on: evaluatedOn,
    partners: done.length,
    verdicts: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    moved: policy.mode === 'auto' ? moving.length : 0,
    proposed: policy.mode === 'recommend' ? moving.length : 0,
    moves: moving.map(({ code, tierFrom, tier, effectiveOn }) => ({
      partner: code,
      from: tierFrom,
      to: tier,
      on: effectiveOn,
    })),
  };
}
