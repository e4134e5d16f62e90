import { fxRateHistory, selectFxRates, type FxFilter, type FxRateRow } from '../../db/queries/fx.ts';
import type { Page } from '../../db/queries/order.ts';
import { currency } from '../../domain/currencies.ts';
import { parseDate } from '../../domain/dates.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';

export type { FxFilter, FxRateRow } from '../../db/queries/fx.ts';

/** A rate by its pair and day, as people type it. */
export function fxRateName({ base, quote, date }: Pick<FxRateRow, 'base' | 'quote' | 'date'>): string {
  return `${base}/${quote}@${date}`;
}

/** The rates that are known, or were at a change, newest day first. Reads only. */
export async function listFxRates(ctx: Context, filter: FxFilter, page: Page): Promise<FxRateRow[]> {
  return await selectFxRates(ctx.db, filter, page);
}

export interface FxRateDetails extends FxRateRow {
  /** Everything that was ever said of the pair on that day, in the order in which it became known. */
  readonly versions: readonly FxRateRow[];
}

/** One rate, BASE/QUOTE@DATE. Reads only. Throws UsageError `fx_rate_name` and RefusedError `fx_rate_not_found`. */
export async function showFxRate(ctx: Context, name: string): Promise<FxRateDetails> {
  const match = /^([A-Z]{3})\/([A-Z]{3})@(.+)$/.exec(name.trim());
  if (match === null) {
    throw new UsageError('fx_rate_name', `'${name.slice(0, 40)}' names no rate`, {
      hint: 'write it as EUR/USD@2026-10-30',
    });
  }
  const [base, quote] = [match[1]!, match[2]!].map((code) => currency(code).code) as [string, string];
  const date = parseDate(match[3]!);
  const versions = await fxRateHistory(ctx.db, { base, quote, date });
  const latest = versions.at(-1);
  if (latest === undefined) {
    throw new RefusedError('fx_rate_not_found', `there is no rate ${base}/${quote} of ${date}`, {
      hint: `\`revshare fx list --base ${base} --quote ${quote}\` shows what there is`,
    });
  }
  return { ...latest, versions };
}
