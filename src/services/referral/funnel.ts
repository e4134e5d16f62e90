import { funnelRows, type FunnelRow } from '../../db/queries/referrals.ts';
import { formatMinor } from '../../domain/money.ts';
import { ratioPpm } from '../../domain/rates.ts';
import type { FunnelKey } from '../../domain/referrals.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';

export interface FunnelStage extends Omit<FunnelRow, 'revenue'> {
  /** Of a hundred referrals, as millionths; null where there are none. */
  readonly conversionPpm: number | null;
  /** '120.00 EUR', by currency. */
  readonly revenue: readonly string[];
}

/**
 * How far referrals of a time came, by source, partner or campaign of their first touch: clicks, referrals, qualified,
 * converted, paying, and what those customers paid. Reads only. Throws NotFoundError `partner_not_found`.
 */
export async function referralFunnel(
  ctx: Context,
  asked: { readonly by: FunnelKey; readonly partner?: string | undefined },
  window: { readonly from: string | null; readonly to: string | null },
): Promise<FunnelStage[]> {
  const { by, partner } = asked;
  const partnerId = partner === undefined ? null : (await findPartner(ctx.db, partner, today(ctx))).id;
  return (await funnelRows(ctx.db, by, window, partnerId)).map(({ revenue, ...row }) => ({
    ...row,
    conversionPpm: ratioPpm(row.converted, row.referrals),
    revenue: revenue.map(({ currency, minor }) => `${formatMinor(BigInt(minor), currency)} ${currency}`),
  }));
}
