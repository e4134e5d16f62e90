import { currency } from '../domain/currencies.ts';
import { formatMinor } from '../domain/money.ts';

/**
 * Journals of plain-text accounting: hledger, ledger and beancount. Pure: text of what it is given, nothing read and
 * nothing rounded. Names are encoded so that different accounts stay different and none of them can end its own field;
 * free text becomes one harmless line.
 */
export const JOURNAL_FORMATS = ['hledger', 'ledger', 'beancount'] as const;
export type JournalFormat = (typeof JOURNAL_FORMATS)[number];

export interface JournalAccount {
  /** From the widest to the narrowest part; the first is one of the five kinds: assets, liabilities, equity, … */
  readonly path: readonly string[];
  /** ISO 4217, all that are posted to it. */
  readonly currencies: readonly string[];
}

export interface JournalTransaction {
  readonly date: string;
  /** Its number in the books. */
  readonly id: number;
  readonly description: string;
  readonly debit: readonly string[];
  readonly credit: readonly string[];
  /** Minor units, more than 0. */
  readonly amount: bigint;
  readonly currency: string;
  /** Further facts, by a lower-case name. */
  readonly facts: Readonly<Record<string, string>>;
}

/** A transaction of as many postings as it takes. */
export interface JournalPostings {
  readonly date: string;
  /** Its number in the books, and what is numbered there. */
  readonly number: string;
  readonly called: 'transfer' | 'journal';
  readonly description: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly currency: string;
  /** Minor units, of a debit above 0; they add up to 0. */
  readonly postings: readonly { readonly path: readonly string[]; readonly amount: bigint }[];
}

export interface JournalWriter {
  /** What comes first: currencies with their decimals and every account that is used. `from`: when accounts open. */
  head(accounts: readonly JournalAccount[], from: string): string;
  transaction(transaction: JournalTransaction): string;
  postings(transaction: JournalPostings): string;
}

export function journalWriter(format: JournalFormat): JournalWriter {
  const writer = WRITERS[format];
  return {
    ...writer,
    transaction: ({ date, id, description, debit, credit, amount, currency: code, facts }) =>
      writer.postings({
        ...{ date, number: String(id), called: 'transfer', description, facts, currency: code },
        postings: [
          { path: debit, amount },
          { path: credit, amount: -amount },
        ],
      }),
  };
}

const WRITERS: Readonly<Record<JournalFormat, Omit<JournalWriter, 'transaction'>>> = {
  hledger: {
    head: (accounts) =>
      headOf(
        currenciesOf(accounts).map((code) => `commodity ${sample(code, '.')}`),
        accounts.map(({ path }) => `account ${plainName(path)}`),
      ),
    postings: plainPostings,
  },
  ledger: {
    head: (accounts) =>
      headOf(
        currenciesOf(accounts).map((code) => `commodity ${code}\n    format ${sample(code, '')}`),
        accounts.map(({ path }) => `account ${plainName(path)}`),
      ),
    postings: plainPostings,
  },
  beancount: {
    head: (accounts, from) =>
      headOf(
        currenciesOf(accounts).map((code) => `option "operating_currency" "${code}"`),
        accounts.map(
          ({ path, currencies }) => `${from} open ${beancountName(path)} ${[...currencies].sort().join(',')}`,
        ),
      ),
    postings({ date, number, called, description, postings, currency: code, facts }) {
      const told = Object.entries(facts).map(([name, value]) => `  ${name}: ${quoted(value)}\n`);
      return (
        `${date} * ${quoted(description)}\n  ${called}: ${quoted(number)}\n${told.join('')}` +
        `${postings.map(({ path, amount }) => `  ${beancountName(path)}  ${formatMinor(amount, code)} ${code}\n`).join('')}\n`
      );
    },
  },
};

function headOf(currencies: readonly string[], accounts: readonly string[]): string {
  return [currencies, accounts]
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join('\n')}\n\n`)
    .join('');
}

function currenciesOf(accounts: readonly JournalAccount[]): string[] {
  return [...new Set(accounts.flatMap(({ currencies }) => currencies))].sort();
}

/** An amount that shows the currency's decimals. Where there are none hledger wants a point all the same, and ledger none. */
function sample(code: string, without: '.' | ''): string {
  const { minorUnits } = currency(code);
  return `1000${minorUnits === 0 ? without : `.${'0'.repeat(minorUnits)}`} ${code}`;
}

// ── hledger and ledger ────────────────────────────────────────────────────────────────────────────────────────────

function plainPostings(made: JournalPostings): string {
  const { date, number, description, postings, currency: code } = made;
  // A comma would end the fact's value, and a semicolon the description.
  const facts = Object.entries(made.facts).map(([name, value]) => `${name}: ${oneLine(value).replaceAll(',', ' ')}`);
  return (
    `${date} * (${number}) ${oneLine(description).replace(/[;|]/g, ' ')}\n` +
    (facts.length === 0 ? '' : `    ; ${facts.join(', ')}\n`) +
    `${postings.map(({ path, amount }) => `    ${plainName(path)}  ${formatMinor(amount, code)} ${code}\n`).join('')}\n`
  );
}

/** Parts with colons between them; what is no letter, digit, dot, hyphen or underscore is told by its bytes, as in a URL. */
function plainName(path: readonly string[]): string {
  return path.map((part) => encoded(part, /[A-Za-z0-9._-]/, (byte) => `%${hex(byte)}`)).join(':');
}

// ── beancount ─────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * Every part begins with a capital or a digit and holds letters, digits and hyphens. What else a code has is told by its
 * bytes as Z and two capitals, A for 0 to P for 15; codes have no capitals, so no two of them share a name.
 */
function beancountName(path: readonly string[]): string {
  const byte = (value: number) => `Z${LETTERS[value >> 4]}${LETTERS[value & 15]}`;
  return path
    .map((part) => {
      const rest = encoded(part, /[a-z0-9-]/, byte);
      if (/^[a-z0-9]/.test(part)) return `${rest[0]!.toUpperCase()}${rest.slice(1)}`;
      return part.startsWith('-') ? `${byte(0x2d)}${rest.slice(1)}` : rest;
    })
    .join(':');
}

const LETTERS = 'ABCDEFGHIJKLMNOP';

/** A string as beancount reads it. */
function quoted(text: string): string {
  return `"${oneLine(text).replace(/[\\"]/g, '\\$&')}"`;
}

// ── Text ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function encoded(text: string, kept: RegExp, byte: (value: number) => string): string {
  return [...text].map((one) => (kept.test(one) ? one : [...Buffer.from(one, 'utf8')].map(byte).join(''))).join('');
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

/** No line breaks, no controls, nothing that turns the reading direction; one space where there were several. */
function oneLine(text: string): string {
  return text
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\s]+/g, ' ')
    .trim();
}
