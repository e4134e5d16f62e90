import { currency, isCurrency } from '../domain/currencies.ts';
import { parseDate } from '../domain/dates.ts';
import { UsageError } from '../domain/errors.ts';
import { parseFxRate, type FxRate } from '../domain/fx.ts';
import { createCsvReader } from './csv-reader.ts';
import { fieldReader, WrongField, type FieldReader } from './field-reader.ts';
import { unreadableFile, type RecordProblem, type RecordSink } from './records.ts';

/** A rate that a file says, and the line it stands on. */
export interface ListedRate extends FxRate {
  readonly line: number;
}

export interface RateFile {
  /** One a pair and date, in the order of the file. */
  readonly rates: readonly ListedRate[];
  readonly problems: readonly (RecordProblem & { readonly line: number })[];
  /** Currencies of the file that are none of ours: what the ECB quoted before they went. */
  readonly leftOut: readonly string[];
}

const COLUMNS = ['date', 'base', 'quote', 'rate', 'source'] as const;

/** `Date,USD,JPY,…,` as the ECB heads its history: what one euro was worth, a column a currency. */
const ECB_HEADING = /^\uFEFF?Date,(?:[A-Z]{3},)*[A-Z]{3},?[ \t]*\r?\n/;

/**
 * Reads exchange rates: a CSV with the columns date, base, quote, rate and source, or the history that the European
 * Central Bank publishes, eurofxref-hist.csv, as it stands. Every row that cannot be is a problem by line and column; a pair
 * and date that stand there twice must say the same.
 * @param file name for messages
 * @throws UsageError `fx_columns`, and what a CSV may be unreadable for
 */
export function readRateFile(file: string, bytes: Buffer): RateFile {
  const text = bytes.subarray(0, 4096).toString('utf8');
  // The ECB ends each line, the heading too, with one comma too many: a column without a name.
  return ECB_HEADING.test(text)
    ? read(file, Buffer.from(bytes.toString('utf8').replaceAll(/,[ \t]*(?=\r?\n|$)/g, '')), new EcbHistory())
    : read(file, bytes, new OwnColumns(file));
}

/** How one layout says rates; `field` reads a value, or tells what is wrong with it by its column. */
interface Layout {
  header(names: readonly string[], line: number): void;
  rates(fields: readonly string[], field: FieldReader): FxRate[];
  readonly leftOut: readonly string[];
}
function read(file: string, bytes: Buffer, layout: Layout): RateFile {
  const rates = new Map<string, ListedRate>();
  const problems: (RecordProblem & { line: number })[] = [];
  let header: readonly string[] = [];
  const sink: RecordSink = {
    header(names, { line }) {
      header = names;
      layout.header(names, line);
    },
    record(fields, { line }) {
      try {
        for (const rate of layout.rates(fields, fieldReader(header, fields))) keep(rates, { ...rate, line });
      } catch (error) {
        if (!(error instanceof WrongField)) throw error;
        problems.push({ line, ...error.problem });
      }
    },
    reject: ({ line }, problem) => problems.push({ line, ...problem }),
  };
  const reader = createCsvReader(file, {}, sink);
  reader.push(bytes);
  reader.end();
  return { rates: [...rates.values()], problems, leftOut: layout.leftOut };
}

function keep(rates: Map<string, ListedRate>, rate: ListedRate): void {
  const key = `${rate.base}/${rate.quote} ${rate.date}`;
  const before = rates.get(key);
  if (before !== undefined && before.rate !== rate.rate) {
    throw new WrongField({
      ...{ column: null, field: null, code: 'fx_rate_twice' },
      reason: `says ${rate.rate} for ${rate.base}/${rate.quote} on ${rate.date}, and line ${before.line} says ${before.rate}`,
      remedy: 'leave one of the two',
    });
  }
  if (before === undefined) rates.set(key, rate);
}

class OwnColumns implements Layout {
  readonly leftOut: readonly string[] = [];
  readonly #file: string;
  #at: Readonly<Record<(typeof COLUMNS)[number], number>> = { date: 0, base: 1, quote: 2, rate: 3, source: 4 };

  constructor(file: string) {
    this.#file = file;
  }

  header(names: readonly string[], line: number): void {
    const missing = COLUMNS.filter((column) => !names.includes(column));
    if (missing.length > 0) {
      throw unreadableFile(this.#file, line, {
        ...{ column: null, field: null, code: 'fx_columns' },
        reason: `there is no column ${missing.join(', ')}`,
        remedy: `name the columns ${COLUMNS.join(', ')}, or give eurofxref-hist.csv of the ECB as it is`,
      });
    }
    const at = (column: (typeof COLUMNS)[number]) => names.indexOf(column);
    this.#at = { date: at('date'), base: at('base'), quote: at('quote'), rate: at('rate'), source: at('source') };
  }

  rates(_: readonly string[], field: FieldReader): FxRate[] {
    const base = field(this.#at.base, (text) => currency(text).code);
    return [
      {
        date: field(this.#at.date, parseDate),
        base,
        quote: field(this.#at.quote, (text) => otherThan(base, text)),
        rate: field(this.#at.rate, parseFxRate),
        source: field(this.#at.source, parseSource),
      },
    ];
  }
}

function otherThan(base: string, text: string): string {
  const quote = currency(text).code;
  if (quote === base) throw new UsageError('fx_pair', `${base} is worth itself`, { hint: 'name two currencies' });
  return quote;
}

function parseSource(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/.test(text)) return text;
  throw new UsageError('fx_source', `'${text.slice(0, 40)}' is no source`, {
    hint: 'say who published the rate in one word of letters, digits, points and dashes, for instance ECB',
  });
}

/** Newest first; a currency that had no rate on a day says N/A. */
class EcbHistory implements Layout {
  readonly leftOut: string[] = [];
  #quotes: readonly { readonly code: string; readonly index: number }[] = [];

  header(names: readonly string[]): void {
    const quotes = names.map((code, index) => ({ code, index })).slice(1);
    this.#quotes = quotes.filter(({ code }) => isKnown(code));
    this.leftOut.push(...quotes.filter(({ code }) => !isKnown(code)).map(({ code }) => code));
  }

  rates(fields: readonly string[], field: FieldReader): FxRate[] {
    const date = field(0, parseDate);
    return this.#quotes
      .filter(({ index }) => !['N/A', ''].includes((fields[index] ?? '').trim()))
      .map(({ code, index }) => ({ date, base: 'EUR', quote: code, rate: field(index, parseFxRate), source: 'ECB' }));
  }
}

function isKnown(code: string): boolean {
  return code !== 'EUR' && isCurrency(code);
}
