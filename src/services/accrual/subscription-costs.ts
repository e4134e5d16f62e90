import { anySubscriptions, findCosts, type FoundCost } from '../../db/queries/subscription-costs.ts';
import type { UndecidedEvent } from '../../db/queries/decisions.ts';
import type { RatedEvent, Sale, SaleState } from '../../domain/rating/model.ts';
import type { Unit } from '../context.ts';
import type { SaleInProgress } from './sale-states.ts';

/**
 * What the sales of a chunk cost wholesale where billing did not say it: taken from the subscription in force at the sale's
 * date by the event that decides the sale first, and frozen with that decision. Asks nothing where no rule is of margin or
 * there are no subscriptions. Source: SEMANTICS §3.
 */
export class SubscriptionCosts {
  readonly #unit: Unit;
  readonly #knownSeq: number;
  /** Whether there is anything to load; where not, nobody need look for the events that could want it. */
  readonly asks: boolean;
  /** By the event that decides. */
  #found = new Map<number, FoundCost>();

  private constructor(unit: Unit, knownSeq: number, asks: boolean) {
    this.#unit = unit;
    this.#knownSeq = knownSeq;
    this.asks = asks;
  }

  /** @param wanted whether any rule is of margin */
  static async open(unit: Unit, knownSeq: number, wanted: boolean): Promise<SubscriptionCosts> {
    return new SubscriptionCosts(unit, knownSeq, wanted && (await unit(anySubscriptions)));
  }

  /** Makes `of` answer for these events, and gives their sales what they cost. `sale` finds a sale that is loaded. */
  async load(events: readonly UndecidedEvent[], sale: (id: number) => SaleInProgress): Promise<void> {
    this.#found = new Map();
    const asking = askingEvents(events, sale);
    for (const found of await this.#unit(async (tx) => await findCosts(tx, asking, this.#knownSeq))) {
      this.#found.set(found.eventId, found);
      if (found.saleId !== null) {
        const progress = sale(found.saleId);
        progress.sale = { ...progress.sale, wholesaleNet: found.wholesaleNet };
      }
    }
  }

  /** What the event takes, as the first one of its sale. */
  of(eventId: number): FoundCost | null {
    return this.#found.get(eventId) ?? null;
  }
}

/**
 * Of each sale that was not decided, and was given no wholesale price, the first event; of events that are their own sale
 * the payments: what was given back has no sale to have cost anything.
 */
export function askingEvents(
  events: readonly (Pick<RatedEvent, 'id' | 'kind' | 'wholesaleNet'> & { readonly saleId: number | null })[],
  sale: (id: number) => { readonly sale: Sale; readonly state: SaleState | null },
): number[] {
  const asked = new Set<number>();
  const asking: number[] = [];
  for (const { id, kind, wholesaleNet, saleId } of events) {
    if (saleId === null) {
      if (kind === 'payment' && wholesaleNet === null) asking.push(id);
      continue;
    }
    const { sale: terms, state } = sale(saleId);
    const decided = state !== null && state.shares.length > 0;
    if (decided || terms.wholesaleNet !== null || terms.saleDate === null || asked.has(saleId)) continue;
    asked.add(saleId);
    asking.push(id);
  }
  return asking;
}
