import { openStage, withoutPlace, type Stage, type Story } from './story.ts';

const BILLING = `source,instance,kind,currency,count,net,gross
manual,acme-shop,payment,EUR,2,185.50,185.50
manual,acme-shop,refund,EUR,1,-20.00,-20.00
manual,hana-market,payment,JPY,1,9000,9000
`;

const RATES = `date,base,quote,rate,source
2026-10-30,EUR,USD,1.0853,ECB
2026-10-30,EUR,JPY,171.13,ECB
`;

/** A programme whose October is decided, for what finance asks in its first month. */
export async function financeStage(): Promise<Stage> {
  const pay = (shop: string, net: string, currency: string, day: string) =>
    `revenue record --instance ${shop} --kind payment --net ${net} --currency ${currency} --occurred-at 2026-10-${day} --id pay-${day}`;
  const opened = await openStage({
    checker: true,
    lines: [
      'tenant create northwind --name "Northwind Traders"',
      'partner create acme --name "Acme Resale" --type reseller --currency EUR',
      'partner create hana_m --name "Hana" --type referral --currency JPY',
      'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
      'instance create hana-market --tenant northwind --partner hana_m --name "Hana Market"',
      'rule set --scope programme --percentage 10% --from 2026-01-01',
      pay('acme-shop', '125.50', 'EUR', '01'),
      pay('hana-market', '9000', 'JPY', '03'),
      pay('acme-shop', '60.00', 'EUR', '04'),
      'revenue record --instance acme-shop --kind refund --net -20.00 --currency EUR --occurred-at 2026-10-20 --id ref-1',
      'job run accrue-commissions --for 2026-10-31',
      pay('acme-shop', '40.00', 'EUR', '30'),
      'adjustment add acme acme-shop 5.00 EUR --reason goodwill',
      'approval approve 1 --yes --actor checker',
    ],
    files: {
      'billing.csv': BILLING.replace('2,185.50,185.50', '3,225.50,225.50'),
      'short.csv': BILLING.replace(/^manual,hana.*\n/m, '').replace('-20.00,-20.00', '-25.00,'),
      'sums.csv': 'currency,net\nEUR,205.50\nJPY,9000\n',
      'wrong.csv': 'instance,kind,currency,net\nacme-shop,paiment,EUR,1.005\n,payment,EUR,1\nacme-shop,payment,EUR,\n',
      'rates.csv': RATES,
      'other.csv': 'date,base,quote,rate,source\n2026-10-31,EUR,USD,1.09,OANDA\n',
      'columns.csv': 'currency,amount\nEUR,1\n',
    },
  });
  return withoutPlace(opened);
}

export const FINANCE_STORY: Story = [
  [
    'revenue-control',
    '> revenue control --period 2026-10 --expect billing.csv',
    '| revenue control --period 2026-10 --expect short.csv --differences --json',
    '| revenue control --period 2026-10 --expect sums.csv -o csv',
    '| revenue control --period 2026-10-01..2026-10-29 --expect sums.csv --source manual',
    '| revenue control --period 2026-10 --expect sums.csv --source manuel',
    '| revenue control --period 2026-10 --expect wrong.csv',
    '| revenue control --period 2026-10 --expect columns.csv',
    '| revenue control --period 2026-10 --expect none.csv',
    '| revenue control --period 2026-10',
    '| job run accrue-commissions --for 2026-10-31 -o id',
    '| revenue control --period 2026-10 --expect billing.csv',
    '| revenue void manual:ref-1 --reason "booked twice" -o id',
    '| approval approve 2 --yes --actor checker -o id',
    '| revenue control --period 2026-10 --expect billing.csv --differences',
  ],
  [
    'payout-forecast',
    '> payout forecast',
    '| payout forecast --weeks 2 -o csv',
    '> payout forecast --left-out',
    '| schedule set monthly --net 10 --calendar target --from 2026-01-01 -o id',
    '| payout generate --partner hana_m -o id',
    '> payout forecast --json',
    '| payout forecast --weeks 60',
  ],
  [
    'dispute-open',
    '| dispute open 1.0 --reason "customer says it never signed" --dry-run --json',
    '> dispute open 1.0 --reason "customer says it never signed" --yes',
    '| dispute open 1.0 --reason "once more"',
    '| dispute open 1 --reason "which share"',
    '| dispute open 99.0 --reason "no such entry"',
    '| dispute open 3.0',
    '| dispute open 3.0 --reason "another parcel" -o id',
  ],
  [
    'dispute-list',
    '> dispute list',
    '| dispute list --status open --partner acme -o csv',
    '| dispute list --partner acne',
    '| wallet list --partner acme',
    '| payout forecast --left-out',
  ],
  [
    'dispute-resolve',
    '| dispute resolve 2 --note "the contract is signed"',
    '| dispute resolve 2 --release --reject --note "both"',
    '| dispute resolve 2 --reject --note "there is no contract" --dry-run',
    '> dispute resolve 2 --release --note "the contract is signed" --yes',
    '| dispute resolve 2 --reject --note "changed our mind"',
    '| dispute resolve 3 --reject --note "it came back" -o json',
    '| dispute resolve 7 --release --note "no such"',
    '> dispute show 3',
    '| dispute show two',
    '| wallet list --partner acme',
  ],
  [
    'dispute-export',
    '| dispute export --period 2020-01-01..2099-12-31 --status open --format ndjson --out -',
    '| dispute export --period 2026-10 --out -',
    '| dispute export --period 2026-10 --partner acne --out -',
    '| dispute export --period 2026-10 --status paid --out -',
    '> export schema dispute',
  ],
  [
    'ledger-trial-balance-in',
    '| ledger trial-balance --in USD --rates 2026-10-30',
    '| fx import rates.csv -o id',
    '| fx import other.csv -o id',
    '> ledger trial-balance --in USD --rates ECB@2026-10-31',
    '| ledger trial-balance --in USD --rates 2026-10-31 --json',
    '| ledger trial-balance --in EUR --rates ECB@2026-10-31 --as-of 2026-10-03 -o csv',
    '| ledger trial-balance --in USD --rates OANDA@2026-10-31',
    '| ledger trial-balance --in USD --rates ECB@2026-11-20',
    '| ledger trial-balance --in USD --rates ECB@2026-10-31#1',
    '| ledger trial-balance --in USD',
    '| ledger trial-balance --in USD --rates "the usual"',
  ],
  [
    'tax-mode-set',
    '| tax-mode set acme --mode self_billed --tax-id DE123456789',
    '| tax-mode set acme --mode self_billed --vat 19%',
    '| tax-mode set acme --mode reverse_charge --vat 19% --tax-id DE123456789',
    '| tax-mode set acme --mode self-billed --vat 19% --tax-id DE123456789',
    '| tax-mode set acme --mode self_billed --vat 19% --tax-id "=1+1"',
    '| tax-mode set acme --mode self_billed --vat 19% --tax-id de123456789 --from 2026-01-01 --dry-run',
    '> tax-mode set acme --mode self_billed --vat 19% --tax-id de123456789 --from 2026-01-01 --yes',
    '| tax-mode set acme --mode self_billed --vat 19% --tax-id DE123456789 --from 2026-01-01 -o id',
    '| tax-mode set hana_m --mode reverse_charge --tax-id JP-T1234567890123 --from 2026-01-01 -o id',
    '| tax-mode set acne --mode none',
  ],
  ['tax-mode-list', '> tax-mode list', '| tax-mode list --on 2025-12-31 --json', '| tax-mode list -o csv'],
  ['tax-mode-show', '> tax-mode show acme', '| tax-mode show acne'],
  [
    'invoice-list',
    '> invoice list',
    '| payout generate --partner acme -o id',
    '| payout approve 2 --confirm 2 --actor checker -o id',
    '| payout approve 1 --confirm 1 --actor checker -o id',
    '> payout submit 2 --confirm 2 --out acme.csv',
    '> payout submit 1 --confirm 1 --out hana.csv',
    '| payout complete --run 2 --confirm 2 -o id',
    '| payout complete --run 1 --confirm 1 -o id',
    '| payout return P00000002A --reason "unknown account" --confirm P00000002A -o id',
    '> invoice list',
    '| invoice list --kind credit_note --currency EUR -o csv',
    '| invoice list --partner acne',
    '| ledger trial-balance',
  ],
  [
    'invoice-show',
    '> invoice show SB000001',
    '| invoice show 2 --json',
    '| invoice show SB000009',
    '| invoice show P00000002A',
  ],
  ['invoice-export', '| invoice export --period 2026-10 --out -', '> export schema invoice'],
];
