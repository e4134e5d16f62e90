import { priceVersions } from '../../db/queries/prices.ts';
import { assertSomeDay, rangeText } from '../../domain/date-ranges.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver, versionOn } from '../versions/say-over.ts';
import { priceName, priceView, type Price } from './list-prices.ts';
import { findItem, priceStore, readPrice, type WrittenPrice } from './priced-item.ts';

export interface NewPrice extends WrittenPrice {
  /** First day; default today in the programme's zone. */
  readonly from?: string | undefined;
  /** First day it is no longer so; default never. */
  readonly to?: string | undefined;
}

export interface PriceSet {
  readonly price: Price;
  /** False when the book said exactly this already. */
  readonly changed: boolean;
}

/**
 * Says what a plan costs a cycle, or a meter a unit, over `[from, to)`; what the book said on those days is retired and
 * kept. Subscriptions keep the terms they were agreed at. Writes, unless it says exactly this already.
 * Throws UsageError for prices and dates that cannot be, NotFoundError `plan_not_found`.
 */
export async function setPrice(ctx: Context, input: NewPrice): Promise<PriceSet> {
  const { from = today(ctx), to = null, ...written } = input;
  const days = { from, to };
  assertSomeDay(days);
  const says = readPrice(written);
  return await ctx.write(async (tx) => {
    const item = await findItem(tx, written);
    const draw = drawOnce(tx, `price ${priceName(written)} set ${rangeText(days)}`);
    const changed = await sayOver(priceStore(tx, item), days, () => says, draw);
    return { price: priceView(versionOn(await priceVersions(tx, item), from)!), changed };
  });
}
