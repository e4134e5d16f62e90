import { UsageError } from './errors.ts';

/**
 * The code by which people name a tenant, a partner or an instance: it is typed, stands in files and URLs, and never
 * changes, so it is kept to what every shell and file system can hold.
 * @throws UsageError `code_invalid`
 */
export function parseCode(text: string): string {
  const trimmed = text.trim();
  if (/^[a-z0-9][a-z0-9_-]{0,62}$/.test(trimmed)) return trimmed;
  const lower = trimmed.toLowerCase().replace(/[\s.]+/g, '-');
  const possible = /^[a-z0-9][a-z0-9_-]{0,62}$/.test(lower) ? `; '${lower}' would do` : '';
  throw new UsageError('code_invalid', `'${trimmed.slice(0, 80)}' cannot be a code`, {
    hint: `use 1–63 lower-case letters, digits, - and _, beginning with a letter or digit${possible}`,
  });
}

const LONGEST_NAME = 200;

/** What a tenant, a partner or an instance is called: a line of a table, a register, a letter. @throws UsageError `name_too_long` */
export function parseName(text: string): string {
  const length = [...text].length;
  if (length <= LONGEST_NAME) return text;
  throw new UsageError('name_too_long', `'${text.slice(0, 40)}…' has ${length} characters`, {
    hint: `a name has ${LONGEST_NAME} at most; what more there is to say goes elsewhere`,
  });
}

/** An account as people type it. */
export interface AccountCode {
  readonly instance: string;
  readonly code: string;
}

/**
 * Reads `INSTANCE/CODE`. An instance's code has no slash, so the first one divides; the rest is the account's code,
 * which is whatever the billing system calls the customer.
 * @throws UsageError `account_code_invalid`
 */
export function parseAccountCode(text: string): AccountCode {
  const trimmed = text.trim();
  const slash = trimmed.indexOf('/');
  const instance = trimmed.slice(0, Math.max(slash, 0));
  const code = trimmed.slice(slash + 1).trim();
  if (slash < 1 || code === '' || code.length > 200) {
    throw new UsageError('account_code_invalid', `'${trimmed.slice(0, 80)}' is no account`, {
      hint: 'write INSTANCE/CODE, for example acme-uk/C-1042',
    });
  }
  return { instance, code };
}

export function formatAccountCode({ instance, code }: AccountCode): string {
  return `${instance}/${code}`;
}

/** A wallet as people type it: the partner, the instance, the currency. */
export interface WalletCode {
  readonly partner: string;
  readonly instance: string;
  readonly currency: string;
}

/** Reads `PARTNER/INSTANCE/CURRENCY`. @throws UsageError `wallet_code_invalid` */
export function parseWalletCode(text: string): WalletCode {
  const [partner = '', instance = '', currency = '', ...more] = text.trim().split('/');
  if (partner === '' || instance === '' || !/^[A-Za-z]{3}$/.test(currency) || more.length > 0) {
    throw new UsageError('wallet_code_invalid', `'${text.trim().slice(0, 80)}' is no wallet`, {
      hint: 'write PARTNER/INSTANCE/CURRENCY, for example acme/acme-uk/EUR; `revshare wallet list` shows them',
    });
  }
  return { partner, instance, currency: currency.toUpperCase() };
}

export function formatWalletCode({ partner, instance, currency }: WalletCode): string {
  return `${partner}/${instance}/${currency}`;
}

let regions: Intl.DisplayNames | undefined;

/**
 * Whether two capital letters are a country of today: not reserved for private use, unassigned, or a code that was given
 * up (SU) or never was one (UK). Where they stand for a country, that one's code is `instead`.
 */
export function isCountry(code: string): { readonly known: boolean; readonly instead: string | null } {
  if (!/^[A-Z]{2}$/.test(code)) return { known: false, instead: null };
  regions ??= new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  const today = new Intl.Locale(`und-${code}`).region ?? code;
  const known = today === code && code !== 'ZZ' && regions.of(code) !== undefined;
  return { known, instead: today === code ? null : today };
}

/** A country's two capital letters of ISO 3166-1. @throws UsageError `country_invalid` */
export function parseCountry(text: string): string {
  const { known, instead } = isCountry(text);
  if (known) return text;
  throw new UsageError('country_invalid', `'${text.slice(0, 40)}' is no country`, {
    hint: instead === null ? 'use the two capital letters of ISO 3166-1, for example DE' : `did you mean ${instead}?`,
  });
}
