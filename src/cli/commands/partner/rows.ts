import type { PartnerRow } from '../../../services/partner/create-partner.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<PartnerRow>();

/** A reseller, affiliate, referral or white-label partner. */
export const partnerRows: NounRows<PartnerRow> = {
  noun: 'partner',
  plural: 'partners',
  id: (row) => row.code,
  columns: [
    c.code('code', (row) => row.code),
    c.text('name', (row) => row.name),
    c.code('type', (row) => row.type),
    c.code('status', (row) => row.status),
    c.code('currency', (row) => row.currency),
    c.code('tier', (row) => row.tier),
    c.code('parent', (row) => row.parent),
    c.flag('house', (row) => row.house, { detail: true }),
    c.text('company', (row) => row.company, { detail: true }),
    c.text('contact', (row) => row.contact, { detail: true }),
    c.text('email', (row) => row.email, { detail: true }),
    c.date('contract_from', (row) => row.contractFrom, { detail: true }),
    c.date('contract_to', (row) => row.contractTo, { detail: true }),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};
