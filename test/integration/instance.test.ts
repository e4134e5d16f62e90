import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { createInstance } from '../../src/services/instance/create-instance.ts';
import { listInstances, showInstance } from '../../src/services/instance/list-instances.ts';
import { askForTransfer } from '../../src/services/instance/transfer-instance.ts';
import { archivePartner } from '../../src/services/partner/change-partner-status.ts';
import { createPartner } from '../../src/services/partner/create-partner.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { makeParties, somePartner } from './parties.ts';

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

const codes = async (filter: Parameters<typeof listInstances>[1], on = ctx) =>
  (await listInstances(on, filter, { limit: 100, offset: 0 })).map(({ code }) => code);

test('founding makes the first agreement, from the beginning of time or from a day', async () => {
  expect(await showInstance(ctx, 'acme-shop')).toMatchObject({
    tenant: 'northwind',
    partner: 'acme',
    foundingPartner: 'acme',
    foundedOn: null,
    agreements: [{ partner: 'acme', valid: { from: null, to: null } }],
  });
  const late = { code: 'late', name: 'Late', tenant: 'gulf', partner: 'acme', from: '2027-01-01' };
  expect(await createInstance(ctx, late)).toMatchObject({
    partner: null,
    foundingPartner: 'acme',
    foundedOn: '2027-01-01',
  });
});

test('lists follow the agreement in force, not the founder', async () => {
  const { id } = await askForTransfer(ctx, { code: 'acme-gulf', to: 'blogly', from: '2026-12-01', reason: 'agreed' });
  await approveRequest(await database.context({ actor: 'checker' }), { request: id });
  expect(await codes({ partner: 'acme' })).toEqual(['acme-gulf', 'acme-shop']);
  const december = await database.context({ now: Date.UTC(2026, 11, 1) });
  expect(await codes({ partner: 'acme' }, december)).toEqual(['acme-shop']);
  expect(await showInstance(december, 'acme-gulf')).toMatchObject({ partner: 'blogly', foundingPartner: 'acme' });
  expect((await showInstance(ctx, 'acme-gulf')).agreements).toHaveLength(2);
});

test('lists are filtered by tenant and status', async () => {
  expect(await codes({ tenant: 'northwind' })).toEqual(['acme-shop', 'blog-shop']);
  expect(await codes({ status: 'suspended' })).toEqual([]);
  await expect(codes({ partner: 'nobody' })).rejects.toMatchObject({ code: 'partner_not_found' });
});

test('unknown parties, a taken code and a partner that is gone are refused', async () => {
  const wanted = { code: 'new', name: 'New', tenant: 'gulf', partner: 'acme' };
  await expect(createInstance(ctx, { ...wanted, tenant: 'golf' })).rejects.toMatchObject({
    hint: "did you mean 'gulf'?",
  });
  await expect(createInstance(ctx, { ...wanted, partner: 'acne' })).rejects.toMatchObject({
    code: 'partner_not_found',
  });
  await expect(createInstance(ctx, { ...wanted, code: 'acme-shop' })).rejects.toMatchObject({
    code: 'instance_exists',
  });
  await createPartner(ctx, somePartner('gone'));
  await archivePartner(ctx, 'gone');
  await expect(createInstance(ctx, { ...wanted, partner: 'gone' })).rejects.toMatchObject({ code: 'partner_closed' });
});
