import { and, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { BillingCycle } from '../../domain/billing-cycles.ts';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import type { DateRange } from '../schema/column-types.ts';
import { meters, plans, prices } from '../schema/subscriptions.ts';
import { byCode, liveOn, type Page } from './order.ts';

/** What has a price: a plan a cycle, or a meter a unit, at a place. */
export interface PricedItem {
  readonly planId: number | null;
  readonly meterId: number | null;
  readonly cycle: BillingCycle | null;
  /** Null: wherever no price of the region is. */
  readonly region: string | null;
  readonly currency: string;
}

/** Of a plan both amounts, of a meter the price of a unit. */
export interface PriceSays {
  readonly wholesaleMinor: bigint | null;
  readonly listMinor: bigint | null;
  /** A decimal number of the currency. */
  readonly unitPrice: string | null;
}

export interface PriceRow extends VersionRow, Omit<PricedItem, 'planId' | 'meterId'>, PriceSays {
  readonly plan: string | null;
  readonly meter: string | null;
}

export interface PriceFilter {
  readonly planId?: number | undefined;
  readonly meterId?: number | undefined;
  readonly cycle?: BillingCycle | undefined;
  readonly region?: string | undefined;
  readonly currency?: string | undefined;
  /** In force on this day; default: those in force on `today` and later ones. */
  readonly on?: string | undefined;
  readonly today: string;
  /** Every version there ever was, retired ones too. */
  readonly all?: boolean | undefined;
}

function selectRows(tx: Connection) {
  return tx.orm
    .select({
      id: prices.id,
      plan: plans.code,
      meter: meters.code,
      cycle: prices.cycle,
      region: prices.region,
      currency: prices.currency,
      wholesaleMinor: prices.wholesaleMinor,
      listMinor: prices.listMinor,
      unitPrice: prices.unitPrice,
      valid: prices.valid,
      knownSeq: prices.knownSeq,
      retiredSeq: prices.retiredSeq,
      createdBy: prices.createdBy,
      recordedAt: prices.recordedAt,
    })
    .from(prices)
    .leftJoin(plans, eq(plans.id, prices.planId))
    .leftJoin(meters, eq(meters.id, prices.meterId))
    .$dynamic();
}

/** Prices by item and place, plans first, in the order of their days. */
export async function selectPrices(tx: Connection, filter: PriceFilter, page: Page): Promise<PriceRow[]> {
  const { planId, meterId, cycle, region, currency, on, today, all = false } = filter;
  const days: SQL | undefined = all
    ? undefined
    : on === undefined
      ? sql`${prices.retiredSeq} is null and (upper_inf(${prices.valid}) or upper(${prices.valid}) > ${today}::date)`
      : liveOn(prices, on);
  return await selectRows(tx)
    .where(
      and(
        planId === undefined ? undefined : eq(prices.planId, planId),
        meterId === undefined ? undefined : eq(prices.meterId, meterId),
        cycle === undefined ? undefined : eq(prices.cycle, cycle),
        region === undefined ? undefined : eq(prices.region, region),
        currency === undefined ? undefined : eq(prices.currency, currency),
        days,
      ),
    )
    .orderBy(
      byCode(plans.code),
      byCode(meters.code),
      sql`array_position(array['monthly', 'quarterly', 'annual'], ${prices.cycle})`,
      sql`${byCode(prices.region)} nulls first`,
      byCode(prices.currency),
      prices.valid,
      prices.knownSeq,
    )
    .limit(page.limit)
    .offset(page.offset);
}

const itemIs = ({ planId, meterId, cycle, region, currency }: PricedItem): SQL | undefined =>
  and(
    planId === null ? isNull(prices.planId) : eq(prices.planId, planId),
    meterId === null ? isNull(prices.meterId) : eq(prices.meterId, meterId),
    cycle === null ? isNull(prices.cycle) : eq(prices.cycle, cycle),
    region === null ? isNull(prices.region) : eq(prices.region, region),
    eq(prices.currency, currency),
  );

/** Everything that was ever said of an item at one place, in the order in which it became known. */
export async function priceVersions(tx: Connection, item: PricedItem): Promise<PriceRow[]> {
  return await selectRows(tx).where(itemIs(item)).orderBy(prices.knownSeq, prices.valid);
}

/** The price of a plan on a day: of the region, or else the one without a region. Null where there is none. */
export async function planPriceOn(
  tx: Connection,
  item: { planId: number; cycle: BillingCycle; region: string | null; currency: string },
  day: string,
): Promise<PriceRow | null> {
  const { planId, cycle, region, currency } = item;
  const [row] = await selectRows(tx)
    .where(
      and(
        eq(prices.planId, planId),
        eq(prices.cycle, cycle),
        eq(prices.currency, currency),
        sql`(${prices.region} is null or ${prices.region} = ${region})`,
        liveOn(prices, day),
      ),
    )
    .orderBy(sql`${prices.region} nulls last`)
    .limit(1);
  return row ?? null;
}

export const retirePrices = retiring(prices);

export async function insertPrice(
  tx: Connection,
  price: PricedItem & PriceSays & { readonly valid: DateRange; readonly knownSeq: number },
): Promise<void> {
  await tx.orm.insert(prices).values(price);
}
