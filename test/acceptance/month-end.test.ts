import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statementOf, transfersOf } from '../support/fake-bank.ts';
import { operator, type Operator } from './operator.ts';

/** A month-end from accrual to the bank's statement: the file that goes out is the one that the bank answers. */
let fiona: Operator;
beforeAll(() => {
  fiona = operator();
  fiona.must(['init', '--title', 'Month end', '--currency', 'EUR']);
}, 120_000);
afterAll(async () => await fiona.leave());

const ACCOUNTS = { acme: 'DE89 3704 0044 0532 0130 00', blogly: 'NL91 ABNA 0417 1643 00' } as const;

it('goes from accrual to a reconciled statement', () => {
  const { must, type, home } = fiona;
  const json = <T>(line: string) => JSON.parse(must([...line.split(' '), '--json'])) as T;
  const ben = ['--actor', 'ben'];
  must(['tenant', 'create', 'northwind', '--name', 'Northwind Traders']);
  must(['rule', 'set', '--scope', 'programme', '--percentage', '10%', '--from', '2026-01-01']);
  must(['keys', 'init']);
  must(['settings', 'set', 'instrument_cooloff', '0']);
  must(['rail', 'set', 'sepa', 'name=Northwind AG', 'iban=DE75512108001245126199']);
  for (const [partner, iban] of Object.entries(ACCOUNTS)) {
    must(['partner', 'create', partner, '--name', `Müßig & ${partner}`, '--type', 'reseller', '--currency', 'EUR']);
    must(['instance', 'create', `${partner}-shop`, '--tenant', 'northwind', '--partner', partner, '--name', 'Shop']);
    const sale = ['--net', partner === 'acme' ? '600' : '125', '--currency', 'EUR', '--occurred-at', '2026-09-05'];
    must([
      'revenue',
      'record',
      '--instance',
      `${partner}-shop`,
      '--kind',
      'payment',
      ...sale,
      '--id',
      `pay-${partner}`,
    ]);
    writeFileSync(join(home, `${partner}.toml`), `iban = "${iban}"\n`);
    must(['instrument', 'add', partner, '--kind', 'iban', '--from', join(home, `${partner}.toml`)]);
    must([...ben, 'instrument', 'verify', `${partner}/EUR`, '--note', 'called them', '--yes']);
  }
  must(['job', 'run', 'accrue-commissions', '--for', '2026-09-30']);
  must(['approval', 'limit', 'EUR', '50.00', '--payouts', '--reason', 'the board wants two above']);
  must([...ben, 'approval', 'approve', '1', '--yes']);
  must(['payout', 'generate', '--cutoff', '2026-11-01']);
  const approve = ['payout', 'approve', '1', '--confirm', '1'];
  must([...ben, ...approve]);
  expect(type([...ben, ...approve]).code).toBe(3);
  expect(json('payout runs')).toMatchObject([{ statuses: ['pending 2'], approved_by: 'ben', checkers: '1 of 2' }]);
  must(['--actor', 'dora', ...approve]);
  const out = join(home, 'files');
  mkdirSync(out);
  must(['payout', 'submit', '1', '--out', out, '--confirm', '1']);

  // The bank takes the file apart, books it as one sum without a word of its parts, and sends blogly's money back.
  const files = readdirSync(out).filter((name) => name.endsWith('.xml'));
  expect(files).toHaveLength(1);
  const order = transfersOf(readFileSync(join(out, files[0]!), 'utf8'));
  expect(order.payments.map(({ id, amount, name }) => [id, amount, name])).toEqual([
    ['P00000001A', '60.00', 'Mussig + acme'],
    ['P00000002A', '12.50', 'Mussig + blogly'],
  ]);
  const date = json<{ recorded_at: string }[]>('payout list')[0]!.recorded_at.slice(0, 10);
  const statement = join(home, 'statement.xml');
  writeFileSync(statement, statementOf(order, { date, booking: 'sum', returns: { P00000002A: 'AC04' }, version: 4 }));
  const told = json<{ outcome: string; payout: string; becomes: string; matched_by: string }[]>(
    `payout reconcile ${statement}`,
  );
  expect(
    told.map(({ outcome, payout, becomes, matched_by: by }) => `${outcome} ${payout} ${becomes} by ${by}`),
  ).toEqual([
    'matched P00000001A completed by number',
    'matched P00000002A completed by number',
    'matched P00000002A returned by number',
  ]);

  const again = type(['payout', 'reconcile', statement]);
  expect(again.code).toBe(0);
  expect(again.stderr).toContain('3 known; nothing in it is new; nothing is in transit');
  const accounts = json<{ account: string; balance: string }[]>('ledger trial-balance');
  expect(accounts.find(({ account }) => account === 'in_transit')).toMatchObject({ balance: '0.00' });
  must(['payout', 'retry', 'P00000002A']);
  must(['doctor']);
}, 480_000);
