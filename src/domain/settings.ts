import { currency } from './currencies.ts';
import { UsageError } from './errors.ts';
import { formatMinor, parseDecimal } from './money.ts';
import { formatRate, parseRate } from './rates.ts';

/**
 * The settings that move money: how a person writes a value, and what is stored of it. An amount is stored in minor units
 * by currency, `{"EUR": 5000}`, and set one currency at a time. Source: SEMANTICS §1, §4, §7.
 */
interface SettingKind {
  /** Its name in the books. */
  readonly stored: string;
  readonly about: string;
  readonly amounts: boolean;
  /** Whether an instance may have its own, which then goes before the programme's; drizzle/0000_ground.sql says the same. */
  readonly perInstance: boolean;
  /** @throws UsageError */
  readonly read: (text: string, code: string) => StoredScalar | null;
  readonly show: (value: StoredScalar, code: string) => string;
}

type StoredScalar = string | number;
/** As it stands in the books; an amount by currency. */
export type StoredValue = StoredScalar | Readonly<Record<string, StoredScalar>>;

const POLICIES = ['at_decision', 'after_hold', 'review'];
const MOST_DAYS = 3650;
/** Takes an amount away. */
const NONE = 'none';

const amount = {
  amounts: true,
  read: readAmount,
  show: (minor: StoredScalar, code: string) => shownAmount(minor, code),
};

const SETTINGS = {
  approval: {
    stored: 'approval',
    about: 'when entries are approved: at_decision; after_hold, by `job run approve-due`; or by review',
    amounts: false,
    perInstance: true,
    read: readPolicy,
    show: String,
  },
  hold_days: {
    stored: 'hold_days',
    about: 'days from an event to the first date on which it may be paid',
    amounts: false,
    perInstance: true,
    read: (text: string) => readDays('hold_days', text),
    show: String,
  },
  review_threshold: {
    stored: 'review_threshold',
    about: 'an entry above it waits for a person, whatever the approval; per currency',
    perInstance: true,
    ...amount,
  },
  minimum_payout: {
    stored: 'minimum_payout',
    about: 'smallest gross of a payout, what is below is carried forward; per currency',
    perInstance: false,
    ...amount,
  },
  recovery_share: {
    stored: 'recovery_share_ppm',
    about: 'how much of a payout negatives may take',
    amounts: false,
    perInstance: true,
    read: (text: string) => parseRate(text),
    show: (ppm: StoredScalar) => formatRate(Number(ppm)),
  },
  fx_max_age_days: {
    stored: 'fx_max_age_days',
    about: 'for how many days an exchange rate serves after its own',
    amounts: false,
    perInstance: false,
    read: (text: string) => readDays('fx_max_age_days', text),
    show: String,
  },
  partner_levels: {
    stored: 'partner_levels',
    about: 'how many partners may stand above one another',
    amounts: false,
    perInstance: false,
    read: readLevels,
    show: String,
  },
} as const satisfies Record<string, SettingKind>;

export type SettingKey = keyof typeof SETTINGS;
export const SETTING_KEYS = Object.keys(SETTINGS) as readonly SettingKey[];

/** The key of a setting by its name in the books; null for what nobody sets by a key. */
export function settingCalled(stored: unknown): SettingKey | null {
  return SETTING_KEYS.find((key) => SETTINGS[key].stored === stored) ?? null;
}

export function settingKind(key: SettingKey): SettingKind {
  return SETTINGS[key];
}

/**
 * What a value that was typed makes of the one in force: itself, or for an amount the amounts of the other currencies
 * with it. Null where it leaves nothing, as 'none' does of what an instance says for itself.
 * @throws UsageError `setting_value`, `currency_missing`, `currency_not_wanted`, and what an amount or a rate may be
 *   refused for
 */
export function settingChange(
  key: SettingKey,
  text: string,
  code: string | undefined,
  ofInstance = false,
): (inForce: StoredValue | null) => StoredValue | null {
  const { amounts, read } = settingKind(key);
  if (ofInstance && code === undefined && text.trim() === NONE) return () => null;
  if (!amounts) {
    if (code !== undefined) throw new UsageError('currency_not_wanted', `${key} is of no currency`);
    const value = read(text.trim(), '');
    return () => value;
  }
  if (code === undefined) {
    throw new UsageError('currency_missing', `${key} is set one currency at a time`, { hint: 'give --currency too' });
  }
  const known = currency(code).code;
  const minor = read(text.trim(), known) as number | null;
  return (inForce) => {
    const { [known]: _, ...others } = amountsOf(inForce);
    const all = minor === null ? others : { ...others, [known]: minor };
    return Object.keys(all).length === 0 ? null : all;
  };
}

/** A stored value as it is typed; amounts as '50.00 EUR', by currency. */
export function settingText(key: SettingKey, value: StoredValue): string | string[] {
  const { amounts, show } = settingKind(key);
  if (!amounts) return show(value as StoredScalar, '');
  return Object.entries(amountsOf(value))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, minor]) => show(minor, code));
}

/** Two ways of writing amounts are in the books: `init` names one currency. */
function amountsOf(value: StoredValue | null): Record<string, number> {
  if (value === null) return {};
  const stored = value as Record<string, unknown>;
  return typeof stored['currency'] === 'string'
    ? { [stored['currency']]: Number(stored['minor']) }
    : (stored as Record<string, number>);
}

function readPolicy(text: string): string {
  if (POLICIES.includes(text)) return text;
  throw refused(text, `approval is one of ${POLICIES.join(', ')}`);
}

function readDays(key: string, text: string): number {
  const days = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  if (days <= MOST_DAYS) return days;
  throw refused(text, `${key} is a whole number from 0 to ${MOST_DAYS}`);
}

function readLevels(text: string): number {
  if (/^([1-9]|1[0-5])$/.test(text)) return Number(text);
  throw refused(text, 'partner_levels is a whole number from 1 to 15');
}

function readAmount(text: string, code: string): number | null {
  if (text === NONE) return null;
  const minor = parseDecimal(text, code);
  if (minor < 0n) throw refused(text, 'the amount is not negative');
  // It travels as a number of JSON.
  if (minor > BigInt(Number.MAX_SAFE_INTEGER)) throw refused(text, 'the amount is too large');
  return Number(minor);
}

function shownAmount(minor: StoredScalar, code: string): string {
  return `${formatMinor(BigInt(minor), code)} ${code}`;
}

function refused(text: string, rule: string): UsageError {
  return new UsageError('setting_value', `'${text.slice(0, 40)}' cannot be: ${rule}`);
}
