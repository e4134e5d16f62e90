import type { Connection } from '../../db/connection.ts';
import { instrumentKinds } from '../../db/queries/instruments.ts';
import { foresee, planAsUsual, type PayoutScope } from '../../db/queries/payout-due.ts';
import type { LeftOut } from '../../db/queries/payout-runs.ts';
import { listPayoutRows } from '../../db/queries/payouts.ts';
import { railProfileRows } from '../../db/queries/rails.ts';
import { instancesOfWallets } from '../../db/queries/wallets.ts';
import { addDays } from '../../domain/dates.ts';
import type { InstrumentKind } from '../../domain/instruments.ts';
import { groupBy } from '../../domain/maps.ts';
import { formatMinor } from '../../domain/money.ts';
import type { NettedPayout } from '../../domain/netting.ts';
import type { RailName } from '../../domain/rail-names.ts';
import { anyRailFor } from '../../rails/rails.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { composeRun } from './compose-run.ts';
import { cutoffsToCome, type CutoffToCome } from './payout-calendar.ts';
import { reasonText } from './why-not-paid.ts';

/** How near the money is to leaving: with the bank, approved, drafted, or to be drafted on its cut-off. */
export type Standing = 'processing' | 'ready' | 'pending' | 'to_come';

/** Money that is to leave on a day by one rail in one currency; amounts as decimal strings. */
export interface ForeseenCash {
  readonly date: string;
  /** 'register': paid by hand. */
  readonly rail: RailName | 'register';
  readonly currency: string;
  readonly standing: Standing;
  readonly payouts: number;
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
}

/** What stays in the wallets until then, and why. */
export interface ForeseenRest {
  readonly currency: string;
  readonly reason: string;
  readonly text: string;
  readonly amount: string;
}

export interface CashForecast {
  readonly from: string;
  /** The last day. */
  readonly to: string;
  /** Whether anybody has a schedule; without one a run is made as the job makes it, on firsts of months. */
  readonly scheduled: boolean;
  readonly cash: readonly ForeseenCash[];
  readonly left: readonly ForeseenRest[];
}

interface Foreseen {
  readonly date: string;
  readonly standing: Standing;
  readonly kind: InstrumentKind | null;
  readonly currency: string;
  readonly gross: bigint;
  readonly withheld: bigint;
  readonly fee: bigint;
  readonly sent: bigint;
}

const WEEK = 7;

/**
 * The money that leaves in the coming weeks out of what is in the books already, by day, rail and currency: payouts on their
 * way, and what a run would pay on each cut-off to come, composed as `payout generate` does, each without what the one before
 * takes. What is then still in the wallets is told with its reason. Reads only; what is earned until then is not in it.
 */
export async function forecastCash(ctx: Context, weeks: number): Promise<CashForecast> {
  const from = today(ctx);
  const to = addDays(from, weeks * WEEK);
  return await ctx.db.transaction(async (tx) => {
    const { scheduled, cutoffs } = await cutoffsToCome(tx, from, to);
    const payouts = await onTheirWay(tx, from, cutoffs);
    for (const cutoff of cutoffs) payouts.push(...(await composedOn(tx, cutoff)));
    const profiles = await railProfileRows(tx, null);
    const hasProfile = (name: RailName) => profiles.some(({ rail }) => rail === name);
    return {
      ...{ from, to, scheduled },
      cash: summed(payouts, hasProfile),
      left: await leftOn(tx, to),
    };
  });
}

/** Payouts that are made and not paid: on the day that the schedule submits their cut-off, or at once where that is over. */
async function onTheirWay(tx: Connection, now: string, cutoffs: readonly CutoffToCome[]): Promise<Foreseen[]> {
  const statuses = ['pending', 'ready', 'processing'] as const;
  const rows = await listPayoutRows(tx, { statuses, ascending: true }, Number.MAX_SAFE_INTEGER, 0);
  const scheduled = ({ status, cutoff, partnerId }: (typeof rows)[number]) =>
    status === 'processing' ? undefined : cutoffs.find((one) => one.cutoff === cutoff)?.submitOn(partnerId);
  return rows.map((row) => ({
    ...{ date: scheduled(row) ?? now, standing: row.status as Standing },
    ...{ kind: row.instrument?.kind ?? null, currency: row.currency },
    ...{ gross: BigInt(row.gross), withheld: BigInt(row.withheld), fee: BigInt(row.fee), sent: BigInt(row.sent) },
  }));
}

async function composedOn(tx: Connection, { cutoff, who, submitOn }: CutoffToCome): Promise<Foreseen[]> {
  const { payouts } = await compose(tx, cutoff, { partnerId: null, retryOf: null, closing: who });
  await foresee(
    tx,
    payouts.flatMap(({ wallets }) => wallets.map(({ walletId }) => walletId)),
  );
  const kinds = await instrumentKinds(
    tx,
    payouts.map(({ partnerId }) => partnerId),
  );
  return payouts.map(({ partnerId, currency, gross, withheld, fee, sent }) => ({
    ...{
      date: submitOn(partnerId) ?? cutoff,
      standing: 'to_come',
      kind: kinds.get(`${partnerId} ${currency}`) ?? null,
    },
    ...{ currency, gross, withheld, fee, sent },
  }));
}

async function compose(
  tx: Connection,
  cutoff: string,
  scope: PayoutScope,
): Promise<{ payouts: readonly NettedPayout[]; left: readonly LeftOut[] }> {
  const composed = await composeRun(tx, scope, cutoff);
  await planAsUsual(tx);
  return composed;
}

/** What nobody is foreseen to pay until then: left out by every run, or for want of a cut-off. */
async function leftOn(tx: Connection, to: string): Promise<ForeseenRest[]> {
  const { payouts, left } = await compose(tx, to, { partnerId: null, retryOf: null });
  const due = payouts.flatMap(({ wallets }) =>
    wallets.map(({ walletId, gross }) => ({ walletId, reason: 'no_cutoff', amount: gross })),
  );
  const rest = [...left, ...due];
  const wallets = await instancesOfWallets(
    tx,
    rest.map(({ walletId }) => walletId),
  );
  const groups = groupBy(rest, ({ walletId, reason }) => `${wallets.get(walletId)!.currency} ${reason}`);
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => {
      const { walletId, reason } = own[0]!;
      const { currency } = wallets.get(walletId)!;
      const amount = own.reduce((sum, one) => sum + one.amount, 0n);
      return { currency, reason, text: reasonText(reason), amount: formatMinor(amount, currency) };
    });
}

function summed(payouts: readonly Foreseen[], hasProfile: (name: RailName) => boolean): ForeseenCash[] {
  const withRail = payouts.map((one) => ({
    ...one,
    rail: anyRailFor(one.kind, one.currency, hasProfile)?.name ?? ('register' as const),
  }));
  const groups = groupBy(withRail, ({ date, rail, currency, standing }) => [date, rail, currency, standing].join(' '));
  return [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => {
      const { date, rail, currency, standing } = own[0]!;
      const sum = (of: (one: Foreseen) => bigint) =>
        formatMinor(
          own.reduce((total, one) => total + of(one), 0n),
          currency,
        );
      return {
        ...{ date, rail, currency, standing, payouts: own.length },
        gross: sum(({ gross }) => gross),
        withheld: sum(({ withheld }) => withheld),
        fee: sum(({ fee }) => fee),
        sent: sum(({ sent }) => sent),
      };
    });
}
