import type { UndecidedEvent } from '../../db/queries/decisions.ts';
import { waitingEvents } from '../../db/queries/waiting-events.ts';
import type { Connection } from '../../db/connection.ts';
import type { WaitsFor } from '../../domain/rating/model.ts';

/** Events that wait for one pair, and the days whose rate is missing. */
export interface MissingRates {
  readonly base: string;
  readonly quote: string;
  readonly from: string;
  /** The last of these days. */
  readonly to: string;
  readonly events: number;
}

/**
 * Who waits for an exchange rate at this point of a run: events that could not be decided when their turn came, and what
 * stands behind them. A sale waits with the first of its events that must, so that they keep their order; an act, with
 * what it is about. Known for the whole run, a number or two each: it is few that wait, or all and soon.
 */
export class WaitingEvents {
  readonly #events = new Map<number, WaitsFor>();
  readonly #sales = new Map<number, WaitsFor>();
  /** What this run has put off: by its event, and whether it itself lacks the rate. */
  readonly #putOff = new Map<number, { readonly waitsFor: WaitsFor; readonly lacksRate: boolean }>();
  #due: readonly number[] = [];

  /**
   * Reads what waits already.
   * @param until events up to this date are tried again; null: all go on waiting
   */
  async load(tx: Connection, until: string | null): Promise<void> {
    const due: number[] = [];
    const putOff = new Map(this.#putOff);
    for (const known of [this.#events, this.#sales, this.#putOff]) known.clear();
    for (const { id, saleId, occurredOn, waitsFor } of await waitingEvents(tx)) {
      if (until !== null && occurredOn <= until) {
        due.push(id);
        continue;
      }
      // What is dated later than a run, as a void of today is, holds up nothing of its sale that has its turn before it.
      this.#note(id, until === null ? saleId : null, waitsFor);
      const own = putOff.get(id);
      if (own !== undefined) this.#putOff.set(id, own);
    }
    this.#due = due;
  }

  /** Up to `limit` of those to be tried again, in the order of decisions. */
  take(limit: number): readonly number[] {
    const taken = this.#due.slice(0, limit);
    this.#due = this.#due.slice(limit);
    return taken;
  }

  /** What stands before an event, or before the event that it is about; null where nothing does. */
  before({ saleId }: Pick<UndecidedEvent, 'saleId'>, subjectId: number | null): WaitsFor | null {
    if (saleId !== null) return this.#sales.get(saleId) ?? null;
    return subjectId === null ? null : (this.#events.get(subjectId) ?? null);
  }

  /** @param lacksRate false for an event that stands behind another one */
  putOff({ id, saleId }: Pick<UndecidedEvent, 'id' | 'saleId'>, waitsFor: WaitsFor, lacksRate: boolean): void {
    this.#note(id, saleId, waitsFor);
    this.#putOff.set(id, { waitsFor, lacksRate });
  }

  /** The first event that itself lacks a rate, or null. */
  firstMissing(): { readonly eventId: number; readonly waitsFor: WaitsFor } | null {
    for (const [eventId, { waitsFor, lacksRate }] of this.#putOff) if (lacksRate) return { eventId, waitsFor };
    return null;
  }

  /** What this run leaves waiting, by pair. */
  missingRates(): MissingRates[] {
    const pairs = new Map<string, MissingRates>();
    for (const {
      waitsFor: { from: base, to: quote, on },
    } of this.#putOff.values()) {
      const known = pairs.get(`${base}/${quote}`) ?? { base, quote, from: on, to: on, events: 0 };
      pairs.set(`${base}/${quote}`, {
        ...known,
        from: on < known.from ? on : known.from,
        to: on > known.to ? on : known.to,
        events: known.events + 1,
      });
    }
    return [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, missing]) => missing);
  }

  #note(id: number, saleId: number | null, waitsFor: WaitsFor): void {
    this.#events.set(id, waitsFor);
    if (saleId !== null && !this.#sales.has(saleId)) this.#sales.set(saleId, waitsFor);
  }
}

/** What is left waiting, a sentence a pair, with what to do about it. */
export function toldMissing({ base, quote, from, to, events }: MissingRates): string {
  const [who, them] = events === 1 ? ['1 event waits', 'it'] : [`${events} events wait`, 'them'];
  return (
    `${who} for a rate ${base}/${quote} of ${from === to ? from : `${from} to ${to}`}: once \`revshare fx import FILE\` ` +
    `has brought it, the next accrual decides ${them} (\`revshare fx list\` shows what there is)`
  );
}
