import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { addAccount } from '../../src/services/account/add-account.ts';
import { listAccounts, showAccount } from '../../src/services/account/list-accounts.ts';
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

const listed = async (filter: Parameters<typeof listAccounts>[1]) =>
  (await listAccounts(ctx, filter, { limit: 100, offset: 0 })).map(({ instance, code }) => `${instance}/${code}`);

test('a code is unique within its instance and free in another', async () => {
  await addAccount(ctx, { instance: 'blog-shop', code: 'C-1', name: 'Jane', country: 'DE' });
  await expect(addAccount(ctx, { instance: 'blog-shop', code: 'C-1' })).rejects.toMatchObject({
    code: 'account_exists',
  });
  expect(await showAccount(ctx, { instance: 'blog-shop', code: 'C-1' })).toMatchObject({ name: 'Jane', country: 'DE' });
  expect(await showAccount(ctx, { instance: 'acme-shop', code: 'C-1' })).toMatchObject({ name: null });
});

test('accounts are listed by instance, partner and country', async () => {
  await addAccount(ctx, { instance: 'acme-gulf', code: 'a/b', country: 'AE' });
  expect(await listed({})).toEqual(['acme-gulf/a/b', 'acme-shop/C-1', 'blog-shop/C-1']);
  expect(await listed({ partner: 'acme' })).toEqual(['acme-gulf/a/b', 'acme-shop/C-1']);
  expect(await listed({ instance: 'blog-shop' })).toEqual(['blog-shop/C-1']);
  expect(await listed({ country: 'AE', partner: 'acme' })).toEqual(['acme-gulf/a/b']);
});

test('unknown instances and accounts come with what may have been meant', async () => {
  await expect(addAccount(ctx, { instance: 'acme-shp', code: 'X' })).rejects.toMatchObject({
    hint: "did you mean 'acme-shop'?",
  });
  await expect(showAccount(ctx, { instance: 'acme-shop', code: 'C-2' })).rejects.toMatchObject({
    code: 'account_not_found',
    hint: "did you mean 'acme-shop/C-1'?",
  });
});

test('a country is two capital letters, and an account ends after it starts', async () => {
  const account = { instance: 'acme-shop', code: 'C-9' };
  await expect(addAccount(ctx, { ...account, country: 'GER' })).rejects.toMatchObject({ code: 'country_invalid' });
  await expect(addAccount(ctx, { ...account, startsOn: '2026-02-01', endsOn: '2026-01-01' })).rejects.toMatchObject({
    code: 'account_dates',
  });
});
