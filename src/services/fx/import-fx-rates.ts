import { insertFxRates, unknownFxRates, type UnknownFxRate } from '../../db/queries/fx.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import type { Connection } from '../../db/connection.ts';
import { RefusedError } from '../../domain/errors.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readRateFile, type ListedRate, type RateFile } from '../../formats/fx-rates.ts';
import type { Context } from '../context.ts';
import { listed, rowsRejected } from '../rejected-rows.ts';

export interface FxImportRequest {
  readonly file: string;
  /** What messages call it; the path unless told. */
  readonly label?: string;
  /** Lets the file say other than what is known: its rates become known later, and count from then on. */
  readonly correct?: boolean;
}

export interface FxImported {
  readonly file: string;
  /** Rates in the file. */
  readonly read: number;
  readonly new: number;
  readonly corrected: number;
  /** In the books already, as the file says them. */
  readonly known: number;
  readonly pairs: number;
  readonly firstDate: string | null;
  readonly lastDate: string | null;
  /** Currencies of the file that nobody is paid in any more. */
  readonly leftOut: readonly string[];
  /** The change that made them known; null when nothing was new. */
  readonly knownSeq: number | null;
}

/**
 * Imports exchange rates: all of the file or nothing. The same file twice adds nothing; where it says other than the books
 * it is refused, or, with `correct`, becomes known later, so that what was decided by the old rate can still be told. No
 * entry changes. Writes in one transaction.
 * @throws UsageError `rows_rejected`, `fx_columns`, `file_…`, and what a CSV may be unreadable for
 * @throws RefusedError `fx_rates_differ`
 */
export async function importFxRates(ctx: Context, request: FxImportRequest): Promise<FxImported> {
  const { file, label = file, correct = false } = request;
  const said = await readRates(file, label);
  const { rates, leftOut } = said;
  return await ctx.write(async (tx) => {
    let found = await compare(tx, label, said.rates, correct);
    let knownSeq: number | null = null;
    if (found.length > 0) {
      knownSeq = await drawKnownSeq(tx, `exchange rates from ${label}`);
      // Again under the number's lock: whoever imported before us is committed and seen.
      found = await compare(tx, label, rates, correct);
      const added = found.map(({ index }) => rates[index]!);
      await insertFxRates(tx, added, knownSeq);
    }
    const corrected = found.filter(({ known }) => known !== null).length;
    const dates = rates.map(({ date }) => date).sort();
    return {
      file: label,
      read: rates.length,
      new: found.length - corrected,
      corrected,
      known: rates.length - found.length,
      pairs: new Set(rates.map(({ base, quote }) => `${base}/${quote}`)).size,
      firstDate: dates.at(0) ?? null,
      lastDate: dates.at(-1) ?? null,
      leftOut,
      knownSeq: found.length === 0 || ctx.dryRun ? null : knownSeq,
    };
  });
}

async function readRates(path: string, label: string): Promise<RateFile> {
  const said = readRateFile(label, await readWhole(path, label));
  const { problems, rates } = said;
  if (problems.length > 0) throw rowsRejected(label, rates.length, problems);
  return said;
}

/** What the books do not know of the file. @throws RefusedError where they know it otherwise and nobody said to correct it */
async function compare(
  tx: Connection,
  label: string,
  rates: readonly ListedRate[],
  correct: boolean,
): Promise<UnknownFxRate[]> {
  const found = await unknownFxRates(tx, rates);
  const differing = found.filter(({ known }) => known !== null);
  if (differing.length === 0 || correct) return found;
  const lines = differing.map(({ index, known }) => {
    const { line, base, quote, date, rate } = rates[index]!;
    return `${label}:${line} says ${rate} for ${base}/${quote} on ${date}; known is ${known!.rate} (${known!.source}, change ${known!.knownSeq})`;
  });
  const rows = differing.length === 1 ? 'rate is' : 'rates are';
  throw new RefusedError(
    'fx_rates_differ',
    listed(`${differing.length} ${rows} known otherwise, so nothing was imported`, lines),
    {
      hint: 'import with --correct if the file is right: the new rates count from then on, and no entry changes',
      details: { file: label, differing: differing.length },
    },
  );
}
