import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { statementOf } from '../support/fake-bank.ts';
import { operator, type Operator } from './operator.ts';

/** A month-end from accrual to the bank's statement: what was paid is paid, what came back is owed again, nothing is in transit. */
let fiona: Operator;
beforeAll(() => {
  fiona = operator();
  fiona.must(['init', '--title', 'Month end', '--currency', 'EUR']);
}, 120_000);
afterAll(async () => await fiona.leave());

it('goes from accrual to a reconciled statement', () => {
  const { must, type, home } = fiona;
  const json = <T>(line: string) => JSON.parse(must([...line.split(' '), '--json'])) as T;
  must(['tenant', 'create', 'northwind', '--name', 'Northwind Traders']);
  for (const [partner, net] of [
    ['acme', '600'],
    ['blogly', '125'],
  ] as const) {
    must(['partner', 'create', partner, '--name', `${partner} ltd`, '--type', 'reseller', '--currency', 'EUR']);
    must(['instance', 'create', `${partner}-shop`, '--tenant', 'northwind', '--partner', partner, '--name', 'Shop']);
    if (partner === 'acme')
      must(['rule', 'set', '--scope', 'programme', '--percentage', '10%', '--from', '2026-01-01']);
    const sale = ['--kind', 'payment', '--net', net, '--currency', 'EUR', '--occurred-at', '2026-09-05'];
    must(['revenue', 'record', '--instance', `${partner}-shop`, ...sale, '--id', `pay-${partner}`]);
  }
  must(['job', 'run', 'accrue-commissions', '--for', '2026-09-30']);
  must(['payout', 'generate', '--cutoff', '2026-11-01']);
  must(['--actor', 'ben', 'payout', 'approve', '1', '--confirm', '1']);
  must(['payout', 'submit', '1', '--out', join(home, 'register.csv'), '--confirm', '1']);

  // The bank books the run as one sum with its details, and sends blogly's money back.
  const sent = json<{ number: string; sent: string; name: string; recorded_at: string }[]>('payout list');
  const payments = sent.map(({ number, sent: amount, name }) => ({ id: number, amount, name })).reverse();
  const date = sent[0]!.recorded_at.slice(0, 10);
  const file = join(home, 'statement.xml');
  const returns = { P00000002A: 'AC04' };
  writeFileSync(file, statementOf({ message: 'RUN-1', payments }, { date, booking: 'details', returns, version: 4 }));
  const told = json<{ outcome: string; payout: string; becomes: string }[]>(`payout reconcile ${file}`);
  expect(told.map(({ outcome, payout, becomes }) => `${outcome} ${payout} ${becomes}`)).toEqual([
    'matched P00000001A completed',
    'matched P00000002A completed',
    'matched P00000002A returned',
  ]);

  const again = type(['payout', 'reconcile', file]);
  expect(again.code).toBe(0);
  expect(again.stderr).toContain('3 known; nothing in it is new; nothing is in transit');
  const accounts = json<{ account: string; balance: string }[]>('ledger trial-balance');
  expect(accounts.find(({ account }) => account === 'in_transit')).toMatchObject({ balance: '0.00' });
  must(['payout', 'retry', 'P00000002A']);
  must(['doctor']);
}, 240_000);
