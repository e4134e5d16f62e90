import { UsageError } from '../domain/errors.ts';
import { createTimestampParser, parseZone } from '../domain/dates.ts';
import type { DecimalStyle } from '../domain/money.ts';
import type { Kind } from '../domain/rating/model.ts';
import { EVENT_FIELDS, type EventField } from './mapping-fields.ts';
import { describeIssue, mappingSchema, type MappingDocument } from './mapping-schema.ts';
import { nearNames } from '../domain/near-names.ts';
import { createFieldDecoder } from './text-encodings.ts';
import { gatherMistake, parseTomlDocument } from './toml-document.ts';

export { EVENT_FIELDS, type EventField };

/** Where the text of one field of an event comes from. */
export type FieldSource =
  | { readonly constant: string }
  | {
      readonly columns: readonly string[];
      /** Between joined columns. Inside their values it and the backslash are escaped by a backslash. */
      readonly separator: string;
      /** Name of a table under [lookups]. */
      readonly lookup: string | null;
      /** Taken where the value is blank. */
      readonly fallback: string | null;
      /** Date format of this field alone. */
      readonly format: string | null;
    };

export type KindTest =
  { readonly prefix: string } | { readonly value: string } | { readonly sign: 'negative' | 'positive' | 'zero' };

export interface KindRule {
  readonly column: string;
  readonly test: KindTest;
  readonly kind: Kind;
  /** Turns the amounts around: for sources that write what they gave back without a minus. */
  readonly negate: boolean;
}

/** How the records of one source become events. */
export interface Mapping {
  readonly source: string;
  readonly format: 'csv' | 'ndjson' | null;
  readonly fields: Readonly<Partial<Record<EventField, FieldSource>>>;
  /** The first rule that fits decides; then the field `kind`; then `otherwise`. */
  readonly kindRules: readonly KindRule[];
  readonly otherwise: Kind | null;
  /** Where a record goes that names no instance; null: it must name one. */
  readonly defaultInstance: string | null;
  /** Tables by name; '*' is the default of a table. */
  readonly lookups: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly dates: { readonly format: string; /** null: the programme's. */ readonly zone: string | null };
  /** `minor`: whole numbers of the currency's smallest unit. */
  readonly decimals: { readonly style: DecimalStyle; readonly minor: boolean };
  readonly csv: { readonly delimiter: string; readonly quote: string; readonly encoding: string };
}

/**
 * Reads a mapping file (TOML). Every mistake in it is listed at once, each with its key.
 * @param file name for messages
 * @param defaultInstance where a record goes that names no instance; null: it must name one
 * @throws UsageError `mapping_syntax`, `mapping_invalid`
 */
export function readMapping(text: string, file: string, defaultInstance: string | null = null): Mapping {
  const document = parseTomlDocument(text, file, {
    code: 'mapping_syntax',
    hint: 'see `revshare revenue import --help` for a mapping file that works',
  });
  const parsed = mappingSchema.safeParse(document);
  if (!parsed.success)
    throw invalidMapping(
      file,
      parsed.error.issues.flatMap((issue) => describeIssue(issue, document)),
    );
  const mistakes = findContradictions(parsed.data, defaultInstance !== null);
  if (mistakes.length > 0) throw invalidMapping(file, mistakes);
  return { ...toMapping(parsed.data), defaultInstance };
}

function invalidMapping(file: string, mistakes: readonly string[]): UsageError {
  const message =
    mistakes.length === 1 ? `${file}: ${mistakes[0]}` : `${file}:\n${mistakes.map((line) => `  ${line}`).join('\n')}`;
  return new UsageError('mapping_invalid', message, {
    hint: 'mend the mapping file; nothing was imported',
    details: { file, mistakes: [...mistakes] },
  });
}

/** What each line may say and the lines together may not. */
function findContradictions(document: MappingDocument, instanceDefaulted: boolean): string[] {
  const mistakes: string[] = [];
  const { columns, lookups, dates, decimals, csv } = document;
  for (const field of ['external_id', 'occurred_at', 'currency', 'instance'] as const) {
    if (columns[field] !== undefined || (field === 'instance' && instanceDefaulted)) continue;
    const otherwise = field === 'instance' ? '; or give --default-instance CODE' : '';
    mistakes.push(`${missing(field)}${otherwise}`);
  }
  if (columns['net'] === undefined && (columns['gross'] === undefined || columns['tax'] === undefined)) {
    mistakes.push(`${missing('net')}; gross and tax together would do as well`);
  }
  if (columns['sale_ref'] !== undefined && columns['sale_net'] === undefined) {
    mistakes.push('columns.sale_net: is missing — an event of a sale (sale_ref) must say what the whole sale is worth');
  }
  for (const field of ['sale_net', 'sale_gross', 'sale_date'] as const) {
    if (columns[field] !== undefined && columns['sale_ref'] === undefined) {
      mistakes.push(`columns.${field}: means nothing without columns.sale_ref`);
    }
  }
  for (const [field, source] of Object.entries(columns)) {
    if (source === undefined || 'constant' in source) continue;
    if ('lookup' in source && source.lookup !== undefined && !Object.hasOwn(lookups, source.lookup)) {
      const [meant] = nearNames(source.lookup, Object.keys(lookups));
      const remedy = meant === undefined ? `write [lookups.${source.lookup}]` : `did you mean ${meant}?`;
      mistakes.push(`columns.${field}.lookup: there is no table [lookups.${source.lookup}] — ${remedy}`);
    }
    if ('separator' in source && source.separator?.includes('\\') === true) {
      mistakes.push(`columns.${field}.separator: a backslash cannot separate, it escapes the separator`);
    }
    if ('format' in source && source.format !== undefined) {
      if (field === 'occurred_at' || field === 'sale_date') {
        gatherMistake(mistakes, `columns.${field}.format`, () => createTimestampParser(source.format!, 'UTC'));
      } else {
        mistakes.push(`columns.${field}.format: only occurred_at and sale_date have a format`);
      }
    }
  }
  gatherMistake(mistakes, 'dates.format', () => createTimestampParser(dates.format, 'UTC'));
  gatherMistake(mistakes, 'dates.zone', () => parseZone(dates.zone ?? 'UTC'));
  gatherMistake(mistakes, 'csv.encoding', () => createFieldDecoder(csv.encoding));
  if (decimals.group === decimals.decimal) {
    mistakes.push(`decimals.group: '${decimals.group}' is the decimal sign already`);
  }
  if (csv.delimiter === csv.quote) mistakes.push('csv.quote: is the delimiter already');
  return mistakes;
}

function missing(field: string): string {
  return `columns.${field}: is missing — name the column that holds it, or write { constant = "…" }`;
}

function toMapping(document: MappingDocument): Omit<Mapping, 'defaultInstance'> {
  const fields: Partial<Record<EventField, FieldSource>> = {};
  for (const field of EVENT_FIELDS) {
    const source = document.columns[field];
    if (source !== undefined) fields[field] = toSource(source);
  }
  const { decimals, dates } = document;
  const hasKinds = document.kind !== undefined || fields.kind !== undefined;
  return {
    source: document.source,
    format: document.format ?? null,
    fields,
    kindRules: (document.kind?.rules ?? []).map(({ column, prefix, value, sign, kind, negate }) => ({
      column,
      kind,
      negate,
      test: prefix !== undefined ? { prefix } : value !== undefined ? { value } : { sign: sign! },
    })),
    // A file of paid invoices needs no word about kinds.
    otherwise: document.kind?.otherwise ?? (hasKinds ? null : 'payment'),
    lookups: document.lookups,
    dates: { format: dates.format, zone: dates.zone ?? null },
    decimals: {
      style: { decimal: decimals.decimal, ...(decimals.group === undefined ? {} : { group: decimals.group }) },
      minor: decimals.minor,
    },
    csv: document.csv,
  };
}

function toSource(source: NonNullable<MappingDocument['columns'][string]>): FieldSource {
  if ('constant' in source) return source;
  const options = source as Partial<Record<'separator' | 'lookup' | 'default' | 'format', string | undefined>>;
  return {
    columns: source.columns,
    separator: options.separator ?? JOINED_BY,
    lookup: options.lookup ?? null,
    fallback: options.default ?? null,
    format: options.format ?? null,
  };
}

/** Joins a list of columns unless the mapping says otherwise: 'INV-1/goods/C-17'. */
const JOINED_BY = '/';
