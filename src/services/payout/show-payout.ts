import type { Connection } from '../../db/connection.ts';
import { partnerOfCode } from '../../db/queries/partners.ts';
import {
  listPayoutRows,
  payoutLineRows,
  payoutSteps,
  payoutWalletRows,
  type PayoutFilter,
  type PayoutRow,
  type PayoutStep,
} from '../../db/queries/payouts.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { notFound } from '../not-found.ts';
import { comparedPayout, type Comparison } from './compare-payouts.ts';
import { findRun } from './find-run.ts';
import { lineView, payoutView, type Payout, type PayoutLine } from './payout-view.ts';
import { checksView, type RunChecks } from './run-checks.ts';

export type { PayoutFilter } from '../../db/queries/payouts.ts';

/** Payouts, latest first. Reads only; throws NotFoundError for a partner or a run that is not there. */
export async function listPayouts(
  ctx: Context,
  filter: PayoutFilter & { readonly limit: number; readonly offset: number },
): Promise<Payout[]> {
  // An empty answer would read as "was paid nothing".
  if (filter.partner !== undefined && (await partnerOfCode(ctx.db, filter.partner)) === null) {
    throw await notFound(ctx.db, 'partner', filter.partner);
  }
  if (filter.run !== undefined) {
    await findRun(ctx.db, filter.run);
  }
  return (await listPayoutRows(ctx.db, filter, filter.limit, filter.offset)).map(payoutView);
}

export interface PayoutStory extends Payout {
  readonly maker: string;
  /** Of its run, which is approved at once. */
  readonly checkers: readonly string[];
  readonly checks: RunChecks;
  readonly wallets: readonly {
    readonly instance: string;
    readonly gross: string;
    readonly withheld: string;
    readonly fee: string;
    readonly sent: string;
  }[];
  readonly story: readonly PayoutStep[];
  readonly entries: readonly PayoutLine[];
}

/** A payout with its wallets, its lines (a page of them) and what happened to it, in order. Reads only; throws NotFoundError. */
export async function showPayout(
  ctx: Context,
  number: string,
  page: { readonly limit: number; readonly offset: number } = { limit: 100, offset: 0 },
): Promise<PayoutStory> {
  const row = await findPayout(ctx.db, number);
  const run = await findRun(ctx.db, row.runId);
  const money = (minor: string): string => formatMinor(BigInt(minor), row.currency);
  return {
    ...payoutView(row),
    maker: run.createdBy,
    checkers: run.approvedBy,
    checks: checksView(run.checks),
    wallets: (await payoutWalletRows(ctx.db, row.id)).map(({ instance, gross, withheld, fee, sent }) => ({
      instance,
      gross: money(gross),
      withheld: money(withheld),
      fee: money(fee),
      sent: money(sent),
    })),
    story: await payoutSteps(ctx.db, row.id),
    entries: (await payoutLineRows(ctx.db, { payoutId: row.id }, page.limit, page.offset)).map(lineView),
  };
}

/** A payout beside the payee's last one. Reads only; throws NotFoundError. */
export async function comparePayoutWithLast(ctx: Context, number: string, bandPpm: number): Promise<Comparison[]> {
  return await comparedPayout(ctx.db, (await findPayout(ctx.db, number)).id, bandPpm);
}

async function findPayout(tx: Connection, number: string): Promise<PayoutRow> {
  const [row] = await listPayoutRows(tx, { numbers: [number] }, 1, 0);
  if (row === undefined) {
    throw new NotFoundError('payout', number, '`revshare payout list` shows the numbers');
  }
  return row;
}
