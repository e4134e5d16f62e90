import { isValidIBAN } from 'ibantools';
import { isCurrency } from '../../domain/currencies.ts';
import { isRoutingNumber } from '../../domain/routing-number.ts';
import { formatMinor } from '../../domain/money.ts';
import { shorten } from '../records.ts';
import { writeCsv } from '../list-csv.ts';
import {
  inFiles,
  isEmail,
  isPlainLine,
  mostOf,
  paymentFile,
  PaymentChecks,
  type PayeeKind,
  type Payment,
  type PaymentFiles,
  type PostalAddress,
} from './payment.ts';

/** Where Wise pays to; each kind has columns of its own, so each goes into a file of its own. */
export type WiseAccount =
  | { readonly kind: 'iban'; readonly iban: string }
  /** United Kingdom: six digits and eight. */
  | { readonly kind: 'sort_code'; readonly sortCode: string; readonly number: string }
  /** United States; Wise wants to know where the payee lives. */
  | {
      readonly kind: 'routing';
      readonly routing: string;
      readonly number: string;
      readonly type: 'checking' | 'savings';
      readonly address: PostalAddress & { readonly state: string | null };
    }
  /** Wise asks the payee for an account, by e-mail. */
  | { readonly kind: 'email' };

export interface WisePayment extends Payment {
  readonly account: WiseAccount;
  readonly payee: PayeeKind;
  /** Null where Wise need not write to the payee. */
  readonly email: string | null;
}

export interface WiseOrder {
  /** All of one currency: the one that payees receive. */
  readonly payments: readonly WisePayment[];
  /** What the balance that pays is held in. */
  readonly sourceCurrency: string;
}

/** Transfers that Wise takes a file. */
const MOST_ROWS = 1000;

/** The longest name, or line of an address. */
const LINE_LENGTH = 140;

const COMMON = [
  ...[
    'name',
    'recipientEmail',
    'paymentReference',
    'receiverType',
    'amountCurrency',
    'amount',
    'sourceCurrency',
    'targetCurrency',
  ],
];
const ADDRESS = ['address.country', 'address.city', 'address.firstLine', 'address.state', 'address.postCode'];
const COLUMNS: Readonly<Record<WiseAccount['kind'], readonly string[]>> = {
  iban: ['IBAN'],
  sort_code: ['sortCode', 'accountNumber'],
  routing: ['abartn', 'accountNumber', 'accountType', ...ADDRESS],
  email: ['type'],
};

/**
 * Writes Wise batch files: the exact amount for the payee (`target`), the payout's number as reference; a file for each
 * kind of account, at most 1,000 rows each.
 * @throws RefusedError with every payout and field that cannot be: `iban`, `sort_code`, `account_number`,
 *   `routing_number`, `account_currency`, `email`, `wise_name`, `payment_currency`, …
 */
export function writeWiseBatch({ payments, sourceCurrency }: WiseOrder): PaymentFiles {
  const checks = new PaymentChecks();
  const currency = payments[0]?.currency ?? '';
  checks.payments(payments, { currency, most: mostOf(12) });
  checks.unless(
    isCurrency(sourceCurrency),
    { payout: null, field: 'sourceCurrency' },
    'currency_unknown',
    `'${shorten(sourceCurrency)}' is no currency`,
    'correct the profile of the rail',
  );
  for (const payment of payments) checkPayment(payment, checks);
  checks.assertNone();

  const files = (Object.keys(COLUMNS) as WiseAccount['kind'][]).flatMap((kind) =>
    inFiles(
      payments.filter(({ account }) => account.kind === kind),
      MOST_ROWS,
    ).map((paid) => {
      const rows = paid.map((payment) => [
        ...[payment.name, payment.email ?? '', payment.number, payment.payee === 'person' ? 'PERSON' : 'INSTITUTION'],
        ...['target', formatMinor(payment.amount, currency), sourceCurrency, currency],
        ...accountCells(payment.account),
      ]);
      return paymentFile(writeCsv([...COMMON, ...COLUMNS[kind]], rows), paid, currency);
    }),
  );
  return { files, changes: checks.changes };
}

function accountCells(account: WiseAccount): string[] {
  switch (account.kind) {
    case 'iban':
      return [account.iban];
    case 'sort_code':
      return [account.sortCode, account.number];
    case 'routing': {
      const { country, town, street, building, state, postCode } = account.address;
      const line = [building, street].filter((part) => part !== null).join(' ');
      return [
        account.routing,
        account.number,
        account.type.toUpperCase(),
        country,
        town,
        line,
        state ?? '',
        postCode ?? '',
      ];
    }
    case 'email':
      return ['EMAIL'];
  }
}

function checkPayment(payment: WisePayment, checks: PaymentChecks): void {
  const { number: payout, account, currency, email } = payment;
  const mend = 'correct the instrument of the partner';
  const check = (held: boolean, field: string, code: string, reason: string) =>
    checks.unless(held, { payout, field }, code, reason, mend);
  check(
    isPlainLine(payment.name, LINE_LENGTH),
    'name',
    'wise_name',
    'is no plain line of text that begins with a letter or digit',
  );
  check(
    email === null ? account.kind !== 'email' : isEmail(email),
    'email',
    'email',
    email === null ? 'is missing, and Wise asks the payee for an account by it' : 'is no e-mail address',
  );
  switch (account.kind) {
    case 'iban':
      return check(isValidIBAN(account.iban), 'account.iban', 'iban', 'is no IBAN: length or check digits do not fit');
    case 'sort_code':
      check(/^\d{6}$/.test(account.sortCode), 'account.sortCode', 'sort_code', 'is no sort code of six digits');
      check(/^\d{8}$/.test(account.number), 'account.number', 'account_number', 'is no account number of eight digits');
      return check(
        currency === 'GBP',
        'currency',
        'account_currency',
        `is ${currency}, and a sort code is paid in GBP`,
      );
    case 'routing':
      check(
        isRoutingNumber(account.routing),
        'account.routing',
        'routing_number',
        'is no routing number: its check digit does not fit',
      );
      check(
        /^\d{4,17}$/.test(account.number),
        'account.number',
        'account_number',
        'is no account number of 4 to 17 digits',
      );
      for (const [field, text] of Object.entries<string | null>({ ...account.address })) {
        check(
          text === null || isPlainLine(text, LINE_LENGTH),
          `account.address.${field}`,
          'wise_address',
          'is no plain line of text',
        );
      }
      check(
        /^[A-Z]{2}$/.test(account.address.country),
        'account.address.country',
        'country',
        'is no country of ISO 3166',
      );
      return check(
        currency === 'USD',
        'currency',
        'account_currency',
        `is ${currency}, and a routing number is paid in USD`,
      );
    case 'email':
      return;
  }
}
