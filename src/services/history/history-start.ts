import type { Connection } from '../../db/connection.ts';
import { decidedOfSales, salesById } from '../../db/queries/decisions.ts';
import { clocksBefore, eventsOfSales, positionsBefore } from '../../db/queries/history.ts';
import { foldSale, type DecidedOfSale } from '../../domain/rating/fold.ts';
import type { AccountClock, Sale, SaleState, WindowKey, WindowUse } from '../../domain/rating/model.ts';
import { EMPTY_WINDOW } from '../../domain/rating/windows.ts';

/** Business dates [from, to). */
export interface Stretch {
  readonly from: string;
  readonly to: string;
}

/** A sale as a stretch finds it. */
export interface SaleAtStart {
  readonly sale: Sale;
  /** Null where its first decision falls into the stretch. */
  readonly state: SaleState | null;
  /** How many of its events fall into the stretch. */
  readonly events: number;
}

/** What stood when a stretch of history began: sales, windows and clocks as the events before it left them. Reads only. */
export class HistoryStart {
  readonly #tx: Connection;
  readonly stretch: Stretch;

  constructor(tx: Connection, stretch: Stretch) {
    this.#tx = tx;
    this.stretch = stretch;
  }

  async sales(ids: readonly number[]): Promise<Map<number, SaleAtStart>> {
    if (ids.length === 0) return new Map();
    const sales = await salesById(this.#tx, ids);
    const events = await eventsOfSales(this.#tx, ids, this.stretch.from, this.stretch.to);
    const begun = ids.filter((id) => (events.get(id)?.before.size ?? 0) > 0);
    const decided = new Map<number, DecidedOfSale[]>();
    for (const leg of begun.length === 0 ? [] : await decidedOfSales(this.#tx, begun)) {
      const legs = decided.get(leg.saleId);
      if (legs === undefined) decided.set(leg.saleId, [leg]);
      else legs.push(leg);
    }
    return new Map(
      sales.map((sale) => {
        const { before, within } = events.get(sale.id)!;
        const legs = (decided.get(sale.id) ?? []).filter((leg) => before.has(leg.eventId));
        return [sale.id, { sale, state: legs.length === 0 ? null : foldSale(sale, legs), events: within }];
      }),
    );
  }

  async windows(keys: readonly WindowKey[]): Promise<WindowUse[]> {
    const { from } = this.stretch;
    // What begins with the stretch, or later, begins empty.
    const begun = keys.filter(({ startsOn }) => startsOn < from);
    const held = begun.length === 0 ? [] : await positionsBefore(this.#tx, begun, from);
    let next = 0;
    return keys.map(({ startsOn }) => (startsOn < from ? held[next++]! : EMPTY_WINDOW));
  }

  async clocks(accountIds: readonly number[]): Promise<AccountClock[]> {
    return accountIds.length === 0 ? [] : await clocksBefore(this.#tx, accountIds, this.stretch.from);
  }
}
