import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { RevenueLayout } from '../../src/formats/revenue-layout-names.ts';
import { importRevenue, type Imported } from '../../src/services/revenue/import-revenue.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { accrue } from '../support/accrual.ts';

/** Files laid out as Stripe and Lago document theirs; what they say is our own. */
let database: TestDatabase;
let ctx: OpenedContext;
let directory: string;
beforeEach(async () => {
  database = await testDatabase();
  ctx = await database.context();
  await openBooks(ctx.db);
  directory = mkdtempSync(join(tmpdir(), 'revshare-layouts-'));
});
afterEach(async () => {
  await database.drop();
  rmSync(directory, { recursive: true, force: true });
});

async function imported(layout: RevenueLayout, lines: readonly string[], partial = false): Promise<Imported> {
  const file = join(directory, 'export.csv');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const labels = { file: 'export.csv', map: '' };
  const request = { file, labels, map: { layout }, createAccounts: true, defaultInstance: 'acme-uk', partial };
  return await importRevenue(ctx, { ...request, rejectsFile: join(directory, 'rejected.csv') });
}

async function events(): Promise<string[]> {
  const rows = await ctx.db.sql<{ told: string }[]>`
    select concat_ws(' ', e.external_id, e.kind, e.net_minor, e.tax_minor, e.currency, e.occurred_on, a.code, s.sale_ref, s.sale_net_minor) as told
    from revenue_events e left join accounts a on a.id = e.account_id left join sales s on s.id = e.sale_id order by e.id`;
  return rows.map(({ told }) => told);
}

const counts = ({ read, new: added, known, rejected, passedOver }: Imported) => [
  read,
  added,
  known,
  rejected,
  passedOver,
];

describe('payments of Stripe', () => {
  const HEADING =
    'id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Fee,Status,Customer ID,Invoice ID';
  const charge = (id: string, amount: string, refunded: string, status = 'Paid') =>
    `${id},2026-10-05 23:30:12,"${amount}",${refunded},eur,true,${refunded},1.00,${status},cus_1,in_1`;

  it('are one payment a charge, and a refund of what came back', async () => {
    const lines = [
      HEADING,
      charge('ch_1', '125.50', '0.00'),
      charge('ch_2', '1,049.00', '49.00'),
      charge('ch_3', '5.00', '0.00', 'Failed'),
    ];
    expect(counts(await imported('stripe-charges', lines))).toEqual([3, 3, 0, 0, 1]);
    expect(await events()).toEqual([
      'ch_1 payment 12550 0 EUR 2026-10-05 cus_1 ch_1 12550',
      'ch_2 payment 104900 0 EUR 2026-10-05 cus_1 ch_2 104900',
      'ch_2/refunded-49.00 refund -4900 0 EUR 2026-11-21 cus_1 ch_2 104900',
    ]);
    // The same file, also on a later day, has nothing new.
    expect(counts(await imported('stripe-charges', lines))).toEqual([3, 0, 3, 0, 1]);
    const tomorrow = await database.context({ now: Date.UTC(2026, 10, 22, 12) });
    const again = {
      file: join(directory, 'export.csv'),
      map: { layout: 'stripe-charges' },
      createAccounts: true,
    } as const;
    expect(counts(await importRevenue(tomorrow, { ...again, defaultInstance: 'acme-uk' }))).toEqual([3, 0, 3, 0, 1]);
  });

  it('grow by one refund each time, and an older export takes nothing back', async () => {
    const now = (refunded: string) => [HEADING, charge('ch_1', '100.00', refunded)];
    await imported('stripe-charges', now('0.00'));
    expect(counts(await imported('stripe-charges', now('10.00')))).toEqual([2, 1, 1, 0, 0]);
    expect(counts(await imported('stripe-charges', now('25.00')))).toEqual([2, 1, 1, 0, 0]);
    expect(counts(await imported('stripe-charges', now('10.00')))).toEqual([2, 0, 2, 0, 0]);
    expect(counts(await imported('stripe-charges', now('25.0')))).toEqual([2, 0, 2, 0, 0]);
    expect(counts(await imported('stripe-charges', now('100.00')))).toEqual([2, 1, 1, 0, 0]);
    expect((await events()).filter((told) => told.includes('refund')).map((told) => told.split(' ')[2])).toEqual([
      '-1000',
      '-1500',
      '-7500',
    ]);
    await accrue(ctx, '2026-11-21');
    const [earned] = await ctx.db.sql<{ net: string }[]>`select sum(amount_minor)::text as net from entries`;
    expect(earned!.net).toBe('0');
  });

  it('in one file twice count once', async () => {
    const lines = [HEADING, charge('ch_1', '100.00', '25.00'), charge('ch_1', '100.00', '10.00')];
    expect(counts(await imported('stripe-charges', lines))).toEqual([4, 3, 1, 0, 0]);
    const [sum] = await ctx.db.sql<{ net: string }[]>`select sum(net_minor)::text as net from revenue_events`;
    expect(sum!.net).toBe('7500');
  });

  it('take the day of the refund where the export has it', async () => {
    const lines = ['id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer ID,Refunded date (UTC)'];
    lines.push('ch_1,2026-10-05 09:30,100.00,10.00,usd,Paid,cus_1,2026-10-20 08:00');
    await imported('stripe-charges', lines);
    expect((await events())[1]).toBe('ch_1/refunded-10.00 refund -1000 0 USD 2026-10-20 cus_1 ch_1 10000');
  });

  it('of a standing that nobody knows are refused, by line and column', async () => {
    const lines = [
      HEADING,
      charge('ch_1', '1.00', '0.50', 'Reversed'),
      charge('ch_2', 'x', '0.50'),
      charge('ch_3', '2.00', '0'),
    ];
    await expect(imported('stripe-charges', lines)).rejects.toThrow(
      /export\.csv:2:9 \(Status\) 'Reversed' is not known[^]*export\.csv:3:3 \(Amount\) 'x'/,
    );
    expect(counts(await imported('stripe-charges', lines, true))).toEqual([3, 1, 0, 2, 0]);
    for (const heading of ['id,Amount', HEADING.replace('Status,', '')]) {
      await expect(imported('stripe-charges', [heading])).rejects.toMatchObject({
        code: 'mapping_unknown_column',
        hint: 'export it with all of its columns, or write a mapping file for this one',
      });
    }
  });
});

it('invoices of Stripe are paid or not, and tax is apart', async () => {
  const lines = [
    'id,Amount Due,Currency,Customer,Date (UTC),Due Date (UTC),Number,Paid,Subtotal,Total Discount Amount,Tax,Total,Amount Paid,Status',
    'in_1,119.00,eur,cus_1,2026-10-05 10:00,,A-1,TRUE,100.00,0.00,19.00,119.00,119.00,paid',
    'in_2,50.00,eur,cus_2,2026-10-06 10:00,,A-2,TRUE,50.00,0.00,,50.00,0.00,paid',
    'in_3,50.00,eur,cus_2,2026-10-07 10:00,,A-3,FALSE,50.00,0.00,,50.00,0.00,open',
  ];
  expect(counts(await imported('stripe-invoices', lines))).toEqual([2, 2, 0, 0, 1]);
  expect(await events()).toEqual([
    'in_1 payment 10000 1900 EUR 2026-10-05 cus_1',
    'in_2 payment 5000 0 EUR 2026-10-06 cus_2',
  ]);
  expect(counts(await imported('stripe-invoices', lines))).toEqual([2, 0, 2, 0, 1]);
});

it('invoices of Lago count fees less coupons, credit when it is spent and not when it is bought', async () => {
  const lines = [
    'lago_id,sequential_id,issuing_date,customer_lago_id,customer_external_id,customer_name,customer_country,customer_tax_identification_number,invoice_number,invoice_type,payment_status,status,file_url,currency,fees_amount_cents,coupons_amount_cents,taxes_amount_cents,credit_notes_amount_cents,prepaid_credit_amount_cents,total_amount_cents,payment_due_date,payment_dispute_lost_at,payment_overdue',
    ...[
      ['1', 'subscription', 'succeeded', 'finalized', '10000,1000,1710,0,5000,5710'],
      ['2', 'credit', 'succeeded', 'finalized', '5000,0,0,0,0,5000'],
      ['3', 'one_off', 'pending', 'finalized', '5000,0,0,0,0,5000'],
      ['4', 'subscription', 'succeeded', 'voided', '5000,0,0,0,0,5000'],
    ].map(
      ([id, type, paid, status, amounts]) =>
        `lago-${id},1,2026-10-0${id},c,C-${id},Name,DE,,LAG-${id},${type},${paid},${status},,EUR,${amounts},2026-10-31,,false`,
    ),
  ];
  expect(counts(await imported('lago-invoices', lines))).toEqual([1, 1, 0, 0, 3]);
  expect(await events()).toEqual(['lago-1 payment 9000 1710 EUR 2026-10-01 C-1']);
});

it('nothing in them says of which instance they are', async () => {
  await expect(
    importRevenue(ctx, { file: join(directory, 'none.csv'), map: { layout: 'lago-invoices' } }),
  ).rejects.toMatchObject({ code: 'instance_unnamed' });
});
