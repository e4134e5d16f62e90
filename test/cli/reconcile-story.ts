import { nachaReturnsOf, statementOf, statusReportOf } from '../support/fake-bank.ts';
import { nachaOrder, personInUs } from '../support/payment-orders.ts';
import { writeNacha } from '../../src/formats/payments/nacha-writer.ts';
import { openStage, type Stage, type Story } from './story.ts';

/** Three payouts on their way: acme 60.00 EUR, blogly 12.50 EUR, coast 30.00 USD. */
const SCENE = [
  'tenant create northwind --name "Northwind Traders"',
  'partner create acme --name "Acme Resale GmbH" --type reseller --currency EUR',
  'partner create blogly --name "Blogly" --type affiliate --currency EUR',
  'partner create coast --name "Coast Media Inc" --type affiliate --currency USD',
  'instance create acme-shop --tenant northwind --partner acme --name "Northwind Shop"',
  'instance create blogly-shop --tenant northwind --partner blogly --name "Northwind Blog"',
  'instance create coast-shop --tenant northwind --partner coast --name "Northwind Coast"',
  'rule set --scope programme --percentage 10% --from 2026-01-01',
  'revenue record --instance acme-shop --kind payment --net 600 --currency EUR --occurred-at 2026-09-05 --id pay-1',
  'revenue record --instance blogly-shop --kind payment --net 125 --currency EUR --occurred-at 2026-09-06 --id pay-2',
  'revenue record --instance coast-shop --kind payment --net 300 --currency USD --occurred-at 2026-09-07 --id pay-3',
  'job run accrue-commissions --for 2026-09-30',
  'payout generate --cutoff 2026-11-01',
  'payout approve 1 --confirm 1 --actor checker',
  'payout submit 1 --out register.csv --confirm 1',
];

const acme = { id: 'P00000001A', amount: '60.00', name: 'Acme Resale GmbH' };
const blogly = { id: 'P00000002A', amount: '12.50', name: 'Blogly' };
const order = { message: 'RUN-1', payments: [acme, blogly] };
const date = '2026-11-21';
const paidInUs = writeNacha({
  ...nachaOrder,
  payments: [{ ...personInUs, number: 'P00000003A', amount: 3000n, name: 'Coast Media Inc' }],
}).files[0]!.content;

const FILES = {
  'short.xml': statementOf({ ...order, payments: [{ ...acme, amount: '59.99' }] }, { date }),
  'monday.xml': statementOf({ ...order, payments: [acme] }, { date }),
  'tuesday.xml': statementOf(order, { date, returns: { [acme.id]: 'AC04' } }),
  'status.xml': statusReportOf({ ...order, payments: [blogly] }, { refused: { [blogly.id]: 'AC01' } }),
  'returns.ach': nachaReturnsOf(paidInUs, { P00000003A: 'R03' }),
  'correction.ach': nachaReturnsOf(paidInUs, { P00000003A: 'C01' }),
  'torn.xml': statementOf(order, { date }).slice(0, 900),
  'bank.toml': '[columns]\ndate = "day"\namont = "sum"\nids = "text"\n',
  'bank.csv': 'day,text,sum\n2026-11-21,P00000001A,-60.00\n',
};

export const reconcileStage = async (): Promise<Stage> =>
  await openStage({ checker: true, lines: SCENE, files: FILES });

export const RECONCILE_STORY: Story = [
  [
    'payout-reconcile',
    '| payout reconcile',
    '| payout reconcile nowhere.xml',
    '| payout reconcile torn.xml',
    '| payout reconcile bank.csv',
    '| payout reconcile bank.csv --profile bank.toml',
    '| payout reconcile short.xml',
    '| payout reconcile monday.xml --dry-run',
    '> payout reconcile monday.xml --yes',
    '| payout reconcile tuesday.xml --json',
    '| payout reconcile tuesday.xml -o csv',
    '| payout reconcile status.xml',
    '| payout reconcile correction.ach',
    '| payout reconcile returns.ach',
    '> payout show P00000001A',
  ],
];
