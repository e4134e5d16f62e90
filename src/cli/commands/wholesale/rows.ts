import type { WholesaleLine } from '../../../services/wholesale/list-wholesale.ts';
import type { Example } from '../../command.ts';
import type { NounRows } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { ONE_SHOP } from '../../example-books.ts';

const c = columnsOf<WholesaleLine>();

/** A cycle or usage that was charged, or what was received of it, below zero. */
export const wholesaleLines: NounRows<WholesaleLine> = {
  noun: 'line',
  plural: 'lines',
  id: (row) => row.item,
  columns: [
    c.date('date', (row) => row.postingDate),
    c.code('instance', (row) => row.instance),
    c.code('partner', (row) => row.partner),
    c.code('kind', (row) => row.kind),
    c.text('item', (row) => row.item),
    c.code('plan', (row) => row.plan, { aside: true }),
    c.date('from', (row) => row.from),
    c.date('to', (row) => row.to),
    c.money('quantity', (row) => row.quantity),
    c.money('amount', (row) => row.amount),
    c.code('currency', (row) => row.currency),
    c.actor('created_by', (row) => row.createdBy, { detail: true }),
    c.instant('recorded_at', (row) => row.recordedAt, { detail: true }),
  ],
};

const USAGE = `external_id,instance,meter,quantity,date
u-1,acme-shop,api-calls,120000,2026-10-05
`;

const setup = [
  ...ONE_SHOP,
  'plan create pro --name "Pro"',
  'price-book set pro/monthly --currency EUR --wholesale 12.00 --list 20.00 --from 2026-01-01',
  'price-book set api-calls --currency EUR --unit-price 0.0004 --from 2026-01-01',
  'subscription create shop-pro pro/monthly --instance acme-shop --currency EUR --from 2026-09-30',
  'usage import usage.csv',
];

/** A command that works once an instance has a subscription and usage, and, with `charged`, October is charged. */
export const withUsage = (command: string): Example => ({ command, setup, files: { 'usage.csv': USAGE } });
export const charged = (command: string): Example => ({
  ...withUsage(command),
  setup: [...setup, 'wholesale charge --period 2026-10'],
});
