import type { Connection } from '../../db/connection.ts';
import { payoutStates, recordChanges, type PayoutState } from '../../db/queries/payout-states.ts';
import { listPayoutRows } from '../../db/queries/payouts.ts';
import { parseDate } from '../../domain/dates.ts';
import { NotFoundError, RefusedError, UsageError } from '../../domain/errors.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { makeRun, type GeneratedRun } from './generate-payouts.ts';
import { moveAndPost, payoutsToMove } from './move-payouts.ts';
import { payoutView, type Payout } from './payout-view.ts';

/** What the bank says became of payouts, and on which day: today, where it is left out. */
interface ToldByBank {
  readonly payouts: PayoutSelection;
  readonly reason: string;
  readonly valueDate?: string | undefined;
  readonly reference?: string | undefined;
}

/**
 * The bank has paid: in transit → cash. `valueDate` is the day on which it did, default today, never later; the tax year
 * goes by it. From here on the entries are paid, and by nothing else.
 *
 * Writes. Throws NotFoundError, RefusedError `payout_status`, `nothing_to_do`, UsageError `value_date`.
 */
export async function completePayouts(ctx: Context, request: Omit<ToldByBank, 'reason'>): Promise<Payout[]> {
  const valueDate = valueDateOf(ctx, request.valueDate);
  return await move(ctx, request.payouts, 'completed', {
    ...request,
    valueDate,
    reason: null,
  });
}

/**
 * The bank holds it for a recipient who has not taken it: in transit → unclaimed, a liability of its own, and the lines stay.
 * From there it is completed, returned or cancelled. `valueDate` is the day on which the bank said so. Otherwise as above.
 */
export async function markUnclaimed(ctx: Context, request: ToldByBank): Promise<Payout[]> {
  const valueDate = valueDateOf(ctx, request.valueDate);
  return await move(ctx, request.payouts, 'unclaimed', { ...request, valueDate });
}

/** The bank has refused for good: everything the submission took goes back, and the lines are free. Otherwise as above. */
export async function failPayouts(ctx: Context, request: Omit<ToldByBank, 'valueDate'>): Promise<Payout[]> {
  return await move(ctx, request.payouts, 'failed', { ...request, valueDate: null });
}

/**
 * The money came back after the bank had paid it, or nobody claimed it: the books take it back into the wallets, and the
 * year of the payout is reduced by its gross.
 */
export async function returnPayouts(ctx: Context, request: ToldByBank): Promise<Payout[]> {
  const valueDate = valueDateOf(ctx, request.valueDate);
  return await move(ctx, request.payouts, 'returned', { ...request, valueDate });
}

/**
 * Takes payouts out of their run before they are submitted (or gives up unclaimed ones). That is recorded, the approval
 * of the rest stands, and the lines are free for the next run.
 */
export async function cancelPayouts(ctx: Context, request: Pick<ToldByBank, 'payouts' | 'reason'>): Promise<Payout[]> {
  return await move(ctx, request.payouts, 'cancelled', {
    ...request,
    valueDate: null,
  });
}

const POSTING: readonly PayoutStatus[] = ['unclaimed', 'completed', 'failed', 'returned'];

async function move(
  ctx: Context,
  selection: PayoutSelection,
  to: PayoutStatus,
  facts: { reason: string | null; valueDate: string | null; reference?: string | undefined },
): Promise<Payout[]> {
  return await ctx.write(async (tx) => {
    const found = await payoutsToMove(tx, selection, to);
    const { valueDate, reference = null, reason } = facts;
    if (valueDate !== null) assertInOrder(found, valueDate);
    const changing = (posts: boolean) =>
      found
        .filter((one) => (POSTING.includes(to) || (to === 'cancelled' && one.status === 'unclaimed')) === posts)
        .map(({ id }) => ({ payoutId: id, reason }));
    await recordChanges(tx, { status: to, payouts: changing(false), valueDate, reference });
    await moveAndPost(ctx, tx, { status: to, payouts: changing(true), valueDate, reference });
    return await viewsOf(tx, found);
  });
}

/** The bank moves money after it was told to, and gives back what it moved: the database holds the same. */
function assertInOrder(payouts: readonly PayoutState[], valueDate: string): void {
  for (const { number, earliestValueDate: earliest, status } of payouts) {
    if (earliest === null || valueDate >= earliest) continue;
    const before = status === 'completed' ? 'completed' : 'submitted';
    throw new UsageError('value_date', `payout ${number} was ${before} on ${earliest}, after ${valueDate}`, {
      hint: `the value date is the day on which the bank moved the money: ${earliest} or later`,
    });
  }
}

/**
 * The payouts that a change to `to` would move, as they are now: what a person confirms. Reads only; throws as the change
 * itself would.
 */
export async function payoutsBefore(ctx: Context, selection: PayoutSelection, to: PayoutStatus): Promise<Payout[]> {
  return await viewsOf(ctx.db, await payoutsToMove(ctx.db, selection, to));
}

async function viewsOf(tx: Connection, found: readonly PayoutState[]): Promise<Payout[]> {
  const numbers = found.map(({ number }) => number);
  return (await listPayoutRows(tx, { numbers, ascending: true }, found.length, 0)).map(payoutView);
}

function valueDateOf(ctx: Context, asked: string | undefined): string {
  const now = today(ctx);
  const date = asked === undefined ? now : parseDate(asked);
  if (date > now) {
    throw new UsageError('value_date', `the value date ${date} lies in the future`, {
      hint: `the latest is today, ${now}`,
    });
  }
  return date;
}

/**
 * Makes a new payout of what is still open of a failed, returned or cancelled one: a run of its own, to be approved like
 * any other, whose payout names the old one and carries its number with the next letter. Lines that another payout took
 * meanwhile, or that are held or taken back, stay out, each with its reason. The minimum is not asked again.
 *
 * Writes. Throws NotFoundError, RefusedError `payout_status`, `payout_retried`, `nothing_to_pay`.
 */
export async function retryPayout(ctx: Context, number: string): Promise<GeneratedRun> {
  return await ctx.write(async (tx) => {
    const [payout] = await payoutStates(tx, { numbers: [number] });
    if (payout === undefined) {
      throw new NotFoundError('payout', number, '`revshare payout list` shows the numbers');
    }
    if (!['failed', 'returned', 'cancelled'].includes(payout.status)) {
      throw new RefusedError(
        'payout_status',
        `payout ${number} is ${payout.status}, and only what failed, was returned or cancelled is tried again`,
      );
    }
    const [row] = await listPayoutRows(tx, { numbers: [number] }, 1, 0);
    if (row?.retriedBy != null) {
      throw new RefusedError('payout_retried', `payout ${number} was tried again as ${row.retriedBy}`, {
        hint: `if that one is final too, retry it: revshare payout retry ${row.retriedBy}`,
      });
    }
    const made = await makeRun(tx, {
      cutoff: today(ctx),
      jobRunId: null,
      scope: `retry=${number}`,
      of: { partnerId: null, retryOf: payout.id },
    });
    if (made.payoutCount === 0) {
      const why = made.skips
        .map((skip) => `${skip.instance} ${skip.amount} ${skip.currency} ${skip.reason}`)
        .join(', ');
      throw new RefusedError('nothing_to_pay', `nothing of payout ${number} can be paid now`, {
        hint: why === '' ? 'another payout has taken its lines, or they were taken back' : `what is left of it: ${why}`,
      });
    }
    return made;
  });
}
