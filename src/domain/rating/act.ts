import { RefusedError } from '../errors.ts';
import { divRoundHalfAwayFromZero, formatMinor } from '../money.ts';
import type {
  ActEvent,
  AccountClock,
  DecidedLeg,
  Decision,
  Deferral,
  EntryKind,
  FrozenShare,
  GivenLeg,
  PostedShare,
  RatedEvent,
  Sale,
  SaleState,
  Trace,
  WindowKey,
  WindowMove,
} from './model.ts';
import { narrateAct, type ToldAgain } from './narration.ts';
import { decide, laterMoves, standingsOf, unknownShare, windowsOf, zeroReason } from './rate.ts';
import type { RuleBook } from './rule-book.ts';
import { collected, ownTerms, stateOf, takeBack, targetOf, type SaleTerms } from './sale.ts';
import { freezeShares, freezeUnlinked } from './shares.ts';
import { EMPTY_WINDOW, occupied, sameWindow, type WindowReader } from './windows.ts';

/**
 * What operators do to money that is decided already, and what the system computes of it. Nothing decided is changed:
 * an act is an event of its own, and posts what is missing between what was posted and what is right now.
 * Source: SEMANTICS §2, §4.
 */
export interface ActInput {
  readonly act: ActEvent;
  /** What the act is about; null for one that only says what it gives. */
  readonly regards: Regarded | null;
  /** What the act itself says each partner gets. */
  readonly given: readonly GivenLeg[];
  readonly book: RuleBook;
  readonly windows: WindowReader;
  readonly clock: AccountClock | null;
}

/** The decided event or sale that an act is about, as everything before the act left it. */
export interface Regarded {
  /** The event: the one that is voided, or the unlinked one or own sale that is rated again. */
  readonly event: RatedEvent | null;
  /** Its sale; an event that is its own sale comes as one (`ownSale`). Null for an unlinked event or another act. */
  readonly sale: Sale | null;
  readonly state: SaleState;
  /** Where the customer was, as the decision that froze the shares was told. */
  readonly country: string | null;
}

/** A sale that no billing system named: it is the event, and is told from the sale that has the same number by that. */
export interface OwnSale extends Sale {
  readonly eventId: number;
}

/** An event without a sale_ref as the sale that it is. */
export function ownSale(event: RatedEvent): OwnSale {
  return { id: event.id, eventId: event.id, ...ownTerms(event) };
}

function isOwnSale(sale: Sale): sale is OwnSale {
  return 'eventId' in sale;
}

const ACTS: ReadonlySet<string> = new Set([
  'void',
  'rerate',
  'reattribution',
  'bonus',
  'write_off',
  'opening',
  'true_up',
]);

/** Whether events of this kind are always acts. */
export function isAct(kind: string): boolean {
  return ACTS.has(kind);
}

/** Whether an act freezes a decided sale's shares anew. */
export function isRatingAgain(kind: string): boolean {
  return kind === 'rerate' || kind === 'reattribution';
}

/** The windows that a sale holds, and those that it would come to hold if it were rated again. */
export function windowsOfAct(event: RatedEvent, sale: Sale, state: SaleState, book: RuleBook): readonly WindowKey[] {
  return [...windowsOf({ event, sale, state, book }), ...windowsOf({ event, sale, state: null, book })];
}

/** An event without a sale: its own sale, an unlinked one, or another act, of which only what it posted counts. */
export function regardedEvent(
  { event, given }: { readonly event: RatedEvent; readonly given: boolean },
  state: SaleState,
): Regarded {
  if (given) return { event: null, sale: null, state, country: null };
  const sells = event.kind === 'payment' || event.kind === 'signup';
  return { event, sale: sells ? ownSale(event) : null, state, country: event.country };
}

/** The event as the domain's word for an act. */
export function actEvent({ id, kind, instanceId, currency, occurredOn }: RatedEvent): ActEvent {
  return { id, kind: kind as ActEvent['kind'], instanceId, currency, occurredOn };
}

/** Decides one act: see RatingInput for what must hold. With a trace, tells how it came about. */
export function rateAct(input: ActInput, trace?: Trace): Decision | Deferral {
  const { act, regards, book, clock } = input;
  const outcome = decideAct(input);
  if (trace !== undefined && 'legs' in outcome) {
    const before = regards?.state.shares ?? [];
    narrateAct(trace, act, WHY[act.kind], outcome.legs, before, toldAgain(input), { book, clock });
  }
  return outcome;
}

function toldAgain({ act: { kind }, regards }: ActInput): ToldAgain | null {
  if (regards === null || (kind !== 'rerate' && kind !== 'reattribution')) return null;
  const { sale, event, state } = regards;
  if (sale === null) return { terms: ownTerms(event!), collected: null };
  return { terms: sale as SaleTerms, collected: collected(state, sale.saleNet) };
}

function decideAct(input: ActInput): Decision | Deferral {
  const { act, regards, book, given } = input;
  const { kind } = act;
  if (kind === 'void') return voidEvent(regards!, act, book);
  if (kind === 'rerate' || kind === 'reattribution') return rateAgain(input, kind, regards!);
  if (kind === 'opening' && regards !== null) return openSale(input, regards);
  return rateGiven(act, given, book);
}

const WHY: Readonly<Record<ActEvent['kind'], string>> = {
  void: 'the event counts as nothing from now on: what its sale, or it alone, had earned by it is posted back',
  rerate: 'the sale is rated again by the rules as known now, and the difference is posted',
  reattribution:
    'the account is somebody else’s from a date on: its sales since then are rated again, and the differences posted',
  bonus: 'granted by the operator',
  adjustment: 'adjusted by the operator',
  write_off: 'written off by the operator',
  opening: 'carried over from the system before',
  true_up: 'the window has closed: what its whole base earns, less what its sales have posted',
};

const NOTHING_ELSE = Object.freeze({ state: null, moves: [], clock: null });

// ── Bonuses, adjustments, true-ups: legs that the act brings along ────────────────────────────────────────────────

/** What rateAct decides of an act that says itself what it gives and regards nothing: of the book it reads the number. */
export function rateGiven(act: ActEvent, given: readonly GivenLeg[], book: Pick<RuleBook, 'knownSeq'>): Decision {
  return { legs: given.map((leg) => decideGiven(act, act.kind as EntryKind, leg, book)), ...NOTHING_ELSE };
}

/**
 * A sale of before these books: what it had earned is carried over, and its full share follows from that and from what had
 * been collected, so that whatever comes of it later finds its cumulative target. Source: SEMANTICS §2, §4.
 */
function openSale({ act, given, book }: ActInput, { event, sale }: Regarded): Decision {
  const sums = { received: event!.net, returned: 0n, credited: 0n };
  const part = collected(sums, sale!.saleNet);
  const legs = given.map((leg) => ({
    ...decideGiven(act, 'opening', leg, book),
    base: sale!.saleNet,
    full: divRoundHalfAwayFromZero(leg.amount * sale!.saleNet, part),
  }));
  return {
    legs,
    state: stateOf(
      sums,
      legs.map((frozen) => ({ frozen, posted: frozen.amount })),
    ),
    moves: [],
    clock: null,
  };
}

function decideGiven(act: ActEvent, kind: EntryKind, given: GivenLeg, book: Pick<RuleBook, 'knownSeq'>): DecidedLeg {
  const { leg, partnerId, amount, base, ruleVersionId, ratePpm } = given;
  const share: FrozenShare = {
    leg,
    partnerId,
    ruleVersionId,
    knownSeq: book.knownSeq,
    tier: null,
    ratePpm,
    base,
    full: amount,
    uncapped: null,
    currency: act.currency,
    fxRate: null,
    position: null,
    window: null,
    clockTerms: null,
    reason: null,
  };
  const decided = decide(share, kind, amount, amount === 0n ? 'unchanged' : null);
  return given.payableOn == null ? decided : { ...decided, payableOn: given.payableOn };
}

// ── Void: the event counts as nothing in its sale ─────────────────────────────────────────────────────────────────

function voidEvent({ event, sale, state }: Regarded, act: ActEvent, book: RuleBook): Decision {
  if (sale === null || event === null) {
    // Outside a sale nothing is left of it but what it posted.
    const legs = state.shares.map(({ frozen, posted }) =>
      decide(frozen, 'void', -posted, posted === 0n ? (frozen.reason ?? 'unchanged') : null),
    );
    const shares = state.shares.map(({ frozen }): PostedShare => ({ frozen, posted: 0n }));
    return { legs, state: stateOf(state, shares), moves: [], clock: null };
  }
  // Where the event is the sale, nothing of the sale stands any more, not even in its window.
  const sums = isOwnSale(sale) ? { ...takeBack(state, event), credited: sale.saleNet } : takeBack(state, event);
  const part = collected(sums, sale.saleNet);
  const legs: DecidedLeg[] = [];
  const shares: PostedShare[] = [];
  for (const { frozen, posted } of state.shares) {
    const target = targetOf(frozen.full, part, sale.saleNet);
    const amount = target - posted;
    legs.push(decide(frozen, 'void', amount, amount === 0n ? zeroReason(frozen, sale, 'unchanged') : null));
    shares.push({ frozen, posted: target });
  }
  if (legs.length === 0) legs.push(decide(unknownShare(act.currency, book.knownSeq), 'void', 0n, 'sale_unknown'));
  const moves = laterMoves(state.shares, state, sums, sale.saleNet);
  return { legs, state: stateOf(sums, shares), moves, clock: null };
}

// ── Rerate and re-attribution: the shares are frozen anew ─────────────────────────────────────────────────────────

/**
 * Freezes a sale's shares as the book stands now and posts the differences; the sale then holds the new terms. A share
 * keeps its place in its window, for nothing decided is sliced again; one that nobody has any more goes back to zero.
 */
function rateAgain(input: ActInput, kind: 'rerate' | 'reattribution', regards: Regarded): Decision | Deferral {
  const { book } = input;
  const { sale, event, state, country } = regards;
  const terms = (sale ?? ownTerms(event!)) as SaleTerms;
  const standings = standingsOf(terms, book);
  const fresh =
    sale === null
      ? freezeUnlinked(terms, standings, book)
      : freezeShares(terms, standings, {
          book,
          windows: keepingPlaces(state, input.windows),
          clock: input.clock,
          isFirstSale: startedBy(sale, input.clock),
          country,
        });
  if (!Array.isArray(fresh)) return fresh;

  const part = sale === null ? null : collected(state, sale.saleNet);
  const legs: DecidedLeg[] = [];
  const shares: PostedShare[] = [];
  const moves: WindowMove[] = [];
  for (const { was, posted, now } of pairUp(state.shares, fresh, book)) {
    const target = part === null ? now.full : targetOf(now.full, part, terms.saleNet);
    const amount = target - posted;
    // A share that earns nothing from now on says why, beside what it gives back: later events have it from here.
    legs.push(decide(now, kind, amount, amount === 0n ? (now.reason ?? 'unchanged') : now.reason));
    shares.push({ frozen: now, posted: target });
    if (sale !== null) moveBetween(moves, was, now, state, sale.saleNet);
  }
  return { legs, state: stateOf(state, shares), moves, clock: null };
}

function startedBy(sale: Sale, clock: AccountClock | null): boolean {
  return clock !== null && (isOwnSale(sale) ? clock.eventId === sale.eventId : clock.saleId === sale.id);
}

interface Pair {
  readonly was: FrozenShare | null;
  readonly posted: bigint;
  readonly now: FrozenShare;
}

/** Old and new shares by leg; a leg that is no more earns nothing from now on. */
function pairUp(old: readonly PostedShare[], fresh: readonly FrozenShare[], book: RuleBook): Pair[] {
  const oldByLeg = new Map(old.map((share) => [share.frozen.leg, share]));
  const stay = fresh.map((now): Pair => {
    const was = oldByLeg.get(now.leg);
    if (was === undefined) return { was: null, posted: 0n, now };
    return { was: was.frozen, posted: was.posted, now: inCurrencyPosted(was, now) };
  });
  const freshLegs = new Set(fresh.map(({ leg }) => leg));
  const go = old
    .filter(({ frozen }) => !freshLegs.has(frozen.leg))
    .map(({ frozen, posted }): Pair => {
      const now: FrozenShare = {
        ...frozen,
        // Decided by whose it is, and by no rule.
        ruleVersionId: null,
        ratePpm: null,
        clockTerms: null,
        knownSeq: book.knownSeq,
        full: 0n,
        uncapped: null,
        position: null,
        window: null,
        reason: 'reattributed',
      };
      return { was: frozen, posted, now };
    });
  return [...stay, ...go].sort((a, b) => a.now.leg - b.now.leg);
}

/**
 * What a share has posted can be taken back in its own currency only, and an entry has but one.
 * @throws RefusedError `rerate_currency`: the new terms pay in another currency than what was posted
 */
function inCurrencyPosted({ frozen: was, posted }: PostedShare, now: FrozenShare): FrozenShare {
  const { currency } = was;
  if (posted === 0n || now.currency === currency) return now;
  if (now.full === 0n) return { ...now, currency, fxRate: was.fxRate };
  throw new RefusedError(
    'rerate_currency',
    `a share that has posted ${formatMinor(posted, currency)} ${currency} cannot be rated again in ${now.currency}`,
    { hint: 'let the rule pay in that currency from a later date on, and adjust by hand what is decided already' },
  );
}

/** A window as the sale found it when it was first decided; one that is new to the sale, as it is now. */
function keepingPlaces(state: SaleState, windows: WindowReader): WindowReader {
  return (key) => {
    const holder = state.shares.find(({ frozen: { window } }) => window !== null && sameWindow(window.key, key));
    return holder?.frozen.position ?? windows(key);
  };
}

/** Out of the old window and into the new one; where that is the same, one move. */
function moveBetween(
  moves: WindowMove[],
  was: FrozenShare | null,
  now: FrozenShare,
  sums: SaleState,
  saleNet: bigint,
): void {
  const left = was === null ? EMPTY_WINDOW : occupied(was, sums, saleNet);
  const entered = occupied(now, sums, saleNet);
  const from: WindowKey | null = was?.window?.key ?? null;
  const to: WindowKey | null = now.window?.key ?? null;
  const push = (key: WindowKey, base: bigint, full: bigint) => moves.push({ key, leg: now.leg, base, full });
  if (from !== null && to !== null && sameWindow(from, to)) {
    push(to, entered.base - left.base, entered.full - left.full);
    return;
  }
  if (from !== null) push(from, -left.base, -left.full);
  if (to !== null) push(to, entered.base, entered.full);
}
