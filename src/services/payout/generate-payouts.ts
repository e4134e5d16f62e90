import type { Connection } from '../../db/connection.ts';
import type { RunOrigin } from '../../db/queries/job-runs.ts';
import { partnerOfCode } from '../../db/queries/partners.ts';
import { planAsUsual, walletsOfScope, type PayoutScope } from '../../db/queries/payout-due.ts';
import {
  completeRun,
  insertPayoutLines,
  insertPayoutRun,
  insertPayouts,
  insertPayoutSkips,
  payoutRuns,
} from '../../db/queries/payout-runs.ts';
import { listPayoutRows, skipRows } from '../../db/queries/payouts.ts';
import { parseDate } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context, Unit } from '../context.ts';
import { notFound } from '../not-found.ts';
import { today } from '../today.ts';
import { composeRun } from './compose-run.ts';
import { whoCloses, whoseTurn } from './payout-calendar.ts';
import { totalsOf } from './payout-totals.ts';
import { payoutView, skipView, type Payout, type PayoutSkip } from './payout-view.ts';
import { checksView, type RunChecks } from './run-checks.ts';

export interface GeneratedRun {
  /** Null: nothing was due and nothing was left out. */
  readonly run: number | null;
  readonly cutoff: string;
  readonly scope: string;
  readonly contentHash: string | null;
  /** How many have to approve it, and why; null: there is no run. */
  readonly checks: RunChecks | null;
  readonly payouts: readonly Payout[];
  readonly skips: readonly PayoutSkip[];
  readonly lines: number;
}

export interface PayoutRequest {
  /** The first day that is not in the run; default and latest today. */
  readonly cutoff?: string | undefined;
  /** Code of the only partner to pay. */
  readonly partner?: string | undefined;
  /** Only partners whose schedule closes on the cut-off. */
  readonly due?: boolean | undefined;
}

/**
 * Nets what is payable on the cut-off into payouts, one per partner and currency, as one run that a second person has to
 * approve, and records what was left out and why. Runs over the same wallets wait for each other, so any number of them
 * at once pay each entry once: the later ones find it taken and make what is left, or nothing.
 *
 * Writes, in one transaction. Throws RefusedError `cutoff_in_future`, NotFoundError. Source: SEMANTICS §7.
 */
export async function generatePayouts(ctx: Context, request: PayoutRequest = {}): Promise<GeneratedRun> {
  return await ctx.write(async (tx) => {
    const asked = { cutoff: cutoffOf(ctx, request.cutoff), jobRunId: null };
    if (request.due === true) {
      const closing = await whoCloses(tx, asked.cutoff);
      return await makeRun(tx, { ...asked, scope: 'due', of: { partnerId: null, retryOf: null, closing } });
    }
    if (request.partner === undefined) {
      return await makeRun(tx, { ...asked, scope: 'programme', of: { partnerId: null, retryOf: null } });
    }
    const partner = await partnerOfCode(tx, request.partner);
    if (partner === null) {
      throw await notFound(tx, 'partner', request.partner);
    }
    return await makeRun(tx, {
      ...asked,
      scope: `partner=${partner.code}`,
      of: { partnerId: partner.id, retryOf: null },
    });
  });
}

export async function makeRun(
  tx: Connection,
  run: { cutoff: string; jobRunId: number | null; scope: string; of: PayoutScope },
): Promise<GeneratedRun> {
  const { cutoff, scope, of } = run;
  const wallets = await walletsOfScope(tx, of, true);
  const composed = await composeRun(tx, wallets, of, cutoff);
  if (composed.payouts.length === 0 && composed.left.length === 0) {
    return nothingMade(cutoff, scope);
  }
  const runId = await insertPayoutRun(tx, { ...run, knownSeq: composed.knownSeq });
  await insertPayouts(tx, runId, composed.payouts, of.retryOf);
  const lines = await insertPayoutLines(tx, runId);
  await insertPayoutSkips(tx, runId, composed.left);
  await planAsUsual(tx);
  await completeRun(tx);
  const [made] = await payoutRuns(tx, { id: runId, limit: 1, offset: 0 });
  return {
    run: runId,
    cutoff,
    scope,
    contentHash: made?.contentHash ?? null,
    checks: made === undefined ? null : checksView(made.checks),
    payouts: (await listPayoutRows(tx, { run: runId, ascending: true }, composed.payouts.length, 0)).map(payoutView),
    skips: (await skipRows(tx, { run: runId })).map(skipView),
    lines,
  };
}

const nothingMade = (cutoff: string, scope: string): GeneratedRun => ({
  ...{ run: null, cutoff, scope, contentHash: null, checks: null, payouts: [], skips: [], lines: 0 },
});

/** Cut-off C is the first day not in the run, at the latest today: what has not happened yet is not paid. */
export function cutoffOf(ctx: Context, asked: string | undefined): string {
  const now = today(ctx);
  if (asked === undefined) {
    return now;
  }
  const cutoff = parseDate(asked);
  if (cutoff > now) {
    throw new RefusedError('cutoff_in_future', `the cut-off ${cutoff} lies in the future`, {
      hint: `the latest is today, ${now}: it leaves out what happened today`,
    });
  }
  return cutoff;
}

/**
 * The job's share: drafts a run of whose turn it is, with its business date as the cut-off, and never approves. Where it is
 * nobody's the books are not read. Run again for a date it drafts what has become payable since. Writes, under the job's claim.
 */
export async function draftPayouts(work: {
  ctx: Context;
  unit: Unit;
  run: { readonly id: number; readonly businessDate: string; readonly origin: RunOrigin };
}): Promise<Record<string, unknown>> {
  const { id: jobRunId, businessDate, origin } = work.run;
  const made = await work.unit(async (tx) => {
    const cutoff = cutoffOf(work.ctx, businessDate);
    const closing = await whoseTurn(tx, cutoff, origin);
    if ('only' in closing && closing.only.length === 0) return nothingMade(cutoff, 'due');
    const scope = 'except' in closing && closing.except.length === 0 ? 'programme' : 'due';
    return await makeRun(tx, { cutoff, jobRunId, scope, of: { partnerId: null, retryOf: null, closing } });
  });
  return {
    run: made.run,
    cutoff: made.cutoff,
    payouts: made.payouts.length,
    lines: made.lines,
    gross: totalsOf(made.payouts).map(({ currency, gross }) => ({ currency, amount: gross })),
    over_limit: made.checks?.over ?? [],
    left_out: made.skips.length,
  };
}
