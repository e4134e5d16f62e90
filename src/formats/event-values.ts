import { currency as knownCurrency } from '../domain/currencies.ts';
import { UsageError } from '../domain/errors.ts';
import { formatMinor, parseDecimal } from '../domain/money.ts';
import type { Kind } from '../domain/rating/model.ts';
import { shorten } from './records.ts';

/** An event as a record says it: names where the database has ids. Amounts in minor units of `currency`. */
export interface EventDraft {
  externalId: string;
  kind: Kind;
  instance: string;
  /** It named none and went to the default. */
  instanceDefaulted: boolean;
  account: string | null;
  product: string | null;
  /** Code of the subscription whose wholesale price it takes, where the record says so. */
  subscription: string | null;
  saleRef: string | null;
  currency: string;
  net: bigint;
  gross: bigint;
  tax: bigint;
  quantity: string | null;
  country: string | null;
  transactionType: string | null;
  /** Epoch milliseconds. */
  occurredAt: number;
  /** Business date of `occurredAt` in the programme's zone. */
  occurredOn: string;
  /** Of the sale; without `saleRef` the event's own and signed as its `net` is. Null where the record does not say. */
  wholesaleNet: bigint | null;
  /** Terms of the sale; null without `saleRef`, and where the record does not give them. */
  saleNet: bigint | null;
  saleGross: bigint | null;
  saleDate: string | null;
}

/** How many characters a text may have: the database's own limits, or what nobody needs more of. */
export const TEXT_LIMITS = {
  external_id: 500,
  sale_ref: 500,
  instance: 200,
  account: 200,
  product: 200,
  subscription: 63,
  country: 100,
  transaction_type: 100,
} as const;
export type TextField = keyof typeof TEXT_LIMITS;

/** What to do about an amount that points the wrong way for its kind. */
export const SIGN_REMEDIES = {
  not_negative: 'a negative invoice line is a credit note: add a kind rule with sign = "negative"',
  not_positive:
    'what is given back is negative: if the file writes it without a minus, add negate = true to its kind rule',
  zero: 'what has an amount is a payment',
  either: '',
} as const;

/** What to do about an amount that cannot be read, by the code of its refusal and the look of it. */
export function amountRemedy(code: string, text: string): string {
  const look = code === 'amount_not_a_number' ? LOOKS.find(({ pattern }) => pattern.test(text)) : undefined;
  return look?.remedy ?? AMOUNT_REMEDIES[code] ?? 'mend the amount';
}

/** How billing systems and spreadsheets write what is no plain number. */
const LOOKS: readonly { readonly pattern: RegExp; readonly remedy: string }[] = [
  { pattern: /^\(.*\)$/, remedy: 'write a minus in place of the parentheses' },
  { pattern: /^[\u2010-\u2015\u2212]|[-\u2010-\u2015\u2212]$/, remedy: "write the minus in front, as '-'" },
  {
    pattern: /\p{Sc}|^[A-Z]{3}\b|\b[A-Z]{3}$/u,
    remedy: 'write the number alone; the currency has a column of its own',
  },
  { pattern: /^[+-]?\d{1,3}(\.\d{3})+,\d+$/, remedy: 'set decimal = "," and group = "." under [decimals]' },
  { pattern: /^[+-]?\d+,\d{1,2}$/, remedy: 'set decimal = "," under [decimals]' },
  { pattern: /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/, remedy: 'set group = "," under [decimals]' },
];

const AMOUNT_REMEDIES: Readonly<Record<string, string>> = {
  amount_decimals: 'round it where it is made; minor = true under [decimals] reads whole minor units',
  amount_exponent: 'write all its digits',
  amount_grouping: 'set [decimals] group to what the file uses',
  amount_not_a_number: 'mend it, or set [decimals] to what the file uses',
  amount_not_whole: 'under minor = true amounts are whole numbers of the smallest unit',
  amount_out_of_range: 'mend it, or set [decimals] to what the file uses',
};

/** The currency a text names, or null. 'gbp' is GBP; 'GBp' is pence to some, and nobody's to guess. */
export function currencyOf(text: string): string | null {
  const code = text === text.toLowerCase() ? text.toUpperCase() : text;
  try {
    return knownCurrency(code).code;
  } catch {
    return null;
  }
}

/**
 * A whole number of minor units.
 * @throws UsageError `amount_not_whole`, `amount_out_of_range`
 */
export function parseMinor(text: string): bigint {
  const trimmed = text.trim();
  if (!/^[+-]?\d+$/.test(trimmed)) {
    throw new UsageError('amount_not_whole', `'${shorten(trimmed)}' is not a whole number of minor units`);
  }
  // A currency without decimals: its amounts are whole numbers, and the range is checked in one place.
  return parseDecimal(trimmed, 'JPY');
}

/** A quantity as plain decimal digits, or null for what is none. */
export function parseQuantity(
  text: string,
  style: { readonly decimal: string; readonly group?: string },
): string | null {
  const plain = (style.group === undefined ? text : text.replaceAll(style.group, '')).replace(style.decimal, '.');
  return /^[+-]?\d{1,20}(\.\d{1,10})?$/.test(plain) ? plain : null;
}

/**
 * The largest amount an event or a sale may have, in minor units: ten million million euros. What is above it is a mistake
 * in the file; and nine thousand such amounts still add up inside a bigint. The database holds the same in a CHECK.
 */
export const LARGEST_AMOUNT = 10n ** 15n;

/** Whether an amount is one that an event may have. */
export function isWithinLimit(minor: bigint): boolean {
  return minor <= LARGEST_AMOUNT && minor >= -LARGEST_AMOUNT;
}

/** The limit, as messages tell it. */
export function limitOf(code: string): string {
  return `the limit is ${formatMinor(LARGEST_AMOUNT, code)} ${code}`;
}
