import type { ActInput, Regarded } from '../../src/domain/rating/act.ts';
import { ownSale, rateAct } from '../../src/domain/rating/act.ts';
import type {
  AccountClock,
  ActEvent,
  Decision,
  Deferral,
  GivenLeg,
  RatedEvent,
  Sale,
  SaleState,
  Trace,
  WindowKey,
  WindowUse,
} from '../../src/domain/rating/model.ts';
import { isDeferred, rateEvent } from '../../src/domain/rating/rate.ts';
import type { RuleBook } from '../../src/domain/rating/rule-book.ts';
import { EMPTY_WINDOW } from '../../src/domain/rating/windows.ts';

/**
 * An accrual in memory: decides events one after another and carries over what the database would, sales, windows and
 * clocks. The book may change between two events, as it does between two nights.
 */
export class RatingWalk {
  book: RuleBook;
  readonly #states = new Map<string, SaleState>();
  readonly #windows = new Map<string, WindowUse>();
  readonly #clocks = new Map<number, AccountClock>();
  /** Where the customer was, as the event said that decided first. */
  readonly #countries = new Map<string, string | null>();

  readonly #trace: Trace | undefined;

  /** @param trace is told every step of every decision */
  constructor(book: RuleBook, trace?: Trace) {
    this.book = book;
    this.#trace = trace;
  }

  /** Decides a billing event of a sale, or one that names none. */
  decide(event: RatedEvent, sale: Sale | null = null): Decision {
    const key = sale === null ? `event ${event.id}` : `sale ${sale.id}`;
    const clock = event.accountId === null ? null : (this.#clocks.get(event.accountId) ?? null);
    const state = this.#states.get(key) ?? null;
    const outcome = rateEvent({ event, sale, state, book: this.book, windows: this.windowOf, clock }, this.#trace);
    const decision = this.#keep(key, outcome);
    if (!this.#countries.has(key) && decision.legs.some(({ reason }) => reason !== 'sale_unknown')) {
      this.#countries.set(key, event.country);
    }
    if (decision.state === null) this.#states.set(key, stateOfAlone(event, decision));
    return decision;
  }

  /** Decides an act that regards a sale, or an event that names none. */
  act(
    act: ActEvent,
    regards: { readonly event: RatedEvent | null; readonly sale: Sale | null } | null,
    given: readonly GivenLeg[] = [],
  ): Decision {
    const { event = null, sale = null } = regards ?? {};
    const key = sale === null ? `event ${event?.id ?? act.id}` : `sale ${sale.id}`;
    const accountId = sale?.accountId ?? event?.accountId ?? null;
    const input: ActInput = {
      act,
      regards: regards === null ? null : this.#regarded(key, event, sale),
      given,
      book: this.book,
      windows: this.windowOf,
      clock: accountId === null ? null : (this.#clocks.get(accountId) ?? null),
    };
    const decision = this.#keep(key, rateAct(input));
    if (regards === null) this.#states.set(`act ${act.id}`, stateOfGiven(decision));
    return decision;
  }

  /** Voids an act that only said what it gives. */
  voidAct(act: ActEvent, voided: number): Decision {
    const key = `act ${voided}`;
    const regards = { event: null, sale: null, state: this.#states.get(key)!, country: null };
    return this.#keep(key, rateAct({ act, regards, given: [], book: this.book, windows: this.windowOf, clock: null }));
  }

  /** What a window holds now. */
  readonly windowOf = (key: WindowKey): WindowUse => this.#windows.get(textOf(key)) ?? EMPTY_WINDOW;

  #regarded(key: string, event: RatedEvent | null, sale: Sale | null): Regarded {
    const state = this.#states.get(key) ?? { received: 0n, returned: 0n, credited: 0n, shares: [] };
    const isOwnSale = sale === null && event !== null && (event.kind === 'payment' || event.kind === 'signup');
    return { event, sale: isOwnSale ? ownSale(event) : sale, state, country: this.#countries.get(key) ?? null };
  }

  #keep(key: string, outcome: Decision | Deferral): Decision {
    if (isDeferred(outcome)) throw new Error(`waits for ${JSON.stringify(outcome.waitsFor)}`);
    if (outcome.state !== null) this.#states.set(key, outcome.state);
    for (const move of outcome.moves) {
      const { base, full } = this.windowOf(move.key);
      this.#windows.set(textOf(move.key), { base: base + move.base, full: full + move.full });
    }
    if (outcome.clock !== null) this.#clocks.set(outcome.clock.accountId, outcome.clock);
    return outcome;
  }
}

/** What stands of an event outside any sale: an own sale is collected, an unlinked one has posted what it did. */
function stateOfAlone(event: RatedEvent, { legs }: Decision): SaleState {
  const received = event.kind === 'payment' ? event.net : 0n;
  return { received, returned: 0n, credited: 0n, shares: legs.map((leg) => ({ frozen: leg, posted: leg.amount })) };
}

function stateOfGiven({ legs }: Decision): SaleState {
  const shares = legs.map((leg) => ({ frozen: leg, posted: leg.amount }));
  return { received: 0n, returned: 0n, credited: 0n, shares };
}

function textOf({ ruleId, ownerId, currency, startsOn }: WindowKey): string {
  return `${ruleId} ${ownerId} ${currency} ${startsOn}`;
}
