import { accrualAtWork } from '../../db/queries/decided-sales.ts';
import { entryLine, writeChunk, type DecidedLines } from '../../db/queries/decision-chunks.ts';
import { lockClaims } from '../../db/queries/job-runs.ts';
import { ensureSource, insertBatch } from '../../db/queries/revenue-intake.ts';
import {
  insertTrueUps,
  openWindows,
  piecesOf,
  type OpenPiece,
  type OpenWindow,
  type TrueUpEvent,
} from '../../db/queries/true-ups.ts';
import { moveLine, type WindowPosition } from '../../db/queries/windows.ts';
import type { Connection } from '../../db/connection.ts';
import { dayNumber } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { rateAct } from '../../domain/rating/act.ts';
import type { DecidedLeg } from '../../domain/rating/model.ts';
import { isDeferred } from '../../domain/rating/rate.ts';
import { trueUp } from '../../domain/rating/true-up.ts';
import { EMPTY_WINDOW } from '../../domain/rating/windows.ts';
import type { Context, Unit } from '../context.ts';
import { loadTerms, type AccrualTerms } from './accrual-terms.ts';
import { leaseLost, postRun, type DecidingRun, type DecisionSummary } from './post-run.ts';

/** The source of what the system itself finds to be due. */
const SOURCE = 'revshare';

/** Windows that one guarded statement trues up. */
const CHUNK_WINDOWS = 2_000;

export interface ClosingSummary extends DecisionSummary {
  readonly windows: number;
}

/**
 * Trues up every window under whole brackets whose last day is no later than the run's business date and that was moved
 * since: what its whole base earns, less what it has posted, an event for each partner and instance, decided in the
 * transaction that makes it. A window that nothing has moved since is left alone, so that the job may run every day.
 *
 * Writes. Throws RefusedError `accrual_running`: an accrual keeps in memory where the windows stand; and as the accrual
 * does. Source: SEMANTICS §4.
 */
export async function closeWindows(
  work: { ctx: Context; unit: Unit; run: DecidingRun },
  options: { readonly chunkWindows?: number } = {},
): Promise<ClosingSummary> {
  const { ctx, unit, run } = work;
  const { chunkWindows = CHUNK_WINDOWS } = options;
  const terms = await loadTerms(ctx, run.knownSeq);
  let windows = 0;
  for (;;) {
    const closed = await unit(async (tx) => await closeSome(tx, run, terms, chunkWindows));
    if (closed === 0) break;
    windows += closed;
    ctx.progress.step('closing windows', windows, null);
  }
  ctx.progress.done();
  return { windows, ...(await postRun(work)) };
}

/** How many it closed; 0 when none is left. */
async function closeSome(tx: Connection, run: DecidingRun, terms: AccrualTerms, limit: number): Promise<number> {
  // Held to the commit, so that no accrual begins either.
  await lockClaims(tx, 'accrue-commissions', '', run.leaseSeconds);
  const accrual = await accrualAtWork(tx);
  if (accrual !== null) {
    throw new RefusedError(
      'accrual_running',
      `run ${accrual.id} is deciding sales up to ${accrual.businessDate} right now`,
      {
        hint: 'wait for it (`revshare job history`); windows close when it is done',
      },
    );
  }
  const windows = await openWindows(tx, run.businessDate, run.knownSeq, limit);
  if (windows.length === 0) return 0;
  const pieces = await piecesOf(tx, windows);
  const trueUps = windows.flatMap((window, index) => trueUpsOf(window, pieces[index]!));

  const sourceId = await ensureSource(tx, SOURCE);
  const day = dayNumber(run.businessDate);
  const inserted = await insertBatch(tx, {
    sourceId,
    origin: 'system',
    fileName: null,
    fileSha256: null,
    events: trueUps.length,
    firstDay: day,
    lastDay: day,
    read: trueUps.length,
    known: 0,
    rejected: 0,
  });
  const batch = { id: Number(inserted.id), firstId: Number(inserted.firstId), sourceId };
  await insertTrueUps(tx, batch, run.businessDate, trueUps);
  const range = { batchId: batch.id, firstId: batch.firstId, lastId: batch.firstId + trueUps.length - 1 };
  const lines = linesOf(trueUps, batch.firstId, run.businessDate, terms);
  if ((await writeChunk(tx, run, run.knownSeq, [range], lines, [])) === 'lost') {
    throw leaseLost(run);
  }
  return windows.length;
}

interface PlannedTrueUp extends TrueUpEvent {
  readonly window: OpenWindow;
  readonly walletId: number;
  /** Where its move leaves the window. */
  readonly after: WindowPosition;
}

/** Also a piece whose target was met has one, of 0: it says that the window was looked at, and how it stood. */
function trueUpsOf(window: OpenWindow, pieces: readonly OpenPiece[]): PlannedTrueUp[] {
  const { key, ruleVersionId } = window;
  const { ratePpm, pieces: targets } = trueUp(window.brackets, pieces);
  let after = window.position;
  return targets.map(({ partnerId, instanceId, walletId, base, amount }) => {
    after = { base: after.base, full: after.full + amount, ordinal: after.ordinal + 1 };
    return {
      externalId: `true-up/${key.ruleId}/${key.ownerId}/${key.currency}/${key.startsOn}/${after.ordinal}`,
      instanceId,
      currency: key.currency,
      leg: 0,
      partnerId,
      amount,
      base,
      ruleVersionId,
      ratePpm,
      window,
      walletId,
      after,
    };
  });
}

function linesOf(
  trueUps: readonly PlannedTrueUp[],
  firstId: number,
  on: string,
  { book, dates }: AccrualTerms,
): DecidedLines {
  const entries: string[] = [];
  const moves: string[] = [];
  trueUps.forEach((planned, index) => {
    const id = firstId + index;
    const { window, instanceId, walletId, leg, amount, after } = planned;
    const decided = decideTrueUp(id, planned, on, book);
    entries.push(entryLine(id, decided, walletId, dates.postingDate(on), dates.payableOn(on, instanceId, amount)));
    moves.push(moveLine(id, { key: window.key, leg, base: 0n, full: amount }, after));
  });
  return { entries, moves, clocks: [], waits: [], costs: [] };
}

function decideTrueUp(id: number, given: TrueUpEvent, on: string, book: AccrualTerms['book']): DecidedLeg {
  const { instanceId, currency } = given;
  const outcome = rateAct({
    act: { id, kind: 'true_up', instanceId, currency, occurredOn: on },
    regards: null,
    given: [given],
    book,
    windows: () => EMPTY_WINDOW,
    clock: null,
  });
  if (isDeferred(outcome)) throw new Error(`true-up ${id} waits for a rate, and it converts nothing`);
  return outcome.legs[0]!;
}
