import { writeChunk } from '../../db/queries/decision-chunks.ts';
import { undecidedBatches } from '../../db/queries/decisions.ts';
import { eventsToDecide } from '../../db/queries/waiting-events.ts';
import type { Context, Unit } from '../context.ts';
import { loadTerms, type AccrualTerms } from './accrual-terms.ts';
import { ChunkRating, type RatedChunk } from './chunk-rating.ts';
import { EventStream } from './event-stream.ts';
import { Examination } from './examination.ts';
import { leaseLost, postRun, type DecidingRun, type DecisionSummary } from './post-run.ts';
import { SubscriptionCosts } from './subscription-costs.ts';
import { WaitingEvents, type MissingRates } from './waiting-events.ts';

export interface AccrualOptions {
  readonly chunkEvents?: number | undefined;
  /** How many decided events the doctor examines at a time, while others are being decided. */
  readonly pieceEvents?: number | undefined;
  /** 'acts': what operators did, as far as it does not wait for an undecided event; a number: this batch. Default: all. */
  readonly only?: 'acts' | number | undefined;
}

export interface AccrualSummary extends DecisionSummary {
  /** What it had to leave for want of exchange rates, by pair. */
  readonly waiting: readonly MissingRates[];
}

/**
 * Events a guarded statement decides at a time: large enough to amortise a commit, small enough to lose little, and that what
 * two of them hold is gone before the garbage collector takes it for lasting.
 */
const CHUNK_EVENTS = 8_000;

/**
 * Decides every undecided event with occurred_on ≤ the run's business date, in the order (occurred_on, id), and posts
 * what was decided: first what earlier runs had to leave for want of an exchange rate, then the rest. What must wait, now or
 * still, is told. Chunks commit one by one, entries and cursors together, each under the run's lease; whatever a killed
 * run left decided but unposted is posted by the next one. Deciding is rateEvent(), and for acts on what was decided
 * rateAct(), and nothing else.
 *
 * Writes. Throws UnavailableError `lease_lost` when another attempt took over, and `connection_lost`: the next run
 * resumes where the cursors stand. Source: SEMANTICS §4, §6.
 */
export async function accrueCommissions(
  work: { ctx: Context; unit: Unit; run: DecidingRun },
  options: AccrualOptions = {},
): Promise<AccrualSummary> {
  // On a dry run all is on one connection, and nothing has committed.
  const examination = work.ctx.dryRun ? undefined : new Examination(work.unit, options.pieceEvents);
  try {
    const waiting = await decideEvents(work, options, examination);
    return { ...(await postRun(work, examination)), waiting: waiting.missingRates() };
  } finally {
    await examination?.settle();
  }
}

/**
 * The first half of an accrual: decides, chunk by chunk, and posts nothing; returns what it had to leave. Writes; throws
 * as `accrueCommissions`.
 */
export async function decideEvents(
  work: { ctx: Context; unit: Unit; run: DecidingRun },
  options: AccrualOptions = {},
  examination?: Examination,
): Promise<WaitingEvents> {
  const terms = await loadTerms(work.ctx, work.run.knownSeq);
  const waiting = new WaitingEvents();
  // An import said something of a sale between its rating and its decision: what is left is read again.
  while ((await decideUndecided(work, terms, waiting, options, examination)) === 'outdated');
  return waiting;
}

/** Decides chunk after chunk from where the cursors stand. 'outdated': more was said of a sale than it was rated by. */
async function decideUndecided(
  { ctx, unit, run }: { ctx: Context; unit: Unit; run: DecidingRun },
  terms: AccrualTerms,
  waiting: WaitingEvents,
  { chunkEvents = CHUNK_EVENTS, only }: AccrualOptions,
  examination: Examination | undefined,
): Promise<'done' | 'outdated'> {
  const until = run.businessDate;
  const batches = await undecidedBatches(ctx.db, until, only);
  const stream = new EventStream(ctx.db, batches, until, terms.book, chunkEvents);
  await waiting.load(ctx.db, only === undefined ? until : null);
  const costs = await SubscriptionCosts.open(unit, run.knownSeq, terms.book.readsWholesale);
  const rating = new ChunkRating(unit, terms, waiting, costs);
  const total = batches.reduce((sum, batch) => sum + batch.lastId - batch.decidedTo, 0);

  const rateNext = async (): Promise<RatedChunk | null> => {
    const again = waiting.take(chunkEvents);
    if (again.length === 0) return await rating.rate(await stream.take(chunkEvents), 'first');
    return await rating.rate(await eventsToDecide(ctx.db, again, terms.book), 'again');
  };

  let decided = 0;
  let next = rateNext();
  try {
    for (let chunk = await next; chunk !== null; chunk = await next) {
      const { lines, ranges, sales, waited } = chunk;
      if (ranges.length === 0 && waited.length === 0) {
        next = rateNext(); // of what was tried again, nothing could be decided
        continue;
      }
      const writing = unit(async (tx) => await writeChunk(tx, run, run.knownSeq, ranges, lines, sales, waited));
      // While the server writes this chunk, the next one is read and rated: on a connection of its own, which a dry run
      // does not have.
      next = ctx.dryRun ? writing.then(rateNext) : rateNext();
      next.catch(() => {}); // awaited in its turn; until then it must not count as unhandled
      const written = await writing;
      if (written === 'lost') throw leaseLost(run);
      if (written === 'outdated') return written;
      examination?.add(written, ranges);
      if (ranges.length > 0) decided += chunk.events;
      ctx.progress.step('accruing', decided, total);
    }
  } finally {
    await next.catch(() => {}); // nothing of this run reads on after it has ended
  }
  ctx.progress.done();
  return 'done';
}
