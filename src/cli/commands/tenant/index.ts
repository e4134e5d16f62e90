import { listTenants, showTenant } from '../../../services/tenant/list-tenants.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand } from '../../listing.ts';
import { create } from './create.ts';
import { tenantRows } from './rows.ts';

const setup = ['tenant create northwind --name "Northwind Traders"'];

const list = listCommand({
  ...tenantRows,
  filters: {},
  query: async (ctx, _filter, page) => await listTenants(ctx, page),
  whenEmpty: '`revshare tenant create CODE --name NAME` makes one',
  examples: [
    { command: 'tenant list', setup },
    { command: 'tenant list -o csv', setup },
  ],
});

const show = showCommand({
  ...tenantRows,
  find: showTenant,
  examples: [{ command: 'tenant show northwind', setup }],
});

export const commands: readonly Command[] = [create, list, show];
