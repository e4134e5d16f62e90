import type { TenantRow } from '../../../services/tenant/list-tenants.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<TenantRow>();

/** A client organisation. */
export const tenantRows: NounRows<TenantRow> = {
  noun: 'tenant',
  plural: 'tenants',
  id: (row) => row.code,
  columns: [
    c.code('code', (row) => row.code),
    c.text('name', (row) => row.name),
    c.number('instances', (row) => row.instances),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};
