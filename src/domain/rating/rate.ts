import { IntegrityError } from '../errors.ts';
import { divRoundHalfAwayFromZero } from '../money.ts';
import { narrateOwnSale, narrateSaleEvent, narrateUnknownSale, narrateUnlinked } from './narration.ts';
import type {
  DecidedLeg,
  Decision,
  EntryKind,
  FrozenShare,
  Kind,
  RatedEvent,
  Reason,
  Sale,
  SaleState,
  Trace,
  ZeroReason,
} from './model.ts';
import type { RuleBook, Standing } from './rule-book.ts';
import { accumulate, collected, owed, stateOf, targetOf, type SaleProgress, type SaleTerms } from './sale.ts';

/**
 * The one place that decides an amount. Everything here is integers of minor units, and every amount is rounded once.
 *
 * An event is one of three things:
 * - a payment or signup without a sale is its own sale, collected at once;
 * - any other event without a sale is unlinked and rated by the rule of its own day;
 * - an event of a sale moves what has been collected of it, and posts the difference that makes.
 *
 * Source: SEMANTICS §2 to §5.
 */
export interface RatingInput {
  readonly event: RatedEvent;
  /** The sale its `sale_ref` names; null for an event without one. */
  readonly sale: Sale | null;
  /** The sale as its earlier events left it; null when this is the first. */
  readonly state: SaleState | null;
  readonly book: RuleBook;
}

const UNTOUCHED: SaleState = Object.freeze({ received: 0n, returned: 0n, credited: 0n, shares: [] });

/** Attribution slot 0, override level 0: the partner of the agreement. */
const OWN_LEG = 0;

/**
 * Decides one event: the amount of each leg, or zero with its reason, and the sale as the event leaves it. Events of a
 * sale must come one after another, each with the state its predecessor returned; the order does not change the sum.
 * With a trace, tells how the decision came about; without one, that costs nothing.
 * @throws IntegrityError `event_sign`, `sale_mismatch`: the import refuses both, so the books disagree
 */
export function rateEvent(input: RatingInput, trace?: Trace): Decision {
  const { event, sale, book } = input;
  assertSign(event);
  if (sale !== null) return rateWithinSale(event, sale, input.state ?? UNTOUCHED, book, trace);
  if (event.kind === 'payment' || event.kind === 'signup') return rateOwnSale(event, book, trace);
  return rateUnlinked(event, book, trace);
}

// ── An event that is its own sale ─────────────────────────────────────────────────────────────────────────────────

function rateOwnSale(event: RatedEvent, book: RuleBook, trace: Trace | undefined): Decision {
  const terms = ownTerms(event);
  const legs = freezeShares(terms, book).map((share) => decide(share, 'earning', share.full, share.reason));
  if (trace !== undefined) narrateOwnSale(trace, event, terms, legs, book);
  return { legs, state: null };
}

/** An event without a sale carries the terms itself: it was invoiced and paid in one. */
function ownTerms(event: RatedEvent): SaleTerms {
  return {
    instanceId: event.instanceId,
    accountId: event.accountId,
    productId: event.productId,
    currency: event.currency,
    saleNet: event.net,
    saleGross: event.gross,
    saleDate: event.occurredOn,
  };
}

// ── What the first decision of a sale freezes ─────────────────────────────────────────────────────────────────────

/**
 * The shares of a sale, in the order of their legs. There is one so far; an override level reads the fulls of the
 * levels below it and joins the list here.
 */
function freezeShares(terms: SaleTerms, book: RuleBook): FrozenShare[] {
  const { instanceId, accountId, productId, saleDate } = terms;
  const standing = book.standingAt(instanceId, accountId, productId, saleDate);
  return [freezeOwnShare(terms, standing, book.knownSeq)];
}

/**
 * What the own slot earns of a sale collected in full. The reasons for nothing come in this order: an empty sale, no
 * agreement, a house partner, an exclusion or no rule, a rule in another currency, a zero rate, a rounded-away amount.
 */
function freezeOwnShare(terms: SaleTerms, standing: Standing, knownSeq: number): FrozenShare {
  const { rule } = standing;
  const base = rule?.base === 'gross' ? terms.saleGross : terms.saleNet;
  if (terms.saleNet === 0n) return freeze(standing, knownSeq, base, 0n, 'zero_sale');
  if (standing.refusal !== null || rule === null) return freeze(standing, knownSeq, base, 0n, standing.refusal);
  if (rule.kind === 'percentage') return freezePercentage(standing, knownSeq, base, rule.ratePpm!);

  // A rule in another currency has won all the same, and no wider rule steps in for it. SEMANTICS §3.
  if (rule.currency !== terms.currency) return freeze(standing, knownSeq, base, 0n, 'rule_currency');
  const full = rule.flatMinor!;
  return freeze(standing, knownSeq, base, full, full === 0n ? 'zero_rate' : null);
}

const PPM = 1_000_000n;

function freezePercentage(standing: Standing, knownSeq: number, base: bigint, ratePpm: number): FrozenShare {
  if (ratePpm === 0) return freeze(standing, knownSeq, base, 0n, 'zero_rate');
  // Only reached with the gross base: a line whose net is something and whose gross is nothing.
  if (base === 0n) return freeze(standing, knownSeq, base, 0n, 'zero_sale');
  const full = divRoundHalfAwayFromZero(base * BigInt(ratePpm), PPM);
  return freeze(standing, knownSeq, base, full, full === 0n ? 'rounds_to_zero' : null);
}

function freeze(
  standing: Standing,
  knownSeq: number,
  base: bigint,
  full: bigint,
  reason: ZeroReason | null,
): FrozenShare {
  return {
    leg: OWN_LEG,
    partnerId: standing.partnerId,
    ruleVersionId: standing.rule === null ? null : standing.rule.id,
    knownSeq,
    tier: standing.tier,
    ratePpm: standing.rule === null ? null : standing.rule.ratePpm,
    base,
    full,
    reason,
  };
}

// ── An event of a sale ────────────────────────────────────────────────────────────────────────────────────────────

function rateWithinSale(
  event: RatedEvent,
  sale: Sale,
  before: SaleState,
  book: RuleBook,
  trace: Trace | undefined,
): Decision {
  if (event.currency !== sale.currency || event.instanceId !== sale.instanceId) {
    throw new IntegrityError('sale_mismatch', `event ${event.id} differs from its sale ${sale.id}`);
  }
  const sums = accumulate(before, event);

  // Until its first payment nobody knows when the sale was made, hence neither its partner nor its rule. What has come
  // in is remembered, and the first decision that knows the date counts all of it. SEMANTICS §4, `sale_unknown`.
  if (sale.saleDate === null) {
    const leg = decide(unknownShare(book.knownSeq), ENTRY_KIND[event.kind], 0n, 'sale_unknown');
    const state = stateOf(sums, before.shares);
    if (trace !== undefined) narrateUnknownSale(trace, event, sale, state, book);
    return { legs: [leg], state };
  }

  const terms = sale as SaleTerms; // its date is proved by now
  const known =
    before.shares.length > 0
      ? before.shares
      : freezeShares(terms, book).map((frozen): SaleState['shares'][number] => ({ frozen, posted: 0n }));
  const progress: SaleProgress = {
    sums,
    collectedBefore: collected(before, sale.saleNet),
    collected: collected(sums, sale.saleNet),
  };
  const unmoved = whyUnmoved(event, sale, progress);

  const legs: DecidedLeg[] = [];
  const shares: { frozen: FrozenShare; posted: bigint }[] = [];
  for (const { frozen, posted } of known) {
    const target = targetOf(frozen.full, progress.collected, sale.saleNet);
    const amount = target - posted;
    legs.push(decide(frozen, ENTRY_KIND[event.kind], amount, amount === 0n ? zeroReason(frozen, sale, unmoved) : null));
    shares.push({ frozen, posted: target });
  }
  const state = stateOf(sums, shares);
  if (trace !== undefined) narrateSaleEvent(trace, event, terms, known, progress, legs, book);
  return { legs, state };
}

/**
 * Why an event that leaves the target where it was does so: cash moved, and there is more of it than is owed, so
 * that none of the movement counts; or simply nothing came of it.
 */
function whyUnmoved(event: RatedEvent, sale: Sale, progress: SaleProgress): 'over_collected' | 'unchanged' {
  const cashMoved = event.net !== 0n && CASH_KINDS.has(event.kind);
  if (!cashMoved || progress.collected !== progress.collectedBefore) return 'unchanged';
  const { received, returned, credited } = progress.sums;
  return received - returned > owed(credited, sale.saleNet) ? 'over_collected' : 'unchanged';
}

/** A share that can never earn keeps saying why; only cash above an empty sale is told as that. SEMANTICS §4. */
function zeroReason(frozen: FrozenShare, sale: Sale, unmoved: 'over_collected' | 'unchanged'): ZeroReason {
  if (frozen.reason === null) return unmoved;
  return sale.saleNet === 0n && unmoved === 'over_collected' ? unmoved : frozen.reason;
}

function unknownShare(knownSeq: number): FrozenShare {
  return {
    leg: OWN_LEG,
    partnerId: null,
    ruleVersionId: null,
    knownSeq,
    tier: null,
    ratePpm: null,
    base: 0n,
    full: 0n,
    reason: 'sale_unknown',
  };
}

// ── An event whose sale is not named ──────────────────────────────────────────────────────────────────────────────

/**
 * Rates a return, a credit note, an adjustment or a chargeback won that names no sale, by the rule of its own day: its
 * percentage part only, since nobody can tell which flat amount it would give back. Source: SEMANTICS §4.
 */
function rateUnlinked(event: RatedEvent, book: RuleBook, trace: Trace | undefined): Decision {
  const standing = book.standingAt(event.instanceId, event.accountId, event.productId, event.occurredOn);
  const share = freezeUnlinked(event, standing, book.knownSeq);
  const leg = decide(share, ENTRY_KIND[event.kind], share.full, share.reason ?? 'unlinked_credit');
  if (trace !== undefined) narrateUnlinked(trace, event, leg, book);
  return { legs: [leg], state: null };
}

function freezeUnlinked(event: RatedEvent, standing: Standing, knownSeq: number): FrozenShare {
  const { rule } = standing;
  const base = rule?.base === 'gross' ? event.gross : event.net;
  if (event.net === 0n) return freeze(standing, knownSeq, base, 0n, 'zero_sale');
  if (standing.refusal !== null || rule === null) return freeze(standing, knownSeq, base, 0n, standing.refusal);
  if (rule.kind === 'percentage') return freezePercentage(standing, knownSeq, base, rule.ratePpm!);
  // A rule in another currency earned nothing on the way in, so it is that, not its kind, which decides on the way out.
  return freeze(standing, knownSeq, base, 0n, rule.currency === event.currency ? 'percentage_only' : 'rule_currency');
}

// ── Entries ───────────────────────────────────────────────────────────────────────────────────────────────────────

const CASH_KINDS: ReadonlySet<Kind> = new Set<Kind>(['payment', 'refund', 'chargeback', 'chargeback_won']);

const ENTRY_KIND: Readonly<Record<Kind, EntryKind>> = {
  payment: 'earning',
  signup: 'earning',
  refund: 'refund',
  credit_note: 'credit',
  chargeback: 'chargeback',
  chargeback_won: 'restoration',
  adjustment: 'adjustment',
};

/** Written out instead of spread: a batch makes a million of these. */
function decide(share: FrozenShare, kind: EntryKind, amount: bigint, decisionReason: Reason | null): DecidedLeg {
  return {
    leg: share.leg,
    partnerId: share.partnerId,
    ruleVersionId: share.ruleVersionId,
    knownSeq: share.knownSeq,
    tier: share.tier,
    ratePpm: share.ratePpm,
    base: share.base,
    full: share.full,
    reason: share.reason,
    kind,
    amount,
    decisionReason,
  };
}

/** The import refuses a wrong sign by line and column; one that got past it must not be rated. SEMANTICS §2. */
function assertSign({ id, kind, net }: RatedEvent): void {
  const right =
    kind === 'payment' || kind === 'chargeback_won'
      ? net >= 0n
      : kind === 'signup'
        ? net === 0n
        : kind === 'adjustment' || net <= 0n;
  if (!right) throw new IntegrityError('event_sign', `event ${id}: a ${kind} of ${net} minor units has the wrong sign`);
}
