import { entryLine, type DecidedLines, type DecidedRange, type FrozenSale } from '../../db/queries/decision-chunks.ts';
import { ensureWallets, type UndecidedEvent, type WalletKey } from '../../db/queries/decisions.ts';
import { actEvent, isAct, rateAct, windowsOfAct, type ActInput } from '../../domain/rating/act.ts';
import type { DecidedLeg, Decision, Deferral, SaleState, WindowKey } from '../../domain/rating/model.ts';
import { isDeferred, rateEvent, windowsOf, type RatingInput } from '../../domain/rating/rate.ts';
import { costLine } from '../../db/queries/subscription-costs.ts';
import { waitLine } from '../../db/queries/waiting-events.ts';
import type { Unit } from '../context.ts';
import { ActSubjects, type ActInProgress } from './act-subjects.ts';
import { AccountClocks } from './account-clocks.ts';
import type { AccrualTerms } from './accrual-terms.ts';
import { SaleStates, type SaleInProgress } from './sale-states.ts';
import type { SubscriptionCosts } from './subscription-costs.ts';
import type { WaitingEvents } from './waiting-events.ts';
import { WindowPositions } from './window-positions.ts';

export interface RatedChunk {
  readonly events: number;
  readonly ranges: readonly DecidedRange[];
  readonly lines: DecidedLines;
  /** Sales decided here for the first time. */
  readonly sales: readonly FrozenSale[];
  /** Events of earlier chunks that had to wait, and are decided here. */
  readonly waited: readonly number[];
}

/**
 * Rates chunk after chunk, keeping what carries over: wallets already met, and the sales, windows and clocks of the
 * chunk being written.
 */
export class ChunkRating {
  readonly #unit: Unit;
  readonly #terms: AccrualTerms;
  readonly #sales: SaleStates;
  readonly #acts: ActSubjects;
  readonly #windows: WindowPositions;
  readonly #clocks: AccountClocks;
  readonly #waiting: WaitingEvents;
  readonly #costs: SubscriptionCosts;
  // partner → instance → currency → wallet: three lookups by value cost less than one by a joined string
  readonly #wallets = new Map<number, Map<number, Map<string, number>>>();

  constructor(unit: Unit, terms: AccrualTerms, waiting: WaitingEvents, costs: SubscriptionCosts) {
    this.#waiting = waiting;
    this.#costs = costs;
    this.#unit = unit;
    this.#terms = terms;
    this.#sales = new SaleStates(unit, terms.book);
    this.#acts = new ActSubjects(unit);
    this.#windows = new WindowPositions(unit);
    this.#clocks = new AccountClocks(unit);
  }

  /**
   * Null for no events. Writes wallets that are missing, and nothing else.
   * @param turn 'again' for events that have waited: they are in the ranges of earlier chunks
   */
  async rate(events: readonly UndecidedEvent[], turn: 'first' | 'again'): Promise<RatedChunk | null> {
    if (events.length === 0) {
      return null;
    }
    await this.#load(events);
    const { dates } = this.#terms;
    // Side by side, an item a leg: a million small objects more would be a third of the time of rating them.
    const legs: DecidedLeg[] = [];
    const causes: UndecidedEvent[] = [];
    const wallets: (number | null | undefined)[] = [];
    const moveLines: string[] = [];
    const clockLines: string[] = [];
    const waitLines: string[] = [];
    const waited: number[] = [];
    const costLines: string[] = [];
    const sales: FrozenSale[] = [];
    for (const event of events) {
      const progress = this.#progressOf(event);
      const act = this.#acts.of(event, progress);
      const decision = this.#decide(event, act);
      if (isDeferred(decision)) {
        if (turn === 'first') waitLines.push(waitLine(event.id, decision.waitsFor));
        continue;
      }
      if (turn === 'again') waited.push(event.id);
      if (act === null && progress !== null && !isDecided(progress.state) && isDecided(decision.state)) {
        sales.push(progress.sale);
      }
      const cost = this.#costs.of(event.id);
      if (cost !== null && (progress === null || isDecided(decision.state))) costLines.push(costLine(cost));
      if (act === null && progress === null) this.#acts.note(event, decision.legs);
      const subject = act === null ? progress : act.subject;
      if (subject !== null) {
        subject.state = decision.state;
      }
      for (const move of decision.moves) {
        moveLines.push(this.#windows.move(event.id, move));
      }
      if (decision.clock !== null) {
        clockLines.push(this.#clocks.start(decision.clock));
      }
      for (const leg of decision.legs) {
        legs.push(leg);
        causes.push(event);
        wallets.push(leg.partnerId === null ? null : this.#findWallet(leg, event));
      }
    }
    await this.#openMissing(legs, causes, wallets);
    const entryLines = legs.map((leg, index) => {
      const { id, occurredOn, instanceId } = causes[index]!;
      const postingDate = dates.postingDate(occurredOn);
      const payableOn = leg.payableOn ?? dates.payableOn(occurredOn, instanceId, leg.amount);
      return entryLine(id, leg, wallets[index] ?? null, postingDate, payableOn);
    });
    return {
      events: events.length,
      ranges: turn === 'first' ? rangesOf(events) : [],
      lines: { entries: entryLines, moves: moveLines, clocks: clockLines, waits: waitLines, costs: costLines },
      sales,
      waited,
    };
  }

  /** By rating alone, unless something that must be decided before it waits. */
  #decide(event: UndecidedEvent, act: ActInProgress | null): Decision | Deferral {
    const before = this.#waiting.before(event, act === null ? null : this.#acts.subjectId(event));
    const outcome: Decision | Deferral =
      before !== null
        ? { waitsFor: before }
        : act === null
          ? rateEvent(this.#input(event))
          : rateAct(this.#actInput(event, act));
    if (isDeferred(outcome)) this.#waiting.putOff(event, outcome.waitsFor, before === null);
    return outcome;
  }

  /** Reads what these events are rated by besides the book: their sales, and, where any rule asks, clocks and windows. */
  async #load(events: readonly UndecidedEvent[]): Promise<void> {
    const { book } = this.#terms;
    await this.#sales.load(events);
    await this.#acts.load(events);
    if (this.#costs.asks) {
      const billed = events.filter((event) => this.#acts.of(event, this.#progressOf(event)) === null);
      await this.#costs.load(billed, (id) => this.#sales.get(id));
    }
    if (book.keepsClocks) {
      await this.#clocks.load(new Set(events.map((event) => this.#accountOf(event)).filter((id) => id !== null)));
    }
    // Without such rules only a sale that was decided by one, before it was retired, has windows.
    const asking = book.hasWindows ? events : events.filter(({ saleId, kind }) => saleId !== null || isAct(kind));
    await this.#windows.load(asking.flatMap((event) => this.#windowsOf(event)));
  }

  #progressOf({ saleId }: UndecidedEvent): SaleInProgress | null {
    return saleId === null ? null : this.#sales.get(saleId);
  }

  #windowsOf(event: UndecidedEvent): readonly WindowKey[] {
    const act = this.#acts.of(event, this.#progressOf(event));
    if (act === null) return windowsOf(this.#input(event));
    const { regards } = act;
    if (regards === null || regards.sale === null) return [];
    return windowsOfAct(event, regards.sale, regards.state, this.#terms.book);
  }

  #actInput(event: UndecidedEvent, { regards, given }: ActInProgress): ActInput {
    const { book } = this.#terms;
    const accountId = book.keepsClocks ? (regards?.sale?.accountId ?? null) : null;
    const clock = accountId === null ? null : this.#clocks.of(accountId);
    return { act: actEvent(event), regards, given, book, windows: this.#windows.at, clock };
  }

  #input(event: UndecidedEvent): RatingInput {
    const { book } = this.#terms;
    const progress = this.#progressOf(event);
    const accountId = book.keepsClocks ? this.#accountOf(event) : null;
    const cost = progress === null ? this.#costs.of(event.id) : null;
    return {
      event: cost === null ? event : { ...event, wholesaleNet: cost.wholesaleNet },
      sale: progress === null ? null : progress.sale,
      state: progress === null ? null : progress.state,
      book,
      windows: this.#windows.at,
      clock: accountId === null ? null : this.#clocks.of(accountId),
    };
  }

  /** Whose clock it is: the sale's account, where there is a sale. */
  #accountOf(event: UndecidedEvent): number | null {
    const { saleId, accountId } = event;
    if (saleId === null) return accountId ?? this.#acts.of(event, null)?.regards?.sale?.accountId ?? null;
    return this.#sales.get(saleId).sale.accountId;
  }

  async #openMissing(
    legs: readonly DecidedLeg[],
    causes: readonly UndecidedEvent[],
    wallets: (number | null | undefined)[],
  ): Promise<void> {
    const missing = new Map<string, WalletKey>();
    wallets.forEach((wallet, index) => {
      if (wallet === undefined) {
        const { partnerId, currency } = legs[index]!;
        const { instanceId } = causes[index]!;
        missing.set(`${partnerId} ${instanceId} ${currency}`, { partnerId: partnerId!, instanceId, currency });
      }
    });
    if (missing.size === 0) {
      return;
    }
    for (const wallet of await this.#unit(async (tx) => await ensureWallets(tx, [...missing.values()]))) {
      const ofPartner = this.#wallets.get(wallet.partnerId) ?? new Map<number, Map<string, number>>();
      const ofInstance = ofPartner.get(wallet.instanceId) ?? new Map<string, number>();
      this.#wallets.set(wallet.partnerId, ofPartner.set(wallet.instanceId, ofInstance.set(wallet.currency, wallet.id)));
    }
    wallets.forEach((wallet, index) => {
      if (wallet === undefined) {
        const leg = legs[index]!;
        wallets[index] = this.#findWallet(leg, causes[index]!);
        if (wallets[index] === undefined) {
          throw new Error(`the wallet of partner ${leg.partnerId} for event ${causes[index]!.id} was not opened`);
        }
      }
    });
  }

  /** In the currency that the leg is paid in, which need not be the event's. */
  #findWallet({ partnerId, currency }: DecidedLeg, { instanceId }: UndecidedEvent): number | undefined {
    return this.#wallets.get(partnerId!)?.get(instanceId)?.get(currency);
  }
}

/** A sale whose events have all waited for it is not. */
function isDecided(state: SaleState | null): boolean {
  return state !== null && state.shares.length > 0;
}

/** One contiguous range a batch: the stream hands out each batch's events in the order of their ids. */
function rangesOf(events: readonly UndecidedEvent[]): DecidedRange[] {
  const ranges = new Map<number, { batchId: number; firstId: number; lastId: number }>();
  for (const { batchId, id } of events) {
    const range = ranges.get(batchId);
    if (range === undefined) {
      ranges.set(batchId, { batchId, firstId: id, lastId: id });
    } else {
      range.lastId = id;
    }
  }
  return [...ranges.values()];
}
