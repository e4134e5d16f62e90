import type { Connection } from '../../db/connection.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { readWhole } from '../../files/read-whole.ts';
import type { NamedRows } from '../../formats/named-rows.ts';
import { readPriceFile, type ListedPrice } from '../../formats/price-file.ts';
import type { Context } from '../context.ts';
import { findPlan } from '../plan/find-plan.ts';
import { rowsRejected, type RowProblem } from '../rejected-rows.ts';
import { drawOnce, sayOver } from '../versions/say-over.ts';
import { priceName } from './list-prices.ts';
import { findItem, priceStore, readPrice } from './priced-item.ts';

export interface PriceImportRequest {
  readonly file: string;
  /** What messages call it; the path unless told. */
  readonly label?: string;
  /** Imports the good rows, and leaves the others out. */
  readonly partial?: boolean;
}

export interface PricesImported {
  readonly file: string;
  readonly read: number;
  /** Rows that say something new. */
  readonly new: number;
  /** Rows that the book says already. */
  readonly known: number;
  readonly problems: readonly RowProblem[];
  /** The change that made them known; null when nothing was new. */
  readonly knownSeq: number | null;
}

type Row = ListedPrice & { readonly line: number };

/**
 * Imports a price list: all of it or nothing, or with `partial` its good rows. Of an item that stands there several times
 * each row without an end ends where the next begins. The same file twice adds nothing. Writes in one transaction.
 * @throws UsageError `rows_rejected`, `columns_missing`, `column_unknown`, `file_…`
 */
export async function importPrices(ctx: Context, request: PriceImportRequest): Promise<PricesImported> {
  const { file, label = file, partial = false } = request;
  const list = readPriceFile(label, await readWhole(file, label));
  const { rows, problems: unread } = list;
  return await ctx.write(async (tx) => {
    const { good, problems } = await judge(tx, list);
    const rejected = [...unread, ...problems].sort((a, b) => a.line - b.line);
    const read = rows.length + unread.length;
    if (rejected.length > 0 && !partial) throw rowsRejected(label, read, rejected);
    let knownSeq: number | null = null;
    const drawn = drawOnce(tx, `prices from ${label}`);
    const draw = async () => (knownSeq = await drawn());
    let added = 0;
    for (const { line: _line, from, to, ...written } of good) {
      const says = readPrice(written);
      if (await sayOver(priceStore(tx, await findItem(tx, written)), { from, to }, () => says, draw)) added += 1;
    }
    return {
      file: label,
      read,
      new: added,
      known: good.length - added,
      problems: rejected,
      knownSeq: ctx.dryRun ? null : knownSeq,
    };
  });
}

/** Rows whose plan there is, each ended where the next of its item begins. */
async function judge(
  tx: Connection,
  { rows, columnOf }: NamedRows<ListedPrice>,
): Promise<{ good: Row[]; problems: RowProblem[] }> {
  const problems: RowProblem[] = [];
  const byItem = new Map<string, Row[]>();
  for (const row of rows) {
    const missing = row.plan === undefined ? null : await planMissing(tx, row.plan);
    if (missing !== null) problems.push({ line: row.line, column: columnOf('plan'), field: 'plan', ...missing });
    else byItem.set(priceName(row), [...(byItem.get(priceName(row)) ?? []), row]);
  }
  const good: Row[] = [];
  for (const ofItem of byItem.values()) {
    const taken: Row[] = [];
    for (const row of ofItem.sort((a, b) => (a.from === b.from ? a.line - b.line : a.from < b.from ? -1 : 1))) {
      const before = taken.at(-1);
      const twice = before !== undefined && (before.from === row.from || (before.to !== null && before.to > row.from));
      if (twice) problems.push({ ...saidTwice(row, before), line: row.line, column: columnOf('from') });
      else taken.push(row);
    }
    good.push(...taken.map((row, index) => ({ ...row, to: row.to ?? taken[index + 1]?.from ?? null })));
  }
  return { good: good.sort((a, b) => a.line - b.line), problems };
}

async function planMissing(
  tx: Connection,
  code: string,
): Promise<Pick<RowProblem, 'code' | 'reason' | 'remedy'> | null> {
  try {
    await findPlan(tx, code);
    return null;
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    return { code: error.code, reason: error.message, remedy: error.hint ?? '' };
  }
}

function saidTwice(row: Row, before: Row): Omit<RowProblem, 'line' | 'column'> {
  return {
    ...{ field: 'from', code: 'price_twice' },
    reason: `${priceName(row)} has a price from ${row.from} on by line ${before.line} already`,
    remedy: 'leave one of the two, or end the first one',
  };
}
