import { parseCode } from '../../../domain/codes.ts';
import { createTenant } from '../../../services/tenant/create-tenant.ts';
import { mutation } from '../../mutation.ts';
import { argument, requiredOption } from '../../parameters.ts';
import { tenantRows } from './rows.ts';

export const create = mutation({
  rows: tenantRows,
  verb: 'create',
  summary: 'make a tenant',
  description: 'Makes a tenant: a client organisation, which may run several instances from different partners.',
  parameters: {
    code: argument('CODE', 'what you will type for it, for ever', { read: parseCode }),
    name: requiredOption('--name <text>', 'its name'),
  },
  examples: [
    { command: 'tenant create northwind --name "Northwind Traders"' },
    { command: 'tenant create northwind --name "Northwind Traders" --dry-run' },
  ],
  run: async (ctx, input) => await createTenant(ctx, input),
  done: (row) => `created tenant ${row.code}`,
});
