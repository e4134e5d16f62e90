import type { RevenueEvent } from '../../../services/revenue/list-revenue.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<RevenueEvent>();

/** One recorded fact of billing. */
export const revenueRows: NounRows<RevenueEvent> = {
  noun: 'event',
  plural: 'events',
  id: (row) => String(row.id),
  columns: [
    c.number('event', (row) => row.id),
    c.date('date', (row) => row.occurredOn),
    c.code('kind', (row) => row.kind),
    c.code('source', (row) => row.source, { aside: true }),
    c.text('external_id', (row) => row.externalId),
    c.code('instance', (row) => row.instance),
    c.text('account', (row) => row.account),
    c.text('product', (row) => row.product, { aside: true }),
    c.money('net', (row) => row.net),
    c.money('gross', (row) => row.gross, { detail: true }),
    c.money('tax', (row) => row.tax, { detail: true }),
    c.code('currency', (row) => row.currency),
    c.text('sale_ref', (row) => row.saleRef, { aside: true }),
    c.money('sale_net', (row) => row.saleNet, { detail: true }),
    c.money('sale_gross', (row) => row.saleGross, { detail: true }),
    c.money('wholesale_net', (row) => row.wholesaleNet, { detail: true }),
    c.code('subscription', (row) => row.subscription, { detail: true }),
    c.date('sale_date', (row) => row.saleDate, { detail: true }),
    c.text('quantity', (row) => row.quantity, { detail: true }),
    c.text('country', (row) => row.country, { detail: true }),
    c.text('transaction_type', (row) => row.transactionType, { detail: true }),
    c.instant('occurred_at', (row) => row.occurredAt, { detail: true }),
    c.number('version', (row) => row.version, { detail: true }),
    c.flag('decided', (row) => row.decided),
    c.code('waits_for', (row) => row.waitsFor),
    c.flag('voided', (row) => row.voided, { detail: true }),
    c.flag('instance_defaulted', (row) => row.instanceDefaulted, { detail: true }),
    c.number('batch', (row) => row.batch, { detail: true }),
    c.code('origin', (row) => row.origin, { detail: true }),
    c.text('file', (row) => row.file, { detail: true }),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};
