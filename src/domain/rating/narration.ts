import { minorUnits } from '../currencies.ts';
import { formatMinor, formatScaled } from '../money.ts';
import { formatRate } from '../rates.ts';
import type { DecidedLeg, RatedEvent, RuleVersion, Sale, SaleState, Trace, TraceStep } from './model.ts';
import { whyItLost } from './precedence.ts';
import type { EarningPlace, Place, RuleBook } from './rule-book.ts';
import type { SaleProgress, SaleTerms, Sums } from './sale.ts';

/**
 * Tells how a decision came about, for `commission explain`. Nothing here decides: it retells values that rating has
 * settled, as decimal strings. It runs for one event at a time and may take its time.
 */

/** The story of a payment or signup that is its own sale. */
export function narrateOwnSale(
  trace: Trace,
  event: RatedEvent,
  terms: SaleTerms,
  legs: readonly DecidedLeg[],
  book: RuleBook,
): void {
  tellDates(trace, event, terms.saleDate, 'the event is its own sale and is rated by its own date', book.knownSeq);
  for (const leg of legs) {
    tellTerms(trace, leg, terms, terms.saleDate, book);
    tellFull(trace, leg, event.currency, ruleOf(leg, terms, terms.saleDate, book));
    tellAmount(trace, leg, event.currency, null);
  }
}

/** The story of an event of a known sale; `shares` are the frozen shares with what they had posted before it. */
export function narrateSaleEvent(
  trace: Trace,
  event: RatedEvent,
  terms: SaleTerms,
  shares: SaleState['shares'],
  progress: SaleProgress,
  legs: readonly DecidedLeg[],
  book: RuleBook,
): void {
  tellDates(trace, event, terms.saleDate, 'the sale is rated by its own date, for all of its events', book.knownSeq);
  tellSale(trace, terms.currency, terms.saleNet, progress);
  legs.forEach((leg, index) => {
    const posted = shares[index]!.posted;
    tellTerms(trace, leg, terms, terms.saleDate, book);
    tellFull(trace, leg, terms.currency, ruleOf(leg, terms, terms.saleDate, book));
    tellTarget(trace, leg, terms, progress, posted + leg.amount);
    tellAmount(trace, leg, terms.currency, posted);
  });
}

/** The story of an event whose sale has not been seen yet. */
export function narrateUnknownSale(trace: Trace, event: RatedEvent, sale: Sale, sums: Sums, book: RuleBook): void {
  tellDates(trace, event, null, 'the sale is not known until its first payment', book.knownSeq);
  tellSale(trace, sale.currency, sale.saleNet, { sums, collectedBefore: 0n, collected: 0n });
  tell(trace, 'amount', null, 'nothing is decided yet; the event counts as soon as the sale is known', {
    amount: formatMinor(0n, event.currency),
    reason: 'sale_unknown',
  });
}

/** The story of a return, credit or adjustment without a sale. */
export function narrateUnlinked(trace: Trace, event: RatedEvent, leg: DecidedLeg, book: RuleBook): void {
  const why = 'the event names no sale, so the rule of its own date decides, percentage part only, limits ignored';
  tellDates(trace, event, event.occurredOn, why, book.knownSeq);
  tellTerms(trace, leg, event, event.occurredOn, book);
  tellFull(trace, leg, event.currency, ruleOf(leg, event, event.occurredOn, book));
  tellAmount(trace, leg, event.currency, null);
}

// ── The steps, each told once ─────────────────────────────────────────────────────────────────────────────────────

function tellDates(trace: Trace, event: RatedEvent, ratedOn: string | null, why: string, knownSeq: number): void {
  tell(trace, 'dates', null, why, { occurred_on: event.occurredOn, rated_on: ratedOn, known_seq: knownSeq });
}

/** Who earns, and every rule that could have applied with what became of it. */
function tellTerms(trace: Trace, leg: DecidedLeg, place: Place, date: string, book: RuleBook): void {
  const { partnerId, tier } = leg;
  if (partnerId === null) {
    tell(trace, 'partner', leg.leg, `no agreement for the instance is in force on ${date}`, { partner_id: null });
    return;
  }
  const house = book.isHouse(partnerId);
  tell(
    trace,
    'partner',
    leg.leg,
    house ? 'a house partner never earns' : `earns by the agreement in force on ${date}`,
    {
      partner_id: partnerId,
      tier,
      house,
    },
  );
  if (leg.knownSeq !== book.knownSeq) {
    const text = `the first decision of the sale chose the rule, as known at ${leg.knownSeq}`;
    tell(trace, 'candidate', leg.leg, text, { rule_version_id: leg.ruleVersionId, outcome: 'wins', why: 'frozen' });
    return;
  }
  tellCandidates(trace, leg.leg, earningPlace(place, partnerId, tier), date, book);
}

function tellCandidates(trace: Trace, leg: number, place: EarningPlace, date: string, book: RuleBook): void {
  const verdict = book.verdictAt(place, date);
  for (const { rule, inForce } of book.candidatesAt(place, date)) {
    const why = inForce ? whyItLost(rule, verdict) : `not in force on ${date}`;
    const outcome = why === null ? 'wins' : 'loses';
    tell(trace, 'candidate', leg, `${describeRule(rule)} ${outcome}${why === null ? '' : `: ${why}`}`, {
      rule_id: rule.ruleId,
      rule_version_id: rule.id,
      scope: rule.scope,
      scope_id: rule.scopeId,
      product_id: rule.productId,
      kind: rule.kind,
      includes: rule.includes,
      from: rule.from,
      to: rule.to,
      outcome,
      why: why ?? 'narrowest',
    });
  }
  if (verdict.refusal === 'excluded') {
    tell(trace, 'exclusion', leg, `${describeRule(verdict.rule!)} excludes this and no narrower rule includes it`, {
      rule_version_id: verdict.rule!.id,
    });
  }
}

/** The base, and what the share earns of a sale that is collected in full. */
function tellFull(trace: Trace, leg: DecidedLeg, currency: string, rule: RuleVersion | null): void {
  if (leg.reason !== null && leg.full === 0n && leg.reason !== 'rounds_to_zero') {
    tell(trace, 'full', leg.leg, `earns nothing: ${leg.reason}`, {
      full: formatMinor(0n, currency),
      reason: leg.reason,
    });
    return;
  }
  const base = formatMinor(leg.base, currency);
  const full = formatMinor(leg.full, currency);
  if (rule !== null)
    tell(trace, 'base', leg.leg, `the ${rule.base} amount is ${base}`, { base: rule.base, amount: base });
  if (leg.ratePpm === null) {
    tell(trace, 'full', leg.leg, `a flat ${full} per sale`, { full });
    return;
  }
  const rate = formatRate(leg.ratePpm);
  const exact = formatScaled(leg.base * BigInt(leg.ratePpm), minorUnits(currency) + 6);
  tell(trace, 'full', leg.leg, `${base} × ${rate} = ${shorten(exact, currency)}`, { base, rate, full });
  tellRounding(trace, leg.leg, shorten(exact, currency), full);
}

/** The sale's events so far, this one included. */
function tellSale(trace: Trace, currency: string, saleNet: bigint, progress: SaleProgress): void {
  const money = (minor: bigint): string => formatMinor(minor, currency);
  const { received, returned, credited } = progress.sums;
  const { collected } = progress;
  const text =
    `of ${money(saleNet)}: received ${money(received)}, returned ${money(returned)}, credited ${money(credited)}; ` +
    `counts as collected ${money(collected)}`;
  tell(trace, 'sale', null, text, {
    sale_net: money(saleNet),
    received: money(received),
    returned: money(returned),
    credited: money(credited),
    collected: money(collected),
  });
}

function tellTarget(trace: Trace, leg: DecidedLeg, terms: SaleTerms, progress: SaleProgress, target: bigint): void {
  if (leg.full === 0n) return;
  const { currency, saleNet } = terms;
  const full = formatMinor(leg.full, currency);
  const collected = formatMinor(progress.collected, currency);
  const exact = formatQuotient(leg.full * progress.collected, saleNet, currency);
  const text = `${full} × ${collected} / ${formatMinor(saleNet, currency)} = ${exact}`;
  tell(trace, 'target', leg.leg, text, { full, collected, exact, target: formatMinor(target, currency) });
  tellRounding(trace, leg.leg, exact, formatMinor(target, currency));
}

function tellRounding(trace: Trace, leg: number, exact: string, rounded: string): void {
  if (exact === rounded) return;
  tell(trace, 'rounding', leg, `${exact} rounds half away from zero to ${rounded}`, { exact, rounded });
}

/** The amount of the entry; with a sale, the target less what was posted before. */
function tellAmount(trace: Trace, leg: DecidedLeg, currency: string, posted: bigint | null): void {
  const amount = formatMinor(leg.amount, currency);
  const reason = leg.decisionReason === null ? '' : ` (${leg.decisionReason})`;
  if (posted === null) {
    tell(trace, 'amount', leg.leg, `${amount} ${currency}${reason}`, { amount, reason: leg.decisionReason });
    return;
  }
  const target = formatMinor(posted + leg.amount, currency);
  const before = formatMinor(posted, currency);
  const text = `target ${target} less posted ${before} = ${amount} ${currency}${reason}`;
  tell(trace, 'amount', leg.leg, text, { target, posted: before, amount, reason: leg.decisionReason });
}

// ── Words and numbers ─────────────────────────────────────────────────────────────────────────────────────────────

function tell(
  trace: Trace,
  step: TraceStep['step'],
  leg: number | null,
  text: string,
  facts: TraceStep['facts'],
): void {
  trace({ step, leg, text, facts });
}

function earningPlace(place: Place, partnerId: number, tier: string | null): EarningPlace {
  return { instanceId: place.instanceId, accountId: place.accountId, productId: place.productId, partnerId, tier };
}

/** The version that the leg froze, when the book at hand still tells it. */
function ruleOf(leg: DecidedLeg, place: Place, date: string, book: RuleBook): RuleVersion | null {
  if (leg.partnerId === null || leg.ruleVersionId === null) return null;
  const candidates = book.candidatesAt(earningPlace(place, leg.partnerId, leg.tier), date);
  return candidates.find(({ rule }) => rule.id === leg.ruleVersionId)?.rule ?? null;
}

function describeRule(rule: RuleVersion): string {
  const scope = rule.scope + (rule.scopeId === null ? '' : ` ${rule.scopeId}`);
  const product = rule.productId === null ? '' : ` + product ${rule.productId}`;
  const says =
    rule.kind === 'percentage'
      ? formatRate(rule.ratePpm!)
      : rule.kind === 'flat'
        ? `${formatMinor(rule.flatMinor!, rule.currency!)} ${rule.currency}`
        : 'exclude';
  return `rule version ${rule.id}, ${scope}${product}, ${says}${rule.includes ? ', include' : ''}`;
}

const EXTRA_DECIMALS = 6;

/** A quotient of minor units before rounding, to six decimals beyond the currency's, '…' where it goes on. */
function formatQuotient(numerator: bigint, denominator: bigint, currency: string): string {
  const scaled = numerator * 10n ** BigInt(EXTRA_DECIMALS);
  const digits = shorten(formatScaled(scaled / denominator, minorUnits(currency) + EXTRA_DECIMALS), currency);
  return scaled % denominator === 0n ? digits : `${digits}…`;
}

/** Drops the zeros that the currency does not ask for: '12.500000' of EUR becomes '12.50'. */
function shorten(decimal: string, currency: string): string {
  const [whole = '', fraction = ''] = decimal.split('.');
  const kept = fraction.replace(/0+$/, '').padEnd(minorUnits(currency), '0');
  return kept === '' ? whole : `${whole}.${kept}`;
}
