import { minorUnits } from '../currencies.ts';
import { formatMinor, formatScaled } from '../money.ts';
import { formatRate, WHOLE_PPM } from '../rates.ts';
import { earningEnd } from './limits.ts';
import { introduction } from './mentions.ts';
import { levelOf, slotOf } from './legs.ts';
import type {
  AccountClock,
  ActEvent,
  DecidedLeg,
  PostedShare,
  RatedEvent,
  RuleVersion,
  Sale,
  Trace,
  TraceStep,
} from './model.ts';
import { whyItLost } from './precedence.ts';
import {
  converted,
  creditParts,
  priceOf,
  priceParts,
  roundConverted,
  type Conversion,
  type PricePart,
} from './pricing.ts';
import type { RuleBook } from './rule-book.ts';
import type { EarningPlace } from './slot-rules.ts';
import { ownTerms, type SaleProgress, type SaleTerms, type Sums } from './sale.ts';

/**
 * Tells how a decision came about, for `commission explain`. Nothing here decides: it retells values that rating has
 * settled, as decimal strings. It runs for one event at a time and may take its time.
 */

/** What a story needs besides the event: the rules, and the clock as it stood. */
export interface Telling {
  readonly book: RuleBook;
  readonly clock: AccountClock | null;
}

/** The story of a payment or signup that is its own sale. */
export function narrateOwnSale(
  trace: Trace,
  event: RatedEvent,
  terms: SaleTerms,
  legs: readonly DecidedLeg[],
  telling: Telling,
): void {
  const why = 'the event is its own sale and is rated by its own date';
  tellDates(trace, event, terms.saleDate, why, telling.book.knownSeq);
  for (const leg of legs) {
    tellTerms(trace, leg, terms, telling);
    tellFull(trace, leg, terms, telling.book);
    tellAmount(trace, leg, null);
  }
}

/** The story of an event of a known sale; `shares` are the frozen shares with what they had posted before it. */
export function narrateSaleEvent(
  trace: Trace,
  event: RatedEvent,
  terms: SaleTerms,
  shares: readonly PostedShare[],
  progress: SaleProgress,
  legs: readonly DecidedLeg[],
  telling: Telling,
): void {
  const why = 'the sale is rated by its own date, for all of its events';
  tellDates(trace, event, terms.saleDate, why, telling.book.knownSeq);
  tellSale(trace, terms.currency, terms.saleNet, progress);
  legs.forEach((leg, index) => {
    const posted = shares[index]!.posted;
    tellTerms(trace, leg, terms, telling);
    tellFull(trace, leg, terms, telling.book);
    tellTarget(trace, leg, terms, progress.collected, posted + leg.amount);
    tellAmount(trace, leg, posted);
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
export function narrateUnlinked(trace: Trace, event: RatedEvent, legs: readonly DecidedLeg[], book: RuleBook): void {
  const why = 'the event names no sale, so the rule of its own date decides, percentage part only, limits ignored';
  tellDates(trace, event, event.occurredOn, why, book.knownSeq);
  for (const leg of legs) {
    const terms = ownTerms(event);
    tellTerms(trace, leg, terms, { book, clock: null });
    tellFull(trace, leg, terms, book, 'credit');
    tellAmount(trace, leg, null);
  }
}

/** What an act that rates a sale again rates: its terms, and how far it is collected; null for an event of no sale. */
export interface ToldAgain {
  readonly terms: SaleTerms;
  readonly collected: bigint | null;
}

/** The story of an act on what was decided before: what each share had posted, and what is right now. */
export function narrateAct(
  trace: Trace,
  act: ActEvent,
  why: string,
  legs: readonly DecidedLeg[],
  before: readonly PostedShare[],
  again: ToldAgain | null,
  telling: Telling,
): void {
  const ratedOn = again?.terms.saleDate ?? null;
  const { knownSeq } = telling.book;
  tell(trace, 'dates', null, why, { occurred_on: act.occurredOn, rated_on: ratedOn, known_seq: knownSeq });
  for (const leg of legs) {
    const posted = before.find(({ frozen }) => frozen.leg === leg.leg)?.posted ?? 0n;
    if (again !== null && leg.reason !== 'reattributed') {
      tellTerms(trace, leg, again.terms, telling);
      tellFull(trace, leg, again.terms, telling.book);
      if (again.collected !== null) tellTarget(trace, leg, again.terms, again.collected, posted + leg.amount);
    } else {
      const whose = before.length === 0 ? 'gets what the act says' : 'the share of the decided sale';
      tell(trace, 'partner', leg.leg, whose, { partner_id: leg.partnerId, tier: leg.tier });
    }
    tellAmount(trace, leg, posted);
  }
}

// ── The steps, each told once ─────────────────────────────────────────────────────────────────────────────────────

function tellDates(trace: Trace, event: RatedEvent, ratedOn: string | null, why: string, knownSeq: number): void {
  tell(trace, 'dates', null, why, { occurred_on: event.occurredOn, rated_on: ratedOn, known_seq: knownSeq });
}

/** Who earns, and every rule that could have applied with what became of it. */
function tellTerms(trace: Trace, leg: DecidedLeg, terms: SaleTerms, { book, clock }: Telling): void {
  const { partnerId, tier } = leg;
  const date = terms.saleDate;
  if (partnerId === null) {
    tell(trace, 'partner', leg.leg, `no agreement for the instance is in force on ${date}`, { partner_id: null });
    return;
  }
  const house = book.isHouse(partnerId);
  tell(trace, 'partner', leg.leg, whyItEarns(leg, house, date), { partner_id: partnerId, tier, house });
  if (leg.ruleVersionId === null && leg.full !== 0n) {
    const text = 'no rule of these books: its first decision was carried over from the system before';
    tell(trace, 'candidate', leg.leg, text, { rule_version_id: null, outcome: 'wins', why: 'frozen' });
    return;
  }
  if (leg.knownSeq !== book.knownSeq) {
    const text = `the first decision of the sale chose the rule, as known at ${leg.knownSeq}`;
    tell(trace, 'candidate', leg.leg, text, { rule_version_id: leg.ruleVersionId, outcome: 'wins', why: 'frozen' });
    return;
  }
  const place = { ...terms, partnerId, tier };
  tellCandidates(trace, leg.leg, place, date, book);
  if (clock !== null && (leg.reason === 'first_sale_only' || leg.reason === 'earning_ended')) {
    tellClock(trace, leg.leg, clock);
  }
}

function whyItEarns({ leg, reason }: DecidedLeg, house: boolean, date: string): string {
  if (house) return 'a house partner never earns';
  if (reason === 'self_referral') return 'has a share below already: nobody earns above oneself';
  if (levelOf(leg) > 0)
    return `stands ${levelOf(leg) === 1 ? 'directly' : `${levelOf(leg)} levels`} above who sold, on ${date}`;
  if (slotOf(leg) > 0) return `holds attribution slot ${slotOf(leg)} of the account on ${date}`;
  return `earns by the agreement in force on ${date}`;
}

function tellClock(trace: Trace, leg: number, clock: AccountClock): void {
  const end = earningEnd(clock);
  const left = clock.firstSaleOnly ? 'which alone earns' : `and earns until ${end}, that day not included`;
  tell(trace, 'clock', leg, `the account was won by its first paid sale on ${clock.firstSaleOn}, ${left}`, {
    first_sale_on: clock.firstSaleOn,
    first_sale_only: clock.firstSaleOnly,
    earning_months: clock.earningMonths,
    earning_end: end,
    rule_version_id: clock.ruleVersionId,
  });
}

function tellCandidates(trace: Trace, leg: number, place: EarningPlace, date: string, book: RuleBook): void {
  const level = levelOf(leg);
  const verdict = book.verdictAt(place, date, level);
  for (const { rule, inForce } of book.candidatesAt(place, date, level)) {
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

/** The base, and what the share earns of a sale that is collected in full, or of a credit that names none. */
function tellFull(
  trace: Trace,
  leg: DecidedLeg,
  terms: SaleTerms,
  book: RuleBook,
  of: 'sale' | 'credit' = 'sale',
): void {
  const { currency } = terms;
  if (leg.reason !== null && leg.full === 0n && leg.reason !== 'rounds_to_zero') {
    tell(trace, 'full', leg.leg, `earns nothing: ${leg.reason}`, {
      full: formatMinor(0n, leg.currency),
      reason: leg.reason,
    });
    return;
  }
  const rule = ruleOf(leg, terms, book);
  const base = formatMinor(leg.base, currency);
  const full = formatMinor(leg.full, leg.currency);
  if (rule !== null) {
    const text = `${describeBase(leg, rule, terms, book)} is ${base}`;
    tell(trace, 'base', leg.leg, text, { base: rule.base, amount: base });
  }
  if (leg.position !== null) tellPosition(trace, leg, currency);
  const parts = rule === null ? rateAlone(leg) : partsOf(leg, rule, terms, book, of);
  const { exact, ratePpm } = priceOf(parts);
  const rate = ratePpm === null ? null : formatRate(ratePpm);
  const conversion = { from: currency, to: leg.currency, fxRate: leg.fxRate };
  if (roundConverted(exact, conversion) !== (leg.uncapped ?? leg.full)) {
    // Frozen under terms that the book at hand does not tell any more: better no arithmetic than one that does not add up.
    tell(trace, 'full', leg.leg, `earns ${full} ${leg.currency}, as its first decision froze it`, { base, rate, full });
    return;
  }
  const told = shorten(formatScaled(exact, minorUnits(currency) + 6), currency);
  const sum = parts.map((part) => describePart(part, currency)).join(' + ');
  tell(trace, 'full', leg.leg, sum === told ? `a flat ${sum} per sale` : `${sum} = ${told}`, { base, rate, full });
  const plain = leg.uncapped === null && leg.fxRate === null;
  if (leg.uncapped !== null) tellCap(trace, leg);
  if (leg.fxRate !== null) tellConversion(trace, leg, conversion, exact, told);
  if (plain) tellRounding(trace, leg.leg, told, full);
}

/** What the rate is taken of: how a margin comes about, and what of it an attribution slot and the levels below leave. */
function describeBase(leg: DecidedLeg, rule: RuleVersion, terms: SaleTerms, book: RuleBook): string {
  const { saleNet, wholesaleNet, currency } = terms;
  const margin =
    rule.base === 'margin' && wholesaleNet !== null
      ? `the margin, ${formatMinor(saleNet, currency)} less ${formatMinor(wholesaleNet, currency)} wholesale,`
      : `the ${rule.base} amount`;
  const share = sharePpmOf(leg, terms, book);
  const part = share === WHOLE_PPM ? margin : `${formatRate(share)} of ${margin}`;
  return rule.onRest ? `${part}${part.endsWith(',') ? '' : ','} less what is earned below,` : part;
}

/** What of the sale the share's attribution slot holds; all of it where the account has no slots. */
function sharePpmOf(
  { leg }: DecidedLeg,
  { instanceId, accountId, productId, saleDate }: SaleTerms,
  book: RuleBook,
): number {
  const held = book.standingsAt(instanceId, accountId, productId, saleDate).find((standing) => standing.leg === leg);
  return held?.sharePpm ?? WHOLE_PPM;
}

/** The terms by which rating priced the share: the same function, asked with what the share froze. */
function partsOf(
  leg: DecidedLeg,
  rule: RuleVersion,
  terms: SaleTerms,
  book: RuleBook,
  of: 'sale' | 'credit',
): readonly PricePart[] {
  if (of === 'credit') return creditParts(rule, leg.base);
  return priceParts(rule, leg.base, leg.position, sharePpmOf(leg, terms, book));
}

/** What the entry itself says of its price. */
function rateAlone({ base, ratePpm }: DecidedLeg): readonly PricePart[] {
  return ratePpm === null ? [] : [{ amount: base, ratePpm }];
}

function describePart(part: PricePart, currency: string): string {
  if (!('flat' in part)) return `${formatMinor(part.amount, currency)} × ${formatRate(part.ratePpm)}`;
  const flat = formatMinor(part.flat, currency);
  return part.sharePpm === WHOLE_PPM ? flat : `${flat} × ${formatRate(part.sharePpm)}`;
}

/** What the window held before the sale. */
function tellPosition(trace: Trace, { leg, position, window }: DecidedLeg, currency: string): void {
  const base = formatMinor(position!.base, currency);
  const full = formatMinor(position!.full, currency);
  const from = window?.key.startsOn ?? null;
  tell(
    trace,
    'window',
    leg,
    `before it the window${from === null ? '' : ` from ${from}`} held ${base}, which earned ${full}`,
    {
      window_from: from,
      base,
      full,
    },
  );
}

function tellCap(trace: Trace, { leg, uncapped, full, currency }: DecidedLeg): void {
  const without = formatMinor(uncapped!, currency);
  const capped = formatMinor(full, currency);
  tell(trace, 'cap', leg, `capped: ${capped} instead of ${without}`, { uncapped: without, full: capped });
}

/** What it comes to in the currency it is paid in; of what a cap cut, the cap says so. */
function tellConversion(trace: Trace, leg: DecidedLeg, conversion: Conversion, exact: bigint, told: string): void {
  const { fxRate, currency } = leg;
  const { from, to } = conversion;
  const full = formatMinor(leg.full, currency);
  const { numerator, denominator } = converted(exact, conversion);
  const product = formatQuotient(numerator, denominator, currency);
  const facts = { fx_rate: fxRate!.rate, fx_rate_ids: fxRate!.ids.join(','), from, to, full };
  const text =
    leg.uncapped === null
      ? `${told} ${from} × ${fxRate!.rate} = ${product} ${to}`
      : `converted at ${fxRate!.rate} ${to} for one ${from}: ${full} ${to}`;
  tell(trace, 'conversion', leg.leg, text, facts);
  if (leg.uncapped === null) tellRounding(trace, leg.leg, product, full);
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

function tellTarget(
  trace: Trace,
  leg: DecidedLeg,
  { saleNet, currency }: SaleTerms,
  part: bigint,
  target: bigint,
): void {
  if (leg.full === 0n) return;
  const full = formatMinor(leg.full, leg.currency);
  const collected = formatMinor(part, currency);
  const exact = formatQuotient(leg.full * part, saleNet, leg.currency);
  const text = `${full} × ${collected} / ${formatMinor(saleNet, currency)} = ${exact}`;
  tell(trace, 'target', leg.leg, text, { full, collected, exact, target: formatMinor(target, leg.currency) });
  tellRounding(trace, leg.leg, exact, formatMinor(target, leg.currency));
}

function tellRounding(trace: Trace, leg: number, exact: string, rounded: string): void {
  if (exact === rounded) return;
  tell(trace, 'rounding', leg, `${exact} rounds half away from zero to ${rounded}`, { exact, rounded });
}

/** The amount of the entry; with a sale, the target less what was posted before. */
function tellAmount(trace: Trace, leg: DecidedLeg, posted: bigint | null): void {
  const { currency } = leg;
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

/** The version that the leg froze, when the book at hand still tells it. */
function ruleOf(leg: DecidedLeg, terms: SaleTerms, book: RuleBook): RuleVersion | null {
  if (leg.partnerId === null || leg.ruleVersionId === null) return null;
  const place = { ...terms, partnerId: leg.partnerId, tier: leg.tier };
  const candidates = book.candidatesAt(place, terms.saleDate, levelOf(leg.leg));
  return candidates.find(({ rule }) => rule.id === leg.ruleVersionId)?.rule ?? null;
}

function describeRule(rule: RuleVersion): string {
  return `${introduction(rule)}, ${whatItSays(rule)}${rule.includes ? ', include' : ''}`;
}

function whatItSays({ kind, ratePpm, flatMinor, brackets, bracketMode, currency, base }: RuleVersion): string {
  if (kind === 'exclude') return 'exclude';
  if (brackets !== null) {
    const steps = brackets.map(
      (bracket) => `${formatRate(bracket.ratePpm)} from ${formatMinor(bracket.from, currency!)}`,
    );
    return `${steps.join(', ')}, ${bracketMode}`;
  }
  const rate = ratePpm === null ? [] : [`${formatRate(ratePpm)}${base === 'net' ? '' : ` of ${base}`}`];
  const flat = flatMinor === null ? [] : [`${formatMinor(flatMinor, currency!)} ${currency}`];
  return [...rate, ...flat].join(' + ');
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
