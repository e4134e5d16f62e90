import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readPaymentReport } from '../../../src/formats/payments/report-reader.ts';

const SAMPLES = new URL('../../../../shared/data/bank-samples/', import.meta.url);
const read = (name: string) => readPaymentReport(name, readFileSync(new URL(name, SAMPLES)), null, null);

describe.skipIf(!existsSync(SAMPLES))('files that others wrote', () => {
  it('an older camt.053 with a batch: each of its details, by path', () => {
    const { format, account, reference, payments, skipped } = read('camt053-with-details.xml');
    expect([format, account, reference]).toEqual(['camt.053', 'CH1111000000123456789', '20170323123456789012345']);
    expect(payments).toMatchObject([
      {
        ...{ kind: 'credited', amount: 218_700n, currency: 'CHF', date: '2017-03-23', line: 79, column: 11 },
        path: 'Document/BkToCstmrStmt/Stmt[1]/Ntry[1]/NtryDtls[1]/TxDtls[1]',
        name: 'Banque Cantonale Vaudoise',
      },
      { kind: 'credited', amount: 129_600n, line: 144 },
    ]);
    expect(skipped).toEqual([]);
  });

  it('a NACHA return, though blanks at the ends of its lines are lost', () => {
    const { payments, skipped } = read('return-ppd.ach');
    expect(payments).toMatchObject([
      {
        ...{ kind: 'returned', amount: 106_161n, currency: 'USD', ids: ['xxxxxxx3105'], line: 3, column: 40 },
        ...{ bankReference: '092221172022300', reason: { code: 'R97' }, name: 'Jane Doe' },
      },
    ]);
    expect(skipped).toEqual([]);
  });

  it('a notification of change, with what is to be written', () => {
    expect(read('cor-read.ach').payments).toMatchObject([
      {
        ...{ kind: 'corrected', amount: null, ids: ['location #23'], reason: { code: 'C01', text: 'account number' } },
        corrected: { account: '1918171614', routing: null, kind: null, other: null },
      },
    ]);
  });

  it.each([
    ['ppd-credit.ach', [[3, 'forward_entry']]],
    [
      'ccd-debit.ach',
      [
        [3, 'forward_entry'],
        [4, 'forward_entry'],
      ],
    ],
    [
      'dishonored-return.ach',
      [
        [3, 'debit'],
        [5, 'debit'],
      ],
    ],
  ])('%s tells of no payout, and says so line by line', (name, expected) => {
    const { payments, skipped } = read(name);
    expect(payments).toEqual([]);
    expect(skipped.map(({ line, code }) => [line, code])).toEqual(expected);
  });
});
