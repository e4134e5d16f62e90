import { IntegrityError } from '../errors.ts';
import { limitsAccounts } from './limits.ts';
import { narrateOwnSale, narrateSaleEvent, narrateUnknownSale, narrateUnlinked } from './narration.ts';
import { levelOf } from './legs.ts';
import type {
  AccountClock,
  DecidedLeg,
  Decision,
  Deferral,
  EntryKind,
  FrozenShare,
  Kind,
  PostedShare,
  RatedEvent,
  Reason,
  Sale,
  SaleState,
  Trace,
  WindowKey,
  WindowMove,
  ZeroReason,
} from './model.ts';
import type { RuleBook, Standing } from './rule-book.ts';
import {
  accumulate,
  collected,
  owed,
  ownTerms,
  stateOf,
  targetOf,
  type SaleProgress,
  type SaleTerms,
  UNTOUCHED,
} from './sale.ts';
import { freezeShares, freezeUnlinked, type Freezing } from './shares.ts';
import { EMPTY_WINDOW, move, occupied, shareWindow, type WindowReader } from './windows.ts';

/**
 * The one place that decides an amount. Everything here is integers of minor units, and every amount is rounded once.
 *
 * An event is one of three things:
 * - a payment or signup without a sale is its own sale, collected at once;
 * - any other event without a sale is unlinked and rated by the rules of its own day;
 * - an event of a sale moves what has been collected of it, and posts the difference that makes, share by share.
 *
 * What operators do to decided sales, and what the system computes of them, is in act.ts.
 * Source: SEMANTICS §2 to §5.
 */
export interface RatingInput {
  readonly event: RatedEvent;
  /** The sale its `sale_ref` names; null for an event without one. */
  readonly sale: Sale | null;
  /** The sale as its earlier events left it; null when this is the first. */
  readonly state: SaleState | null;
  readonly book: RuleBook;
  /** What windows hold after every event before this one. Asked only about windows that `windowsOf` names. */
  readonly windows: WindowReader;
  /** The clock of the event's account, if it has been started. */
  readonly clock: AccountClock | null;
}

/** Attribution slot 0, override level 0: the partner of the agreement. */
const OWN_LEG = 0;

/**
 * Decides one event: the amount of each leg, or zero with its reason, and the sale as the event leaves it; or says which
 * exchange rate it waits for. Events of a sale must come one after another, each with the state its predecessor
 * returned; the order does not change the sum. With a trace, tells how the decision came about; without one, that costs
 * nothing.
 * @throws IntegrityError `event_sign`, `sale_mismatch`: the import refuses both, so the books disagree
 */
export function rateEvent(input: RatingInput, trace?: Trace): Decision | Deferral {
  const { event, sale } = input;
  assertSign(event);
  if (sale !== null) return rateWithinSale(input, sale, trace);
  if (event.kind === 'payment' || event.kind === 'signup') return rateOwnSale(input, trace);
  return rateUnlinked(input, trace);
}

/** Whether an event has to wait. */
export function isDeferred(outcome: Decision | Deferral): outcome is Deferral {
  return 'waitsFor' in outcome;
}

// ── Which windows an event may ask about, or move ─────────────────────────────────────────────────────────────────

const NO_WINDOWS: readonly WindowKey[] = Object.freeze([]);

/** Every window whose use `rateEvent` may ask for, or may move, so that a batch can read them all at once. */
export function windowsOf({
  event,
  sale,
  state,
  book,
}: Pick<RatingInput, 'event' | 'sale' | 'state' | 'book'>): readonly WindowKey[] {
  if (state !== null && state.shares.length > 0) {
    return state.shares.flatMap(({ frozen: { window } }) => (window === null ? [] : [window.key]));
  }
  if (!book.hasWindows || (sale === null && event.kind !== 'payment' && event.kind !== 'signup')) return NO_WINDOWS;
  const terms = sale ?? ownTerms(event);
  return hasDate(terms) ? windowsAt(terms, book) : NO_WINDOWS;
}

function hasDate(terms: Sale | SaleTerms): terms is SaleTerms {
  return terms.saleDate !== null;
}

function windowsAt(terms: SaleTerms, book: RuleBook): WindowKey[] {
  const { instanceId, accountId } = terms;
  return standingsOf(terms, book).flatMap(({ partnerId, rule, refusal }) => {
    if (refusal !== null || rule === null || partnerId === null) return [];
    const window = shareWindow(rule, { partnerId, instanceId, accountId }, terms);
    return window === null ? [] : [window.key];
  });
}

// ── An event that is its own sale ─────────────────────────────────────────────────────────────────────────────────

function rateOwnSale(input: RatingInput, trace: Trace | undefined): Decision | Deferral {
  const { event, book } = input;
  const terms = ownTerms(event);
  const shares = freezeShares(terms, standingsOf(terms, book), freezing(input, null));
  if (!Array.isArray(shares)) return shares;
  const legs = shares.map((share) => decide(share, earningKind(share), share.full, share.reason));
  const moves = openingMoves(shares, { received: event.net, returned: 0n, credited: 0n }, event.net);
  const clock = startedClock(input, terms, null, shares);
  if (trace !== undefined) narrateOwnSale(trace, event, terms, legs, input);
  return { legs, state: null, moves, clock };
}

// ── What the first decision of a sale freezes ─────────────────────────────────────────────────────────────────────

/** The shares that a sale of these terms has, and by which rules. */
export function standingsOf(terms: SaleTerms, book: RuleBook): readonly Standing[] {
  return book.standingsAt(terms.instanceId, terms.accountId, terms.productId, terms.saleDate);
}

function freezing({ event, book, windows, clock }: RatingInput, sale: Sale | null): Freezing {
  const isFirstSale = clock !== null && (clock.eventId === event.id || (sale !== null && clock.saleId === sale.id));
  return { book, windows, clock, isFirstSale, country: event.country };
}

const NO_MOVES: readonly WindowMove[] = Object.freeze([]);

/** What freshly frozen shares put into their windows. */
function openingMoves(
  shares: readonly FrozenShare[],
  sums: SaleProgress['sums'],
  saleNet: bigint,
): readonly WindowMove[] {
  if (shares.every(({ window }) => window === null)) return NO_MOVES;
  const moves: WindowMove[] = [];
  for (const share of shares) move(moves, share, EMPTY_WINDOW, occupied(share, sums, saleNet));
  return moves;
}

/**
 * The clock that an account's first paid sale starts: the date of the sale and what the rule that won it says of first
 * sales and months. Of several attribution slots the first that has a rule speaks. Source: SEMANTICS §3.
 */
function startedClock(
  { event, book, clock }: RatingInput,
  terms: SaleTerms,
  sale: Sale | null,
  shares: readonly FrozenShare[],
): AccountClock | null {
  const paid = event.kind === 'payment' && event.net > 0n;
  if (!book.keepsClocks || clock !== null || terms.accountId === null || !paid) return null;
  const winner = shares.find(({ leg, clockTerms }) => levelOf(leg) === 0 && clockTerms !== null);
  if (winner === undefined) return null;
  return {
    accountId: terms.accountId,
    eventId: event.id,
    saleId: sale?.id ?? null,
    firstSaleOn: terms.saleDate,
    firstSaleOnly: winner.clockTerms!.firstSaleOnly,
    earningMonths: winner.clockTerms!.earningMonths,
    ruleVersionId: limitsAccounts(winner.clockTerms!) ? winner.ruleVersionId : null,
  };
}

// ── An event of a sale ────────────────────────────────────────────────────────────────────────────────────────────

function rateWithinSale(input: RatingInput, sale: Sale, trace: Trace | undefined): Decision | Deferral {
  const { event, book } = input;
  const before = input.state ?? UNTOUCHED;
  if (event.currency !== sale.currency || event.instanceId !== sale.instanceId) {
    throw new IntegrityError('sale_mismatch', `event ${event.id} differs from its sale ${sale.id}`);
  }
  const sums = accumulate(before, event);

  // Until its first payment nobody knows when the sale was made, hence neither its partner nor its rule. What has come
  // in is remembered, and the first decision that knows the date counts all of it. SEMANTICS §4, `sale_unknown`.
  if (sale.saleDate === null) {
    const leg = decide(unknownShare(sale.currency, book.knownSeq), ENTRY_KIND[event.kind], 0n, 'sale_unknown');
    const state = stateOf(sums, before.shares);
    if (trace !== undefined) narrateUnknownSale(trace, event, sale, state, book);
    return { legs: [leg], state, moves: NO_MOVES, clock: null };
  }

  const terms = sale as SaleTerms; // its date is proved by now
  const isFirst = before.shares.length === 0;
  const frozen = isFirst ? freezeShares(terms, standingsOf(terms, book), freezing(input, sale)) : null;
  if (frozen !== null && !Array.isArray(frozen)) return frozen;
  const known = frozen?.map((share): PostedShare => ({ frozen: share, posted: 0n })) ?? before.shares;
  const progress: SaleProgress = {
    sums,
    collectedBefore: collected(before, sale.saleNet),
    collected: collected(sums, sale.saleNet),
  };
  const unmoved = whyUnmoved(event, sale, progress);

  const legs: DecidedLeg[] = [];
  const shares: PostedShare[] = [];
  for (const { frozen, posted } of known) {
    const target = targetOf(frozen.full, progress.collected, sale.saleNet);
    const amount = target - posted;
    const kind = event.kind === 'payment' ? earningKind(frozen) : ENTRY_KIND[event.kind];
    legs.push(decide(frozen, kind, amount, amount === 0n ? zeroReason(frozen, sale, unmoved) : null));
    shares.push({ frozen, posted: target });
  }
  const moves = isFirst ? openingMoves(frozen!, sums, sale.saleNet) : laterMoves(known, before, sums, sale.saleNet);
  const clock = startedClock(
    input,
    terms,
    sale,
    shares.map((share) => share.frozen),
  );
  if (trace !== undefined) narrateSaleEvent(trace, event, terms, known, progress, legs, input);
  return { legs, state: stateOf(sums, shares), moves, clock };
}

/** What an event of a decided sale gives back to its shares' windows, or takes again. */
export function laterMoves(
  shares: readonly PostedShare[],
  before: SaleProgress['sums'],
  after: SaleProgress['sums'],
  saleNet: bigint,
): readonly WindowMove[] {
  if (shares.every(({ frozen }) => frozen.window === null)) return NO_MOVES;
  const moves: WindowMove[] = [];
  for (const { frozen } of shares) {
    move(moves, frozen, occupied(frozen, before, saleNet), occupied(frozen, after, saleNet));
  }
  return moves;
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
export function zeroReason(
  frozen: FrozenShare,
  sale: Pick<Sale, 'saleNet'>,
  unmoved: 'over_collected' | 'unchanged',
): ZeroReason {
  if (frozen.reason === null) return unmoved;
  return sale.saleNet === 0n && unmoved === 'over_collected' ? unmoved : frozen.reason;
}

/** What is decided of a sale before anybody knows when it was made. */
export function unknownShare(currency: string, knownSeq: number): FrozenShare {
  return {
    leg: OWN_LEG,
    partnerId: null,
    ruleVersionId: null,
    knownSeq,
    tier: null,
    ratePpm: null,
    base: 0n,
    full: 0n,
    uncapped: null,
    currency,
    fxRate: null,
    position: null,
    window: null,
    clockTerms: null,
    reason: 'sale_unknown',
  };
}

// ── An event whose sale is not named ──────────────────────────────────────────────────────────────────────────────

function rateUnlinked({ event, book }: RatingInput, trace: Trace | undefined): Decision | Deferral {
  const terms = ownTerms(event);
  const shares = freezeUnlinked(terms, standingsOf(terms, book), book);
  if (!Array.isArray(shares)) return shares;
  const kind = ENTRY_KIND[event.kind];
  const legs = shares.map((share) => decide(share, kind, share.full, share.reason ?? 'unlinked_credit'));
  if (trace !== undefined) narrateUnlinked(trace, event, legs, book);
  return { legs, state: null, moves: NO_MOVES, clock: null };
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

/** What comes in is an earning to who sold, and an override to who stands above. */
function earningKind({ leg }: FrozenShare): EntryKind {
  return levelOf(leg) === 0 ? 'earning' : 'override';
}

/** Written out instead of spread: a batch makes a million of these. */
export function decide(share: FrozenShare, kind: EntryKind, amount: bigint, decisionReason: Reason | null): DecidedLeg {
  return {
    leg: share.leg,
    partnerId: share.partnerId,
    ruleVersionId: share.ruleVersionId,
    knownSeq: share.knownSeq,
    tier: share.tier,
    ratePpm: share.ratePpm,
    base: share.base,
    full: share.full,
    uncapped: share.uncapped,
    currency: share.currency,
    fxRate: share.fxRate,
    position: share.position,
    window: share.window,
    clockTerms: share.clockTerms,
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
