import { describe, expect, it } from 'vitest';
import { writePayPalBatch, type PayPalOrder, type PayPalPayment } from '../../../src/formats/payments/paypal-batch.ts';
import { writeWiseBatch, type WiseOrder, type WisePayment } from '../../../src/formats/payments/wise-batch.ts';

const payPal: PayPalPayment = {
  number: 'P00000001A',
  amount: 123_450n,
  currency: 'EUR',
  name: 'Jane Doe',
  recipient: 'jane@example.org',
  note: 'Commission, October',
};

describe('a PayPal batch', () => {
  it('is a row a payout without a heading, amounts as the payer’s country writes them', () => {
    const payments = [payPal, { ...payPal, number: 'P00000002A', amount: 5n, recipient: 'ABCDEFGHJK123', note: null }];
    expect(writePayPalBatch({ payments, decimal: '.' }).files.map(({ content }) => content)).toEqual([
      'jane@example.org,1234.50,EUR,P00000001A,"Commission, October",PAYPAL\nABCDEFGHJK123,0.05,EUR,P00000002A,,PAYPAL\n',
    ]);
    expect(writePayPalBatch({ payments, decimal: ',' }).files[0]!.content).toContain('jane@example.org,"1234,50",EUR');
  });

  it('has at most 5,000 rows a file, and nothing is lost between files', () => {
    const payments = Array.from({ length: 10_001 }, (_, n) => ({
      ...payPal,
      number: `P${String(n + 1).padStart(8, '0')}A`,
      amount: 1n,
    }));
    const { files } = writePayPalBatch({ payments, decimal: '.' });
    expect(files.map(({ payouts, total }) => [payouts.length, total])).toEqual([
      [5000, 5000n],
      [5000, 5000n],
      [1, 1n],
    ]);
    expect(files.map(({ content }) => content.trim().split('\n').length)).toEqual([5000, 5000, 1]);
    expect(files.flatMap(({ payouts }) => payouts)).toEqual(payments.map(({ number }) => number));
  });

  it('pays in whole units what PayPal counts so', () => {
    const paid = (currency: string, amount: bigint) =>
      writePayPalBatch({ payments: [{ ...payPal, currency, amount }], decimal: '.' }).files[0]!.content;
    expect(paid('HUF', 1_000_00n)).toContain(',1000,HUF,');
    expect(paid('JPY', 1_000n)).toContain(',1000,JPY,');
    expect(() => paid('HUF', 1_000_50n)).toThrow(expect.objectContaining({ code: 'paypal_whole_units' }));
  });

  it.each<[string, Partial<PayPalOrder>, string]>([
    ['two currencies', { payments: [payPal, { ...payPal, number: 'P2', currency: 'USD' }] }, 'payment_currency'],
    ['a currency that PayPal has not', { payments: [{ ...payPal, currency: 'NGN' }] }, 'paypal_currency'],
    ['a recipient that is none', { payments: [{ ...payPal, recipient: 'jane' }] }, 'paypal_recipient'],
    ['a recipient that a sheet would run', { payments: [{ ...payPal, recipient: '=a@b.cd' }] }, 'paypal_recipient'],
    ['a note that a sheet would run', { payments: [{ ...payPal, note: '=1+1' }] }, 'paypal_note'],
    ['nothing', { payments: [] }, 'payments_none'],
  ])('refuses %s', (_, spoiled, code) => {
    expect(() => writePayPalBatch({ payments: [payPal], decimal: '.', ...spoiled })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

const british: WisePayment = {
  number: 'P00000001A',
  amount: 123_450n,
  currency: 'GBP',
  name: 'Jane Doe',
  account: { kind: 'sort_code', sortCode: '231470', number: '28821822' },
  payee: 'person',
  email: null,
};

describe('a Wise batch', () => {
  const common =
    'name,recipientEmail,paymentReference,receiverType,amountCurrency,amount,sourceCurrency,targetCurrency';

  it('is a file for each kind of account, with its columns', () => {
    const payments: WisePayment[] = [
      british,
      {
        ...british,
        number: 'P2',
        account: { kind: 'iban', iban: 'GB33BUKB20201555555555' },
        payee: 'company',
        name: 'Acme, Ltd',
      },
      { ...british, number: 'P3', account: { kind: 'email' }, email: 'jane@example.org' },
    ];
    expect(
      writeWiseBatch({ payments, sourceCurrency: 'EUR' }).files.map(({ content, payouts }) => [payouts, content]),
    ).toEqual([
      [['P2'], `${common},IBAN\n"Acme, Ltd",,P2,INSTITUTION,target,1234.50,EUR,GBP,GB33BUKB20201555555555\n`],
      [
        ['P00000001A'],
        `${common},sortCode,accountNumber\nJane Doe,,P00000001A,PERSON,target,1234.50,EUR,GBP,231470,28821822\n`,
      ],
      [['P3'], `${common},type\nJane Doe,jane@example.org,P3,PERSON,target,1234.50,EUR,GBP,EMAIL\n`],
    ]);
  });

  it('names the address of a payee in the United States', () => {
    const address = {
      street: 'Main St',
      building: '12',
      town: 'Springfield',
      state: 'IL',
      postCode: '62701',
      country: 'US',
    };
    const payments: WisePayment[] = [
      {
        ...british,
        currency: 'USD',
        account: { kind: 'routing', routing: '231380104', number: '987654321', type: 'checking', address },
      },
    ];
    expect(writeWiseBatch({ payments, sourceCurrency: 'USD' }).files[0]!.content).toBe(
      `${common},abartn,accountNumber,accountType,address.country,address.city,address.firstLine,address.state,address.postCode\n` +
        'Jane Doe,,P00000001A,PERSON,target,1234.50,USD,USD,231380104,987654321,CHECKING,US,Springfield,12 Main St,IL,62701\n',
    );
  });

  it('has at most 1,000 rows a file', () => {
    const payments = Array.from({ length: 1001 }, (_, n) => ({ ...british, number: `P${n + 1}` }));
    expect(writeWiseBatch({ payments, sourceCurrency: 'GBP' }).files.map(({ payouts }) => payouts.length)).toEqual([
      1000, 1,
    ]);
  });

  it.each<[string, Partial<WisePayment>, Partial<WiseOrder>, string]>([
    ['a sort code in euros', { currency: 'EUR' }, {}, 'account_currency'],
    ['a short sort code', { account: { kind: 'sort_code', sortCode: '23147', number: '28821822' } }, {}, 'sort_code'],
    [
      'a short account',
      { account: { kind: 'sort_code', sortCode: '231470', number: '2882182' } },
      {},
      'account_number',
    ],
    ['an IBAN that is none', { account: { kind: 'iban', iban: 'GB34BUKB20201555555555' } }, {}, 'iban'],
    ['a missing address to write to', { account: { kind: 'email' } }, {}, 'email'],
    ['a name that a sheet would run', { name: '=cmd' }, {}, 'wise_name'],
    ['a currency that is none', {}, { sourceCurrency: 'EURO' }, 'currency_unknown'],
  ])('refuses %s', (_, payment, order, code) => {
    const payments = [{ ...british, ...payment }];
    expect(() => writeWiseBatch({ payments, sourceCurrency: 'GBP', ...order })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});
