import type { AsOf } from '../../db/queries/as-of.ts';
import { changePeriod, isPostedSince, type PeriodStatus } from '../../db/queries/periods.ts';
import type { Period } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { parseMonth, periodDetails } from './list-periods.ts';
import type { PeriodDetails } from './period-view.ts';

/**
 * Soft-closes a period: from then on only adjustments post into it, on a day that a second person agreed to; anything else
 * posts into the earliest open one. Writes. Throws UsageError `period_no_month`, RefusedError `status_transition` out of
 * order, `period_ahead`, `period_busy`. Source: SEMANTICS §9.
 */
export async function softClosePeriod(
  ctx: Context,
  { month, reason }: { readonly month: string; readonly reason: string },
): Promise<PeriodDetails> {
  return await change(ctx, parseMonth(ctx, month), 'soft_closed', reason);
}

/** Opens a soft-closed period again, the last of them. Writes. Throws as `softClosePeriod`. */
export async function openPeriod(
  ctx: Context,
  { month, reason }: { readonly month: string; readonly reason: string },
): Promise<PeriodDetails> {
  const period = parseMonth(ctx, month);
  await assertNotClosed(ctx, period);
  return await change(ctx, period, 'open', reason);
}

/**
 * Freezes a period that a closing has gone through (src/runner/close-period.ts): nothing posts into it any more, and what the
 * ledger says of it is kept with its hash. Writes. Throws RefusedError `period_moved` where anybody has posted into it since
 * `proved`, the moment from which its statements tell; and as `softClosePeriod`.
 */
export async function freezePeriod(ctx: Context, period: Period, proved: AsOf): Promise<PeriodDetails> {
  return await ctx.write(async (tx) => {
    await changePeriod(tx, { startsOn: period.from, status: 'closed', reason: null });
    // Whoever would post waits from here on, so that this is the whole answer.
    if (await isPostedSince(tx, period, proved)) {
      throw new RefusedError('period_moved', `somebody has posted into ${period.label} while it was being closed`, {
        hint: `the same again: \`revshare period close ${period.label}\` goes on from there`,
      });
    }
    return await periodDetails(ctx, tx, period.from);
  });
}

/**
 * Asks to open the last closed period again. It is open once a second person agrees; closing it freezes its totals anew.
 * Writes. Throws UsageError `period_no_month`, RefusedError `period_not_closed`.
 */
export async function askForReopening(
  ctx: Context,
  { month, reason }: { readonly month: string; readonly reason: string },
): Promise<Request> {
  const { label, from } = parseMonth(ctx, month);
  const { status } = await periodDetails(ctx, ctx.db, from);
  if (status !== 'closed') {
    throw new RefusedError('period_not_closed', `the period ${label} is ${status}, not closed`, {
      hint: status === 'open' ? 'there is nothing to open' : `revshare period open ${label}`,
    });
  }
  const terms = { about: `period ${label} opened again`, period: label };
  return await ctx.write(async (tx) =>
    requestView(await askFor(ctx, tx, { kind: 'reopening', reason, terms, acts: [] })),
  );
}

async function assertNotClosed(ctx: Context, { label, from }: Period): Promise<void> {
  const { status } = await periodDetails(ctx, ctx.db, from);
  if (status !== 'closed') return;
  throw new RefusedError('four_eyes', `the period ${label} is closed: opening it wants a second person`, {
    hint: `revshare period reopen ${label} --reason …`,
  });
}

async function change(
  ctx: Context,
  { from }: Period,
  status: PeriodStatus,
  reason: string | null,
): Promise<PeriodDetails> {
  return await ctx.write(async (tx) => {
    await changePeriod(tx, { startsOn: from, status, reason });
    return await periodDetails(ctx, tx, from);
  });
}
