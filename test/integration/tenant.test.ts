import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { createTenant } from '../../src/services/tenant/create-tenant.ts';
import { listTenants, showTenant } from '../../src/services/tenant/list-tenants.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { makeParties } from './parties.ts';

let database: TestDatabase;
let ctx: OpenedContext;
beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await makeParties(ctx);
});
afterAll(async () => {
  await database.drop();
});

test('tenants are listed by code, with how many instances they run and who made them', async () => {
  const rows = await listTenants(ctx, { limit: 10, offset: 0 });
  expect(rows.map(({ code, instances, createdBy }) => [code, instances, createdBy])).toEqual([
    ['gulf', 1, 'tester'],
    ['northwind', 2, 'tester'],
  ]);
  expect(await showTenant(ctx, 'northwind')).toEqual(rows[1]);
});

test('a code is taken once, and must be one', async () => {
  await expect(createTenant(ctx, { code: 'gulf', name: 'Again' })).rejects.toMatchObject({
    code: 'tenant_exists',
    exitCode: 3,
  });
  await expect(createTenant(ctx, { code: 'Gulf', name: 'Upper' })).rejects.toMatchObject({
    code: 'code_invalid',
    exitCode: 2,
  });
});

test('two who take a code at once: one has it, the other is told', async () => {
  const other = await database.context({ actor: 'second' });
  const both = await Promise.allSettled(
    [ctx, other].map(async (one) => await createTenant(one, { code: 'race', name: 'Race' })),
  );
  const lost = both.filter((one) => one.status === 'rejected');
  expect(lost).toHaveLength(1);
  expect(lost[0]?.reason).toMatchObject({
    exitCode: 3,
    code: expect.stringMatching(/^(tenant_exists|already_exists)$/),
  });
});

test('a slip is told what may have been meant', async () => {
  await expect(showTenant(ctx, 'nortwind')).rejects.toMatchObject({
    code: 'tenant_not_found',
    hint: "did you mean 'northwind'?",
  });
  await expect(showTenant(ctx, 'zzz')).rejects.toMatchObject({ hint: '`revshare tenant list` shows what there is' });
});
