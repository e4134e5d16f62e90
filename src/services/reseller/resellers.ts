import type { Page } from '../../db/queries/order.ts';
import { resoldRows, selectResellers, type ResellerRow } from '../../db/queries/resellers.ts';
import type { Connection } from '../../db/connection.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import type { MetricsPeriod } from '../metrics/calculate-metrics.ts';
import { createPartner } from '../partner/create-partner.ts';
import { findPartner } from '../partner/find-partner.ts';
import { setRule } from '../rule/set-rule.ts';
import { today } from '../today.ts';

export type Reseller = Omit<ResellerRow, 'id'>;

export interface NewReseller {
  readonly code: string;
  readonly name: string;
  /** The partner it stands under, from the beginning of time. */
  readonly under: string;
  /** Default that of the partner above. */
  readonly currency?: string | undefined;
  /** What it earns of its own sales, as '12%'; default what wider rules say. */
  readonly rate?: string | undefined;
  /** First day of the rate; default today. */
  readonly from?: string | undefined;
}

/**
 * Makes a reseller under a partner: a partner of that type with its parent, and a rule of its own where a rate is given, all
 * or nothing. Writes. Throws as `createPartner` and `setRule`, NotFoundError `partner_not_found`.
 */
export async function createReseller(ctx: Context, input: NewReseller): Promise<Reseller> {
  const { rate, from, under, ...partner } = input;
  return await ctx.write(async (tx) => {
    const within: Context = { ...ctx, write: async (work) => await work(tx) };
    const above = await findPartner(tx, under, today(ctx));
    const currency = input.currency ?? above.currency;
    await createPartner(within, { ...partner, currency, type: 'reseller', parent: under });
    if (rate !== undefined) {
      await setRule(within, { scope: { kind: 'partner', code: input.code }, percentage: rate, from });
    }
    return await findReseller(ctx, tx, input.code);
  });
}

/** Resellers by whom they stand under today. Reads only. Throws NotFoundError `partner_not_found`. */
export async function listResellers(
  ctx: Context,
  { under }: { readonly under?: string | undefined },
  page: Page,
): Promise<Reseller[]> {
  const parentId = under === undefined ? undefined : (await findPartner(ctx.db, under, today(ctx))).id;
  return await selectResellers(ctx.db, { parentId }, today(ctx), page);
}

/** One reseller. Reads only. Throws NotFoundError `partner_not_found`, RefusedError `no_reseller`. */
export async function showReseller(ctx: Context, code: string): Promise<Reseller> {
  return await findReseller(ctx, ctx.db, code);
}

async function findReseller(ctx: Context, tx: Connection, code: string): Promise<ResellerRow> {
  const [row] = await selectResellers(tx, { code }, today(ctx), { limit: 1, offset: 0 });
  if (row !== undefined) return row;
  await findPartner(tx, code, today(ctx));
  throw new RefusedError('no_reseller', `partner ${code} stands under nobody today`, {
    hint: `\`revshare partner update ${code} --parent CODE\` puts it under one`,
  });
}

/** What a customer brought; money as decimal strings. */
export interface Resold {
  readonly account: string;
  readonly name: string | null;
  readonly currency: string;
  readonly payments: number;
  readonly lastPaidOn: string | null;
  readonly revenue: string;
  readonly earned: string;
  /** What partners above earned of it. */
  readonly above: string;
}

/**
 * What each customer of a reseller brought in a period, what it earned of it and what those above did. Revenue by business
 * date, commissions by posting date. Reads only. Throws NotFoundError, RefusedError as `showReseller`.
 */
export async function resellerReport(
  ctx: Context,
  code: string,
  period: MetricsPeriod,
): Promise<{ readonly reseller: Reseller; readonly rows: readonly Resold[] }> {
  const reseller = await findReseller(ctx, ctx.db, code);
  const rows = await resoldRows(ctx.db, reseller.id, period);
  return {
    reseller,
    rows: rows.map(({ instance, account, revenue, earned, above, ...row }) => {
      const money = (minor: string) => formatMinor(BigInt(minor), row.currency);
      return {
        ...row,
        account: account === null ? `${instance} (no account)` : `${instance}/${account}`,
        revenue: money(revenue),
        earned: money(earned),
        above: money(above),
      };
    }),
  };
}
