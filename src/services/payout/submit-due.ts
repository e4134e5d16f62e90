import { payoutRuns } from '../../db/queries/payout-runs.ts';
import { listPayoutRows, type PayoutRow } from '../../db/queries/payouts.ts';
import type { Context, Unit } from '../context.ts';
import { calledFor } from './called-rail.ts';
import { submissionDates } from './payout-calendar.ts';
import { checksText, checksView, wantsChecker } from './run-checks.ts';
import { outcomesOf, sendAttempts } from './send-attempts.ts';
import { submitPayouts, type SubmittedPayouts } from './submit-payouts.ts';
import { unlessCalled } from './unless-called.ts';

/** More than any programme has ready at once. */
const MOST = 1_000_000;

/**
 * The job's share: submits what was approved by a person, goes by a call to a provider, and whose date of submission, by the
 * schedule of its cut-off, has come by the business date. It approves nothing, and leaves to people what they hand in: files
 * and the register. What can no longer be paid is cancelled by name, as ever.
 *
 * Writes. On a dry run nobody is called.
 */
export async function submitDue(work: {
  ctx: Context;
  unit: Unit;
  run: { readonly businessDate: string };
}): Promise<{ readonly summary: Readonly<Record<string, unknown>>; readonly failures: readonly string[] }> {
  // What is written is written under the job's claim.
  const ctx: Context = { ...work.ctx, write: work.unit };
  const ready = await callable(ctx);
  const submitOn = await submissionDates(ctx.db, ready);
  const due = ready.filter((row) => (submitOn.get(row.number) ?? row.cutoff) <= work.run.businessDate);
  const failures: string[] = [];
  const [done] = due.length === 0 ? [] : await unlessCalled(failures, async () => [await submitted(ctx, due)]);
  const sent =
    done === undefined || ctx.dryRun
      ? []
      : await unlessCalled(failures, async () => await sendAttempts(ctx, { ids: done.attempts }, { fresh: true }));
  const cancelled = done?.cancelled ?? [];
  failures.push(...cancelled.map(({ number, partner, reason }) => `${number} of ${partner} is cancelled: ${reason}`));
  failures.push(
    ...sent
      .filter(({ outcome }) => outcome === 'unknown' || outcome === 'refused' || outcome === 'failed')
      .map(({ number, outcome, code, message }) => `${number}: ${outcome}, ${code} ${message}`),
  );
  const waiting = ready.length - due.length;
  const counts = { submitted: done?.submitted.length ?? 0, cancelled: cancelled.length, waiting };
  const half = await halfApproved(ctx);
  return {
    summary: { ...counts, sent: outcomesOf(sent), ...(half.length === 0 ? {} : { half_approved: half }) },
    failures,
  };
}

/** Runs that somebody has approved and that want another checker: whoever approved one may believe that it is on its way. */
async function halfApproved(ctx: Context): Promise<string[]> {
  const drafts = await payoutRuns(ctx.db, { status: 'pending', limit: MOST, offset: 0 });
  return drafts
    .filter(({ checks }) => checks.approvals > 0 && wantsChecker(checks))
    .map(({ id, checks }) => `run ${id} has ${checksText(checksView(checks))}`);
}

async function submitted(ctx: Context, due: readonly PayoutRow[]): Promise<SubmittedPayouts> {
  return await submitPayouts(ctx, { numbers: due.map(({ number }) => number) });
}

/** Approved, and of a rail that is called. */
async function callable(ctx: Context): Promise<PayoutRow[]> {
  const called = await calledFor(ctx.db);
  return (await listPayoutRows(ctx.db, { statuses: ['ready'], ascending: true }, MOST, 0)).filter(called);
}
