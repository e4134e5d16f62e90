import { currency } from './currencies.ts';
import { UsageError } from './errors.ts';
import { formatMinor, parseDecimal } from './money.ts';
import { formatRate, parseRate } from './rates.ts';
import { TIER_MODES, TIER_WINDOWS } from './tiers/evaluate.ts';

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
/** Stored by their places. */
const CUSTOMER_NAMES = ['hidden', 'shown'];
const NOTICES = ['off', 'on'];
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
    read: (text: string) => readWord('approval', POLICIES, text),
    show: String,
  },
  hold_days: {
    stored: 'hold_days',
    about: 'days from an event to the first date on which it may be paid',
    amounts: false,
    perInstance: true,
    read: (text: string) => readWhole('hold_days', 0, MOST_DAYS, text),
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
  instrument_cooloff: {
    stored: 'instrument_cooloff_days',
    about: 'days before a new or changed instrument is paid to',
    amounts: false,
    perInstance: false,
    read: (text: string) => readWhole('instrument_cooloff', 0, MOST_DAYS, text),
    show: String,
  },
  fx_max_age_days: {
    stored: 'fx_max_age_days',
    about: 'for how many days an exchange rate serves after its own',
    amounts: false,
    perInstance: false,
    read: (text: string) => readWhole('fx_max_age_days', 0, MOST_DAYS, text),
    show: String,
  },
  partner_levels: {
    stored: 'partner_levels',
    about: 'how many partners may stand above one another',
    amounts: false,
    perInstance: false,
    read: (text: string) => readWhole('partner_levels', 1, 15, text),
    show: String,
  },
  share_cap: {
    stored: 'share_cap_ppm',
    about: 'the most that all shares of a sale may come to together; above it the highest level is cut first',
    amounts: false,
    perInstance: false,
    read: (text: string) => (text === NONE ? null : parseRate(text)),
    show: (ppm: StoredScalar) => formatRate(Number(ppm)),
  },
  tier_mode: {
    stored: 'tier_mode',
    about: 'what an evaluation of tiers does: auto moves, recommend proposes, manual only says',
    amounts: false,
    perInstance: false,
    read: (text: string) => readWord('tier_mode', TIER_MODES, text),
    show: String,
  },
  tier_window: {
    stored: 'tier_window',
    about: 'months that an evaluation of tiers averages: 1, 3 or 12',
    amounts: false,
    perInstance: false,
    read: (text: string) => Number(readWord('tier_window', TIER_WINDOWS.map(String), text)),
    show: String,
  },
  tier_grace: {
    stored: 'tier_grace',
    about: 'evaluations missed in a row before a partner goes down one tier',
    amounts: false,
    perInstance: false,
    read: (text: string) => readWhole('tier_grace', 1, 120, text),
    show: String,
  },
  tier_tenure_months: {
    stored: 'tier_tenure_months',
    about: 'months for which a tier is kept at least',
    amounts: false,
    perInstance: false,
    read: (text: string) => readWhole('tier_tenure_months', 0, 120, text),
    show: String,
  },
  customer_names: {
    stored: 'customer_names',
    about:
      'what files for partners tell of customers beside the codes of their accounts: hidden (where nothing is set), or shown: their names',
    amounts: false,
    perInstance: false,
    read: (text: string) => CUSTOMER_NAMES.indexOf(readWord('customer_names', CUSTOMER_NAMES, text)),
    show: (shown: StoredScalar) => CUSTOMER_NAMES[Number(shown)]!,
  },
  notices: {
    stored: 'notices',
    about: 'whether partners with an e-mail address are written to of their payouts: off (where nothing is set) or on',
    amounts: false,
    perInstance: false,
    read: (text: string) => NOTICES.indexOf(readWord('notices', NOTICES, text)),
    show: (on: StoredScalar) => NOTICES[Number(on)]!,
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

function readWord(key: string, words: readonly string[], text: string): string {
  if (words.includes(text)) return text;
  throw refused(text, `${key} is one of ${words.join(', ')}`);
}

function readWhole(key: string, least: number, most: number, text: string): number {
  const number = /^(0|[1-9]\d{0,3})$/.test(text) ? Number(text) : NaN;
  if (number >= least && number <= most) return number;
  throw refused(text, `${key} is a whole number from ${least} to ${most}`);
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
