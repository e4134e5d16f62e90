import {
  commissionsOfEvent,
  findEvents,
  laterActs,
  namePartners,
  nameRules,
  openHoldsOf,
  type CommissionRow,
  type EventDetail,
  type HoldRow,
  type LaterAct,
  type NamedRule,
} from '../../db/queries/commissions.ts';
import { takenBackBy } from '../../db/queries/reviews.ts';
import { businessDate } from '../../domain/dates.ts';
import { IntegrityError, NotFoundError, RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import { fxRatesById } from '../../db/queries/fx.ts';
import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { loadFxRates } from '../../db/queries/rule-book.ts';
import { costOrigin } from '../../db/queries/subscription-costs.ts';
import { waitOf } from '../../db/queries/waiting-events.ts';
import { howFound } from '../../domain/fx.ts';
import type { Decision, Deferral, TraceStep } from '../../domain/rating/model.ts';
import { isDeferred } from '../../domain/rating/rate.ts';
import type { Context } from '../context.ts';
import { commissionView, type Commission } from './commission-view.ts';
import { rateAgain } from './rate-again.ts';

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
  await tellCost(ctx, event, steps);
  const rows = leg === null ? all : all.filter((row) => row.leg === leg);
  return {
    event: eventView(event),
    decided: all.length > 0,
    entries: rows.map(commissionView),
    steps: stuck
      ? []
      : await named(
          ctx,
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

/** Where the wholesale price came from that a margin was taken of, before the base that it made. */
async function tellCost(ctx: Context, event: EventDetail, steps: TraceStep[]): Promise<void> {
  const place = steps.findIndex(({ step }) => step === 'base');
  const origin = place < 0 ? null : await costOrigin(ctx.db, event);
  if (origin === null) return;
  const { subscription, quantity, knownSeq } = origin;
  const [price, total] = [origin.wholesaleMinor, origin.totalMinor].map((minor) =>
    formatMinor(BigInt(minor), event.currency),
  ) as [string, string];
  const text = `${quantity} × ${price} of subscription ${subscription}, as known at change ${knownSeq}: ${total}`;
  steps.splice(place, 0, { step: 'wholesale', leg: null, text, facts: { subscription, quantity, price, total } });
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

export interface WhyNot extends Explanation {
  /** What stands between the event and a payment, each with what would change it. */
  readonly obstacles: readonly Obstacle[];
}

interface Obstacle {
  readonly code: string;
  readonly text: string;
  readonly remedy: string | null;
}

const ZERO_TEXT: Readonly<Record<string, { text: string; remedy: string | null }>> = {
  no_rule: {
    text: 'no rule covers it',
    remedy: 'revshare rule set … with a scope that contains it, for sales to come',
  },
  excluded: {
    text: 'an exclusion covers it',
    remedy: 'a rule at a narrower scope with --include lifts it, for sales to come',
  },
  zero_rate: { text: 'the rule that wins pays 0 %', remedy: 'a rule at a narrower scope, for sales to come' },
  rule_currency: {
    text: 'the rule that wins pays a fixed amount in another currency',
    remedy: 'a rule in the currency of the sale',
  },
  zero_sale: { text: 'the sale is of 0', remedy: null },
  over_collected: {
    text: 'more was collected than the sale is worth; the sale had earned all of it already',
    remedy: null,
  },
  sale_unknown: {
    text: 'the sale it belongs to has no recorded payment yet',
    remedy: 'import the payment; it then counts by itself',
  },
  no_agreement: { text: 'nobody had an agreement for the instance on the date of the sale', remedy: null },
  house_partner: { text: 'the partner is the house, which never earns', remedy: null },
  percentage_only: {
    text: 'a credit without a sale follows the percentage part of a rule, and this rule has none',
    remedy: 'map sale_ref, so that credits find their sale',
  },
  no_base: {
    text: 'the rule that wins pays a part of the margin, and nobody said what the sale cost',
    remedy: 'map wholesale_net, or let one subscription be in force at its date, for sales to come',
  },
  no_account: {
    text: 'the rule that wins counts per account, and the sale names none',
    remedy: 'map account, for sales to come',
  },
  self_referral: { text: 'the partner earns of this sale already, at a level below', remedy: null },
  first_sale_only: {
    text: 'the account was won under a rule that pays for its first sale only, and this is a later one',
    remedy: null,
  },
  earning_ended: { text: 'the months that the account earns for were over on the date of the sale', remedy: null },
  product_limit: {
    text: 'the rule that wins is limited to other products',
    remedy: 'add the product to the rule, for sales to come; no wider rule steps in',
  },
  territory: {
    text: 'the customer is outside the territory of the rule that wins, or nobody said where it is',
    remedy: 'say where it is (country of the event or of the account), or widen the rule, for sales to come',
  },
  below_minimum_sale: { text: 'the sale is smaller than the rule that wins wants', remedy: null },
  cap_reached: { text: 'the cap of the rule was used up by earlier sales of its window', remedy: null },
  share_cap: {
    text: 'the shares below it come to all that a sale may pay out',
    remedy: 'the setting share_cap_ppm says how much that is',
  },
  reattributed: { text: 'the share went to somebody else when the account did', remedy: null },
  voided: { text: 'the event was voided before it was decided', remedy: null },
  rounds_to_zero: { text: 'its share is less than half of the smallest unit', remedy: null },
  unchanged: { text: 'it did not change what the sale has earned', remedy: null },
};

/** Why an event earned nothing, or why what it earned is not payable. Reads only; throws as explainCommission does. */
export async function whyNotCommission(ctx: Context, reference: string): Promise<WhyNot> {
  const explanation = await explainCommission(ctx, reference);
  const today = businessDate(ctx.clock.now(), ctx.zone);
  const obstacles: Obstacle[] = [];
  const { event } = explanation;
  if (explanation.waitsFor !== null) obstacles.push(rateObstacle(explanation.waitsFor, today));
  if (!explanation.decided && explanation.waitsFor === null) {
    obstacles.push({
      code: 'undecided',
      text: `it is not accrued yet (business date ${event.occurredOn})`,
      remedy: `revshare job run accrue-commissions${event.occurredOn > today ? `, from ${event.occurredOn} on` : ''}`,
    });
  }
  for (const entry of explanation.entries) {
    if (Number(entry.amount) === 0) {
      const reason = entry.reason ?? 'unchanged';
      obstacles.push({ code: reason, ...(ZERO_TEXT[reason] ?? { text: reason, remedy: null }) });
      continue;
    }
    if (!entry.posted) {
      obstacles.push({
        code: 'unposted',
        text: 'its run was interrupted before posting',
        remedy: 'revshare job run accrue-commissions',
      });
    }
    for (const hold of await holdsOf(ctx, event, entry)) {
      obstacles.push({
        code: hold.reason,
        text: `held since ${hold.since} by ${hold.by}`,
        remedy: holdRemedy(hold.reason, entry),
      });
    }
    if (entry.status === 'pending') obstacles.push(waiting(entry));
    if (entry.status === 'rejected' || entry.status === 'cancelled') {
      obstacles.push({ code: entry.status, text: await takenBackText(ctx, entry), remedy: null });
      continue;
    }
    if (entry.payableOn > today) {
      obstacles.push({ code: 'not_yet_payable', text: `payable on ${entry.payableOn}`, remedy: null });
    }
  }
  return { ...explanation, obstacles };
}

/** A negative is approved with what it takes back (SEMANTICS §4); everything else by somebody. */
function waiting({ entry, amount }: Commission): Obstacle {
  return amount.startsWith('-')
    ? {
        code: 'pending',
        text: 'what it takes back is not approved yet: it is approved with that, and rejected with it',
        remedy: null,
      }
    : {
        code: 'pending',
        text: 'it is not approved yet',
        remedy: `revshare commission approve ${entry}, or job run approve-due where that is the policy`,
      };
}

async function takenBackText(ctx: Context, { entry, status }: Commission): Promise<string> {
  const review = await takenBackBy(ctx.db, entry);
  return review === null ? `it was ${status}` : `${status} by ${review.by} (review ${review.id}): ${review.reason}`;
}

function rateObstacle({ base, quote, on, known }: AwaitedRate, today: string): Obstacle {
  const accrue = `revshare job run accrue-commissions --for ${today}`;
  return known
    ? {
        code: 'waiting',
        text: `it had to wait for a rate ${base}/${quote} of ${on}, which is known by now`,
        remedy: accrue,
      }
    : {
        code: 'fx_rate_missing',
        text: `it waits for a rate ${base}/${quote} of ${on}, or of the days before that it may be taken from`,
        remedy: `revshare fx import FILE, then ${accrue}; \`revshare fx rate ${base} ${quote} --on ${on}\` tells what is looked for`,
      };
}

/** What lifts a hold: a partner's and an instance's are lifted with what made them. */
function holdRemedy(reason: string, entry: Commission): string | null {
  if (reason === 'partner_frozen') return `revshare partner activate ${entry.partner}`;
  return reason === 'instance_suspended' ? null : `revshare commission release ${entry.entry} --reason ${reason}`;
}

async function holdsOf(ctx: Context, event: ExplainedEvent, entry: Commission): Promise<HoldRow[]> {
  if (entry.status !== 'held') {
    return [];
  }
  const row = (await commissionsOfEvent(ctx.db, event.id)).find(
    (candidate) => `${candidate.eventId}.${candidate.leg}` === entry.entry,
  );
  return row === undefined ? [] : await openHoldsOf(ctx.db, row);
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

/** The trace speaks in identities, because that is all the domain knows; people read codes. */
async function named(ctx: Context, steps: readonly TraceStep[]): Promise<TraceStep[]> {
  const mentioned = steps.flatMap((step) =>
    [...step.text.matchAll(/rule version (\d+)/g)].map((match) => Number(match[1])),
  );
  const rules = new Map((await nameRules(ctx.db, [...new Set(mentioned)])).map((rule) => [rule.versionId, rule]));
  const partners = await namePartners(ctx.db);
  const told = await Promise.all(
    steps.map(async (step) => (step.step === 'conversion' ? [await rateStep(ctx, step), step] : [step])),
  );
  return told.flat().map((step) => {
    const rule = rules.get(step.facts['rule_version_id'] as number);
    const partner = partners.get(step.facts['partner_id'] as number);
    const text = step.text
      .replace(/^rule version (\d+), [a-z]+( \S+?)?( \+ product \d+)?,/, (whole, id: string) => {
        const found = rules.get(Number(id));
        return found === undefined ? whole : `rule ${found.ruleId}, ${scopeOf(found)},`;
      })
      .replace(/rule version (\d+)/g, (whole, id: string) => {
        const found = rules.get(Number(id));
        return found === undefined ? whole : `rule ${found.ruleId}`;
      });
    return {
      ...step,
      text: partner === undefined ? text : `${partner}: ${text}`,
      facts: {
        ...step.facts,
        ...(rule === undefined ? {} : { rule: rule.ruleId, rule_scope: scopeOf(rule) }),
        ...(partner === undefined ? {} : { partner }),
      },
    };
  });
}

/** Where the rate of a conversion comes from: the recorded rates that the entry froze with it. */
async function rateStep(ctx: Context, { leg, facts }: TraceStep): Promise<TraceStep> {
  const {
    from,
    to,
    fx_rate: rate,
    fx_rate_ids: ids,
  } = facts as Record<'from' | 'to' | 'fx_rate' | 'fx_rate_ids', string>;
  const rates = await fxRatesById(ctx.db, ids.split(',').map(Number));
  const how = howFound(from, rates);
  const way = rates.map((one) => `${one.base}/${one.quote}@${one.date} ${one.rate} (${one.source})`).join(', ');
  return {
    step: 'rate',
    leg,
    text: `${rate} ${to} for one ${from}: ${HOW_TEXT[how]} ${way}`,
    facts: { fx_rate: rate, fx_how: how, fx_from: way },
  };
}

const HOW_TEXT = { direct: 'as recorded,', inverse: 'turned around,', cross: 'crossed over' } as const;

const scopeOf = ({ scope, product }: NamedRule): string => (product === null ? scope : `${scope} product=${product}`);
