import {
  decidedOfSales,
  salesById,
  type DecidedOfSale,
  type EventReads,
  type StoredSale,
} from '../../db/queries/decisions.ts';
import type { FrozenShare, Sale, SaleState, ZeroReason } from '../../domain/rating/model.ts';
import { accumulate, takeBack, type SaleTerms, type Sums } from '../../domain/rating/sale.ts';
import { shareWindow } from '../../domain/rating/windows.ts';
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

/** The state of one sale from its decided legs, in the order they were decided. */
export function foldSale(sale: Sale, decided: readonly DecidedOfSale[]): SaleState {
  let sums: Sums = { received: 0n, returned: 0n, credited: 0n };
  const shares = new Map<number, { frozen: FrozenShare; posted: bigint }>();
  let counted = -1;
  for (const leg of decided) {
    if (leg.eventId !== counted) {
      // Legs of an event stand together; the event itself counts once.
      sums = sumsAfter(sums, leg);
      counted = leg.eventId;
    }
    if (leg.reason === 'sale_unknown') {
      continue; // decided before the sale was known: froze nothing, posted nothing
    }
    const known = shares.get(leg.leg);
    if (known === undefined) {
      shares.set(leg.leg, { frozen: frozenBy(leg, sale), posted: leg.amount });
    } else {
      known.posted += leg.amount;
      if (leg.entryKind === 'rerate' || leg.entryKind === 'reattribution') {
        known.frozen = frozenBy(leg, sale);
      }
    }
  }
  return { ...sums, shares: [...shares.values()] };
}

function sumsAfter(sums: Sums, { kind, net, voided }: DecidedOfSale): Sums {
  switch (kind) {
    case 'void':
      return takeBack(sums, voided!);
    case 'rerate':
    case 'reattribution':
    case 'bonus':
    case 'write_off':
    case 'opening':
    case 'true_up':
      return sums;
    case 'payment':
    case 'refund':
    case 'chargeback':
    case 'chargeback_won':
    case 'credit_note':
    case 'adjustment':
    case 'signup':
      return accumulate(sums, { kind, net });
  }
}

/** The share as the leg's decision froze it. */
function frozenBy(leg: DecidedOfSale, sale: Sale): FrozenShare {
  const { partnerId, rule, position, full } = leg;
  const owners = { partnerId: partnerId!, instanceId: sale.instanceId, accountId: sale.accountId };
  return {
    leg: leg.leg,
    partnerId,
    ruleVersionId: leg.ruleVersionId,
    knownSeq: leg.knownSeq,
    tier: leg.tier,
    ratePpm: leg.ratePpm,
    base: leg.base,
    full,
    uncapped: leg.uncapped,
    currency: leg.currency ?? sale.currency,
    fxRate: leg.fxRate,
    position,
    // A decided sale is a known one, so that it has its date.
    window: position === null || rule === null ? null : shareWindow(rule, owners, sale as SaleTerms),
    clockTerms: rule === null ? null : rule.clockTerms,
    // The decision that froze a share says why it earns nothing, except that cash above an empty sale is told as that.
    reason:
      full !== 0n || leg.reason === 'unlinked_credit'
        ? null
        : sale.saleNet === 0n
          ? 'zero_sale'
          : (leg.reason as ZeroReason | null),
  };
}
