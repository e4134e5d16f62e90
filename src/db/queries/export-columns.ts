import { LOCALES, type CsvDialect } from '../../formats/csv-dialect.ts';
import { quoteLiteral } from '../connection.ts';

/**
 * How a column of an export is written. `code` is text that the schema itself keeps harmless (lower-case letters, digits,
 * enumerations); `text` came from outside and is cleaned, and in CSV guarded. `money` is an integer of minor units,
 * written as a decimal number with the currency's digits; it needs the currency as alias `c`, or as `unit` says. `percent` is parts per
 * million, written as a number of per cent; `decimal` is any other number that is no integer.
 */
export type ExportColumnKind = 'integer' | 'code' | 'text' | 'money' | 'percent' | 'decimal' | 'date' | 'instant';

export interface ExportColumn {
  readonly name: string;
  readonly kind: ExportColumnKind;
  readonly meaning: string;
  readonly sql: string;
  /** Alias of the currency that an amount is of; `c` unless told. */
  readonly unit?: string;
  /** What a spreadsheet makes of a `code` that the SQL has written as a number or an instant. */
  readonly cell?: 'decimal' | 'instant';
}

/**
 * How the database writes rows: as CSV in a dialect; as NDJSON; or as cells of a workbook, which are NDJSON whose texts
 * are guarded as those of CSV are, because workbooks are saved as CSV.
 */
export type RowShape =
  | { readonly format: 'csv'; readonly dialect: CsvDialect }
  | { readonly format: 'ndjson' }
  | { readonly format: 'cells' };

// What could move a cursor, start an escape sequence or turn the reading direction: C0, C1, DEL, directional and
// zero-width characters, line separators, BOM, tags. The same set as src/cli/output/plain-text.ts.
const UNSAFE =
  '\\u0001-\\u001f\\u007f-\\u009f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\U000e0000-\\U000e007f';
const BREAKS = '[\\u0009-\\u000d\\u0085\\u2028\\u2029]+';
// Taken out as a whole, or `[31m` would be left behind.
const ESCAPES =
  '(?:\\u001b\\[|\\u009b)[0-?]*[ -/]*[@-~]?|(?:\\u001b[]PX^_]|[\\u009d\\u0090\\u0098\\u009e\\u009f])[^\\u0007\\u001b\\u009c]*(?:\\u0007|\\u001b\\\\|\\u009c)?|\\u001b[ -/]*[0-~]?';
// A spreadsheet runs a cell that begins like this. The last ones are full-width: Excel reads them as the plain ones.
const FORMULA = '^\\s*[=+@|％＝＋－＠-]';

/** Text without what a terminal or a bidi-aware editor would obey; one harmless line. */
function cleaned(sql: string): string {
  return `regexp_replace(regexp_replace(regexp_replace(${sql}, ${quoteLiteral(ESCAPES)}, '', 'g'), ${quoteLiteral(BREAKS)}, ' ', 'g'), ${quoteLiteral(`[${UNSAFE}]`)}, '', 'g')`;
}

/** One look decides for nearly every row that nothing is to be done. */
function unlessHarmless(sql: string, harm: string, remedy: string): string {
  return `case when ${sql} ~ ${quoteLiteral(harm)} then ${remedy} else ${sql} end`;
}

/** The expression that writes a column in a shape. */
function columnExpression({ kind, sql, unit = 'c' }: ExportColumn, shape: RowShape): string {
  switch (kind) {
    case 'integer':
    case 'date':
    case 'code':
      return sql;
    case 'text':
      return shape.format === 'ndjson'
        ? unlessHarmless(sql, `[${UNSAFE}]`, cleaned(sql))
        : unlessHarmless(
            sql,
            `${FORMULA}|[${UNSAFE}]`,
            // An apostrophe makes it text. Only text is guarded: '-12.30' has to stay a number.
            `regexp_replace(${cleaned(sql)}, ${quoteLiteral(`^(?=${FORMULA.slice(1)})`)}, '''')`,
          );
    case 'money':
      // numeric multiplies exactly and keeps the sum of the scales: 1230 * 0.01 is 12.30, 999 * 1 is 999.
      return asNumber(`(${sql}) * ${unit}.unit`, shape);
    case 'percent':
      return asNumber(`trim_scale((${sql}) * 0.0001)`, shape);
    case 'decimal':
      return asNumber(sql, shape);
    case 'instant':
      return isoInstant(sql);
  }
}

/** An instant as ISO 8601 with microseconds, UTC. */
export function isoInstant(sql: string): string {
  return `to_char((${sql}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** JSON gets decimals as strings, so that no reader makes floats of them. */
function asNumber(sql: string, shape: RowShape): string {
  if (shape.format !== 'csv') return `(${sql})::text`;
  const { decimal } = LOCALES[shape.dialect.locale];
  return decimal === '.' ? sql : `replace((${sql})::text, '.', ${quoteLiteral(decimal)})`;
}

/** The currencies with the worth of one minor unit, for `money` columns. */
export const CURRENCIES_WITH_UNIT = `(select code, ('1e-' || minor_units)::numeric as unit from currencies)`;

/** The COPY that writes `columns` of `source` (from … where … order by …) in a shape. */
export function copyStatement(columns: readonly ExportColumn[], source: string, shape: RowShape): string {
  const list = columns.map((column) => `${columnExpression(column, shape)} as ${column.name}`).join(',\n  ');
  const select = `select ${list}\n${source}`;
  // JSON escapes every control character, so that a quote and a delimiter made of those never occur in it: the CSV
  // format then hands the line over as it stands, where the text format would double its backslashes.
  return shape.format === 'csv'
    ? `copy (${select}) to stdout (format csv, header true, delimiter ${quoteLiteral(LOCALES[shape.dialect.locale].delimiter)}, encoding 'UTF8')`
    : `copy (select row_to_json(r) from (${select}) r) to stdout (format csv, quote e'\\x01', delimiter e'\\x02', encoding 'UTF8')`;
}
