import {
  commissionsOfEvent,
  findEvents,
  laterActs,
  type CommissionRow,
  type EventDetail,
  type LaterAct,
} from '../../db/queries/commissions.ts';
import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { loadFxRates } from '../../db/queries/rule-book.ts';
import { waitOf } from '../../db/queries/waiting-events.ts';
import { IntegrityError, NotFoundError, RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Decision, Deferral, TraceStep } from '../../domain/rating/model.ts';
import { isDeferred } from '../../domain/rating/rate.ts';
import type { Context } from '../context.ts';
import { commissionView, type Commission } from './commission-view.ts';
import { rateAgain } from './rate-again.ts';
import { tellInNames } from './told-in-names.ts';

export interface ExplainedEvent {
  readonly id: number;
  readonly source: string;
  readonly externalId: string;
  readonly kind: string;
  readonly instance: string;
  readonly account: string | null;
  readonly product: string | null;
  readonly saleRef: string | null;
  readonly net: string;
  readonly gross: string;
  readonly currency: string;
  readonly occurredAt: string;
  readonly occurredOn: string;
  readonly recordedAt: string;
  readonly recordedBy: string;
  readonly file: string | null;
}

export interface AwaitedRate {
  readonly base: string;
  readonly quote: string;
  readonly on: string;
  /** Whether one is known by now, so that the next accrual decides it. */
  readonly known: boolean;
}

export interface Explanation {
  readonly event: ExplainedEvent;
  /** False: not accrued yet; the steps then tell what today's rules would decide. */
  readonly decided: boolean;
  readonly entries: readonly Commission[];
  readonly steps: readonly TraceStep[];
  /** The exchange rate that an undecided event waits for, or had to when its turn came; else null. */
  readonly waitsFor: AwaitedRate | null;
  /** The legs of the fresh run, for an undecided event. */
  readonly preview: readonly {
    readonly leg: number;
    readonly amount: string;
    readonly currency: string;
    readonly reason: string | null;
  }[];
  /** What was done to it, or to its sale, since: each an event of its own. */
  readonly since: readonly LaterAct[];
}

/**
 * Why an event, or one of its entries, earned what it did: the stored decision, and a fresh run of the same rating
 * function over what was known when it was decided, told step by step. An undecided event is rated by today's rules and
 * says so, or which exchange rate it waits for.
 *
 * Reads only. Throws NotFoundError; RefusedError `ambiguous_event`; IntegrityError `explain_differs` when the fresh run
 * and the stored decision disagree.
 */
export async function explainCommission(ctx: Context, reference: string): Promise<Explanation> {
  const { event, leg } = await resolve(ctx, reference);
  const all = await commissionsOfEvent(ctx.db, event.id);
  const steps: TraceStep[] = [];
  const outcome = await rateAgain(ctx, event, all, (step) => steps.push(step));
  for (const row of all) {
    assertSame(event, row, outcome);
  }
  const waitsFor = all.length > 0 ? null : await awaitedRate(ctx, event, outcome);
  const stuck = waitsFor !== null && !waitsFor.known;
  const rows = leg === null ? all : all.filter((row) => row.leg === leg);
  return {
    event: eventView(event),
    decided: all.length > 0,
    entries: rows.map(commissionView),
    steps: stuck
      ? []
      : await tellInNames(
          ctx,
          event,
          steps.filter((step) => leg === null || step.leg === null || step.leg === leg),
        ),
    waitsFor,
    preview:
      all.length > 0 || stuck || isDeferred(outcome)
        ? []
        : outcome.legs.map((one) => ({
            leg: one.leg,
            amount: formatMinor(one.amount, one.currency),
            currency: one.currency,
            reason: one.decisionReason,
          })),
    since: await laterActs(ctx.db, event),
  };
}

async function awaitedRate(
  ctx: Context,
  event: EventDetail,
  outcome: Decision | Deferral,
): Promise<AwaitedRate | null> {
  const waitsFor = isDeferred(outcome) ? outcome.waitsFor : await waitOf(ctx.db, event.id);
  if (waitsFor === null) return null;
  const { from: base, to: quote, on } = waitsFor;
  const rates = await loadFxRates(ctx.db, await latestKnownSeq(ctx.db), { base, quote });
  return { base, quote, on, known: rates.find(base, quote, on) !== null };
}

async function resolve(ctx: Context, reference: string): Promise<{ event: EventDetail; leg: number | null }> {
  const entry = /^(\d{1,15})\.(\d{1,4})$/.exec(reference);
  const found = await findEvents(ctx.db, reference);
  if (found.length === 0 && entry !== null) {
    const [event] = await findEvents(ctx.db, entry[1]!);
    if (event !== undefined) {
      return { event, leg: Number(entry[2]) };
    }
  }
  const [event, second] = found;
  if (event === undefined) {
    throw new NotFoundError(
      'event',
      reference,
      'give an event number, an entry EVENT.LEG, an external id, or SOURCE:EXTERNAL_ID',
    );
  }
  // A number is an event's own; an external id may stand in several sources, and a later version is the live one.
  if (
    second !== undefined &&
    String(event.id) !== reference &&
    (second.source !== event.source || second.externalId !== event.externalId)
  ) {
    throw new RefusedError('ambiguous_event', `'${reference}' names ${found.length} events`, {
      hint: `say which: ${found.map((one) => `${one.source}:${one.externalId}`).join(', ')}`,
    });
  }
  return { event, leg: null };
}

function assertSame(event: EventDetail, row: CommissionRow, outcome: Decision | Deferral): void {
  const fresh = isDeferred(outcome) ? undefined : outcome.legs.find((leg) => leg.leg === row.leg);
  const stored = toldDecision({ ...row, amount: BigInt(row.amount) });
  const again =
    fresh === undefined
      ? isDeferred(outcome)
        ? 'that it waits for a rate'
        : 'no such leg'
      : toldDecision({ ...fresh, reason: fresh.decisionReason, fxRateIds: fresh.fxRate?.ids.join(',') ?? null });
  if (stored !== again) {
    throw new IntegrityError(
      'explain_differs',
      `entry ${row.eventId}.${row.leg} says ${stored}, and rating event ${event.id} again says ${again}`,
      {
        hint: 'the books disagree with themselves: run `revshare doctor` and change nothing until it is understood',
      },
    );
  }
}

function toldDecision(decision: {
  readonly amount: bigint;
  readonly currency: string;
  readonly reason: string | null;
  readonly ruleVersionId: number | null;
  readonly fxRateIds: string | null;
}): string {
  const { amount, currency, reason, ruleVersionId, fxRateIds } = decision;
  const rates = fxRateIds === null ? '' : `, exchange rate ${fxRateIds}`;
  return `${formatMinor(amount, currency)} (${reason ?? 'earned'}, rule version ${ruleVersionId ?? 'none'}${rates})`;
}

function eventView(event: EventDetail): ExplainedEvent {
  const {
    id,
    source,
    externalId,
    kind,
    instance,
    account,
    product,
    saleRef,
    currency,
    occurredAt,
    occurredOn,
    recordedAt,
    recordedBy,
  } = event;
  const money = (minor: string): string => formatMinor(BigInt(minor), currency);
  return {
    id,
    source,
    externalId,
    kind,
    instance,
    account,
    product,
    saleRef,
    net: money(event.net),
    gross: money(event.gross),
    currency,
    occurredAt,
    occurredOn,
    recordedAt,
    recordedBy,
    file: event.fileName,
  };
}
