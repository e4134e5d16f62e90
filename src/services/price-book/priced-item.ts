import type { Connection } from '../../db/connection.ts';
import { ensureMeter } from '../../db/queries/plans.ts';
import { insertPrice, priceVersions, retirePrices, type PricedItem, type PriceSays } from '../../db/queries/prices.ts';
import type { BillingCycle } from '../../domain/billing-cycles.ts';
import { UsageError } from '../../domain/errors.ts';
import { parsePrice, parseUnitPrice } from '../../domain/prices.ts';
import { findPlan } from '../plan/find-plan.ts';
import type { VersionStore } from '../versions/say-over.ts';

/** An item and its price as they are written, on a command line or in a file. */
export interface WrittenPrice {
  readonly plan?: string | undefined;
  readonly meter?: string | undefined;
  readonly cycle?: BillingCycle | undefined;
  readonly region?: string | undefined;
  readonly currency: string;
  readonly wholesale?: string | undefined;
  readonly list?: string | undefined;
  readonly unitPrice?: string | undefined;
}

/**
 * What the price says, once it is proved to be whole: of a plan a cycle, what it costs wholesale and what it lists at; of
 * a meter the price of a unit.
 * @throws UsageError `price_item`, `price_incomplete`, and what amounts may be wrong for
 */
export function readPrice(written: WrittenPrice): PriceSays {
  const { plan, meter, cycle, currency, wholesale, list, unitPrice } = written;
  if ((plan === undefined) === (meter === undefined)) {
    throw new UsageError('price_item', 'a price is of a plan or of a meter', { hint: 'write PLAN/CYCLE, or METER' });
  }
  if (meter !== undefined) {
    if (unitPrice === undefined || cycle !== undefined || wholesale !== undefined || list !== undefined) {
      throw new UsageError('price_incomplete', `a unit of meter '${meter}' has one price and no cycle`, {
        hint: 'give --unit-price, and neither --wholesale nor --list; a plan is written PLAN/CYCLE',
      });
    }
    return { wholesaleMinor: null, listMinor: null, unitPrice: parseUnitPrice(unitPrice) };
  }
  if (cycle === undefined || wholesale === undefined || list === undefined || unitPrice !== undefined) {
    throw new UsageError('price_incomplete', `plan '${plan}' has a wholesale price and a list price a cycle`, {
      hint: 'give --wholesale and --list, and no --unit-price',
    });
  }
  return { wholesaleMinor: parsePrice(wholesale, currency), listMinor: parsePrice(list, currency), unitPrice: null };
}

/** The item that is meant. A meter is made when it is first priced. Throws NotFoundError `plan_not_found`. */
export async function findItem(tx: Connection, written: WrittenPrice): Promise<PricedItem> {
  const { plan, meter, cycle = null, region = null, currency } = written;
  return {
    planId: plan === undefined ? null : (await findPlan(tx, plan)).id,
    meterId: meter === undefined ? null : await ensureMeter(tx, meter),
    cycle,
    region,
    currency,
  };
}

/** Where the prices of an item are kept. */
export function priceStore(tx: Connection, item: PricedItem): VersionStore<PriceSays> {
  return {
    read: async () =>
      (await priceVersions(tx, item)).map(({ id, valid, retiredSeq, wholesaleMinor, listMinor, unitPrice }) => ({
        ...{ id, valid, retiredSeq },
        says: { wholesaleMinor, listMinor, unitPrice },
      })),
    retire: async (ids, knownSeq) => await retirePrices(tx, ids, knownSeq),
    insert: async ({ valid, says, knownSeq }) => await insertPrice(tx, { ...item, ...says, valid, knownSeq }),
    text: ({ wholesaleMinor, listMinor, unitPrice }) => `${wholesaleMinor} ${listMinor} ${unitPrice}`,
  };
}
