import { writeChunk } from '../../db/queries/decision-chunks.ts';
import { chunkTotals, postDecided, type ChunkTotals } from '../../db/queries/decision-postings.ts';
import { undecidedBatches } from '../../db/queries/decisions.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context, Unit } from '../context.ts';
import { doctorForChunks } from '../doctor/run-doctor.ts';
import { loadTerms } from './accrual-terms.ts';
import { ChunkRating, type RatedChunk } from './chunk-rating.ts';
import { EventStream } from './event-stream.ts';

export interface AccrualRun {
  readonly id: number;
  readonly attempt: number;
  /** Events with occurred_on ≤ this date are decided. */
  readonly businessDate: string;
  readonly knownSeq: number;
  readonly leaseSeconds: number;
}

export interface AccrualSummary {
  readonly events: number;
  readonly entries: number;
  readonly amounts: readonly {
    readonly currency: string;
    readonly positive: string;
    readonly negative: string;
    readonly net: string;
  }[];
  /** How many decisions were zero, by reason. */
  readonly zero: Readonly<Record<string, number>>;
  readonly transfers: number;
  readonly posting: number | null;
  readonly known_seq: number;
}

/** Events a guarded statement decides at a time: large enough to amortise a commit, small enough to lose little. */
const CHUNK_EVENTS = 20_000;

/**
 * Decides every undecided event with occurred_on ≤ the run's business date, in the order (occurred_on, id), and posts
 * what was decided. Chunks commit one by one, entries and cursors together, each under the run's lease; whatever a killed
 * run left decided but unposted is posted by the next one. Deciding is rateEvent() and nothing else.
 *
 * Writes. Throws UnavailableError `lease_lost` when another attempt took over, and `connection_lost`: the next run
 * resumes where the cursors stand. Source: SEMANTICS §4, §6.
 */
export async function accrueCommissions(
  work: { ctx: Context; unit: Unit; run: AccrualRun },
  options: { readonly chunkEvents?: number } = {},
): Promise<AccrualSummary> {
  const { ctx, unit, run } = work;
  const { chunkEvents = CHUNK_EVENTS } = options;
  const until = run.businessDate;
  const terms = await loadTerms(ctx, run.knownSeq);
  const batches = await undecidedBatches(ctx.db, until);
  const stream = new EventStream(ctx.db, batches, until, chunkEvents);
  const rating = new ChunkRating(unit, terms);
  const total = batches.reduce((sum, batch) => sum + batch.lastId - batch.decidedTo, 0);

  const rateNext = async (): Promise<RatedChunk | null> => await rating.rate(await stream.take(chunkEvents));

  let decided = 0;
  let next = rateNext();
  try {
    for (let chunk = await next; chunk !== null; chunk = await next) {
      const { ranges, entryLines } = chunk;
      const writing = unit(async (tx) => await writeChunk(tx, run, run.knownSeq, ranges, entryLines));
      // While the server writes this chunk, the next one is read and rated: on a connection of its own, which a dry run
      // does not have.
      next = ctx.dryRun ? writing.then(rateNext) : rateNext();
      next.catch(() => {}); // awaited in its turn; until then it must not count as unhandled
      if ((await writing) === null) {
        throw leaseLost(run);
      }
      decided += chunk.events;
      ctx.progress.step('accruing', decided, total);
    }
  } finally {
    await next.catch(() => {}); // nothing of this run reads on after it has ended
  }
  ctx.progress.done();
  return await unit(async (tx) => {
    const posting = await postDecided(tx, run);
    if (posting === 'lost') {
      throw leaseLost(run);
    }
    if (posting !== null) {
      // The doctor's own checks, for what this run decided, before anybody can see it posted (SEMANTICS §10).
      await doctorForChunks(tx, posting.span);
    }
    const totals = posting === null ? NOTHING : await chunkTotals(tx, posting.span);
    return {
      events: totals.events,
      entries: totals.entries,
      amounts: totals.byCurrency.map(({ currency, positive, negative }) => ({
        currency,
        positive: formatMinor(BigInt(positive), currency),
        negative: formatMinor(BigInt(negative), currency),
        net: formatMinor(BigInt(positive) + BigInt(negative), currency),
      })),
      zero: totals.zeroByReason,
      transfers: posting?.transfers ?? 0,
      // a dry run's number is rolled back with it, and somebody else will get it
      posting: ctx.dryRun ? null : (posting?.id ?? null),
      known_seq: run.knownSeq,
    };
  });
}

const NOTHING: ChunkTotals = { events: 0, entries: 0, byCurrency: [], zeroByReason: {} };

function leaseLost(run: AccrualRun): UnavailableError {
  return new UnavailableError(
    'lease_lost',
    `attempt ${run.attempt} lost its claim: it stood still for too long, or another run took over`,
    {
      hint: 'nothing more was written by this one; see `revshare job history`',
    },
  );
}
