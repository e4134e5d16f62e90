import { setTimeout as sleep } from 'node:timers/promises';
import {
  attemptRows,
  insertOutcome,
  lockAnswers,
  type AttemptRow,
  type AttemptSelection,
} from '../../db/queries/attempts.ts';
import type { Connection } from '../../db/connection.ts';
import type { AttemptOutcome } from '../../domain/attempts.ts';
import { groupBy } from '../../domain/maps.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { ApiRailName } from '../../domain/rail-names.ts';
import type { ApiAnswer, ApiClient, ApiOrder } from '../../rails/api-rail.ts';
import { apiRail } from '../../rails/api-rails.ts';
import type { Context } from '../context.ts';
import { openDetails } from '../instrument/sealed-details.ts';
import { today } from '../today.ts';
import { openRail } from './begin-attempts.ts';
import { moveAndPost } from './move-payouts.ts';

/** An attempt and what is known of it. */
export interface SentPayout {
  readonly number: string;
  readonly partner: string;
  readonly rail: ApiRailName;
  /** The nth at this payout. */
  readonly attempt: number;
  /** Null: nobody has answered yet. */
  readonly outcome: AttemptOutcome | null;
  readonly code: string | null;
  readonly message: string | null;
  readonly providerId: string | null;
  /** What the payout is by it. */
  readonly status: PayoutStatus;
}

export const sentView = (row: AttemptRow): SentPayout => {
  const { number, partner, rail, nth: attempt, outcome, code, message, providerId, status } = row;
  return { number, partner, rail, attempt, outcome, code, message, providerId, status };
};

/** How many there are of each outcome. */
export function outcomesOf(sent: readonly SentPayout[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    [...groupBy(sent, ({ outcome }) => outcome ?? 'unanswered')].map(([one, of]) => [one, of.length]),
  );
}

/**
 * Calls providers for attempts that are committed, several at a time, and books each answer as it comes: paid completes,
 * refused for good fails, and what is refused for now or answered by nobody stays processing. `fresh`: they were written a
 * moment ago and sent by nobody. All others are looked up first, and sent again, by the same key, only where the provider
 * knows nothing of them and still promises to know the key; so an attempt is paid once, however often this is called. Where
 * the provider refuses our secret all that follows is left as it is.
 *
 * Writes, a transaction an answer. Throws UnavailableError `rail_credentials`, `rail_unreachable`, and as `openDetails` does.
 */
export async function sendAttempts(
  ctx: Context,
  which: AttemptSelection,
  { fresh = false }: { readonly fresh?: boolean } = {},
): Promise<SentPayout[]> {
  const rows = (await attemptRows(ctx.db, which)).filter(isOpen);
  const details = await openDetails(
    ctx,
    ctx.db,
    rows.map(({ instrumentId }) => instrumentId),
  );
  const opened = new Map(details.map((one) => [one.instrumentId, one.details]));
  const orderOf = ({ number, key, currency, sent, instrumentId }: AttemptRow): ApiOrder => ({
    ...{ number, key, currency, sent: BigInt(sent) },
    details: opened.get(instrumentId)!,
  });
  const told = new Map<number, SentPayout>(rows.map((row) => [row.id, sentView(row)]));
  let done = 0;
  try {
    // By profile and not by rail: each is an account of its own, which its attempts belong to.
    for (const group of groupBy(rows, ({ profileId }) => profileId).values()) {
      const [{ rail, profile }] = group as [AttemptRow];
      // What was sent may be looked up, and sent again, whatever is said now of live and test.
      const client = await openRail(ctx, { rail, profile }, true);
      await client.verify();
      const pace = new Pace(apiRail(rail).atOnce);
      await pace.each(group, async ({ id }) => {
        const [row] = (await attemptRows(ctx.db, { ids: [id] })).filter(isOpen);
        if (row !== undefined) {
          const answer = await answerOf(pace, client, { row, order: orderOf(row), fresh });
          told.set(id, await bookAnswer(ctx, row, answer));
        }
        ctx.progress.step(`sent by ${rail}`, (done += 1), rows.length);
      });
    }
  } finally {
    ctx.progress.done();
  }
  return [...told.values()];
}

/** What a provider may still say something of. */
export const isOpen = ({ ended, status }: AttemptRow): boolean =>
  !ended && (status === 'processing' || status === 'unclaimed');

async function answerOf(
  pace: Pace,
  client: ApiClient,
  { row, order, fresh }: { readonly row: AttemptRow; readonly order: ApiOrder; readonly fresh: boolean },
): Promise<ApiAnswer> {
  if (!fresh) {
    const found = await pace.call(async () => await client.lookUp(order, row.providerId));
    if (found !== null) return found;
    if (!row.mayBeSent) {
      const message = 'the provider tells nothing of it, and its key is too old to be sent again';
      return { outcome: 'unknown', code: 'not_found', message };
    }
  }
  return (await pace.call(async () => await client.send(order)))!;
}

/** Books what a provider said of an attempt. Another may have heard it first: then nothing is left to say. */
async function bookAnswer(ctx: Context, { id, payoutId }: AttemptRow, answer: ApiAnswer): Promise<SentPayout> {
  return await ctx.write(async (tx) => {
    await lockAnswers(tx, payoutId);
    const [row] = await attemptRows(tx, { ids: [id] });
    if (isOpen(row!)) await settleAnswer(ctx, tx, row!, answer);
    return sentView((await attemptRows(tx, { ids: [id] }))[0]!);
  });
}

/** The answer beside the attempt, and what the payout becomes by it, in this order: a payout fails when its attempt has ended. */
export async function settleAnswer(ctx: Context, tx: Connection, row: AttemptRow, answer: ApiAnswer): Promise<void> {
  const { providerId = null, code = null, message = null } = { ...NOTHING_SAID, ...answer };
  // What waited for its payee has left us: whatever ends that brings it back.
  const left = row.status === 'unclaimed' && (answer.outcome === 'refused' || answer.outcome === 'failed');
  const outcome = left ? 'returned' : answer.outcome;
  const known = row.outcome === outcome && row.code === code && (providerId === null || row.providerId === providerId);
  if (known || (row.outcome === 'unclaimed' && (outcome === 'accepted' || outcome === 'unknown'))) return;
  await insertOutcome(tx, { attemptId: row.id, outcome, providerId: providerId ?? row.providerId, code, message });
  const payout = { payoutId: row.payoutId, reference: providerId ?? row.providerId };
  const reason = [code, message].filter((part) => part !== null).join(' ');
  const valueDate = today(ctx);
  switch (outcome) {
    case 'paid':
      await moveAndPost(ctx, tx, { status: 'completed', valueDate, payouts: [{ ...payout, reason: null }] });
      return;
    case 'failed':
      await moveAndPost(ctx, tx, { status: 'failed', payouts: [{ ...payout, reason }] });
      return;
    case 'returned':
      // What comes back before the books have it paid was never paid.
      await moveAndPost(
        ctx,
        tx,
        row.status === 'unclaimed'
          ? { status: 'returned', valueDate, payouts: [{ ...payout, reason }] }
          : { status: 'failed', payouts: [{ ...payout, reason }] },
      );
      return;
    case 'unclaimed':
      await moveAndPost(ctx, tx, { status: 'unclaimed', valueDate, payouts: [{ ...payout, reason: code }] });
      return;
    case 'accepted':
    case 'refused':
    case 'unknown':
  }
}

const NOTHING_SAID: { providerId?: string | null; code?: string; message?: string } = {};

/** How often a call is made again that a provider had no time for; what is left then waits for the next `payout resolve`. */
const MOST_CALLS = 5;
const LONGEST_WAIT_SECONDS = 60;

/** Several calls at a time, which all wait where one is told to. */
class Pace {
  readonly #atOnce: number;
  #waiting: Promise<unknown> = Promise.resolve();

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** After a failure no other is begun, and it is thrown when those under way have ended. */
  async each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
    const queue = all.values();
    let failure: { readonly error: unknown } | null = null;
    const worker = async () => {
      for (const one of queue) {
        if (failure !== null) return;
        try {
          await work(one);
        } catch (error) {
          failure ??= { error };
        }
      }
    };
    await Promise.all(Array.from({ length: this.#atOnce }, worker));
    if (failure !== null) throw (failure as { readonly error: unknown }).error;
  }

  async call<A extends ApiAnswer | null>(make: () => Promise<A>): Promise<A> {
    for (let calls = 1; ; calls += 1) {
      await this.#waiting;
      const answer = await make();
      const seconds = answer?.outcome === 'unknown' ? answer.waitSeconds : undefined;
      if (seconds === undefined || seconds > LONGEST_WAIT_SECONDS || calls === MOST_CALLS) return answer;
      this.#waiting = sleep(seconds * 1000);
    }
  }
}
