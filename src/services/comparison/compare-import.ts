import { comparedRows, type ComparedRow } from '../../db/queries/compared-rows.ts';
import { UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readLayout, type HistoryLayout, type PaidColumns } from '../../formats/history-layouts.ts';
import { amountRemedy, parseMinor } from '../../formats/event-values.ts';
import type { Mapping } from '../../formats/mapping.ts';
import { describeProblems, type RecordProblem } from '../../formats/records.ts';
import { decideBatch } from '../accrual/decide-batch.ts';
import type { Context } from '../context.ts';
import { rolledBack } from '../mutation.ts';
import { listed } from '../rejected-rows.ts';
import { importRevenue, loadMapping } from '../revenue/import-revenue.ts';
import { formatOf, recordReader } from '../revenue/stage-file.ts';

export interface CompareRequest {
  /** Paths. */
  readonly file: string;
  /** A mapping file, or the layout of a system that we know. */
  readonly map: string | { readonly layout: HistoryLayout };
  readonly labels: { readonly file: string; readonly map: string };
  /** The column of what the other system paid; a layout knows its own. */
  readonly paidColumn?: string | undefined;
  /** Where records go that name no instance. */
  readonly defaultInstance?: string | undefined;
}

/** A row beside what the other system paid for it; amounts are decimal strings. */
export interface ComparedRowView extends Omit<ComparedRow, 'amount'> {
  readonly ours: string;
  readonly paid: string;
  readonly difference: string;
}

export interface ImportComparison {
  /** Rows that differ first, the largest difference at the top; then all others in their order. */
  readonly rows: readonly ComparedRowView[];
  readonly differing: number;
  /** Rows that these books have recorded already, and which are not compared. */
  readonly known: number;
  readonly totals: readonly {
    readonly currency: string;
    readonly ours: string;
    readonly paid: string;
    readonly difference: string;
  }[];
}

/**
 * What our rules would have paid on the exported history of another system, row by row beside what it paid: the file is
 * imported as `revenue import` does, decided by the rating of every night, and rolled back. Accounts that do not exist are
 * made for as long as that takes. Writes nothing.
 * Throws UsageError `column_missing`, `paid_unnamed`, `paid_invalid`, and as `importRevenue` does.
 */
export async function compareImport(ctx: Context, request: CompareRequest): Promise<ImportComparison> {
  const { file, labels } = request;
  const { mapping, paid: columns } = await mappingOf(request);
  const format = formatOf(file, mapping.format);
  const bytes = await readWhole(file, labels.file);
  const paid = paidByLine({ label: labels.file, format, bytes }, mapping, columns);
  return await rolledBack(ctx, async (inside) => {
    const { batch, known } = await importRevenue(inside, {
      ...{ file, map: mapping, labels, createAccounts: true },
      defaultInstance: request.defaultInstance,
    });
    if (batch === null) return { rows: [], differing: 0, known, totals: [] };
    await decideBatch(inside, inside.db, Number(batch.id));
    const found = await comparedRows(inside.db, Number(batch.id));
    const problems: (RecordProblem & { line: number })[] = [];
    const compared = found.map((row, index) => {
      // One amount was paid for a line: where we pay it in several currencies it stands beside the first of them.
      const first = found[index - 1]?.line !== row.line;
      const theirs = first ? readPaid(paid.get(row.line)!, row.currency, mapping, problems) : 0n;
      return { ...row, ours: BigInt(row.amount), theirs, apart: BigInt(row.amount) - theirs };
    });
    if (problems.length > 0) {
      throw new UsageError(
        'paid_invalid',
        listed('what was paid cannot be read', describeProblems(labels.file, problems, true)),
        {
          hint: `mend column ${columns.column}, or name another with --paid`,
        },
      );
    }
    const size = (amount: bigint) => (amount < 0n ? -amount : amount);
    const sorted = [...compared].sort(
      (a, b) =>
        Number(b.apart !== 0n) - Number(a.apart !== 0n) || compare(size(b.apart), size(a.apart)) || a.line - b.line,
    );
    return {
      rows: sorted.map(({ amount: _, ours, theirs, apart, net, ...row }) => ({
        ...row,
        net: formatMinor(BigInt(net), row.saleCurrency),
        ours: formatMinor(ours, row.currency),
        paid: formatMinor(theirs, row.currency),
        difference: formatMinor(apart, row.currency),
      })),
      differing: compared.filter(({ apart }) => apart !== 0n).length,
      known,
      totals: totalsOf(compared),
    };
  });
}

async function mappingOf(request: CompareRequest): Promise<{ mapping: Mapping; paid: PaidColumns }> {
  const { map, labels, paidColumn } = request;
  const defaultInstance = request.defaultInstance ?? null;
  if (typeof map !== 'string') {
    const { mapping, paid } = readLayout(map.layout, defaultInstance);
    return { mapping, paid: paidColumn === undefined ? paid : { ...paid, column: paidColumn } };
  }
  if (paidColumn === undefined) {
    throw new UsageError('paid_unnamed', `${labels.map} does not say which column holds what was paid`, {
      hint: 'name it: --paid COLUMN',
    });
  }
  return { mapping: await loadMapping(map, labels.map, defaultInstance), paid: { column: paidColumn, unless: null } };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

function totalsOf(
  rows: readonly { readonly currency: string; readonly ours: bigint; readonly theirs: bigint }[],
): ImportComparison['totals'] {
  return [...new Set(rows.map(({ currency }) => currency))].sort().map((currency) => {
    const sum = (of: 'ours' | 'theirs') =>
      rows.reduce((total, row) => (row.currency === currency ? total + row[of] : total), 0n);
    return {
      currency,
      ours: formatMinor(sum('ours'), currency),
      paid: formatMinor(sum('theirs'), currency),
      difference: formatMinor(sum('ours') - sum('theirs'), currency),
    };
  });
}

interface PaidField {
  readonly line: number;
  /** Null in NDJSON, where places have no number. */
  readonly column: number | null;
  readonly field: string;
  readonly text: string;
}

/** The column of what was paid, by line; blank where another one says that it was not. */
function paidByLine(
  file: { readonly label: string; readonly format: 'csv' | 'ndjson'; readonly bytes: Buffer },
  mapping: Mapping,
  { column: field, unless }: PaidColumns,
): Map<number, PaidField> {
  const paid = new Map<number, PaidField>();
  const missing = (names: string): UsageError =>
    new UsageError('column_missing', `${file.label} has no column ${field}`, {
      hint: `name the one of what was paid: --paid with ${names}`,
    });
  let at = -1;
  let statusAt = -1;
  const reader = recordReader(file, mapping, unless === null ? [field] : [field, unless.column], {
    header(names) {
      at = names.indexOf(field);
      statusAt = unless === null ? -1 : names.indexOf(unless.column);
      if (at < 0) throw missing(`one of ${names.slice(0, 20).join(', ')}`);
    },
    record(fields, { line }) {
      const isVoid = unless?.values.includes((fields[statusAt] ?? '').trim().toLowerCase()) ?? false;
      const text = isVoid ? '' : (fields[at] ?? '');
      paid.set(line, { line, column: file.format === 'csv' ? at + 1 : null, field, text });
    },
    // The import tells what is wrong with it.
    reject: () => {},
  });
  reader.push(file.bytes);
  reader.end();
  // NDJSON has no heading: a key that no record has is a mistyped one, and not a system that never paid.
  if (file.format === 'ndjson' && unless === null && [...paid.values()].every(({ text }) => text === '')) {
    throw missing('a key that the records have');
  }
  return paid;
}

/** Written as the mapping has the amounts of the file. Nothing is 0: the other system paid nothing for it. */
function readPaid(
  { text, ...place }: PaidField,
  currency: string,
  { decimals: { style, minor } }: Mapping,
  problems: (RecordProblem & { line: number })[],
): bigint {
  if (text.trim() === '') return 0n;
  try {
    return minor ? parseMinor(text) : parseDecimal(text, currency, style);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    problems.push({ ...place, code: error.code, reason: error.message, remedy: amountRemedy(error.code, text) });
    return 0n;
  }
}
