import type { Subscription } from '../../../services/subscription/list-subscriptions.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';

const c = columnsOf<Subscription>();

/** What an instance or an account pays for, as it is on a day. */
export const subscriptionRows: NounRows<Subscription> = {
  noun: 'subscription',
  plural: 'subscriptions',
  id: (row) => row.code,
  columns: [
    c.code('code', (row) => row.code),
    c.code('instance', (row) => row.instance),
    c.code('account', (row) => row.account),
    c.code('plan', (row) => row.plan),
    c.code('cycle', (row) => row.cycle),
    c.code('status', (row) => row.status),
    c.number('quantity', (row) => row.quantity),
    c.money('wholesale', (row) => row.wholesale),
    c.money('price', (row) => row.price),
    c.money('margin', (row) => row.margin),
    c.code('currency', (row) => row.currency),
    c.text('next', (row) => row.next),
    c.code('region', (row) => row.region, { detail: true }),
    c.date('started_on', (row) => row.startedOn, { detail: true }),
    c.date('cycle_from', (row) => row.cycleFrom, { detail: true }),
    c.date('cycle_to', (row) => row.cycleTo, { detail: true }),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};
