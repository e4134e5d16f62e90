import {
  listPayoutRows,
  partnerByCode,
  payoutLineRows,
  payoutSteps,
  payoutWalletRows,
  skipRows,
  type PayoutFilter,
  type PayoutStep,
} from '../../db/queries/payouts.ts';
import { walletsOfScope } from '../../db/queries/payout-due.ts';
import { payoutRuns, type PayoutRunRow } from '../../db/queries/payout-runs.ts';
import { instancesOfWallets } from '../../db/queries/wallets.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { notFound } from '../not-found.ts';
import { composeRun } from './compose-run.ts';
import { cutoffOf } from './generate-payouts.ts';
import { payoutView, skipView, type Payout, type PayoutSkip } from './payout-view.ts';

export type { PayoutFilter } from '../../db/queries/payouts.ts';

/** Payouts, latest first. Reads only. */
export async function listPayouts(
  ctx: Context,
  filter: PayoutFilter & { readonly limit: number; readonly offset: number },
): Promise<Payout[]> {
  return (await listPayoutRows(ctx.db, filter, filter.limit, filter.offset)).map(payoutView);
}

/** Runs, latest first, with maker and checker. Reads only. @public its command comes with `payout` */
export async function listPayoutRuns(
  ctx: Context,
  page: { readonly limit: number; readonly offset: number },
): Promise<PayoutRunRow[]> {
  return await payoutRuns(ctx.db, page);
}

export interface PayoutStory extends Payout {
  readonly name: string;
  readonly maker: string;
  readonly checker: string | null;
  readonly wallets: readonly {
    readonly instance: string;
    readonly gross: string;
    readonly withheld: string;
    readonly fee: string;
    readonly sent: string;
  }[];
  readonly story: readonly PayoutStep[];
  readonly entries: readonly {
    readonly entry: string;
    readonly date: string;
    readonly event: string;
    readonly instance: string;
    readonly kind: string;
    readonly amount: string;
    readonly released: boolean;
  }[];
}

/** A payout with its wallets, its lines (a page of them) and what happened to it, in order. Reads only; throws NotFoundError. */
export async function showPayout(
  ctx: Context,
  number: string,
  page: { readonly limit: number; readonly offset: number } = { limit: 100, offset: 0 },
): Promise<PayoutStory> {
  const [row] = await listPayoutRows(ctx.db, { numbers: [number] }, 1, 0);
  if (row === undefined) {
    throw new NotFoundError('payout', number, '`revshare payout list` shows the numbers');
  }
  const [run] = await payoutRuns(ctx.db, { id: row.runId, limit: 1, offset: 0 });
  const money = (minor: string): string => formatMinor(BigInt(minor), row.currency);
  return {
    ...payoutView(row),
    name: row.partnerName,
    maker: run!.createdBy,
    checker: run!.approvedBy,
    wallets: (await payoutWalletRows(ctx.db, row.id)).map(({ instance, gross, withheld, fee, sent }) => ({
      instance,
      gross: money(gross),
      withheld: money(withheld),
      fee: money(fee),
      sent: money(sent),
    })),
    story: await payoutSteps(ctx.db, row.id),
    entries: (await payoutLineRows(ctx.db, row.id, page.limit, page.offset)).map((line) => ({
      entry: line.entry,
      date: line.occurredOn,
      event: line.externalId,
      instance: line.instance,
      kind: line.kind,
      amount: money(line.amount),
      released: line.released,
    })),
  };
}

export interface WhyNotPaid {
  readonly partner: string;
  readonly cutoff: string;
  /** What a run with this cut-off would pay now, per instance. */
  readonly payable: readonly { readonly instance: string; readonly currency: string; readonly amount: string }[];
  /** What it would leave out now, and why. */
  readonly left: readonly {
    readonly instance: string;
    readonly currency: string;
    readonly reason: string;
    readonly text: string;
    readonly amount: string;
    readonly entries: number;
  }[];
  /** What the last run that left anything of this partner out recorded. */
  readonly recorded: readonly PayoutSkip[];
  /** Payouts on their way. */
  readonly open: readonly Payout[];
}

const REASONS: Readonly<Record<string, string>> = {
  unposted: 'its accrual was interrupted before posting: run accrue-commissions again',
  held: 'held: a hold on the partner, the instance or the entry is open',
  pending: 'not approved yet',
  after_cutoff: 'happened on or after the cut-off',
  not_yet_payable: 'its hold period is not over',
  recovery_share: 'beyond the share of a payout that negatives may take; carried forward',
  negative_balance: 'what is due sums to nothing or less; carried forward until earnings cover it',
  below_minimum: 'less than the smallest payout; carried forward',
  fee_exceeds: 'withholding and fee would leave nothing to send',
  house_partner: 'the house is not paid',
  partner_suspended: 'the partner is frozen',
  partner_pending: 'the partner is not active yet',
  partner_archived: 'the partner is archived',
};

/** What stands between a partner's earnings and a payout: now, and as the last run recorded it. Reads only. */
export async function whyNotPaid(ctx: Context, code: string, cutoffText?: string): Promise<WhyNotPaid> {
  const cutoff = cutoffOf(ctx, cutoffText);
  return await ctx.db.transaction(async (tx) => {
    const partner = await partnerByCode(tx, code);
    if (partner === null) {
      throw await notFound(tx, 'partner', code);
    }
    const scope = { partnerId: partner.id, retryOf: null };
    const wallets = await walletsOfScope(tx, scope, false);
    const instances = await instancesOfWallets(tx, wallets);
    const run = await composeRun(tx, wallets, scope, cutoff);
    const shown = (walletId: number, minor: bigint) => {
      const { instance, currency } = instances.get(walletId)!;
      return { instance, currency, amount: formatMinor(minor, currency) };
    };
    const open = await listPayoutRows(tx, { partner: code }, 1000, 0);
    return {
      partner: code,
      cutoff,
      payable: run.payouts.flatMap((payout) => payout.wallets.map(({ walletId, gross }) => shown(walletId, gross))),
      left: run.left.map(({ walletId, reason, amount, entries }) => ({
        ...shown(walletId, BigInt(amount)),
        reason,
        text: REASONS[reason] ?? reason,
        entries,
      })),
      recorded: (await skipRows(tx, { partnerId: partner.id })).map(skipView),
      open: open.filter((row) => ['pending', 'ready', 'processing', 'unclaimed'].includes(row.status)).map(payoutView),
    };
  });
}
