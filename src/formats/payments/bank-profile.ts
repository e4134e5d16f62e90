import * as z from 'zod';
import { isCurrency } from '../../domain/currencies.ts';
import { createTimestampParser } from '../../domain/dates.ts';
import { UsageError } from '../../domain/errors.ts';
import type { DecimalStyle } from '../../domain/money.ts';
import type { CsvOptions } from '../csv-reader.ts';
import { csvTable, decimalsTable, describeIssue } from '../mapping-schema.ts';
import { createFieldDecoder } from '../text-encodings.ts';
import { gatherMistake, parseTomlDocument } from '../toml-document.ts';

/** How a bank writes its CSV: which column says what. */
export interface BankProfile {
  readonly headingLine: number;
  readonly csv: CsvOptions;
  readonly decimals: DecimalStyle;
  readonly dateFormat: string;
  readonly columns: {
    readonly date: string;
    /** Below 0 what left the account; else `debit` and `credit` tell the two apart. */
    readonly amount: string | null;
    readonly debit: string | null;
    readonly credit: string | null;
    readonly currency: string | null;
    /** Where our numbers may stand: references, purposes. */
    readonly ids: readonly string[];
    readonly reference: string | null;
    readonly name: string | null;
    readonly kind: string | null;
    readonly reason: string | null;
  };
  /** Of every row, where no column tells it. */
  readonly currency: string | null;
  /** What the column `kind` says of money that came back, of payments that were refused, and of rows that are none. */
  readonly kinds: {
    readonly returned: readonly string[];
    readonly rejected: readonly string[];
    readonly ignored: readonly string[];
  };
}

const column = z.string({ error: 'must be the name of a column' }).min(1);
const COLUMN_TABLE = {
  date: column,
  amount: column.optional(),
  debit: column.optional(),
  credit: column.optional(),
  currency: column.optional(),
  ids: z.union([column.transform((one) => [one]), z.array(column).min(1)], {
    error: 'must be a column, or a list of columns',
  }),
  reference: column.optional(),
  name: column.optional(),
  kind: column.optional(),
  reason: column.optional(),
};
const words = z.array(z.string().min(1), { error: 'must be a list of texts' }).default([]);
const KIND_TABLE = { returned: words, rejected: words, ignored: words };

const profileSchema = z.strictObject({
  heading_line: z.int({ error: 'must be the number of a line' }).min(1).max(1000).default(1),
  currency: z.string().refine(isCurrency, { error: 'must be a currency of ISO 4217, like EUR' }).optional(),
  columns: z.strictObject(COLUMN_TABLE),
  kinds: z.strictObject(KIND_TABLE).default({ returned: [], rejected: [], ignored: [] }),
  dates: z.strictObject({ format: z.string().default('iso') }).default({ format: 'iso' }),
  decimals: decimalsTable,
  csv: csvTable,
});
type ProfileDocument = z.infer<typeof profileSchema>;

/**
 * Reads the profile of a bank's CSV (TOML). Every mistake in it is listed at once, each with its key.
 * @param file name for messages
 * @throws UsageError `profile_syntax`, `profile_invalid`
 */
export function readBankProfile(text: string, file: string): BankProfile {
  const hint = 'see `revshare payout reconcile --help` for a profile that works';
  const document = parseTomlDocument(text, file, { code: 'profile_syntax', hint });
  const parsed = profileSchema.safeParse(document);
  const mistakes = parsed.success
    ? contradictions(parsed.data)
    : parsed.error.issues.flatMap((issue) => describeIssue(issue, document, keysAt));
  if (!parsed.success || mistakes.length > 0) {
    const message = mistakes.length === 1 ? `${file}: ${mistakes[0]}` : [`${file}:`, ...mistakes].join('\n  ');
    throw new UsageError('profile_invalid', message, { hint, details: { file, mistakes } });
  }
  const { heading_line: headingLine, columns, kinds, decimals, dates, csv, currency = null } = parsed.data;
  return {
    ...{ headingLine, csv, kinds, currency },
    decimals: { decimal: decimals.decimal, ...(decimals.group === undefined ? {} : { group: decimals.group }) },
    dateFormat: dates.format,
    columns: {
      ...{ date: columns.date, ids: columns.ids },
      ...{ amount: columns.amount ?? null, debit: columns.debit ?? null, credit: columns.credit ?? null },
      ...{ currency: columns.currency ?? null, reference: columns.reference ?? null, name: columns.name ?? null },
      ...{ kind: columns.kind ?? null, reason: columns.reason ?? null },
    },
  };
}

/** What each line may say and the lines together may not. */
function contradictions({ columns, currency, kinds, dates, decimals, csv }: ProfileDocument): string[] {
  const mistakes: string[] = [];
  if ((columns.amount === undefined) === (columns.debit === undefined || columns.credit === undefined)) {
    mistakes.push('columns.amount: name one column of signed amounts, or debit and credit, and not both');
  }
  if ((columns.currency === undefined) === (currency === undefined)) {
    mistakes.push('currency: write it once, or name columns.currency');
  }
  if (columns.kind === undefined && Object.values(kinds).some((texts) => texts.length > 0)) {
    mistakes.push('columns.kind: is missing — name the column that says what [kinds] lists');
  }
  if (decimals.minor) mistakes.push('decimals.minor: banks write whole amounts with their decimals');
  gatherMistake(mistakes, 'dates.format', () => createTimestampParser(dates.format, 'UTC'));
  gatherMistake(mistakes, 'csv.encoding', () => createFieldDecoder(csv.encoding));
  if (csv.delimiter === csv.quote) mistakes.push('csv.quote: is the delimiter already');
  return mistakes;
}

function keysAt([table]: readonly string[]): readonly string[] {
  switch (table) {
    case undefined:
      return Object.keys(profileSchema.shape);
    case 'columns':
      return Object.keys(COLUMN_TABLE);
    case 'kinds':
      return Object.keys(KIND_TABLE);
    case 'dates':
      return ['format'];
    case 'decimals':
      return ['decimal', 'group'];
    default:
      return ['delimiter', 'quote', 'encoding'];
  }
}
