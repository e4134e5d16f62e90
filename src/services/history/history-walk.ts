import type { UndecidedEvent } from '../../db/queries/decisions.ts';
import type {
  AccountClock,
  DecidedLeg,
  Decision,
  Deferral,
  RuleBookContent,
  SaleState,
  WindowKey,
  WindowUse,
} from '../../domain/rating/model.ts';
import { isDeferred, rateEvent, windowsOf, type RatingInput } from '../../domain/rating/rate.ts';
import { ruleBook, type RuleBook } from '../../domain/rating/rule-book.ts';
import { trueUp } from '../../domain/rating/true-up.ts';
import { windowEnd } from '../../domain/rating/windows.ts';
import type { HistoryStart, SaleAtStart } from './history-start.ts';

/**
 * Decides a stretch of history by one book, with the rating function of the accrual, carrying sales, windows and clocks
 * from event to event in memory. Nothing is written. A sale decided before the stretch keeps the terms it froze.
 */
export class HistoryWalk {
  readonly book: RuleBook;
  readonly #content: RuleBookContent;
  readonly #start: HistoryStart;
  readonly #frozenClocks: ReadonlyMap<number, AccountClock>;
  readonly #sales = new Map<number, { state: SaleState | null; left: number }>();
  readonly #windows = new Map<string, WindowUse>();
  readonly #clocks = new Map<number, AccountClock | null>();
  readonly #whole = new Map<string, WholeWindow>();
  /** Sales of which an event must wait: those after it do so, too. */
  readonly #waiting = new Map<number, Deferral>();

  /** @param frozenClocks clocks that only this book keeps: of accounts that were won before it asked for any */
  constructor(
    content: RuleBookContent,
    start: HistoryStart,
    frozenClocks: ReadonlyMap<number, AccountClock> = new Map(),
  ) {
    this.book = ruleBook(content);
    this.#content = content;
    this.#start = start;
    this.#frozenClocks = frozenClocks;
  }

  /** Reads what these events are rated by besides the book. `sales` holds those that they name. */
  async load(events: readonly UndecidedEvent[], sales: ReadonlyMap<number, SaleAtStart>): Promise<void> {
    for (const [id, { state, events: left }] of sales) {
      if (!this.#sales.has(id)) this.#sales.set(id, { state, left });
    }
    if (this.book.keepsClocks) {
      const accounts = new Set(events.map((event) => accountOf(event, sales)).filter((id) => id !== null));
      const missing = [...accounts].filter((id) => !this.#clocks.has(id));
      for (const id of missing) this.#clocks.set(id, this.#frozenClocks.get(id) ?? null);
      for (const clock of await this.#start.clocks(missing)) this.#clocks.set(clock.accountId, clock);
    }
    const keys = new Map<string, WindowKey>();
    for (const event of events) {
      for (const key of windowsOf(this.#input(event, sales))) {
        const name = nameOf(key);
        if (!this.#windows.has(name)) keys.set(name, key);
      }
    }
    if (keys.size === 0) return;
    const held = await this.#start.windows([...keys.values()]);
    [...keys.keys()].forEach((name, index) => this.#windows.set(name, held[index]!));
  }

  /** Decides the next event, in the order of decisions, and moves on. */
  decide(event: UndecidedEvent, sales: ReadonlyMap<number, SaleAtStart>): Decision | Deferral {
    const before = event.saleId === null ? undefined : this.#waiting.get(event.saleId);
    const outcome = before ?? rateEvent(this.#input(event, sales));
    if (isDeferred(outcome)) {
      if (event.saleId !== null) this.#waiting.set(event.saleId, outcome);
      return outcome;
    }
    if (event.saleId !== null) this.#moveOn(event.saleId, outcome.state);
    if (outcome.clock !== null) this.#clocks.set(outcome.clock.accountId, outcome.clock);
    for (const { key, base, full } of outcome.moves) {
      const held = this.#windows.get(nameOf(key))!;
      this.#windows.set(nameOf(key), { base: held.base + base, full: held.full + full });
    }
    for (const leg of outcome.legs) this.#count(event, leg, outcome);
    return outcome;
  }

  /** What windows under whole brackets that lie in the stretch would be trued up by, once they have closed. */
  trueUps(): { readonly partnerId: number; readonly currency: string; readonly amount: bigint }[] {
    const { from, to } = this.#start.stretch;
    return [...this.#whole.values()].flatMap(({ key, pieces }) => {
      const versions = this.#content.rules.filter(
        ({ ruleId, bracketMode }) => ruleId === key.ruleId && bracketMode === 'whole',
      );
      const end = versions[0]?.window == null ? null : windowEnd(versions[0].window.kind, key.startsOn);
      if (end === null || key.startsOn < from || end > to) return [];
      const inForce = versions
        .filter((version) => version.from === null || version.from < end)
        .sort((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1))
        .at(-1);
      if (inForce?.brackets == null) return [];
      return trueUp(inForce.brackets, [...pieces.values()]).pieces.map(({ partnerId, amount }) => ({
        partnerId,
        currency: key.currency,
        amount,
      }));
    });
  }

  #input(event: UndecidedEvent, sales: ReadonlyMap<number, SaleAtStart>): RatingInput {
    const sale = event.saleId === null ? null : sales.get(event.saleId)!.sale;
    const accountId = this.book.keepsClocks ? accountOf(event, sales) : null;
    return {
      event,
      sale,
      state: event.saleId === null ? null : (this.#sales.get(event.saleId)?.state ?? null),
      book: this.book,
      windows: (key) => this.#windows.get(nameOf(key))!,
      clock: accountId === null ? null : (this.#clocks.get(accountId) ?? null),
    };
  }

  /** A sale is forgotten with its last event, so that memory holds the open ones only. */
  #moveOn(saleId: number, state: SaleState | null): void {
    const left = (this.#sales.get(saleId)?.left ?? 1) - 1;
    if (left <= 0) this.#sales.delete(saleId);
    else this.#sales.set(saleId, { state, left });
  }

  #count({ instanceId }: UndecidedEvent, leg: DecidedLeg, { moves }: Decision): void {
    if (leg.window?.counts !== 'collected' || leg.partnerId === null) return;
    const { key } = leg.window;
    const window = this.#whole.get(nameOf(key)) ?? { key, pieces: new Map<string, WholePiece>() };
    this.#whole.set(nameOf(key), window);
    const place = `${leg.partnerId} ${instanceId}`;
    const piece = window.pieces.get(place) ?? { partnerId: leg.partnerId, instanceId, base: 0n, posted: 0n };
    const base = moves.find((move) => move.leg === leg.leg)?.base ?? 0n;
    window.pieces.set(place, { ...piece, base: piece.base + base, posted: piece.posted + leg.amount });
  }
}

interface WholePiece {
  readonly partnerId: number;
  readonly instanceId: number;
  readonly base: bigint;
  readonly posted: bigint;
}

interface WholeWindow {
  readonly key: WindowKey;
  readonly pieces: Map<string, WholePiece>;
}

/** Whose clock it is: the sale's account, where there is a sale. */
function accountOf(event: UndecidedEvent, sales: ReadonlyMap<number, SaleAtStart>): number | null {
  return event.saleId === null ? event.accountId : sales.get(event.saleId)!.sale.accountId;
}

function nameOf({ ruleId, ownerId, currency, startsOn }: WindowKey): string {
  return `${ruleId} ${ownerId} ${currency} ${startsOn}`;
}
