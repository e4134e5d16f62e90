import type { Connection } from '../../db/connection.ts';
import type { ActedEntries, EntrySelection, PartnerTotal } from '../../db/queries/reviews.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { inOrder, refusalError, refusalOf, type Act, type Refusal } from './refusals.ts';
import { parseSelection, type ReviewSelection } from './select-entries.ts';

/** What a review or a hold did, and to how much. Amounts are decimal strings. */
export interface ActedOn {
  readonly outcome: Act['outcome'];
  readonly entries: number;
  readonly amounts: readonly CurrencySum[];
  readonly partners: readonly PartnerSum[];
  /** Named entries that nothing was done to; empty unless part of them was enough. */
  readonly refused: readonly Refusal[];
}

export interface CurrencySum {
  readonly currency: string;
  readonly entries: number;
  readonly amount: string;
}
export interface PartnerSum extends CurrencySum {
  readonly partner: string;
}

/** What every act on entries is asked. */
export interface ActRequest {
  readonly selection: ReviewSelection;
  /** Of named entries, do those that can be done and tell the rest; otherwise it is all of them or nothing. */
  readonly partial?: boolean | undefined;
}

/**
 * The one way of every act on entries: reads the selection, lets `act` write, and sees to it that of named entries all
 * were done, unless part of them is enough and some were. In one transaction, so what is refused takes the rest back.
 *
 * Writes. Throws NotFoundError, UsageError, RefusedError `not_reviewable`, `entry_not_found`.
 */
export async function actOnEntries<T extends ActedEntries>(
  ctx: Context,
  request: ActRequest,
  act: Act,
  write: (tx: Connection, selection: EntrySelection) => Promise<T>,
): Promise<{ done: T; told: ActedOn }> {
  // A statement does all of the entries at once, so progress is which of them is running.
  const step = (label: string, at: number) => ctx.progress.step(label, at, 2);
  try {
    return await ctx.write(async (tx) => {
      step('finding the entries', 0);
      const { selection, refused: unread, placeOf } = await parseSelection(tx, request.selection);
      if (unread.length > 0 && request.partial !== true) throw refusalError(inOrder(unread), act);
      step('recording what becomes of them', 1);
      const done = await write(tx, selection);
      const refused = inOrder([...unread, ...done.refused.map((one) => refusalOf(one, act, placeOf(one.entry)))]);
      if (refused.length > 0 && (request.partial !== true || done.entries === 0)) throw refusalError(refused, act);
      return { done, told: { outcome: act.outcome, entries: done.entries, ...sumsOf(done.totals), refused } };
    });
  } finally {
    ctx.progress.done();
  }
}

/** Sums per partner and, of those, per currency. */
export function sumsOf(totals: readonly PartnerTotal[]): Pick<ActedOn, 'amounts' | 'partners'> {
  const sums = new Map<string, { entries: number; minor: bigint }>();
  for (const { currency, entries, amount } of totals) {
    const sum = sums.get(currency) ?? { entries: 0, minor: 0n };
    sums.set(currency, { entries: sum.entries + entries, minor: sum.minor + BigInt(amount) });
  }
  return {
    amounts: [...sums]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, { entries, minor }]) => ({ currency, entries, amount: formatMinor(minor, currency) })),
    partners: totals.map((total) => ({ ...total, amount: formatMinor(BigInt(total.amount), total.currency) })),
  };
}
