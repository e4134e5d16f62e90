import { decidedOfSales, salesById, type EventReads, type StoredSale } from '../../db/queries/decisions.ts';
import { foldSale } from '../../domain/rating/fold.ts';
import type { SaleState } from '../../domain/rating/model.ts';
import type { Unit } from '../context.ts';
import { Generations } from './generations.ts';

export interface SaleInProgress {
  sale: StoredSale;
  state: SaleState | null;
}

/**
 * The sales that a chunk touches, as the decided events left them. Nothing about a sale's progress is stored: it is
 * folded from its events and their entries, so it cannot drift from them.
 */
export class SaleStates {
  readonly #sales = new Generations<number, SaleInProgress>();
  readonly #unit: Unit;
  readonly #reads: Pick<EventReads, 'readsWholesale'>;

  /** @param reads what the rules at hand want to know of a sale */
  constructor(unit: Unit, reads: Pick<EventReads, 'readsWholesale'>) {
    this.#unit = unit;
    this.#reads = reads;
  }

  /** Makes `get` answer for the sales of these events; forgets all but the last two chunks'. */
  async load(events: readonly { readonly saleId: number | null }[]): Promise<void> {
    const missing = this.#sales.turn(saleIdsOf(events));
    if (missing.length === 0) {
      return;
    }
    // Through the unit: a dry run has written earlier chunks where only its own transaction sees them.
    const { sales, decided } = await this.#unit(async (tx) => ({
      sales: await salesById(tx, missing, this.#reads),
      decided: await decidedOfSales(tx, missing),
    }));
    for (const sale of sales) {
      this.#sales.set(sale.id, { sale, state: null });
    }
    for (let from = 0; from < decided.length;) {
      let to = from;
      while (to < decided.length && decided[to]!.saleId === decided[from]!.saleId) {
        to += 1;
      }
      const progress = this.#sales.get(decided[from]!.saleId);
      if (progress !== undefined) {
        progress.state = foldSale(progress.sale, decided.slice(from, to));
      }
      from = to;
    }
  }

  get(saleId: number): SaleInProgress {
    const found = this.#sales.get(saleId);
    if (found === undefined) {
      throw new Error(`sale ${saleId} was not loaded`);
    }
    return found;
  }
}

function saleIdsOf(events: readonly { readonly saleId: number | null }[]): Set<number> {
  const ids = new Set<number>();
  for (const { saleId } of events) {
    if (saleId !== null) {
      ids.add(saleId);
    }
  }
  return ids;
}
