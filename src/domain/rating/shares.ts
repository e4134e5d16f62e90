import { divRoundHalfAwayFromZero, largestRemainder } from '../money.ts';
import { WHOLE_PPM } from '../rates.ts';
import { clockRefusal, unmetLimit } from './limits.ts';
import { levelOf, slotOf } from './legs.ts';
import type {
  AccountClock,
  Base,
  Deferral,
  FrozenShare,
  RuleVersion,
  ShareWindow,
  WindowUse,
  ZeroReason,
} from './model.ts';
import {
  capped,
  creditParts,
  MILLION,
  priceOf,
  priceParts,
  roundConverted,
  roundMillionths,
  type Conversion,
} from './pricing.ts';
import type { RuleBook, Standing } from './rule-book.ts';
import type { SaleTerms } from './sale.ts';
import { sameWindow, shareWindow, type WindowReader } from './windows.ts';

/**
 * What each share of a sale earns when the sale is collected in full: settled once, by the sale's first decision.
 * Everything is counted in the sale's currency and in millionths of its minor unit, which is where a rate in ppm is
 * exact, and rounded once, at the end. Source: SEMANTICS §3 to §5.
 */
export interface Freezing {
  readonly book: RuleBook;
  readonly windows: WindowReader;
  readonly clock: AccountClock | null;
  /** Whether the sale at hand is the one that started the account's clock. */
  readonly isFirstSale: boolean;
  /** Where the customer is. */
  readonly country: string | null;
}

/** The shares of a sale, in the order of their legs; or what an exchange rate is missing for. */
export function freezeShares(
  terms: SaleTerms,
  standings: readonly Standing[],
  how: Freezing,
): FrozenShare[] | Deferral {
  const [only] = standings;
  if (standings.length === 1 && isPlain(only!, terms, how.book)) return [freezePlain(only!, terms, how.book.knownSeq)];

  const drafts: Draft[] = [];
  for (const part of slotParts(terms, standings)) {
    drafts.push(draftShare(part, terms, drafts, how));
  }
  capTogether(drafts, terms, how.book);
  return freezeDrafts(drafts, terms, how.book);
}

/**
 * The shares of a return, credit or adjustment that names no sale, signed as it is: the rules of its own day, percentage
 * part only, limits ignored. Rated as a sale of its size and turned round, so that it takes back what that sale earned.
 * Source: SEMANTICS §4, `unlinked_credit`.
 */
export function freezeUnlinked(
  terms: SaleTerms,
  standings: readonly Standing[],
  book: RuleBook,
): FrozenShare[] | Deferral {
  const sign = terms.saleNet < 0n ? -1n : 1n;
  const size: SaleTerms = {
    ...terms,
    saleNet: terms.saleNet * sign,
    saleGross: terms.saleGross * sign,
    wholesaleNet: terms.wholesaleNet === null ? null : terms.wholesaleNet * sign,
  };
  const drafts: Draft[] = [];
  for (const part of slotParts(size, standings)) {
    drafts.push(draftUnlinked(part, size, drafts));
  }
  capTogether(drafts, size, book);
  const frozen = freezeDrafts(drafts, size, book);
  if (!Array.isArray(frozen) || sign > 0n) return frozen;
  return frozen.map((share) => ({
    ...share,
    base: -share.base,
    full: -share.full,
    uncapped: share.uncapped === null ? null : -share.uncapped,
  }));
}

// ── The plain case ────────────────────────────────────────────────────────────────────────────────────────────────

/** One partner, one rate, nothing that limits it: nearly every sale of nearly every programme, so it costs little. */
function isPlain({ rule, sharePpm }: Standing, terms: SaleTerms, book: RuleBook): boolean {
  return (
    sharePpm === WHOLE_PPM &&
    (rule === null || (isBare(rule) && rule.base !== 'margin')) &&
    (!book.keepsClocks || terms.accountId === null) &&
    book.shareCapAt(terms.saleDate) === null
  );
}

const bareness = new WeakMap<RuleVersion, boolean>();

/** Whether a rule is no more than a percentage, an amount or an exclusion. */
function isBare(rule: RuleVersion): boolean {
  let bare = bareness.get(rule);
  if (bare === undefined) {
    const { kind, window, paysIn, limits } = rule;
    const limited =
      limits.firstSaleOnly ||
      [limits.products, limits.minSale, limits.capSale, limits.earningMonths, limits.territory].some(
        (limit) => limit !== null,
      );
    bare =
      (kind === 'percentage' || kind === 'flat' || kind === 'exclude') &&
      window === null &&
      paysIn === null &&
      !limited;
    bareness.set(rule, bare);
  }
  return bare;
}

/** @see draftShare, of which this is the short form */
function freezePlain(standing: Standing, terms: SaleTerms, knownSeq: number): FrozenShare {
  const { rule, refusal } = standing;
  const base = rule?.base === 'gross' ? terms.saleGross : terms.saleNet;
  let full = 0n;
  let reason: ZeroReason | null = null;
  if (terms.saleNet === 0n) reason = 'zero_sale';
  else if (refusal !== null || rule === null) reason = refusal;
  else if (rule.kind === 'flat') {
    if (rule.currency !== terms.currency) reason = 'rule_currency';
    else if (rule.flatMinor === 0n) reason = 'zero_rate';
    else full = rule.flatMinor!;
  } else if (rule.ratePpm === 0) reason = 'zero_rate';
  // Only reached with the gross base: a line whose net is something and whose gross is nothing.
  else if (base === 0n) reason = 'zero_sale';
  else {
    full = divRoundHalfAwayFromZero(base * BigInt(rule.ratePpm!), MILLION);
    if (full === 0n) reason = 'rounds_to_zero';
  }
  return {
    leg: standing.leg,
    partnerId: standing.partnerId,
    ruleVersionId: rule === null ? null : rule.id,
    knownSeq,
    tier: standing.tier,
    ratePpm: rule === null ? null : rule.ratePpm,
    base,
    full,
    uncapped: null,
    currency: terms.currency,
    fxRate: null,
    position: null,
    window: null,
    clockTerms: refusal === null && rule !== null ? rule.limits : null,
    reason,
  };
}

// ── A slot's part of the sale ─────────────────────────────────────────────────────────────────────────────────────

/** What one share is reckoned from: its standing, and the part of the sale that its attribution slot holds. */
interface SlotPart {
  readonly standing: Standing;
  readonly net: bigint;
  readonly gross: bigint;
  readonly wholesale: bigint | null;
}

/** Splits the sale over the attribution slots by largest remainder, so that no minor unit is lost. SEMANTICS §5. */
function slotParts(terms: SaleTerms, standings: readonly Standing[]): SlotPart[] {
  const own = standings.filter(({ leg }) => levelOf(leg) === 0);
  const shares = own.map(({ sharePpm }) => BigInt(sharePpm));
  const split = (amount: bigint): bigint[] => largestRemainder(amount, shares);
  const nets = split(terms.saleNet);
  const grosses = split(terms.saleGross);
  const wholesales = terms.wholesaleNet === null ? null : split(terms.wholesaleNet);
  const indexOfSlot = new Map(own.map(({ leg }, index) => [slotOf(leg), index]));
  return standings.map((standing) => {
    const index = indexOfSlot.get(slotOf(standing.leg))!;
    return { standing, net: nets[index]!, gross: grosses[index]!, wholesale: wholesales?.[index] ?? null };
  });
}

// ── A share before it is rounded and capped together with the others ──────────────────────────────────────────────

/** `exact` and `uncapped` are millionths of a minor unit of the sale's currency. */
interface Draft {
  readonly standing: Standing;
  readonly ratePpm: number | null;
  readonly base: bigint;
  readonly position: WindowUse | null;
  readonly window: ShareWindow | null;
  readonly uncapped: bigint;
  exact: bigint;
  reason: ZeroReason | null;
}

/**
 * One share of a sale. The reasons for nothing come in this order: an empty sale; what the standing refuses (no
 * agreement, a house partner, oneself, no rule or an exclusion); the account's clock; the rule's currency, products,
 * territory and minimum; no base to rate; a zero rate; a cap that is used up.
 */
function draftShare(part: SlotPart, terms: SaleTerms, below: readonly Draft[], how: Freezing): Draft {
  const { standing } = part;
  const { rule } = standing;
  const refused = (reason: ZeroReason): Draft => nothing(standing, reason, baseOf(part, rule, below) ?? 0n);
  if (terms.saleNet === 0n) return refused('zero_sale');
  if (standing.refusal !== null || rule === null) return refused(standing.refusal ?? 'no_rule');
  const unmet = accountRefusal(standing, rule, terms, below, how) ?? unmetLimit(rule, terms, how.country);
  if (unmet !== null) return refused(unmet);

  const base = baseOf(part, rule, below);
  if (base === null) return nothing(standing, 'no_base', 0n);
  const owners = { partnerId: standing.partnerId!, instanceId: terms.instanceId, accountId: terms.accountId };
  const window = shareWindow(rule, owners, terms);
  const position = window === null ? null : positionIn(window, below, how.windows);
  const { exact, ratePpm } = priceOf(priceParts(rule, base, position, standing.sharePpm));
  const full = capped(rule, exact, position, standing.sharePpm);
  // A rate of nothing says so, were there something to rate or not; else it was the base that was nothing.
  const isZeroRate = base !== 0n || ratePpm === 0 || rule.kind === 'flat';
  const reason = exact === 0n ? (isZeroRate ? 'zero_rate' : 'zero_sale') : full === 0n ? 'cap_reached' : null;
  return { standing, ratePpm, base, position, window, uncapped: exact, exact: full, reason };
}

function draftUnlinked(part: SlotPart, terms: SaleTerms, below: readonly Draft[]): Draft {
  const { standing } = part;
  const { rule } = standing;
  const base = baseOf(part, rule, below);
  const refused = (reason: ZeroReason): Draft => nothing(standing, reason, base ?? 0n);
  if (terms.saleNet === 0n) return refused('zero_sale');
  if (standing.refusal !== null || rule === null) return refused(standing.refusal ?? 'no_rule');
  // A rule in another currency earned nothing on the way in, so it is that, not its kind, which decides on the way out.
  if (rule.kind === 'flat') return refused(rule.currency === terms.currency ? 'percentage_only' : 'rule_currency');
  if (rule.kind !== 'percentage' && rule.currency !== terms.currency) return refused('rule_currency');
  if (base === null) return refused('no_base');
  const { exact, ratePpm } = priceOf(creditParts(rule, base));
  const reason = ratePpm === 0 ? 'zero_rate' : base === 0n ? 'zero_sale' : null;
  return { standing, ratePpm, base, position: null, window: null, uncapped: exact, exact, reason };
}

function nothing(standing: Standing, reason: ZeroReason, base: bigint): Draft {
  const ratePpm = standing.rule?.ratePpm ?? null;
  return { standing, ratePpm, base, position: null, window: null, uncapped: 0n, exact: 0n, reason };
}

/** The amount a rule reckons with; null where the sale does not say what it cost. Source: SEMANTICS §3. */
function baseOf(part: SlotPart, rule: RuleVersion | null, below: readonly Draft[]): bigint | null {
  const base = amountOf(part, rule?.base ?? 'net');
  if (base === null || rule === null || !rule.onRest) return base;
  const slot = slotOf(part.standing.leg);
  const earned = below
    .filter(({ standing }) => slotOf(standing.leg) === slot)
    .reduce((sum, { exact }) => sum + roundMillionths(exact), 0n);
  return base > earned ? base - earned : 0n;
}

function amountOf({ net, gross, wholesale }: SlotPart, base: Base): bigint | null {
  if (base === 'net') return net;
  if (base === 'gross') return gross;
  if (wholesale === null) return null;
  return net > wholesale ? net - wholesale : 0n;
}

// ── Windows and the cap over all shares ───────────────────────────────────────────────────────────────────────────

/**
 * Why the account lets the sale earn nothing: the rule counts per account and there is none, or its clock says so. An
 * account that has stopped earning earns for nobody; the rule at hand may ask for a clock in the own slot only, and
 * where it finds no account to look at, those above have none either. Source: SEMANTICS §3.
 */
function accountRefusal(
  { leg }: Standing,
  rule: RuleVersion,
  { accountId, saleDate }: SaleTerms,
  below: readonly Draft[],
  { book, clock, isFirstSale }: Freezing,
): ZeroReason | null {
  if (rule.window?.per === 'account' && accountId === null) return 'no_account';
  if (!book.keepsClocks) return null;
  const own = below.find(({ standing }) => standing.leg === leg - levelOf(leg));
  const limits = own?.reason === 'no_account' ? own.standing.rule!.limits : rule.limits;
  return clockRefusal(limits, isFirstSale ? null : clock, accountId, saleDate);
}

/** What the window holds at this sale, with what the sale's own shares before this one have put into it. */
function positionIn({ key }: ShareWindow, below: readonly Draft[], windows: WindowReader): WindowUse {
  let { base, full } = windows(key);
  for (const draft of below) {
    if (draft.window !== null && sameWindow(draft.window.key, key)) {
      base += draft.base;
      full += roundMillionths(draft.exact);
    }
  }
  return { base, full };
}

/**
 * Holds all shares of a sale together under the programme's cap: the levels are served from the lowest up, so that the
 * highest is cut first. Source: SEMANTICS §3.
 */
function capTogether(drafts: readonly Draft[], terms: SaleTerms, book: RuleBook): void {
  const capPpm = book.shareCapAt(terms.saleDate);
  if (capPpm === null) return;
  let room = (terms.saleNet * BigInt(capPpm)) / MILLION;
  const lowestFirst = [...drafts].sort((a, b) => levelOf(a.standing.leg) - levelOf(b.standing.leg));
  for (const draft of lowestFirst) {
    const full = roundMillionths(draft.exact);
    if (full > room) {
      draft.exact = room * MILLION;
      if (room === 0n) draft.reason ??= 'share_cap';
    }
    room -= least(full, room);
  }
}

// ── Rounding, once ────────────────────────────────────────────────────────────────────────────────────────────────

function freezeDrafts(drafts: readonly Draft[], terms: SaleTerms, book: RuleBook): FrozenShare[] | Deferral {
  const shares: FrozenShare[] = [];
  for (const draft of drafts) {
    const currency = draft.standing.rule?.paysIn ?? terms.currency;
    const converts = draft.reason === null && currency !== terms.currency;
    const fxRate = converts ? book.fxRate(terms.currency, currency, terms.saleDate) : null;
    if (converts && fxRate === null) return { waitsFor: { from: terms.currency, to: currency, on: terms.saleDate } };
    shares.push(freezeDraft(draft, { from: terms.currency, to: converts ? currency : terms.currency, fxRate }, book));
  }
  return shares;
}

function freezeDraft(draft: Draft, conversion: Conversion, book: RuleBook): FrozenShare {
  const { standing, base, position, window, ratePpm } = draft;
  const full = roundConverted(draft.exact, conversion);
  // A cap that takes less than a minor unit, which rounding takes too, has taken nothing.
  const uncapped = draft.exact === draft.uncapped ? full : roundConverted(draft.uncapped, conversion);
  return {
    leg: standing.leg,
    partnerId: standing.partnerId,
    ruleVersionId: standing.rule?.id ?? null,
    knownSeq: book.knownSeq,
    tier: standing.tier,
    ratePpm,
    base,
    full,
    uncapped: uncapped === full ? null : uncapped,
    currency: conversion.to,
    fxRate: conversion.fxRate,
    position,
    window,
    clockTerms: standing.refusal === null && standing.rule !== null ? standing.rule.limits : null,
    reason: draft.reason ?? (full === 0n ? 'rounds_to_zero' : null),
  };
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
