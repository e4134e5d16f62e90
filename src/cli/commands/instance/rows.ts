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
/** One decided payment there, and another partner. */
export const soldThere = [
  ...oneShop,
  'partner create zenith --name Zenith --type affiliate --currency EUR',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
  'job run accrue-commissions --for 2026-10-31',
];
