import { currency } from '../domain/currencies.ts';
import { UsageError } from '../domain/errors.ts';
import { BILLING_KINDS, isBillingKind } from '../domain/event-kinds.ts';
import { parseDecimal } from '../domain/money.ts';
import { didYouMean } from '../domain/near-names.ts';
import { CONTROL_KEYS, groupName, type ControlKey, type ExpectedGroup } from '../domain/revenue-control.ts';
import { readNamedRows, said, type NamedRow } from './named-rows.ts';
import type { RecordProblem } from './records.ts';

export interface ControlFile {
  /** What its groups are told apart by: the columns that it fills in. */
  readonly keys: readonly ControlKey[];
  readonly groups: readonly ExpectedGroup[];
  readonly problems: readonly (RecordProblem & { readonly line: number })[];
}

const COLUMNS = { required: ['currency', 'net'], optional: [...CONTROL_KEYS, 'count', 'gross', 'tax'] };

/**
 * Reads what billing says that it has: a row for each group of events, with currency and net, and as it likes source,
 * instance, kind, count, gross and tax. A key that one row fills in, every row has to; a group stands there once.
 * @param file name for messages. @throws UsageError for a file that cannot be read as one
 */
export function readControlFile(file: string, bytes: Buffer): ControlFile {
  const { rows, problems, columnOf } = readNamedRows(file, bytes, COLUMNS, expectedGroup);
  const keys = CONTROL_KEYS.filter((key) => rows.some((row) => row[key] !== null));
  const lines = new Map<string, number>();
  const wrong = rows.flatMap((row): ControlFile['problems'] => {
    const blank = keys.find((key) => row[key] === null);
    if (blank !== undefined) {
      const reason = `is blank, and other rows say a ${blank}`;
      const remedy = 'fill it in, or leave the column out';
      return [{ line: row.line, column: columnOf(blank), field: blank, code: 'value_blank', reason, remedy }];
    }
    const before = lines.get(groupName(row));
    if (before === undefined) {
      lines.set(groupName(row), row.line);
      return [];
    }
    const reason = `says ${groupName(row)} once more, as line ${before} does`;
    return [{ line: row.line, column: null, field: null, code: 'group_twice', reason, remedy: 'sum the two' }];
  });
  return { keys, groups: rows, problems: [...problems, ...wrong] };
}

function expectedGroup(row: NamedRow): ExpectedGroup {
  const code = row.read('currency', (text) => currency(said(text).toUpperCase()).code);
  const sum = (column: string) => row.maybe(column, (text) => parseDecimal(text, code));
  return {
    source: row.maybe('source', said),
    instance: row.maybe('instance', said),
    kind: row.maybe('kind', parseKind),
    currency: code,
    count: row.maybe('count', parseCount),
    sums: { net: row.read('net', (text) => parseDecimal(said(text), code)), gross: sum('gross'), tax: sum('tax') },
  };
}

function parseKind(text: string): string {
  if (isBillingKind(text)) return text;
  throw new UsageError('kind_unknown', `'${text.slice(0, 40)}' is no kind of event`, {
    hint: didYouMean(text, BILLING_KINDS) ?? `write one of ${BILLING_KINDS.join(', ')}`,
  });
}

function parseCount(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new UsageError('count_invalid', `'${text.slice(0, 40)}' counts nothing`, { hint: 'write a whole number' });
}
