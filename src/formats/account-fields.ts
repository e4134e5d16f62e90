import type { InstrumentKind } from '../domain/instruments.ts';
import {
  addressFields,
  field,
  line,
  matching,
  oneOf,
  optional,
  readBic,
  readCountry,
  readEmail,
  readIban,
  readRouting,
  unasked,
  withoutSpaces,
  type Field,
} from './fields.ts';

const HOLDER = optional('holder', 'whose account it is, where it is not the partner’s name', line(70));
const HOLDER_TYPE = optional('holder_type', 'company or person (default company)', oneOf('company', 'person'));
const BIC = optional('bic', 'BIC of the bank', readBic);
const REST = unasked([optional('email', 'e-mail address for notices', readEmail), ...addressFields(false)]);

/** What an instrument of a kind is made of. */
export const ACCOUNT_FIELDS: Readonly<Record<InstrumentKind, readonly Field[]>> = {
  iban: [field('iban', 'IBAN', readIban), BIC, HOLDER, ...unasked([HOLDER_TYPE]), ...REST],
  aba: [
    field('routing', 'ABA routing number', readRouting),
    field('account', 'account number', matching(/^[0-9A-Z]{1,17}$/, '1 to 17 digits or letters', withoutSpaces)),
    optional('account_type', 'checking or savings (default checking)', oneOf('checking', 'savings')),
    HOLDER_TYPE,
    HOLDER,
    ...REST,
    ...unasked([
      optional('state', 'state, two letters', matching(/^[A-Z]{2}$/, 'a state of two letters', withoutSpaces)),
    ]),
  ],
  sort_code: [
    field('sort_code', 'sort code', matching(/^\d{6}$/, 'six digits, as 20-00-00', withoutSpaces)),
    field('account', 'account number', matching(/^\d{8}$/, 'eight digits', withoutSpaces)),
    HOLDER,
    ...unasked([HOLDER_TYPE]),
    ...REST,
  ],
  bank: [
    field('account', 'account number', matching(/^[0-9A-Z]{1,34}$/, '1 to 34 digits or letters', withoutSpaces)),
    field('bank', 'name of the bank', line(70)),
    field('country', 'country of the bank, two letters', readCountry),
    optional(
      'bank_code',
      'its clearing code',
      matching(/^[0-9A-Z]{1,20}$/, '1 to 20 digits or letters', withoutSpaces),
    ),
    BIC,
    HOLDER,
    ...REST.filter(({ name }) => name !== 'country'),
  ],
  paypal: [field('email', 'e-mail address of the PayPal account', readEmail), HOLDER],
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
  check: [HOLDER, ...addressFields(true)],
  manual: [],
};
