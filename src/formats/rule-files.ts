import { parse, stringify, TomlDate, TomlError } from 'smol-toml';
import { inBookOrder, joinAlike, type BookVersion } from '../domain/book-versions.ts';
import { parseDate } from '../domain/dates.ts';
import { isEmptyRange } from '../domain/date-ranges.ts';
import { UsageError } from '../domain/errors.ts';
import { didYouMean } from '../domain/near-names.ts';
import { formatScope, parseScope, type RuleScope } from '../domain/rule-scope.ts';
import { sayAlike } from '../domain/rule-terms.ts';
import { asKey, readTerms, writeTerms, type WrittenTerm, type WrittenTerms } from '../domain/written-terms.ts';
import { tomlPositions, type Position } from './toml-positions.ts';

/**
 * The rule book as TOML: one file a scope, accounts with their instance, so that a change of a rule is a change of a few
 * lines in one place. Every version is a table `[[rule]]`, in the order of the book.
 */
export interface RuleFile {
  /** Inside the directory, with slashes: 'partner/acme.toml'. */
  readonly path: string;
  readonly text: string;
}

/** A version and where it is written. */
export interface FiledVersion extends BookVersion {
  readonly file: string;
  /** Where a key of it stands, else its heading. */
  readonly at: (key?: string) => Position;
}

/** What is wrong with a file, and where. */
export interface FileMistake extends Position {
  readonly file: string;
  readonly code: string;
  readonly message: string;
  readonly hint: string | null;
}

const HEADING =
  '# Rules as of `revshare rules export`. Change them here, then `revshare rules lint`, `rules plan` and `rules apply`.';

/** Whether a file was written here, and may be written over. */
export const isRuleFile = (text: string): boolean => text.startsWith(HEADING);

// ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** The files of a book: the same book gives the same bytes. */
export function writeRuleFiles(versions: readonly BookVersion[]): RuleFile[] {
  const files = new Map<string, { scope: RuleScope; tables: Record<string, unknown>[] }>();
  for (const version of inBookOrder(joinAlike(versions, sayAlike))) {
    const scope = fileScope(version.scope);
    const path = pathOf(scope);
    const file = files.get(path) ?? { scope, tables: [] };
    file.tables.push(tableOf(version));
    files.set(path, file);
  }
  return [...files].map(([path, { scope, tables }]) => ({
    path,
    text: `${HEADING}\n\n${stringify({ scope: formatScope(scope), rule: tables })}`,
  }));
}

/** Accounts are many, and their codes are whatever billing calls them: no names for files. */
function fileScope(scope: RuleScope): RuleScope {
  return scope.kind === 'account' ? { kind: 'instance', code: scope.instance } : scope;
}

function pathOf(scope: RuleScope): string {
  return scope.kind === 'programme' ? 'programme.toml' : `${scope.kind}/${scope.code}.toml`;
}

function tableOf({ scope, product, level, from, to, terms }: BookVersion): Record<string, unknown> {
  const words = Object.entries(writeTerms(terms)).map(([term, value]) => [
    asKey(term as WrittenTerm),
    value as unknown,
  ]);
  const all: [string, unknown][] = [
    ['account', scope.kind === 'account' ? scope.code : undefined],
    ['product', product ?? undefined],
    ['override', level === 0 ? undefined : level],
    ['from', from === null ? undefined : new TomlDate(from)],
    ['to', to === null ? undefined : new TomlDate(to)],
    ...(words as [string, unknown][]),
  ];
  return Object.fromEntries(all.filter(([, value]) => value !== undefined));
}

// ── Reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Reads a file. Every mistake in it is told, each version's first one; a version with one is left out. */
export function readRuleFile({ path: file, text }: RuleFile): { versions: FiledVersion[]; mistakes: FileMistake[] } {
  const versions: FiledVersion[] = [];
  const mistakes: FileMistake[] = [];
  const attempt = <T>(where: (key?: string) => Position, read: () => T): T | null => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { code, message, hint = null, details } = error;
      const key =
        details?.['key'] ?? (details?.['term'] === undefined ? undefined : asKey(details['term'] as WrittenTerm));
      mistakes.push({ file, ...where(key as string | undefined), code, message, hint });
      return null;
    }
  };

  let document: Record<string, unknown>;
  try {
    document = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    const reason = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '');
    return {
      versions,
      mistakes: [{ file, line, column, code: 'toml_syntax', message: `this is not TOML: ${reason}`, hint: null }],
    };
  }
  const positions = tomlPositions(text, 'rule');
  const scope = attempt(
    (key) => positions.top(key ?? 'scope'),
    () => readTop(document),
  );
  const tables = Array.isArray(document['rule']) ? (document['rule'] as Record<string, unknown>[]) : [];
  tables.forEach((table, n) => {
    const at = (key?: string) => positions.entry(n, key);
    // Without its scope a version still shows what is wrong inside it.
    const version = attempt(at, () => readVersion(table, scope ?? { kind: 'programme' }));
    if (version !== null && scope !== null) versions.push({ ...version, file, at });
  });
  return { versions, mistakes };
}

function readTop(document: Record<string, unknown>): RuleScope {
  knownKeys(document, ['scope', 'rule']);
  if (document['rule'] !== undefined && !isListOfTables(document['rule'])) {
    throw mistake('rule', 'key_invalid', 'rule must be tables, each headed [[rule]]');
  }
  if (typeof document['scope'] !== 'string') {
    throw mistake(
      'scope',
      'scope_missing',
      'the file does not say whose rules these are',
      'begin it with scope = "partner=acme"',
    );
  }
  return parseScope(document['scope']);
}

const isListOfTables = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((one) => typeof one === 'object' && one !== null && !Array.isArray(one) && !(one instanceof Date));

function readVersion(table: Record<string, unknown>, fileOf: RuleScope): BookVersion {
  knownKeys(table, ['account', 'product', 'override', 'from', 'to', ...Object.keys(TERM_KEYS)]);
  const text = (key: string) => (table[key] === undefined ? undefined : readText(key, table[key]));
  const account = text('account');
  if (account !== undefined && fileOf.kind !== 'instance') {
    throw mistake(
      'account',
      'account_without_instance',
      `an account belongs to an instance, and this file is of ${formatScope(fileOf)}`,
    );
  }
  const scope: RuleScope =
    account === undefined || fileOf.kind !== 'instance'
      ? fileOf
      : { kind: 'account', instance: fileOf.code, code: account };
  const product = text('product');
  const level = table['override'] === undefined ? 0 : readNumber('override', table['override'], 15);
  const from = table['from'] === undefined ? null : readDay('from', table['from']);
  const to = table['to'] === undefined ? null : readDay('to', table['to']);
  if (isEmptyRange({ from, to })) {
    throw mistake(
      'to',
      'window_empty',
      `no day lies in [${from}, ${to})`,
      'to is the first day the rule no longer applies',
    );
  }
  const written = Object.fromEntries(
    Object.entries(TERM_KEYS)
      .filter(([key]) => table[key] !== undefined)
      .map(([key, { term, read }]) => [term, read(key, table[key])]),
  ) as WrittenTerms;
  const terms = readTerms(written, { scope: scope.kind, level, product, firstDay: from, call: asKey });
  return { scope, product: product ?? null, level, from, to, terms };
}

type ReadValue = (key: string, value: unknown) => unknown;

const oneOf =
  (...words: string[]): ReadValue =>
  (key, value) => {
    if (words.includes(value as string)) return value;
    throw mistake(key, 'choice_unknown', `${key} must be one of ${words.join(', ')}`);
  };

/** How each term is written, and read; those of one kind together. */
const TERM_READERS: Readonly<Record<WrittenTerm, ReadValue>> = {
  percentage: readText,
  flat: readText,
  tiered: readText,
  brackets: oneOf('marginal', 'whole'),
  exclude: readFlag,
  include: readFlag,
  base: oneOf('net', 'gross', 'margin'),
  onRest: readFlag,
  window: oneOf('month', 'quarter', 'year', 'lifetime'),
  per: oneOf('partner', 'instance', 'account'),
  onlyProducts: readList,
  territory: readList,
  minSale: readText,
  capSale: readText,
  capWindow: readText,
  firstSaleOnly: readFlag,
  earningMonths: (key, value) => readNumber(key, value, 600),
  currency: readText,
  paysIn: readText,
  allowOver100: readFlag,
  note: readText,
};
const TERM_KEYS = Object.fromEntries(
  Object.entries(TERM_READERS).map(([term, read]) => [asKey(term as WrittenTerm), { term, read }]),
);

function readText(key: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() !== '') return value;
  const hint = typeof value === 'number' || typeof value === 'bigint' ? `write ${key} = "${value}"` : undefined;
  throw mistake(key, 'key_invalid', `${key} must be a text in quotes`, hint);
}

function readFlag(key: string, value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw mistake(key, 'key_invalid', `${key} must be true or false`);
}

function readList(key: string, value: unknown): string[] {
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string')) return value;
  throw mistake(key, 'key_invalid', `${key} must be a list of texts, as ["a", "b"]`);
}

function readNumber(key: string, value: unknown, most: number): number {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw mistake(key, 'number_invalid', `${key} must be a whole number from 1 to ${most}`);
}

function readDay(key: string, value: unknown): string {
  if (value instanceof TomlDate && value.isDate()) return value.toISOString();
  if (typeof value !== 'string') throw mistake(key, 'date_invalid', `${key} must be a day, as 2026-01-01`);
  try {
    return parseDate(value);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw mistake(key, error.code, error.message, error.hint);
  }
}

function knownKeys(table: Record<string, unknown>, known: readonly string[]): void {
  for (const key of Object.keys(table)) {
    if (known.includes(key)) continue;
    throw mistake(
      key,
      'key_unknown',
      `there is no key '${key}' here`,
      didYouMean(key, known) ?? `known here: ${known.join(', ')}`,
    );
  }
}

/** What is wrong with a key; the position is looked up where it is caught. */
function mistake(key: string, code: string, message: string, hint?: string): UsageError {
  return new UsageError(code, message, { ...(hint === undefined ? {} : { hint }), details: { key } });
}
