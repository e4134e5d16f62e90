import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { metricsNow } from '../../src/db/queries/metrics.ts';
import { performanceRows, regionRows } from '../../src/db/queries/performance.ts';
import { resoldRows } from '../../src/db/queries/resellers.ts';
import { financialRows } from '../../src/db/queries/financials.ts';
import { revenueOfAccounts } from '../../src/db/queries/accounts.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { paidBooks } from '../paid-books.ts';

/** What is told of the same days in several ways comes to the same. */
const DAYS = { from: '2026-09-01', to: '2026-12-01' };

let database: TestDatabase;
let ctx: OpenedContext;
let partners: { id: number; code: string }[];
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await paidBooks(ctx, await database.context({ actor: 'checker' }));
  partners = [
    ...(await ctx.db.sql<{ id: number; code: string }[]>`select id::int, code from partners where not house`),
  ];
});
afterAll(async () => await database.drop());

/** Sums by currency; what is nothing is left out. */
function sums<R extends { readonly currency: string }>(
  rows: readonly R[],
  of: (row: R) => string,
): Record<string, bigint> {
  const totals: Record<string, bigint> = {};
  for (const row of rows) totals[row.currency] = (totals[row.currency] ?? 0n) + BigInt(of(row));
  return Object.fromEntries(Object.entries(totals).filter(([, sum]) => sum !== 0n));
}

it('by days, by months, by countries and by customers, and in the figures of a partner', async () => {
  for (const { id, code } of partners) {
    const figures = await metricsNow(ctx.db, DAYS, id);
    const revenue = sums(figures, (row) => row.revenue);
    const earned = sums(figures, (row) => row.earned);
    for (const unit of ['day', 'month'] as const) {
      const rows = await performanceRows(ctx.db, unit, DAYS, id);
      expect(
        sums(rows, (row) => row.revenue),
        `${code} by ${unit}`,
      ).toEqual(revenue);
      expect(
        sums(rows, (row) => row.commission),
        `${code} by ${unit}`,
      ).toEqual(earned);
      expect(
        sums(rows, (row) => row.paidOut),
        `${code} by ${unit}`,
      ).toEqual(sums(figures, (row) => row.paidOut));
    }
    expect(
      sums(await regionRows(ctx.db, DAYS, id), (row) => row.revenue),
      code,
    ).toEqual(revenue);
    expect(
      sums(await resoldRows(ctx.db, id, DAYS), (row) => row.revenue),
      code,
    ).toEqual(revenue);
    const financial = await financialRows(ctx.db, { partnerId: id }, { window: DAYS, period: DAYS, until: null });
    expect(
      sums(financial, (row) => row.commission),
      code,
    ).toEqual(earned);
  }
});

it('of everybody is the sum of each, the house’s too', async () => {
  const all = sums(await performanceRows(ctx.db, 'month', DAYS, null), (row) => row.revenue);
  const ids = await ctx.db.sql<{ id: number }[]>`select id::int from partners`;
  const each = await Promise.all(ids.map(async ({ id }) => await performanceRows(ctx.db, 'month', DAYS, id)));
  expect(sums(each.flat(), (row) => row.revenue)).toEqual(all);
  expect(Object.keys(all).length).toBeGreaterThan(0);
});

it('of an account is what it paid less what went back', async () => {
  const accounts = await ctx.db.sql<{ id: number }[]>`select id::int from accounts`;
  const rows = await revenueOfAccounts(
    ctx.db,
    accounts.map(({ id }) => id),
  );
  const [told] = await ctx.db.sql<{ total: string }[]>`
    select sum(e.net_minor)::text as total from revenue_events e
    where e.account_id is not null and e.kind in ('payment', 'refund', 'chargeback', 'chargeback_won')
      and not exists (select from revenue_events v where v.voids_id = e.id)`;
  expect(rows.reduce((sum, { revenue }) => sum + BigInt(revenue), 0n)).toBe(BigInt(told!.total));
});
