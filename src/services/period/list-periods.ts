import type { Connection } from '../../db/connection.ts';
import type { Page } from '../../db/queries/order.ts';
import {
  periodControl,
  periodHistory,
  periodRows,
  type PeriodRow,
  type PeriodStatus,
} from '../../db/queries/periods.ts';
import { monthStart, parsePeriod, type Period } from '../../domain/dates.ts';
import { NotFoundError, UsageError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { controlView, periodView, type PeriodDetails, type PeriodView } from './period-view.ts';

/** Periods from the first that anything was posted in to this month, the latest first. Reads only. */
export async function listPeriods(
  ctx: Context,
  filter: { readonly status?: PeriodStatus | undefined },
  page: Page,
): Promise<PeriodView[]> {
  return (await periodRows(ctx.db, filter, today(ctx), page)).map(periodView);
}

/**
 * One period with its totals: as they were frozen when it closed, otherwise as the ledger says now. Reads only. Throws
 * UsageError `period_no_month`, NotFoundError `period_not_found`.
 */
export async function showPeriod(ctx: Context, month: string): Promise<PeriodDetails> {
  return await periodDetails(ctx, ctx.db, parseMonth(ctx, month).from);
}

/** In the caller's transaction, if there is one. Reads only. Throws NotFoundError `period_not_found`. */
export async function periodDetails(ctx: Context, tx: Connection, startsOn: string): Promise<PeriodDetails> {
  const row = await findPeriod(ctx, tx, startsOn);
  const control = row.control ?? (await periodControl(tx, startsOn));
  return { ...periodView(row), ...controlView(control), history: await periodHistory(tx, startsOn) };
}

async function findPeriod(ctx: Context, tx: Connection, startsOn: string): Promise<PeriodRow> {
  const [row] = await periodRows(tx, { startsOn }, today(ctx), { limit: 1, offset: 0 });
  if (row === undefined) {
    throw new NotFoundError('period', startsOn.slice(0, 7), '`revshare period list` shows them');
  }
  return row;
}

/** A calendar month as it was typed. Throws UsageError `period_invalid`, `period_no_month`. */
export function parseMonth(ctx: Context, text: string): Period {
  const period = parsePeriod(text, today(ctx));
  if (/^\d{4}-\d{2}$/.test(period.label) && period.from === monthStart(period.from)) return period;
  throw new UsageError('period_no_month', `${period.label} is no calendar month, and those are what closes`, {
    hint: 'write 2026-10, or last-month',
  });
}
