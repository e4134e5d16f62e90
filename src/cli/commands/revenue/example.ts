import { ONE_SHOP } from '../../example-books.ts';

/** A programme with one instance, for the examples of this noun. */
export const oneShop = [...ONE_SHOP];

/** The mapping that the help shows. */
export const EXAMPLE_MAP = `source = "billing"

[columns]
external_id = "id"
occurred_at = "paid_at"
net = "amount"
currency = { constant = "EUR" }
account = "customer"
product = "plan"
instance = { column = "shop", lookup = "instances" }

[kind]
rules = [{ column = "type", value = "refund", kind = "refund" },
         { column = "amount", sign = "negative", kind = "credit_note" }]
otherwise = "payment"

[lookups.instances]
"shop-1" = "acme-shop"
`;

export const EXAMPLE_INVOICES = `id,type,paid_at,amount,customer,plan,shop
pay-1,payment,2026-10-05T09:30:00Z,125.50,C-1042,plan-pro,shop-1
pay-2,payment,2026-10-06T11:00:00Z,49.00,C-1043,plan-basic,shop-1
ref-1,refund,2026-10-09T16:45:00Z,-125.50,C-1042,plan-pro,shop-1
`;

/** The second row is of a shop that the mapping does not know. */
export const MIXED_INVOICES = EXAMPLE_INVOICES.replace('plan-basic,shop-1', 'plan-basic,shop-9');

/** Of a time when there was one platform: nothing says which. */
const LEGACY_MAP = EXAMPLE_MAP.replace(/^instance = .*\n/m, '');
export const legacyImport =
  'revenue import invoices.csv --map legacy.toml --default-instance acme-shop --create-accounts';

/** As Stripe exports payments: the second came back in part, the third never arrived. */
const PAYMENTS = `id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer ID
ch_1,2026-10-05 09:30:00,125.50,0.00,eur,Paid,cus_1
ch_2,2026-10-06 11:00:00,"1,049.00",49.00,eur,Paid,cus_2
ch_3,2026-10-06 11:05:00,49.00,0.00,eur,Failed,cus_2
`;

export const files = {
  'payments.csv': PAYMENTS,
  'legacy.toml': LEGACY_MAP,
  'map.toml': EXAMPLE_MAP,
  'invoices.csv': EXAMPLE_INVOICES,
  'mixed.csv': MIXED_INVOICES,
};

/** One event of each sort, recorded by hand. */
export const recorded = [
  ...oneShop,
  'revenue record --instance acme-shop --kind payment --net 125.50 --currency EUR --occurred-at 2026-10-05 --id pay-1',
  'revenue record --instance acme-shop --kind refund --net -20.00 --currency EUR --occurred-at 2026-10-07 --id ref-7 --sale-ref INV-7 --sale-net 80.00',
];
