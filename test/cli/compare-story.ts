import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { testDatabase } from '../database.ts';
import type { Stage, Story } from './story.ts';
import { emptyDirectory, shell } from './terminal.ts';

const MAP = `source = "old-system"

[columns]
external_id = "commission_id"
occurred_at = "created_at"
net = "sale_amount"
currency = "currency"
account = "customer"
sale_ref = "invoice"
sale_net = "invoice_net"
instance = { constant = "acme-shop" }

[kind]
rules = [{ column = "sale_amount", sign = "negative", kind = "refund" }]
otherwise = "payment"
`;
const HISTORY = `commission_id,created_at,customer,sale_amount,currency,invoice,invoice_net,commission
c-1,2026-09-03,C-1,100.00,EUR,INV-1,100.00,10.00
c-2,2026-09-10,C-2,250.00,EUR,INV-2,250.00,30.00
c-3,2026-09-12,C-1,-20.00,EUR,INV-1,100.00,
c-4,2026-09-13,C-3,1000,JPY,INV-3,1000,100
`;

/** The same as it is written where a comma parts decimals. */
const ABROAD = `commission_id;created_at;customer;sale_amount;currency;invoice;invoice_net;commission
c-1;2026-09-03;C-1;1.100,00;EUR;INV-1;1.100,00;1.010,50
`;
const LINES = `{"commission_id":"c-1","created_at":"2026-09-03","customer":"C-1","sale_amount":"100.00","currency":"EUR","invoice":"INV-1","invoice_net":"100.00","paid":{"net":"9.00"}}
`;

/** What other systems hand out, as they publish it; written by us. */
const REWARDFUL = [
  ['d3a8', 1000, 'paid', 'sale-1', 10_000, 'cus_A'],
  ['d3a9', 2500, 'due', 'sale-2', 20_000, 'cus_B'],
  ['d3aa', 700, 'voided', 'sale-3', 7_000, 'cus_C'],
]
  .map(([id, amount, state, sale, cents, customer]) =>
    JSON.stringify({
      ...{
        id,
        created_at: '2026-08-19T16:28:31.164Z',
        amount,
        currency: 'USD',
        state,
        due_at: '2026-09-18T16:28:25.000Z',
      },
      campaign: { id: 'c348', name: 'Friends' },
      sale: {
        ...{ id: sale, currency: 'USD', charged_at: '2026-08-19T16:28:25.000Z', charge_amount_cents: cents },
        ...{ refund_amount_cents: 0, tax_amount_cents: 0, sale_amount_cents: cents },
        referral: { id: 'd154', customer: { platform: 'stripe', id: customer, name: 'Somebody' } },
        affiliate: { id: '95bb', email: 'james@example.com' },
      },
    }),
  )
  .join('\n');
const PARTNERSTACK = `id,created_at,customer_key,product_key,amount,currency,reward_amount,reward_status
tx_1,2026-09-03T10:00:00Z,cust-1,,10000,USD,1000,approved
tx_2,2026-09-10T10:00:00Z,cust-2,,25000,USD,3000,paid
tx_3,2026-09-11T10:00:00Z,cust-2,,5000,USD,500,declined
`;
const DUB = `ID,Type,Amount,Earnings,Currency,Status,Invoice ID,Quantity,Created at,Partner ID,Customer ID
cm_1,sale,100,10,USD,paid,inv_1,1,2026-09-03T10:00:00.000Z,pn_1,cus_1
cm_2,sale,19.99,2.1,USD,pending,inv_2,1,2026-09-10T10:00:00.000Z,pn_1,cus_2
cm_3,lead,0,5,USD,paid,,1,2026-09-11T10:00:00.000Z,pn_1,cus_3
cm_4,sale,50,5,USD,refunded,inv_4,1,2026-09-12T10:00:00.000Z,pn_1,cus_1
`;
const GENERIC = `external_id,occurred_at,kind,instance,account,net,currency,paid
g-1,2026-09-03,payment,acme-shop,C-1,100.00,EUR,10.00
g-2,2026-09-05,refund,acme-shop,C-1,-20.00,EUR,
`;

/** A programme at 10 %, and what another system had paid. */
export async function compareStage(): Promise<Stage> {
  const database = await testDatabase();
  const cwd = emptyDirectory();
  writeFileSync(join(cwd, 'map.toml'), MAP);
  writeFileSync(join(cwd, 'history.csv'), HISTORY);
  writeFileSync(join(cwd, 'abroad.toml'), `${MAP}[csv]\ndelimiter = ";"\n[decimals]\ndecimal = ","\ngroup = "."\n`);
  writeFileSync(join(cwd, 'north.toml'), MAP.replace('acme-shop', 'north-shop'));
  writeFileSync(join(cwd, 'abroad.csv'), ABROAD);
  writeFileSync(join(cwd, 'history.ndjson'), LINES);
  writeFileSync(join(cwd, 'rates.csv'), 'date,base,quote,rate,source\n2026-09-03,EUR,USD,1.10,ECB\n');
  writeFileSync(join(cwd, 'rewardful.ndjson'), `${REWARDFUL}\n`);
  writeFileSync(join(cwd, 'partnerstack.csv'), PARTNERSTACK);
  writeFileSync(join(cwd, 'dub.csv'), DUB);
  writeFileSync(join(cwd, 'generic.csv'), GENERIC);
  writeFileSync(join(cwd, 'wrong.csv'), HISTORY.replace(',30.00', ',thirty').replace(',100\n', ',100.5\n'));
  writeFileSync(join(cwd, 'late.csv'), HISTORY.replace('2026-09-13', 'September'));
  const type = shell(database, { cwd });
  for (const line of [
    'tenant create northwind --name "Northwind Traders"',
    'partner create acme --name "Acme Resale" --type reseller --currency EUR',
    'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
    'rule set --scope programme --percentage 10% --from 2026-01-01',
  ]) {
    const made = await type(line);
    expect(made.code, `${line}\n${made.stderr}`).toBe(0);
  }
  return { type, leave: database.drop };
}

export const COMPARE_STORY: Story = [
  [
    'import-compare',
    '> import compare history.csv --map map.toml --paid commission',
    '| import compare history.csv --map map.toml --paid commission --differences -o csv',
    '| import compare history.csv --map map.toml --paid commission --json --differences',
    '| import compare wrong.csv --map map.toml --paid commission',
    '| import compare late.csv --map map.toml --paid commission',
    '| import compare history.csv --map map.toml --paid earnings',
    '| import compare history.csv --map map.toml',
    // Nothing of it stayed.
    '| revenue list',
    '| account list',
    '| ledger accounts',
  ],
  [
    'import-compare-layouts',
    '> import compare rewardful.ndjson --layout rewardful --default-instance acme-shop',
    '| import compare partnerstack.csv --layout partnerstack --default-instance acme-shop',
    '| import compare dub.csv --layout dub --default-instance acme-shop',
    '| import compare generic.csv --layout generic',
    '| import compare dub.csv --layout dub',
    '| import compare dub.csv --layout dub --default-instance nowhere',
    '| import compare partnerstack.csv --layout dub --default-instance acme-shop',
    '| import compare dub.csv --layout tapfiliate',
    '| import compare dub.csv --layout dub --map map.toml',
    '| import compare dub.csv',
    '| revenue list',
  ],
  [
    'import-compare-as-mapped',
    // What was paid is written as everything else in the file.
    '| import compare abroad.csv --map abroad.toml --paid commission',
    '| import compare history.ndjson --map map.toml --paid paid.net',
    '| import compare history.ndjson --map map.toml --paid paid.gross',
    // Two earn of one line, in two currencies; it was paid once.
    '| fx import rates.csv -o id',
    '| rule set --scope programme --override 1 --percentage 2% --pays-in USD --from 2026-01-01 -o id',
    '| partner create acme-north --name "Acme North" --type reseller --currency EUR --parent acme -o id',
    '| instance create north-shop --tenant northwind --partner acme-north --name "North Shop" -o id',
    '| import compare history.ndjson --map north.toml --paid paid.net',
  ],
];
