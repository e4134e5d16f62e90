import { decidedOfSales, salesById, type DecidedOfSale, type StoredSale } from '../../db/queries/decisions.ts';
import type { FrozenShare, SaleState } from '../../domain/rating/model.ts';
import { accumulate } from '../../domain/rating/sale.ts';
import type { Unit } from '../context.ts';

export interface SaleInProgress {
  readonly sale: StoredSale;
  state: SaleState | null;
}

/**
 * The sales that a chunk touches, as the decided events left them. Nothing about a sale's progress is stored: it is
 * folded from its events and their entries, so it cannot drift from them.
 *
 * While one chunk is being written the next is rated: what the chunk before left is carried over from memory, because
 * the database may not show it yet.
 */
export class SaleStates {
  #current = new Map<number, SaleInProgress>();
  #previous = new Map<number, SaleInProgress>();
  readonly #unit: Unit;

  constructor(unit: Unit) {
    this.#unit = unit;
  }

  /** Makes `get` answer for the sales of these events; forgets all but the last two chunks'. */
  async load(events: readonly { readonly saleId: number | null }[]): Promise<void> {
    const before = this.#current;
    const beforeThat = this.#previous;
    this.#previous = before;
    this.#current = new Map();
    const missing: number[] = [];
    for (const id of saleIdsOf(events)) {
      const known = before.get(id) ?? beforeThat.get(id);
      if (known === undefined) {
        missing.push(id);
      } else {
        this.#current.set(id, known);
      }
    }
    if (missing.length === 0) {
      return;
    }
    // Through the unit: a dry run has written earlier chunks where only its own transaction sees them.
    const { sales, decided } = await this.#unit(async (tx) => ({
      sales: await salesById(tx, missing),
      decided: await decidedOfSales(tx, missing),
    }));
    for (const sale of sales) {
      this.#current.set(sale.id, { sale, state: null });
    }
    for (let from = 0; from < decided.length;) {
      let to = from;
      while (to < decided.length && decided[to]!.saleId === decided[from]!.saleId) {
        to += 1;
      }
      const progress = this.#current.get(decided[from]!.saleId);
      if (progress !== undefined) {
        progress.state = foldSale(progress.sale, decided.slice(from, to));
      }
      from = to;
    }
  }

  get(saleId: number): SaleInProgress {
    const found = this.#current.get(saleId);
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

/** The state of one sale from its decided legs, in the order they were decided. */
export function foldSale(sale: Pick<StoredSale, 'saleNet' | 'currency'>, decided: readonly DecidedOfSale[]): SaleState {
  let sums = { received: 0n, returned: 0n, credited: 0n };
  const shares = new Map<number, { frozen: FrozenShare; posted: bigint }>();
  let counted = -1;
  for (const leg of decided) {
    if (leg.eventId !== counted) {
      // Legs of an event stand together; the event itself counts once.
      sums = accumulate(sums, leg);
      counted = leg.eventId;
    }
    if (leg.reason === 'sale_unknown') {
      continue; // decided before the sale was known: froze nothing, posted nothing
    }
    const known = shares.get(leg.leg);
    if (known === undefined) {
      const { leg: number, partnerId, ruleVersionId, knownSeq, tier, ratePpm, base, full } = leg;
      // The first decision says why the share earns nothing, except that cash above an empty sale is told as that.
      const reason =
        full !== 0n || leg.reason === 'unlinked_credit' ? null : sale.saleNet === 0n ? 'zero_sale' : leg.reason;
      shares.set(number, {
        frozen: {
          leg: number,
          partnerId,
          ruleVersionId,
          knownSeq,
          tier,
          ratePpm,
          base,
          full,
          uncapped: null,
          currency: sale.currency,
          fxRate: null,
          position: null,
          window: null,
          clockTerms: null,
          reason,
        },
        posted: leg.amount,
      });
    } else {
      known.posted += leg.amount;
    }
  }
  return { ...sums, shares: [...shares.values()] };
}
