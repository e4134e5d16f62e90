import type { Connection } from '../../db/connection.ts';
import {
  insertThreshold,
  liveThresholds,
  retireThresholds,
  thresholdVersions,
  type StoredThreshold,
  type TaxedPayments,
  type ThresholdRow,
} from '../../db/queries/tax-thresholds.ts';
import { assertSomeDay, rangeText, type Days } from '../../domain/date-ranges.ts';
import { UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { TaxForm } from '../../domain/tax-forms.ts';
import type { Context } from '../context.ts';
import { drawOnce, sayOver, versionOn, type VersionStore } from '../versions/say-over.ts';

/** From which paid amount of a tax year a partner is reported, over some years. */
export interface TaxThreshold {
  /** What is filed: '1099-nec'. */
  readonly report: string | null;
  /** Whom it is for, by the form on file; null: whoever has none that a threshold names. */
  readonly form: TaxForm | null;
  /** A decimal string; null: nothing is reported. */
  readonly amount: string | null;
  readonly currency: string;
  /** Tax years `[from, to)`. */
  readonly from: number | null;
  readonly to: number | null;
  readonly knownSeq: number | null;
  readonly setBy: string | null;
  readonly setAt: string | null;
}

export interface NewThreshold extends TaxedPayments {
  readonly report: string;
  /** As typed; null: nothing is reported in those years. */
  readonly amount: string | null;
  /** First tax year. */
  readonly from: number;
  /** First tax year in which it is no longer so. */
  readonly to?: number | undefined;
}

const yearOf = (date: string | null): number | null => (date === null ? null : Number(date.slice(0, 4)));
const firstDay = (year: number): string => `${String(year).padStart(4, '0')}-01-01`;

function thresholdView({ currency, form }: TaxedPayments, row: ThresholdRow | undefined): TaxThreshold {
  return {
    report: row?.report ?? null,
    form,
    amount: row === undefined ? null : formatMinor(row.amountMinor, currency),
    currency,
    from: yearOf(row?.valid.from ?? null),
    to: yearOf(row?.valid.to ?? null),
    knownSeq: row?.knownSeq ?? null,
    setBy: row?.createdBy ?? null,
    setAt: row?.recordedAt ?? null,
  };
}

/**
 * Says over tax years from which paid amount, at least, partners are reported; what was said of those years is retired and
 * kept. Writes, unless it says exactly this already.
 * Throws UsageError `threshold_not_positive`, `window_empty`, and what an amount may be refused for.
 */
export async function setThreshold(
  ctx: Context,
  { report, amount, from, to, ...taxed }: NewThreshold,
): Promise<{ readonly threshold: TaxThreshold; readonly changed: boolean }> {
  const days = { from: firstDay(from), to: to === undefined ? null : firstDay(to) };
  assertSomeDay(days);
  const amountMinor = amount === null ? null : parseDecimal(amount, taxed.currency);
  if (amountMinor !== null && amountMinor <= 0n) {
    throw new UsageError('threshold_not_positive', 'a threshold is more than 0', {
      hint: 'none reports nobody; the smallest amount of the currency reports everybody who was paid',
    });
  }
  return await ctx.write(async (tx) => {
    const draw = drawOnce(tx, `tax threshold ${report} in ${taxed.currency} ${rangeText(days)}`);
    const says = amountMinor === null ? null : { report, amountMinor };
    const changed = await sayOver(storeOf(tx, taxed), days, () => says, draw);
    const version = versionOn(await thresholdVersions(tx, taxed), days.from);
    return { threshold: thresholdView(taxed, version), changed };
  });
}

function storeOf(tx: Connection, taxed: TaxedPayments): VersionStore<StoredThreshold> {
  return {
    read: async () =>
      (await thresholdVersions(tx, taxed)).map(({ id, valid, retiredSeq, report, amountMinor }) => ({
        ...{ id, valid, retiredSeq },
        says: { report, amountMinor },
      })),
    retire: async (ids, knownSeq) => await retireThresholds(tx, ids, knownSeq),
    insert: async ({ says, ...version }: { says: StoredThreshold; valid: Days; knownSeq: number }) =>
      await insertThreshold(tx, { ...taxed, ...says, ...version }),
    text: ({ report, amountMinor }) => `${report} ${amountMinor}`,
  };
}

/** Every threshold that is said, by currency, form and year. Reads only. */
export async function listThresholds(ctx: Context): Promise<TaxThreshold[]> {
  return (await liveThresholds(ctx.db)).map((row) => thresholdView(row, row));
}
