import { addAccount } from '../../src/services/account/add-account.ts';
import type { Context } from '../../src/services/context.ts';
import { createInstance } from '../../src/services/instance/create-instance.ts';
import { createPartner, type NewPartner } from '../../src/services/partner/create-partner.ts';
import { createTenant } from '../../src/services/tenant/create-tenant.ts';

/** A partner of the least that one is. */
export const somePartner = (code: string, more: Partial<NewPartner> = {}): NewPartner => ({
  code,
  name: code,
  type: 'reseller',
  currency: 'EUR',
  ...more,
});

/** Two tenants, two partners, three instances and an account, made by the services. */
export async function makeParties(ctx: Context): Promise<void> {
  await createTenant(ctx, { code: 'northwind', name: 'Northwind' });
  await createTenant(ctx, { code: 'gulf', name: 'Gulf' });
  await createPartner(ctx, somePartner('acme', { tier: 'gold' }));
  await createPartner(ctx, somePartner('blogly', { type: 'affiliate' }));
  await createInstance(ctx, { code: 'acme-shop', name: 'Shop', tenant: 'northwind', partner: 'acme' });
  await createInstance(ctx, { code: 'acme-gulf', name: 'Gulf', tenant: 'gulf', partner: 'acme' });
  await createInstance(ctx, { code: 'blog-shop', name: 'Outlet', tenant: 'northwind', partner: 'blogly' });
  await addAccount(ctx, { instance: 'acme-shop', code: 'C-1' });
}
