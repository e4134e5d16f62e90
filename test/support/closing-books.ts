import type { Context } from '../../src/services/context.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { openBooks } from '../books.ts';
import { accrue } from './accrual.ts';
import { GOLDEN_BRACKETS, insertTerms } from './rating-books.ts';

export async function pay(ctx: Context, id: string, net: string, on: string, instance = 'acme-uk'): Promise<void> {
  await recordRevenue(ctx, {
    fields: { external_id: id, instance, kind: 'payment', net, currency: 'EUR', occurred_at: on },
  });
}

/**
 * September 2026 decided, and left to be closed: acme earns by whole brackets what SEMANTICS §5 says, 12.00 and 8.00 and after
 * the month 20.00 more; zenith has 10.00 at 10 %.
 */
export async function openClosingBooks(ctx: Context): Promise<void> {
  const { partner } = await openBooks(ctx.db);
  await ctx.write(async (tx) => {
    const says = { ...GOLDEN_BRACKETS, bracket_mode: 'whole' };
    await insertTerms(tx, { scope: 'partner', scopeId: partner['acme']!, says });
  });
  await pay(ctx, 'sep-1', '300.00', '2026-09-10');
  await pay(ctx, 'sep-2', '200.00', '2026-09-12');
  await pay(ctx, 'sep-3', '100.00', '2026-09-14', 'zenith-de');
  await accrue(ctx, '2026-09-30');
}
