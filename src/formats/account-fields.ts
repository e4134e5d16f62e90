import { electronicFormatIBAN, isValidBIC, validateIBAN, ValidationErrorsIBAN } from 'ibantools';
import { isRoutingNumber } from '../domain/routing-number.ts';
import type { InstrumentKind } from '../domain/instruments.ts';

/** What a field of account data may be refused for. It never repeats what was given: messages end up in logs. */
export class FieldRefusal extends Error {}

/** A field of account data: how it is asked for, whether it must be there, and how it is read into its canonical form. */
export interface AccountField {
  readonly name: string;
  readonly about: string;
  readonly required: boolean;
  /** A person at a terminal is asked for it; the others a file may bring. */
  readonly asked: boolean;
  /** @throws FieldRefusal */
  readonly read: (text: string) => string;
}

const field = (name: string, about: string, read: AccountField['read'], required = true): AccountField => ({
  name,
  about,
  read,
  required,
  asked: true,
});
const optional = (name: string, about: string, read: AccountField['read']) => field(name, about, read, false);
const unasked = (fields: readonly AccountField[]) => fields.map((one) => ({ ...one, asked: false }));

const IBAN_TROUBLE: Readonly<Record<ValidationErrorsIBAN, string>> = {
  [ValidationErrorsIBAN.NoIBANProvided]: 'is blank',
  [ValidationErrorsIBAN.NoIBANCountry]: 'begins with no country that has IBANs',
  [ValidationErrorsIBAN.WrongBBANLength]: 'is not as long as those of its country',
  [ValidationErrorsIBAN.WrongBBANFormat]: 'has letters or digits where its country has none',
  [ValidationErrorsIBAN.ChecksumNotNumber]: 'has no check digits behind its country',
  [ValidationErrorsIBAN.WrongIBANChecksum]: 'has check digits that do not fit: something is mistyped',
  [ValidationErrorsIBAN.WrongAccountBankBranchChecksum]:
    'has national check digits that do not fit: something is mistyped',
  [ValidationErrorsIBAN.QRIBANNotAllowed]: 'is a QR-IBAN, which takes no transfers',
};

function readIban(text: string): string {
  const iban = electronicFormatIBAN(text) ?? '';
  const { valid, errorCodes } = validateIBAN(iban);
  if (!valid) throw new FieldRefusal(IBAN_TROUBLE[errorCodes[0] ?? ValidationErrorsIBAN.NoIBANProvided]);
  return iban;
}

function readBic(text: string): string {
  const bic = text.replace(/\s/g, '').toUpperCase();
  if (!isValidBIC(bic)) throw new FieldRefusal('is no BIC: 8 or 11 letters and digits, with a country in it');
  return bic;
}

function readRouting(text: string): string {
  const digits = text.replace(/[\s-]/g, '');
  if (!/^\d{9}$/.test(digits)) throw new FieldRefusal('is no routing number: it has nine digits');
  if (!isRoutingNumber(digits)) throw new FieldRefusal('has a check digit that does not fit: something is mistyped');
  return digits;
}

const matching =
  (pattern: RegExp, what: string, clean: (text: string) => string = (text) => text.trim()) =>
  (text: string): string => {
    const value = clean(text);
    if (!pattern.test(value)) throw new FieldRefusal(`is not ${what}`);
    return value;
  };

const withoutSpaces = (text: string) => text.replace(/[\s-]/g, '').toUpperCase();
const oneOf = (...words: string[]) => matching(new RegExp(`^(${words.join('|')})$`), words.join(' or '));
/** A line of a letter: no control characters, and as long as a bank's field is. */
const line = (most: number) =>
  matching(new RegExp(`^[^\\p{C}]{1,${most}}$`, 'u'), `1 to ${most} characters on one line`);
const country = matching(/^[A-Z]{2}$/, 'a country of two letters, as DE', withoutSpaces);
const email = matching(/^[^@\s\p{C}]+@[^@\s\p{C}]+\.[^@\s\p{C}]+$/u, 'an e-mail address');

const HOLDER = optional('holder', 'whose account it is, where it is not the partner’s name', line(70));
const BIC = optional('bic', 'BIC of the bank', readBic);
const address = (required: boolean): AccountField[] => [
  field('street', 'street', line(70), required),
  optional('building', 'number of the building', line(16)),
  field('postcode', 'postcode', line(16), required),
  field('town', 'town', line(35), required),
  field('country', 'country, two letters', country, required),
];
const REST = unasked([optional('email', 'e-mail address for notices', email), ...address(false)]);

/** What an instrument of a kind is made of. */
export const ACCOUNT_FIELDS: Readonly<Record<InstrumentKind, readonly AccountField[]>> = {
  iban: [field('iban', 'IBAN', readIban), BIC, HOLDER, ...REST],
  aba: [
    field('routing', 'ABA routing number', readRouting),
    field('account', 'account number', matching(/^[0-9A-Z]{1,17}$/, '1 to 17 digits or letters', withoutSpaces)),
    optional('account_type', 'checking or savings (default checking)', oneOf('checking', 'savings')),
    optional('holder_type', 'company or person (default company)', oneOf('company', 'person')),
    HOLDER,
    ...REST,
  ],
  sort_code: [
    field('sort_code', 'sort code', matching(/^\d{6}$/, 'six digits, as 20-00-00', withoutSpaces)),
    field('account', 'account number', matching(/^\d{8}$/, 'eight digits', withoutSpaces)),
    HOLDER,
    ...REST,
  ],
  bank: [
    field('account', 'account number', matching(/^[0-9A-Z]{1,34}$/, '1 to 34 digits or letters', withoutSpaces)),
    field('bank', 'name of the bank', line(70)),
    field('country', 'country of the bank, two letters', country),
    optional(
      'bank_code',
      'its clearing code',
      matching(/^[0-9A-Z]{1,20}$/, '1 to 20 digits or letters', withoutSpaces),
    ),
    BIC,
    HOLDER,
    ...REST.filter(({ name }) => name !== 'country'),
  ],
  paypal: [field('email', 'e-mail address of the PayPal account', email), HOLDER],
  stripe: [
    field(
      'account',
      'connected account of Stripe',
      matching(/^acct_[A-Za-z0-9]{8,40}$/, 'an account of Stripe, as acct_1ABC…'),
    ),
  ],
  razorpay: [
    field(
      'fund_account',
      'fund account of RazorpayX',
      matching(/^fa_[A-Za-z0-9]{8,40}$/, 'a fund account, as fa_00ABC…'),
    ),
  ],
  check: [HOLDER, ...address(true)],
  manual: [],
};
