import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { writePain001, type SepaOrder, type SepaPayment } from '../../../src/formats/payments/pain001-writer.ts';
import { dutchPayee, germanPayee, sepaOrder } from '../../support/payment-orders.ts';

const SCHEMA = new URL('../../../../shared/data/iso20022/pain.001.001.09.xsd', import.meta.url);
const content = (order: SepaOrder) => writePain001(order).files[0]!.content;

describe('a pain.001', () => {
  it('says payments in the Latin set, with structured addresses and control sums', () => {
    const { files, changes } = writePain001(sepaOrder);
    const text = files[0]!.content;
    expect(text).toContain('<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09">');
    expect(text.match(/<NbOfTxs>2<\/NbOfTxs>\s*<CtrlSum>125\.51<\/CtrlSum>/g)).toHaveLength(2);
    expect(text).toContain('<BtchBookg>true</BtchBookg>');
    expect(text).toContain('<EndToEndId>P00000001A</EndToEndId>');
    expect(text).toContain('<InstdAmt Ccy="EUR">125.50</InstdAmt>');
    expect(text.replace(/\s*\n\s*/g, '')).toContain(
      '<PstlAdr><StrtNm>Hauptstrasse</StrtNm><BldgNb>12</BldgNb><PstCd>50667</PstCd><TwnNm>Koln</TwnNm><Ctry>DE</Ctry></PstlAdr>',
    );
    expect(files[0]).toMatchObject({ payouts: ['P00000001A', 'P00000002A'], currency: 'EUR', total: 12_551n });
    expect(changes).toEqual([
      { payout: 'P00000001A', field: 'name', from: 'Jörg Müßig & Söhne', to: 'Jorg Mussig + Sohne', why: 'letters' },
      { payout: 'P00000001A', field: 'address.street', from: 'Hauptstraße', to: 'Hauptstrasse', why: 'letters' },
      { payout: 'P00000001A', field: 'address.town', from: 'Köln', to: 'Koln', why: 'letters' },
    ]);
    expect(content(sepaOrder)).toBe(text);
  });

  it.skipIf(!existsSync(SCHEMA))('holds to the schema of ISO 20022, whatever is paid', async () => {
    const schema = readFileSync(SCHEMA, 'utf8');
    const drawn = fc.sample(fc.array(payment, { minLength: 1, maxLength: 30 }), { numRuns: 10, seed: 9 });
    const orders = drawn.map((payments, n) => ({
      ...sepaOrder,
      batchBooking: n % 2 === 0,
      debtor: { ...sepaOrder.debtor, bic: n % 3 === 0 ? 'SOLADEST600' : null },
      payments: payments.map((one, index) => ({ ...one, number: `P${String(index + 1).padStart(8, '0')}A` })),
    }));
    for (const order of [sepaOrder, ...orders]) {
      const checked = await validateXML({
        xml: [{ fileName: 'file.xml', contents: content(order) }],
        schema: [schema],
      });
      expect(checked.errors).toEqual([]);
    }
    const spoiled = content(sepaOrder).replace('<NbOfTxs>2', '<NbOfTxs>two');
    expect((await validateXML({ xml: [{ fileName: 'file.xml', contents: spoiled }], schema: [schema] })).valid).toBe(
      false,
    );
  });

  it('asks for the payer’s address where the payee’s bank is outside the Economic Area', () => {
    const order = { ...sepaOrder, payments: [{ ...dutchPayee, iban: 'CH9300762011623852957' }] };
    expect(content(order)).toContain('CH9300762011623852957');
    expect(() => content({ ...order, debtor: { ...order.debtor, address: null } })).toThrow(
      expect.objectContaining({ code: 'address_missing' }),
    );
  });

  it.each<[string, Partial<SepaOrder>, string, string]>([
    ['another currency', { payments: [{ ...germanPayee, currency: 'USD' }] }, 'payment_currency', 'currency'],
    ['wrong check digits', { payments: [{ ...germanPayee, iban: 'DE88370400440532013000' }] }, 'iban', 'iban'],
    ['an IBAN too short', { payments: [{ ...germanPayee, iban: 'FR4830006000011234567' }] }, 'iban', 'iban'],
    ['an IBAN with spaces', { payments: [{ ...germanPayee, iban: 'DE89 3704 0044 0532 0130 00' }] }, 'iban', 'iban'],
    [
      'a country without SEPA',
      { payments: [{ ...dutchPayee, iban: 'BR1800360305000010009795493C1' }] },
      'iban_outside_sepa',
      'iban',
    ],
    ['a BIC that is none', { payments: [{ ...germanPayee, bic: 'COBADEFF1' }] }, 'bic', 'bic'],
    [
      'more than the scheme pays',
      { payments: [{ ...germanPayee, amount: 100_000_000_000n }] },
      'payment_amount',
      'amount',
    ],
    ['letters of another world', { payments: [{ ...germanPayee, name: 'ปัญญา' }] }, 'letters_unknown', 'name'],
    [
      'an address without a country',
      { payments: [{ ...germanPayee, address: { ...germanPayee.address!, country: 'de' } }] },
      'country',
      'address.country',
    ],
    ['a long message id', { messageId: 'x'.repeat(36) }, 'message_id', 'messageId'],
    ['no such day', { executionDate: '2026-02-30' }, 'payment_date', 'executionDate'],
    [
      'the payer’s account in Brazil',
      { debtor: { ...sepaOrder.debtor, iban: 'BR1800360305000010009795493C1' } },
      'iban_outside_sepa',
      'debtor.iban',
    ],
  ])('refuses %s', (_, spoiled, code, field) => {
    try {
      writePain001({ ...sepaOrder, ...spoiled });
    } catch (error) {
      expect(error).toMatchObject({ code, exitCode: 3 });
      expect((error as { details: { problems: unknown[] } }).details.problems).toContainEqual(
        expect.objectContaining({ code, field }),
      );
      return;
    }
    throw new Error('was written');
  });
});

const payment = fc.record<Omit<SepaPayment, 'number'>>({
  amount: fc.bigInt({ min: 1n, max: 99_999_999_999n }),
  currency: fc.constant('EUR'),
  name: fc.stringMatching(/^[A-Zα-ω][A-Za-zÀ-ÿα-ωа-я &<>"'_/.-]{0,90}$/),
  iban: fc.constantFrom('DE89370400440532013000', 'NL91ABNA0417164300', 'CH9300762011623852957', 'NO9386011117947'),
  bic: fc.option(fc.constantFrom('COBADEFFXXX', 'ABNANL2A')),
  address: fc.option(
    fc.record({
      street: fc.option(fc.stringMatching(/^[A-Za-zÀ-ÿ ]{0,80}$/)),
      building: fc.option(fc.stringMatching(/^[0-9]{1,5}[a-z]?$/)),
      postCode: fc.option(fc.stringMatching(/^[0-9A-Z]{4,7}$/)),
      town: fc.stringMatching(/^[A-Za-zÀ-ÿ]{1,50}$/),
      country: fc.constantFrom('DE', 'NL', 'FR'),
    }),
  ),
  remittance: fc.option(fc.stringMatching(/^[A-Za-z0-9 .&<>]{0,200}$/)),
});
