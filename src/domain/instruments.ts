import { currency } from './currencies.ts';
import { UsageError } from './errors.ts';

/** How a partner can be paid; drizzle/0021_instruments.sql says the same. */
export const INSTRUMENT_KINDS = [
  'iban',
  'aba',
  'sort_code',
  'bank',
  'paypal',
  'stripe',
  'razorpay',
  'check',
  'manual',
] as const;
export type InstrumentKind = (typeof INSTRUMENT_KINDS)[number];

/** An instrument is called by its partner and currency, and a version of it by its number behind them. */
export interface InstrumentCode {
  readonly partner: string;
  readonly currency: string;
  /** Null: the one that counts. */
  readonly version: number | null;
}

/**
 * Reads acme/EUR, or acme/EUR/2 for its second version.
 * @throws UsageError `instrument_code`, and what a currency may be refused for
 */
export function parseInstrumentCode(text: string): InstrumentCode {
  const [, partner, code, version] = /^([^/]+)\/([A-Za-z]{3})(?:\/([1-9]\d{0,8}))?$/.exec(text.trim()) ?? [];
  if (partner === undefined || code === undefined) {
    throw new UsageError('instrument_code', `'${text.trim().slice(0, 80)}' names no instrument`, {
      hint: 'it is PARTNER/CURRENCY, as acme/EUR, or a version of it, as acme/EUR/2; `revshare instrument list` shows them',
    });
  }
  return {
    partner,
    currency: currency(code.toUpperCase()).code,
    version: version === undefined ? null : Number(version),
  };
}

export function formatInstrumentCode({ partner, currency: code, version }: InstrumentCode): string {
  return [partner, code, ...(version === null ? [] : [version])].join('/');
}

/** Where a version stands: paid to, not yet, or not any more. */
export const INSTRUMENT_STANDINGS = ['usable', 'unverified', 'cooling_off', 'retired', 'superseded'] as const;
export type InstrumentStanding = (typeof INSTRUMENT_STANDINGS)[number];

/** What a payout run leaves a wallet out for, as a standing. */
export function standingOf(obstacle: string | null): InstrumentStanding {
  return obstacle === null ? 'usable' : (obstacle.replace(/^instrument_/, '') as InstrumentStanding);
}
