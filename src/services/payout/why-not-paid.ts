import { partnerOfCode } from '../../db/queries/partners.ts';
import {
  openPayoutWallets,
  reopenedPayoutWallets,
  skipRows,
  type ReopenedWalletRow,
} from '../../db/queries/payouts.ts';
import { instancesOfWallets } from '../../db/queries/wallets.ts';
import { formatMinor } from '../../domain/money.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { Context } from '../context.ts';
import { notFound } from '../not-found.ts';
import { composeRun } from './compose-run.ts';
import { cutoffOf } from './generate-payouts.ts';
import { skipView, type PayoutSkip } from './payout-view.ts';
import { checksText, checksView, type RunChecks } from './run-checks.ts';

export interface WhyNotPaid {
  readonly partner: string;
  readonly cutoff: string;
  /** What a run with this cut-off would pay now, per instance; with the last payout of it that did not arrive. */
  readonly payable: readonly {
    readonly instance: string;
    readonly currency: string;
    readonly amount: string;
    readonly payout: string | null;
    readonly text: string;
  }[];
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
  /** What payouts on their way hold. */
  readonly open: readonly {
    readonly number: string;
    readonly status: PayoutStatus;
    readonly instance: string;
    readonly currency: string;
    readonly amount: string;
    readonly entries: number;
    readonly text: string;
  }[];
}

const REASONS: Readonly<Record<string, string>> = {
  unposted: 'its accrual was interrupted before posting: run accrue-commissions again',
  held: 'a hold on the partner, the instance or the entry is open',
  pending: 'not approved yet',
  after_cutoff: 'happened on or after the cut-off',
  not_yet_payable: 'its hold period is not over',
  recovery_share: 'beyond the share of a payout that negatives may take; carried forward',
  negative_balance: 'what is due sums to nothing or less; carried forward until earnings cover it',
  below_minimum: 'less than the smallest payout; carried forward',
  fee_exceeds: 'withholding and fee would leave nothing to send',
  no_cutoff: 'due, and on no cut-off of its schedule until then',
  house_partner: 'the house is not paid',
  partner_suspended: 'the partner is frozen',
  partner_pending: 'the partner is not active yet',
  partner_archived: 'the partner is archived',
  instrument_unverified: 'no second person has verified where it is paid: `revshare instrument verify`',
  instrument_cooling_off: 'where it is paid has changed, and cools off: `revshare instrument list` says until when',
  instrument_retired: 'where it was paid is retired: `revshare instrument add` says where now',
};

/** A reason code of a run in words. */
export function reasonText(reason: string): string {
  return REASONS[reason] ?? reason;
}

/** Money that was on its way before says so: else nobody would understand why it is here again. */
function payableText(before: ReopenedWalletRow | undefined): string {
  if (before === undefined) return 'the next run pays it';
  const { number, status, on, reason } = before;
  const why = reason === null ? '' : ` (${reason})`;
  return `${status}${on === null ? '' : ` on ${on}`}${why}, open again: the next run pays it, or \`revshare payout retry ${number}\``;
}

/** Where a second checker is wanted, a draft may be approved and pending: that would surprise. */
function openText(status: PayoutStatus, checks: RunChecks): string {
  const why = status === 'pending' && checks.wanted > 1 ? `: its run has ${checksText(checks)}` : '';
  return `in a payout that is ${status}${why}`;
}

/** What stands between a partner's earnings and a payout: now, and as the last run recorded it. Reads only. */
export async function whyNotPaid(ctx: Context, code: string, cutoffText?: string): Promise<WhyNotPaid> {
  const cutoff = cutoffOf(ctx, cutoffText);
  return await ctx.db.transaction(async (tx) => {
    const partner = await partnerOfCode(tx, code);
    if (partner === null) {
      throw await notFound(tx, 'partner', code);
    }
    const scope = { partnerId: partner.id, retryOf: null };
    const run = await composeRun(tx, scope, cutoff);
    const wallets = [...run.payouts.flatMap((payout) => payout.wallets), ...run.left].map(({ walletId }) => walletId);
    const instances = await instancesOfWallets(tx, wallets);
    const reopened = await reopenedPayoutWallets(tx, partner.id);
    const shown = (walletId: number, minor: bigint) => {
      const { instance, currency } = instances.get(walletId)!;
      return { instance, currency, amount: formatMinor(minor, currency) };
    };
    return {
      partner: code,
      cutoff,
      payable: run.payouts.flatMap((payout) =>
        payout.wallets.map(({ walletId, gross }) => {
          const money = shown(walletId, gross);
          const before = reopened.find((one) => one.instance === money.instance && one.currency === money.currency);
          return { ...money, payout: before?.number ?? null, text: payableText(before) };
        }),
      ),
      left: run.left.map(({ walletId, reason, amount, entries }) => ({
        ...shown(walletId, amount),
        reason,
        text: reasonText(reason),
        entries,
      })),
      recorded: (await skipRows(tx, { partnerId: partner.id })).map(skipView),
      open: (await openPayoutWallets(tx, partner.id)).map(({ gross, checks, ...row }) => ({
        ...row,
        text: openText(row.status, checksView(checks)),
        amount: formatMinor(BigInt(gross), row.currency),
      })),
    };
  });
}
