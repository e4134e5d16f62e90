import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { UsageError } from '../../src/domain/errors.ts';
import { INSTRUMENT_KINDS, type InstrumentKind } from '../../src/domain/instruments.ts';
import { accountDetails, countryOf, maskOf, readAccountDetails } from '../../src/formats/account-details.ts';
import { ACCOUNT_FIELDS } from '../../src/formats/account-fields.ts';

const mistakes = (kind: InstrumentKind, given: Record<string, unknown>): unknown => {
  try {
    return accountDetails(kind, given, 'file');
  } catch (error) {
    return (error as UsageError).details?.['mistakes'];
  }
};

describe('account data', () => {
  it.each([
    [
      'iban',
      { iban: 'de89 3704 0044 0532 0130 00', bic: 'cobadeff' },
      { iban: 'DE89370400440532013000', bic: 'COBADEFF' },
    ],
    ['aba', { routing: '021-000-021', account: '00 1234' }, { routing: '021000021', account: '001234' }],
    ['sort_code', { sort_code: '20-00-00', account: '12345678' }, { sort_code: '200000', account: '12345678' }],
    ['paypal', { email: ' ada@acme.example ' }, { email: 'ada@acme.example' }],
    ['stripe', { account: 'acct_1ABCdef23456' }, { account: 'acct_1ABCdef23456' }],
    ['razorpay', { fund_account: 'fa_00000000000001' }, { fund_account: 'fa_00000000000001' }],
    ['manual', {}, {}],
  ] as const)('of %s is read into one form', (kind, given, details) => {
    expect(accountDetails(kind, given, 'file')).toEqual(details);
  });

  it.each([
    ['iban', { iban: 'DE89370400440532013001' }, /^iban has check digits/],
    ['iban', { iban: 'US89370400440532013000' }, /^iban begins with no country/],
    ['iban', { iban: 'DE8937040044053201300' }, /^iban is not as long/],
    ['iban', { iban: 'DE89370400440532013000', bic: 'COBA' }, /^bic is no BIC/],
    ['iban', {}, /^iban is missing$/],
    ['iban', { iban: 89 }, /^iban must be a text in quotes$/],
    ['iban', { ibn: 'x', iban: 'DE89370400440532013000' }, /^there is no field ibn, did you mean 'iban'/],
    ['aba', { routing: '021000022', account: '1' }, /^routing has a check digit/],
    ['aba', { routing: '000000000', account: '1' }, /^routing has a check digit/],
    ['aba', { routing: '021000021', account: '123456789012345678' }, /^account is not 1 to 17/],
    ['sort_code', { sort_code: '20000', account: '12345678' }, /^sort_code is not six digits/],
    ['paypal', { email: 'ada' }, /^email is not an e-mail/],
    ['stripe', { account: 'ba_12345678' }, /^account is not an account of Stripe/],
    ['check', { street: 'a', postcode: 'b', town: 'c\nd', country: 'DE' }, /^town is not 1 to 35/],
    ['manual', { iban: 'x' }, /^there is no field iban$/],
  ] as const)('of %s is refused by field: %j', (kind, given, says) => {
    expect(mistakes(kind, given)).toEqual([expect.stringMatching(says)]);
  });

  it('is TOML or JSON, and a message never repeats it', () => {
    expect(readAccountDetails('paypal', 'email = "a@b.example"\n', 'file')).toEqual({ email: 'a@b.example' });
    expect(readAccountDetails('paypal', ' { "email": "a@b.example" }', 'file')).toEqual({ email: 'a@b.example' });
    for (const text of ['email = "secret', '{"email": "secret"', 'iban = "secret"', 'email = "secret"']) {
      expect(() => readAccountDetails('paypal', text, 'file')).toThrow(/^(?!.*secret)/s);
    }
  });

  it('has a check digit in every routing number: one wrong digit is always found', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 8 }), fc.integer({ min: 1, max: 9 }), (at, by) => {
        const digits = [...'021000021'].map(Number);
        digits[at] = (digits[at]! + by) % 10;
        expect(mistakes('aba', { routing: digits.join(''), account: '1' })).toHaveLength(1);
      }),
    );
  });
});

describe('the mask', () => {
  it.each([
    ['iban', { iban: 'DE89370400440532013000' }, 'DE89…3000', 'DE'],
    ['aba', { routing: '021000021', account: '00123456' }, '021000021 …56', 'US'],
    ['aba', { routing: '021000021', account: '7' }, '021000021 …', 'US'],
    ['sort_code', { sort_code: '200000', account: '12345678' }, '20-00-00 …78', 'GB'],
    ['bank', { account: '123456789012', bank: 'X', country: 'NG' }, 'NG …9012', 'NG'],
    ['paypal', { email: 'ada@acme.example' }, 'a…@acme.example', null],
    ['stripe', { account: 'acct_1ABCdef23456' }, 'acct_…3456', null],
    ['razorpay', { fund_account: 'fa_00000000000001' }, 'fa_…0001', null],
    ['check', { street: 'Hauptstr.', postcode: '10115', town: 'Berlin', country: 'DE' }, '10115 Berlin, DE', 'DE'],
    ['manual', {}, 'by hand', null],
  ] as const)('of %s tells one from another', (kind, details, mask, country) => {
    expect([maskOf(kind, details), countryOf(kind, details)]).toEqual([mask, country]);
  });

  it('is there for every kind, as fields are', () => {
    expect(Object.keys(ACCOUNT_FIELDS).sort()).toEqual([...INSTRUMENT_KINDS].sort());
  });
});
