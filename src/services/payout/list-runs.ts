import {
  payoutRuns,
  runSums,
  type PayoutRunFilter,
  type PayoutRunRow,
  type RunSumRow,
} from '../../db/queries/payout-runs.ts';
import { listPayoutRows, payoutLineRows, skipRows } from '../../db/queries/payouts.ts';
import { PAYOUT_STATUSES } from '../../domain/payout-status.ts';
import type { Context } from '../context.ts';
import { comparedRun, type Comparison } from './compare-payouts.ts';
import { findRun } from './find-run.ts';
import { totalsOfSums, type PayoutTotal } from './payout-totals.ts';
import { checksView, type RunChecks } from './run-checks.ts';
import { lineView, payoutView, skipView, type Payout, type PayoutLine, type PayoutSkip } from './payout-view.ts';

/** A run as people and scripts read it. */
export interface PayoutRun {
  readonly run: number;
  readonly cutoff: string;
  readonly scope: string;
  /** How many payouts stand where, in the order of their way: 'ready 12'. */
  readonly statuses: readonly string[];
  readonly payouts: number;
  readonly totals: readonly PayoutTotal[];
  readonly maker: string;
  readonly madeAt: string;
  /** Who approved it, in their order. */
  readonly checkers: readonly string[];
  readonly approvedAt: string | null;
  readonly note: string | null;
  readonly checks: RunChecks;
  readonly contentHash: string;
}

/** Runs, latest first, with maker and checker, totals and where their payouts stand. Reads only. */
export async function listPayoutRuns(
  ctx: Context,
  filter: PayoutRunFilter & { readonly limit: number; readonly offset: number },
): Promise<PayoutRun[]> {
  const runs = await payoutRuns(ctx.db, filter);
  const sums = await runSums(
    ctx.db,
    runs.map(({ id }) => id),
  );
  return runs.map((run) =>
    runView(
      run,
      sums.filter(({ runId }) => runId === run.id),
    ),
  );
}

function runView(run: PayoutRunRow, sums: readonly RunSumRow[]): PayoutRun {
  const { id, cutoff, scope, payouts, createdBy, recordedAt, approvedBy, approvedAt, note, checks, contentHash } = run;
  const counted = PAYOUT_STATUSES.map((status) => ({
    status,
    payouts: sums.reduce((count, sum) => count + (sum.status === status ? sum.payouts : 0), 0),
  }));
  return {
    run: id,
    cutoff,
    scope,
    statuses: counted.filter((one) => one.payouts > 0).map((one) => `${one.status} ${one.payouts}`),
    payouts,
    totals: totalsOfSums(sums),
    maker: createdBy,
    madeAt: recordedAt,
    checkers: approvedBy,
    approvedAt,
    note,
    checks: checksView(checks),
    contentHash,
  };
}

export interface PayoutRunStory extends PayoutRun {
  /** A page of them, by number. */
  readonly list: readonly Payout[];
  readonly leftOut: readonly PayoutSkip[];
}

/** A run with its payouts, a page of them, and what it left out. Reads only; throws NotFoundError. */
export async function showPayoutRun(
  ctx: Context,
  id: number,
  page: { readonly limit: number; readonly offset: number },
): Promise<PayoutRunStory> {
  const run = await findRun(ctx.db, id);
  return {
    ...runView(run, await runSums(ctx.db, [id])),
    list: (await listPayoutRows(ctx.db, { run: id, ascending: true }, page.limit, page.offset)).map(payoutView),
    leftOut: (await skipRows(ctx.db, { run: id })).map(skipView),
  };
}

/** What a checker reads besides: every line, a page of them, and what is unlike the last time. */
export interface PayoutRunDetail {
  readonly lines: readonly PayoutLine[];
  readonly changes: readonly Comparison[];
}

/** Reads only. `bandPpm`: differences up to it are unremarkable. */
export async function payoutRunDetail(
  ctx: Context,
  id: number,
  bandPpm: number,
  page: { readonly limit: number; readonly offset: number },
): Promise<PayoutRunDetail> {
  return {
    lines: (await payoutLineRows(ctx.db, { runId: id }, page.limit, page.offset)).map(lineView),
    changes: await comparedRun(ctx.db, id, bandPpm),
  };
}
