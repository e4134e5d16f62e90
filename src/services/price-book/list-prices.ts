import type { Page } from '../../db/queries/order.ts';
import { meterIdByCode } from '../../db/queries/plans.ts';
import { selectPrices, type PriceRow } from '../../db/queries/prices.ts';
import type { BillingCycle } from '../../domain/billing-cycles.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findPlan } from '../plan/find-plan.ts';
import { today } from '../today.ts';

export interface PriceFilter {
  /** A plan, or a meter. */
  readonly of?: string | undefined;
  readonly cycle?: BillingCycle | undefined;
  readonly region?: string | undefined;
  readonly currency?: string | undefined;
  /** In force on this day; default: today's and later ones. */
  readonly on?: string | undefined;
  /** Every version there ever was, retired ones too. */
  readonly all?: boolean | undefined;
}

export interface Price {
  readonly plan: string | null;
  readonly meter: string | null;
  readonly cycle: BillingCycle | null;
  readonly region: string | null;
  readonly currency: string;
  readonly wholesale: string | null;
  readonly list: string | null;
  readonly unitPrice: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly knownSeq: number;
  readonly retiredSeq: number | null;
  readonly setBy: string;
  readonly setAt: string;
}

export function priceView(row: PriceRow): Price {
  const { plan, meter, cycle, region, currency, wholesaleMinor, listMinor, unitPrice, valid, knownSeq, retiredSeq } =
    row;
  return {
    ...{ plan, meter, cycle, region, currency },
    wholesale: wholesaleMinor === null ? null : formatMinor(wholesaleMinor, currency),
    list: listMinor === null ? null : formatMinor(listMinor, currency),
    unitPrice,
    ...valid,
    ...{ knownSeq, retiredSeq },
    setBy: row.createdBy,
    setAt: row.recordedAt,
  };
}

/** An item at its place as people name it: pro/monthly/DE/EUR, api-calls/EUR. */
export function priceName(item: {
  readonly plan?: string | null | undefined;
  readonly meter?: string | null | undefined;
  readonly cycle?: string | null | undefined;
  readonly region?: string | null | undefined;
  readonly currency: string;
}): string {
  return [item.plan ?? item.meter, item.cycle, item.region, item.currency].filter((part) => part != null).join('/');
}

/** The price book by item, region, currency and day. Reads only. Throws NotFoundError for what is no plan and no meter. */
export async function listPrices(ctx: Context, { of, ...rest }: PriceFilter, page: Page): Promise<Price[]> {
  const meterId = of === undefined ? null : await meterIdByCode(ctx.db, of);
  const planId = of === undefined || meterId !== null ? undefined : (await findPlan(ctx.db, of)).id;
  const filter = { ...rest, planId, meterId: meterId ?? undefined, today: today(ctx) };
  return (await selectPrices(ctx.db, filter, page)).map(priceView);
}
