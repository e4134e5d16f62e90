import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RefusedError } from '../../../src/domain/errors.ts';
import { writeNacha, type NachaOrder, type NachaPayment } from '../../../src/formats/payments/nacha-writer.ts';
import { checkNacha } from '../../support/nacha-checker.ts';
import { companyInUs, nachaOrder, personInUs } from '../../support/payment-orders.ts';

const content = (order: NachaOrder) => writeNacha(order).files[0]!.content;

describe('a NACHA file', () => {
  it('has a batch for persons and one for companies, its control records, and whole blocks', () => {
    expect(content(nachaOrder)).toBe(
      [
        '101 03130001212345678902610310930A094101Federal Reserve Bank   Example Payer LLC              ',
        '5220Example Payer                       1234567890PPDPAYOUT          261102   1121042880000001',
        '62223138010498765432 1       0000012550P00000001A     Jane Doe                0121042880000001'.replace(
          '98765432 1',
          '987654321 ',
        ),
        '822000000100231380100000000000000000000125501234567890                         121042880000001',
        '5220Example Payer                       1234567890CCDPAYOUT          261102   1121042880000002',
        '632121042882744-5678-99      0000000100P00000002A     Acme Reselling Inc      1121042880000002',
        '705Commission October 2026                                                         00010000002',
        '82200000020012104288000000000000000000000100 1234567890'.replace(' ', '') + ' '.repeat(25) + '121042880000002',
        '9000002000001000000030035242298000000000000000000012650' + ' '.repeat(39),
        '9'.repeat(94),
        '',
      ].join('\n'),
    );
  });

  it('passes an independent checker, whatever is paid', () => {
    fc.assert(
      fc.property(fc.array(payment, { minLength: 1, maxLength: 40 }), (drawn) => {
        const payments = drawn.map((one, n) => ({ ...one, number: `P${String(n + 1).padStart(8, '0')}A` }));
        const { files, changes } = writeNacha({ ...nachaOrder, payments });
        const [file] = files;
        const { faults, entries } = checkNacha(file!.content);
        expect(faults).toEqual([]);
        expect(entries.map(({ id }) => id)).toEqual(file!.payouts);
        expect([...file!.payouts].sort()).toEqual(payments.map(({ number }) => number));
        for (const { number, amount, account, payee, remittance, name } of payments) {
          const entry = entries.find(({ id }) => id === number)!;
          expect(entry).toMatchObject({
            ...{ cents: amount, bank: account.routing, account: account.number },
            entryClass: payee === 'person' ? 'PPD' : 'CCD',
            code: account.kind === 'checking' ? '22' : '32',
          });
          expect(entry.note ?? '').toBe((remittance ?? '').trim().replace(/ +/g, ' '));
          const renamed = changes.find((change) => change.payout === number && change.field === 'name');
          expect(entry.name).toBe(renamed?.to ?? name);
        }
        expect(writeNacha({ ...nachaOrder, payments }).files).toEqual(files);
      }),
    );
  });

  it('tells what it wrote otherwise than it was given', () => {
    const { changes } = writeNacha({
      ...nachaOrder,
      payments: [{ ...personInUs, name: 'María de los Ángeles Fernández Núñez' }],
    });
    expect(changes).toEqual([
      {
        ...{ payout: 'P00000001A', field: 'name', why: 'length' },
        ...{ from: 'María de los Ángeles Fernández Núñez', to: 'Maria de los Angeles F' },
      },
    ]);
  });

  it.each<[string, Partial<NachaOrder>, string, string]>([
    ['a payee abroad', { payments: [{ ...personInUs, country: 'CA' }] }, 'payee_abroad', 'country'],
    ['another currency', { payments: [{ ...personInUs, currency: 'EUR' }] }, 'payment_currency', 'currency'],
    ['nothing', { payments: [] }, 'payments_none', 'payments'],
    ['a payout twice', { payments: [personInUs, personInUs] }, 'payment_twice', 'number'],
    ['no amount', { payments: [{ ...personInUs, amount: 0n }] }, 'payment_amount', 'amount'],
    ['more than ten digits', { payments: [{ ...personInUs, amount: 10_000_000_000n }] }, 'payment_amount', 'amount'],
    ['letters that none has', { payments: [{ ...personInUs, name: '山田' }] }, 'letters_unknown', 'name'],
    ['no name', { payments: [{ ...personInUs, name: ' ' }] }, 'text_blank', 'name'],
    ['a long number', { payments: [{ ...personInUs, number: 'P000000000000001' }] }, 'payment_number', 'number'],
    ['a wrong check digit', { payments: [routed('231380105')] }, 'routing_number', 'account.routing'],
    ['a short routing number', { payments: [routed('1')] }, 'routing_number', 'account.routing'],
    ['a spaced account', { payments: [accounted('12 34')] }, 'account_number', 'account.number'],
    ['a modifier of its own', { modifier: 'a' }, 'file_modifier', 'modifier'],
    ['no such day', { effectiveDate: '2026-02-30' }, 'payment_date', 'effectiveDate'],
    ['no such minute', { createdAt: '2026-10-31T24:00:00' }, 'payment_moment', 'createdAt'],
    ['a bank that is none', { originator: { ...nachaOrder.originator, odfi: '12104288' } }, 'routing_number', 'odfi'],
  ])('refuses %s', (_, spoiled, code, field) => {
    const refused = refusal({ ...nachaOrder, ...spoiled });
    expect(refused).toMatchObject({ code, exitCode: 3 });
    expect(refused.details!['problems']).toContainEqual(expect.objectContaining({ code, field }));
    expect(refused.message).not.toContain(personInUs.account.number);
  });

  it('tells all that is wrong at once, by payout and field', () => {
    const refused = refusal({
      ...nachaOrder,
      payments: [
        { ...personInUs, country: 'DE' },
        { ...companyInUs, name: '' },
      ],
    });
    expect(refused.message.split('\n')).toEqual([
      'no payment file can be written',
      '  payout P00000001A: country is DE: a payee outside the United States may be paid by an international entry (IAT) only — give the partner another instrument, or pay by the register',
      '  payout P00000002A: name is blank — fill it in',
    ]);
  });
});

const payment = fc.record<Omit<NachaPayment, 'number'>>({
  amount: fc.bigInt({ min: 1n, max: 9_999_999_999n }),
  currency: fc.constant('USD'),
  name: fc.stringMatching(/^[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ '.-]{0,40}$/),
  account: fc.record({
    routing: fc.constantFrom('231380104', '121042882', '031300012', '091400606'),
    number: fc.stringMatching(/^[A-Za-z0-9-]{1,17}$/),
    kind: fc.constantFrom('checking' as const, 'savings' as const),
  }),
  payee: fc.constantFrom('person' as const, 'company' as const),
  country: fc.constantFrom('US', 'PR'),
  remittance: fc.option(fc.stringMatching(/^[A-Za-z0-9 .]{0,60}$/)),
});

function routed(routing: string): NachaPayment {
  return { ...personInUs, account: { ...personInUs.account, routing } };
}

function accounted(number: string): NachaPayment {
  return { ...personInUs, account: { ...personInUs.account, number } };
}

function refusal(order: NachaOrder): RefusedError {
  try {
    writeNacha(order);
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
  throw new Error('was written');
}
