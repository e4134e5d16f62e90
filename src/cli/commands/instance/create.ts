import { parseCode } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import { createInstance } from '../../../services/instance/create-instance.ts';
import { partnerChoices, tenantChoices } from '../../choices.ts';
import { mutation } from '../../mutation.ts';
import { argument, option, requiredOption } from '../../parameters.ts';
import { beforeInstances, instanceRows } from './rows.ts';

export const create = mutation({
  rows: instanceRows,
  verb: 'create',
  summary: 'make an instance of a tenant, founded by a partner',
  description:
    'Makes an instance: one commercially separate platform of one tenant. Its founding partner never changes and earns ' +
    'there until a transfer, from the beginning of time unless --from says otherwise.',
  parameters: {
    code: argument('CODE', 'what you will type for it, for ever', { read: parseCode }),
    tenant: requiredOption('--tenant <code>', 'whose platform it is', {
      ask: { message: 'Tenant:', choices: tenantChoices },
    }),
    partner: requiredOption('--partner <code>', 'the founding partner', {
      ask: { message: 'Founding partner:', choices: partnerChoices },
    }),
    name: requiredOption('--name <text>', 'its name'),
    from: option('--from <date>', 'first day of the founding agreement', { read: parseDate }),
  },
  examples: [
    {
      command: 'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      setup: beforeInstances,
    },
    {
      command: 'instance create acme-shop --tenant northwind --partner acme --name Shop --from 2026-10-01 --dry-run',
      setup: beforeInstances,
    },
  ],
  run: async (ctx, input) => await createInstance(ctx, input),
  done: (row) => `created instance ${row.code}, where ${row.foundingPartner} earns`,
});
