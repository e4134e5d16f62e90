import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { parseScope } from '../../src/domain/rule-scope.ts';
import { recordRevenue } from '../../src/services/revenue/record-revenue.ts';
import { setRule } from '../../src/services/rule/set-rule.ts';
import { testRule } from '../../src/services/rule/test-rule.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';
import { makeParties } from './parties.ts';

/** `rule test` rates an event as it would be decided, and leaves the books as they were. */
let database: TestDatabase;
let ctx: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await makeParties(ctx);
  await setRule(ctx, {
    scope: parseScope('partner=acme'),
    tiered: '0:4%,200:6%,400:8%',
    brackets: 'marginal',
    window: 'month',
    currency: 'EUR',
    from: '2026-01-01',
  });
});
afterAll(async () => {
  await database.drop();
});

const sale = { instance: 'acme-shop', net: '500.00', currency: 'EUR', occurred_at: '2026-10-20' };
const tried = async (event: Record<string, unknown>) => {
  const { decided, preview, steps } = await testRule(ctx, JSON.stringify(event));
  expect(decided).toBe(false);
  expect(steps.at(-1)?.step).toBe('amount');
  return preview.map(({ amount, reason }) => [amount, reason]);
};
const kept = async () =>
  (
    await ctx.db
      .sql`select (select count(*) from revenue_events) as events, (select count(*) from event_batches) as batches,
      (select count(*) from sources) as sources, (select count(*) from products) as products, (select count(*) from audit_log) as changes`
  )[0];

test('the golden of brackets, and nothing stays', async () => {
  const before = await kept();
  expect(await tried(sale)).toEqual([['28.00', null]]);
  expect(await tried({ ...sale, product: 'never-seen', sale_ref: 'S-1', sale_net: '1000.00' })).toEqual([
    ['34.00', null],
  ]);
  expect(await kept()).toEqual(before);
});

test('the window counts what was decided before it', async () => {
  const fields = { ...sale, external_id: 'first', kind: 'payment', net: '300.00', occurred_at: '2026-10-05T12:00:00Z' };
  await recordRevenue(ctx, { fields });
  await accrue(ctx, '2026-10-31');
  expect(await tried({ ...sale, net: '200.00' })).toEqual([['14.00', null]]);
  expect(await tried({ ...sale, net: '200.00', occurred_at: '2026-11-05' })).toEqual([['8.00', null]]);
});

test.each([
  ['x', 'event_not_json'],
  ['[]', 'event_not_json'],
  ['{"nett":"1"}', 'event_field_unknown'],
  ['{"net":1}', 'event_field_invalid'],
])('%s is refused as %s', async (json, code) => {
  await expect(testRule(ctx, json)).rejects.toMatchObject({ code, exitCode: 2 });
});

test('what an import would refuse is refused', async () => {
  await expect(testRule(ctx, JSON.stringify({ ...sale, net: '-5.00' }))).rejects.toMatchObject({ exitCode: 2 });
  await expect(testRule(ctx, JSON.stringify({ ...sale, instance: 'acme-shp' }))).rejects.toMatchObject({
    code: 'instance_not_found',
  });
});
