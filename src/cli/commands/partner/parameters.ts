import { parseDate } from '../../../domain/dates.ts';
import { UsageError } from '../../../domain/errors.ts';
import { readText } from '../../parameters.ts';

export const PARTNER_TYPES = ['reseller', 'affiliate', 'referral', 'white_label'] as const;

/** A programme with one partner in it, for the examples of this noun. */
export const oneAcme = ['partner create acme --name "Acme Resale" --type reseller --currency EUR'];

export function readEmail(text: string): string {
  const address = readText(text, '--email');
  if (/^[^@\s]+@[^@\s]+$/.test(address)) return address;
  throw new UsageError('email_invalid', `'${address}' is no e-mail address`);
}

/** For an update: an empty value takes the old one away. */
export function orNothing<T>(read: (text: string) => T): (text: string) => T | null {
  return (text) => (text.trim() === '' ? null : read(text));
}

export const readContractDate = parseDate;
