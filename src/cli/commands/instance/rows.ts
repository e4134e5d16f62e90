import type { InstanceRow } from '../../../services/instance/list-instances.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<InstanceRow>();

/** One commercially separate platform of one tenant. */
export const instanceRows: NounRows<InstanceRow> = {
  noun: 'instance',
  plural: 'instances',
  id: (row) => row.code,
  columns: [
    c.code('code', (row) => row.code),
    c.text('name', (row) => row.name),
    c.code('tenant', (row) => row.tenant),
    // Whose agreement is in force today: who earns.
    c.code('partner', (row) => row.partner),
    c.code('founding_partner', (row) => row.foundingPartner, { detail: true }),
    c.code('status', (row) => row.status),
    c.date('founded_on', (row) => row.foundedOn, { detail: true }),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

/** A tenant and a partner, for the examples of this noun. */
export const beforeInstances = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale" --type reseller --currency EUR',
];
export const oneShop = [
  ...beforeInstances,
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
];
