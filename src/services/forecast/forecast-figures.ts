import { performanceRows, type PerformanceRow } from '../../db/queries/performance.ts';
import { addMonthsClamped, monthStart } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { bestOf, forecast, LEAST_MONTHS, type ForecastModel } from '../../domain/forecast.ts';
import { groupBy } from '../../domain/maps.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';

/** What may be foretold. */
export type ForecastFigure = 'revenue' | 'commission' | 'payout';

/** A month that was, or one that is to come; money as decimal strings. */
export interface ForecastMonth {
  readonly startsOn: string;
  readonly currency: string;
  readonly kind: 'actual' | 'forecast';
  readonly value: string;
  readonly minor: bigint;
  /** Four chances in five that it lies between these; null of what was. */
  readonly low: string | null;
  readonly high: string | null;
  readonly model: ForecastModel | null;
  /** How far that model was off one month ahead, of late; null where it could not be tried. */
  readonly errorPpm: number | null;
}

const FIGURES = {
  revenue: ({ revenue }) => BigInt(revenue),
  commission: ({ commission }) => BigInt(commission),
  payout: ({ paidOut }) => BigInt(paidOut),
} as const satisfies Record<ForecastFigure, (row: PerformanceRow) => bigint>;

/** As far back as a model looks: three years, so that a season is seen more than once. */
const MONTHS_BACK = 36;
/** Of those, as many are shown beside what is to come. */
const SHOWN_BACK = 12;

/**
 * What the next months bring, this one being the first, from the months that are over: per currency, by the model that was
 * off the least of late, or by one that is named. Reads only.
 * Throws NotFoundError `partner_not_found`, RefusedError `history_short`.
 */
export async function forecastFigures(
  ctx: Context,
  asked: {
    readonly figure: ForecastFigure;
    readonly partner?: string | undefined;
    readonly currency?: string | undefined;
    readonly months: number;
    readonly model?: ForecastModel | undefined;
  },
): Promise<ForecastMonth[]> {
  const partnerId = asked.partner === undefined ? null : (await findPartner(ctx.db, asked.partner, today(ctx))).id;
  const now = monthStart(today(ctx));
  const from = addMonthsClamped(now, -MONTHS_BACK);
  const rows = (await performanceRows(ctx.db, 'month', { from, to: now }, partnerId)).filter(
    ({ currency }) => asked.currency === undefined || currency === asked.currency,
  );
  const told = [...groupBy(rows, ({ currency }) => currency)].flatMap(([currency, ofCurrency]) => {
    const series = seriesOf(ofCurrency, FIGURES[asked.figure], now);
    const models = forecast(series, asked.months).filter(
      ({ model }) => asked.model === undefined || model === asked.model,
    );
    const best = bestOf(models);
    return best === null ? [] : monthsOf({ series, now, currency, best });
  });
  if (told.length > 0) return told;
  const least = LEAST_MONTHS[asked.model ?? 'trend'];
  throw new RefusedError(
    'history_short',
    `no currency has ${least} whole months of ${asked.figure}: nothing can be foretold`,
    {
      hint:
        asked.model === 'seasonal'
          ? 'a season is foretold from more than a year; --model trend takes less'
          : '`revshare report performance --monthly` shows what there is',
    },
  );
}

/** Every month from the first of which anything is known; what says nothing is 0. */
function seriesOf(rows: readonly PerformanceRow[], figure: (row: PerformanceRow) => bigint, now: string): bigint[] {
  const said = new Map(rows.map((row) => [row.startsOn, figure(row)]));
  const series: bigint[] = [];
  for (let month = rows[0]!.startsOn; month < now; month = addMonthsClamped(month, 1)) {
    const value = said.get(month) ?? 0n;
    // What begins later than the books do has no months of nothing before it.
    if (value !== 0n || series.length > 0) series.push(value);
  }
  return series;
}

function monthsOf(told: {
  readonly series: readonly bigint[];
  readonly now: string;
  readonly currency: string;
  readonly best: NonNullable<ReturnType<typeof bestOf>>;
}): ForecastMonth[] {
  const { series, now, currency, best } = told;
  const { model, errorPpm } = best;
  const money = (minor: bigint) => formatMinor(minor, currency);
  const been = series.slice(-SHOWN_BACK);
  return [
    ...been.map((minor, at): ForecastMonth => {
      const startsOn = addMonthsClamped(now, at - been.length);
      const unknown = { low: null, high: null, model: null, errorPpm: null };
      return { startsOn, currency, kind: 'actual', value: money(minor), minor, ...unknown };
    }),
    ...best.months.map(({ value, low, high }, at): ForecastMonth => {
      const startsOn = addMonthsClamped(now, at);
      const range = { low: money(low), high: money(high) };
      return { startsOn, currency, kind: 'forecast', value: money(value), minor: value, ...range, model, errorPpm };
    }),
  ];
}
