import { parsePeriod, type Period } from '../domain/dates.ts';
import type { Context } from '../services/context.ts';
import { today } from '../services/today.ts';
import { option } from './parameters.ts';

/** The period of whatever has figures of one. */
export const periodOption = option(
  '--period <period>',
  '2026-10, 2026-Q4, 2026, last-month, this-month or 2026-10-01..2026-10-31',
);

/** A period as it was asked for, with the line that says it back. @throws UsageError `period_invalid` */
export function metricsPeriod(ctx: Context, text: string): Period & { readonly echo: string } {
  const period = parsePeriod(text, today(ctx));
  const { from, to, label } = period;
  return { ...period, echo: `period ${label}: ${from} up to, not including, ${to} (${ctx.zone})` };
}
