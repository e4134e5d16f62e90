import { parseDate, parsePeriod } from '../domain/dates.ts';
import { UsageError } from '../domain/errors.ts';
import type { Context } from '../services/context.ts';
import { today } from '../services/today.ts';
import { option } from './parameters.ts';

export { today };

/** Business dates `[from, to)`; null is an open end. */
export interface DateWindow {
  readonly from: string | null;
  readonly to: string | null;
}

/** The filters of a list whose rows have a date; `what` says which: 'posting date'. */
export const dateParameters = (what: string) => ({
  from: option('--from <date>', `from this ${what} on`, { read: parseDate }),
  to: option('--to <date>', `up to, not including, this ${what}`, { read: parseDate }),
  period: option('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
});

/**
 * The window that was asked for, in the programme's zone, with the line that says it back: half-open windows and
 * relative periods are only safe to read when they are spelled out.
 * @throws UsageError `period_twice`, `window_empty`, `period_invalid`
 */
export function dateWindow(
  ctx: Context,
  asked: { readonly from: string | undefined; readonly to: string | undefined; readonly period: string | undefined },
): { window: DateWindow; echo: string | null } {
  const { from, to, period } = asked;
  if (period !== undefined) {
    if (from !== undefined || to !== undefined) {
      throw new UsageError('period_twice', '--period already says from when and to when', {
        hint: 'leave out --from and --to',
      });
    }
    const resolved = parsePeriod(period, today(ctx));
    return { window: resolved, echo: `period ${resolved.label}: ${spelled(resolved)} (${ctx.zone})` };
  }
  if (from !== undefined && to !== undefined && to <= from) {
    throw new UsageError('window_empty', `no day lies in [${from}, ${to})`, {
      hint: '--to is the first day that is not meant any more',
    });
  }
  const window = { from: from ?? null, to: to ?? null };
  return { window, echo: to === undefined ? null : `dates: ${spelled(window)} (${ctx.zone})` };
}

function spelled({ from, to }: DateWindow): string {
  const until = to === null ? 'without an end' : `up to, not including, ${to}`;
  return from === null ? `everything ${until}` : `${from} ${until}`;
}
