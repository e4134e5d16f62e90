import type { Connection } from '../../db/connection.ts';
import type { UndecidedEvent } from '../../db/queries/decisions.ts';
import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { anySubscriptions, findCosts } from '../../db/queries/subscription-costs.ts';
import { askingEvents } from '../accrual/subscription-costs.ts';
import type { Context } from '../context.ts';
import type { SaleAtStart } from './history-start.ts';

/**
 * What past sales cost wholesale that nobody gave a price and whose decision took none, because no rule of margin asked
 * for it then: by the subscriptions as they are known now. What was stored stays as it is. Reads only.
 */
export class PastCosts {
  readonly #tx: Connection;
  /** Null where nothing is to be asked. */
  readonly #knownSeq: number | null;

  private constructor(tx: Connection, knownSeq: number | null) {
    this.#tx = tx;
    this.#knownSeq = knownSeq;
  }

  /** @param wanted whether any rule at hand is of margin */
  static async open({ db }: Context, wanted: boolean): Promise<PastCosts> {
    const asks = wanted && (await anySubscriptions(db));
    return new PastCosts(db, asks ? await latestKnownSeq(db) : null);
  }

  /** The events and their sales with what they cost. */
  async price(
    events: readonly UndecidedEvent[],
    sales: ReadonlyMap<number, SaleAtStart>,
  ): Promise<{ priced: readonly UndecidedEvent[]; sales: ReadonlyMap<number, SaleAtStart> }> {
    if (this.#knownSeq === null) return { priced: events, sales };
    const asking = askingEvents(events, (id) => sales.get(id)!);
    const found = await findCosts(this.#tx, asking, this.#knownSeq);
    const ofSales = new Map(found.map(({ saleId, wholesaleNet }) => [saleId, wholesaleNet]));
    const ofEvents = new Map(
      found.filter(({ saleId }) => saleId === null).map((one) => [one.eventId, one.wholesaleNet]),
    );
    return {
      priced: events.map((event) => ({ ...event, wholesaleNet: ofEvents.get(event.id) ?? event.wholesaleNet })),
      sales: new Map(
        [...sales].map(([id, one]) => [
          id,
          { ...one, sale: { ...one.sale, wholesaleNet: ofSales.get(id) ?? one.sale.wholesaleNet } },
        ]),
      ),
    };
  }
}
