import { formatMinor } from '../../domain/money.ts';
import { writeRows } from '../list-csv.ts';
import {
  inFiles,
  isEmail,
  isPlainLine,
  isWhole,
  mostOf,
  paymentFile,
  PaymentChecks,
  type Payment,
  type PaymentFiles,
} from './payment.ts';

export interface PayPalPayment extends Payment {
  /** The payee's e-mail address at PayPal, or the account id (payer id) of 13 capitals and digits. */
  readonly recipient: string;
  /** What the payee reads; null for none. */
  readonly note: string | null;
}

export interface PayPalOrder {
  /** All of one currency. */
  readonly payments: readonly PayPalPayment[];
  /** As the payer's country writes amounts: PayPal refuses a file that does otherwise. */
  readonly decimal: '.' | ',';
}

/** Rows that PayPal takes a file. */
const MOST_ROWS = 5000;

/** What PayPal holds balances in. */
export const PAYPAL_CURRENCIES = [
  ...[
    'AUD',
    'BRL',
    'CAD',
    'CHF',
    'CNY',
    'CZK',
    'DKK',
    'EUR',
    'GBP',
    'HKD',
    'HUF',
    'ILS',
    'JPY',
    'MXN',
    'MYR',
    'NOK',
    'NZD',
  ],
  ...['PHP', 'PLN', 'SEK', 'SGD', 'THB', 'TWD', 'USD'],
];

/** PayPal counts these in whole units, whatever ISO 4217 says. */
export const PAYPAL_WHOLE_UNITS = ['HUF', 'JPY', 'TWD'];

/** The longest note that a payee is shown, in characters of any alphabet. */
const NOTE_LENGTH = 1000;

/**
 * Writes PayPal's payment files (Payouts Web), at most 5,000 rows each, in the order of the payments: recipient, amount,
 * currency, the payout's number as customer id, note and wallet, without a heading.
 * @throws RefusedError with every payout and field that cannot be: `paypal_recipient`, `paypal_currency`,
 *   `paypal_whole_units`, `paypal_note`, `payment_currency`, …
 */
export function writePayPalBatch({ payments, decimal }: PayPalOrder): PaymentFiles {
  const checks = new PaymentChecks();
  const currency = payments[0]?.currency ?? '';
  checks.payments(payments, { currency, most: mostOf(12) });
  if (currency !== '') {
    checks.unless(
      PAYPAL_CURRENCIES.includes(currency),
      { payout: null, field: 'currency' },
      'paypal_currency',
      `is ${currency}, which PayPal does not pay in`,
      'pay by another instrument, or by the register',
    );
  }
  for (const payment of payments) checkPayment(payment, checks);
  checks.assertNone();

  const files = inFiles(payments, MOST_ROWS).map((paid) => {
    const rows = paid.map(({ number, amount, recipient, note }) => {
      const written = PAYPAL_WHOLE_UNITS.includes(currency)
        ? formatMinor(amount, currency).replace(/\.0+$/, '')
        : formatMinor(amount, currency).replace('.', decimal);
      return [recipient, written, currency, number, note ?? '', 'PAYPAL'];
    });
    return paymentFile(writeRows(rows), paid, currency);
  });
  return { files, changes: checks.changes };
}

function checkPayment(
  { number: payout, amount, currency, recipient, note }: PayPalPayment,
  checks: PaymentChecks,
): void {
  checks.unless(
    /^[A-Z0-9]{13}$/.test(recipient) || isEmail(recipient),
    { payout, field: 'recipient' },
    'paypal_recipient',
    'is neither an e-mail address nor a PayPal account id',
    'correct the instrument of the partner',
  );
  if (PAYPAL_WHOLE_UNITS.includes(currency)) {
    checks.unless(
      isWhole(amount, currency),
      { payout, field: 'amount' },
      'paypal_whole_units',
      `is ${formatMinor(amount, currency)} ${currency}, and PayPal pays ${currency} in whole units`,
      'pay it by another instrument, or by the register',
    );
  }
  checks.unless(
    note === null || isPlainLine(note, NOTE_LENGTH),
    { payout, field: 'note' },
    'paypal_note',
    `is no line of at most ${NOTE_LENGTH} characters that begins with a letter or digit`,
    'shorten it to one plain line',
  );
}
