import { parse, TomlError } from 'smol-toml';
import { UsageError } from '../domain/errors.ts';
import type { InstrumentKind } from '../domain/instruments.ts';
import { ACCOUNT_FIELDS } from './account-fields.ts';
import { namesOf, readFields } from './fields.ts';

/** Account data in canonical form, by field; what is not there was not given. */
export type AccountDetails = Readonly<Record<string, string>>;

/**
 * Reads account data as it comes in a file, a variable or on stdin: `field = "value"` lines (TOML) or one object of JSON.
 * No message repeats a value. Pure.
 * @param label what messages call it
 * @throws UsageError `account_unreadable`, `account_invalid` with every mistake of it
 */
export function readAccountDetails(kind: InstrumentKind, text: string, label: string): AccountDetails {
  return accountDetails(kind, written(text, label), label);
}

/** The same of fields that were typed one by one. @throws UsageError `account_invalid` */
export function accountDetails(
  kind: InstrumentKind,
  given: Readonly<Record<string, unknown>>,
  label: string,
): AccountDetails {
  const fields = ACCOUNT_FIELDS[kind];
  const { values, mistakes } = readFields(fields, given);
  if (mistakes.length === 0) return values;
  throw new UsageError(
    'account_invalid',
    [`${label}: this is no account data of kind ${kind}`, ...mistakes.map((one) => `  ${one}`)].join('\n'),
    { hint: `its fields are ${namesOf(fields).join(', ')}`, details: { mistakes } },
  );
}

function written(text: string, label: string): Record<string, unknown> {
  try {
    const isJson = text.trimStart().startsWith('{');
    return (isJson ? JSON.parse(text) : parse(text)) as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TomlError)) throw error;
    // Where, and not what: the message of a parser quotes the file.
    const where = error instanceof TomlError ? `, line ${error.line}, column ${error.column}` : '';
    throw new UsageError('account_unreadable', `${label}${where}: this is neither TOML nor JSON`, {
      hint: 'write a line a field, as iban = "DE…", or one JSON object',
    });
  }
}

/** Enough of account data to tell it from another, and not enough to pay to it. Pure. */
export function maskOf(kind: InstrumentKind, details: AccountDetails): string {
  const { [MASKED[kind]]: value = '' } = details;
  switch (kind) {
    case 'iban':
      return `${value.slice(0, 4)}…${value.slice(-4)}`;
    case 'aba':
      return `${details['routing']} ${ending(value)}`;
    case 'sort_code':
      return `${details['sort_code']!.replace(/(..)(..)(..)/, '$1-$2-$3')} ${ending(value)}`;
    case 'bank':
      return `${details['country']} ${ending(value)}`;
    case 'paypal':
      return value.replace(/^(.).*@/, '$1…@').slice(0, 80);
    case 'stripe':
    case 'razorpay':
      return `${value.slice(0, value.indexOf('_') + 1)}${ending(value)}`;
    case 'check':
      return `${details['postcode']} ${details['town']}, ${details['country']}`;
    case 'manual':
      return 'by hand';
  }
}

/** The country of an account, where it has one. Pure. */
export function countryOf(kind: InstrumentKind, details: AccountDetails): string | null {
  if (kind === 'iban') return details['iban']!.slice(0, 2);
  if (kind === 'aba') return 'US';
  if (kind === 'sort_code') return 'GB';
  return details['country'] ?? null;
}

const MASKED: Readonly<Record<InstrumentKind, string>> = {
  iban: 'iban',
  aba: 'account',
  sort_code: 'account',
  bank: 'account',
  paypal: 'email',
  stripe: 'account',
  razorpay: 'fund_account',
  check: 'town',
  manual: '',
};

/** Never more than a third of it: of a short number four digits would be most. */
function ending(value: string): string {
  return `…${value.slice(-Math.min(4, Math.floor(value.length / 3)) || value.length)}`;
}
