import { divRoundHalfAwayFromZero } from '../money.ts';
import type { RatedEvent, SaleState } from './model.ts';

/**
 * A sale and how far it has been collected: the arithmetic of the cumulative target, in which the order of a sale's
 * events cannot matter, because it looks at sums only. Source: SEMANTICS §4.
 */

/** What a sale fixes for all of its events. Source: SEMANTICS §2. */
export interface SaleTerms {
  readonly instanceId: number;
  readonly accountId: number | null;
  readonly productId: number | null;
  readonly currency: string;
  readonly saleNet: bigint;
  readonly saleGross: bigint;
  /** What the operator takes before anybody earns; null where nobody said. */
  readonly wholesaleNet: bigint | null;
  readonly saleDate: string;
}

/** An event without a sale carries the terms itself: it was invoiced and paid in one. */
export function ownTerms(event: RatedEvent): SaleTerms {
  return {
    instanceId: event.instanceId,
    accountId: event.accountId,
    productId: event.productId,
    currency: event.currency,
    saleNet: event.net,
    saleGross: event.gross,
    wholesaleNet: event.wholesaleNet,
    saleDate: event.occurredOn,
  };
}

/** What has happened to a sale so far. */
export type Sums = Pick<SaleState, 'received' | 'returned' | 'credited'>;

/** A sale's sums after an event, and what counted as collected before and after it. */
export interface SaleProgress {
  readonly sums: Sums;
  readonly collectedBefore: bigint;
  readonly collected: bigint;
}

/**
 * The sale's sums with one more event: received = payments + chargebacks won, returned = refunds + chargebacks,
 * credited = credit notes less adjustments. An adjustment is not cash (SEMANTICS §2), so it changes what the customer
 * owes and never what was received: a negative one is a credit note by another name, a positive one takes credit back.
 */
export function accumulate(
  { received, returned, credited }: Sums,
  { kind, net }: Pick<RatedEvent, 'kind' | 'net'>,
): Sums {
  switch (kind) {
    case 'payment':
    case 'chargeback_won':
      return { received: received + net, returned, credited };
    case 'refund':
    case 'chargeback':
      return { received, returned: returned - net, credited };
    case 'credit_note':
    case 'adjustment':
      return { received, returned, credited: credited - net };
    case 'signup':
      return { received, returned, credited };
  }
}

/** The sums without an event that was voided: it counts as nothing in its sale. Source: SEMANTICS §2. */
export function takeBack(sums: Sums, { kind, net }: Pick<RatedEvent, 'kind' | 'net'>): Sums {
  return accumulate(sums, { kind, net: -net });
}

/** A sale of which nothing is decided yet. */
export const UNTOUCHED: SaleState = Object.freeze({ received: 0n, returned: 0n, credited: 0n, shares: [] });

/** The state to hand to the sale's next event. Written out instead of spread, which costs a batch seconds. */
export function stateOf({ received, returned, credited }: Sums, shares: SaleState['shares']): SaleState {
  return { received, returned, credited, shares };
}

/** What the customer still owes or owed in all: the sale less its credits, never outside the sale. */
export function owed(credited: bigint, saleNet: bigint): bigint {
  return clamp(saleNet - credited, saleNet);
}

/**
 * What counts as collected: clamp(min(received − returned, sale_net − credited), 0, sale_net), so cash beyond what is
 * owed earns nothing. Source: SEMANTICS §4.
 */
export function collected({ received, returned, credited }: Sums, saleNet: bigint): bigint {
  const cash = received - returned;
  const due = saleNet - credited;
  return clamp(cash < due ? cash : due, saleNet);
}

/**
 * What of the sale still stands, paid or yet to be paid: the sale less what was given back of it, in cash or by credit,
 * whichever is more, for a refund and its credit note are one and the same. Cash that came in beyond the sale goes out
 * again without taking anything from it. This is what a sale occupies of a window, so that a refund gives room back to
 * sales decided later. Source: SEMANTICS §4.
 */
export function standing({ received, returned, credited }: Sums, saleNet: bigint): bigint {
  const paid = received < saleNet ? received : saleNet;
  const reversed = paid - clamp(received - returned, saleNet);
  const less = reversed > credited ? reversed : credited;
  return clamp(saleNet - less, saleNet);
}

/** The part of `full` that the collected part of the sale has earned so far, rounded once. Source: SEMANTICS §4. */
export function targetOf(full: bigint, collectedPart: bigint, saleNet: bigint): bigint {
  if (full === 0n || saleNet === 0n) return 0n;
  return divRoundHalfAwayFromZero(full * collectedPart, saleNet);
}

function clamp(value: bigint, highest: bigint): bigint {
  return value < 0n ? 0n : value > highest ? highest : value;
}
