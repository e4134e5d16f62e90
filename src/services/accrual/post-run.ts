import { chunkTotals, openPosting, transferDecided, type ChunkTotals } from '../../db/queries/decision-postings.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context, Unit } from '../context.ts';
import { Examination } from './examination.ts';
import { rejectReversals } from '../review/review-commissions.ts';

/** A claimed run that decides events. */
export interface DecidingRun {
  readonly id: number;
  readonly attempt: number;
  /** Events with occurred_on ≤ this date are decided. */
  readonly businessDate: string;
  readonly knownSeq: number;
  readonly leaseSeconds: number;
}

export interface DecisionSummary {
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
  /** Entries that reverse what was rejected before, and so were rejected themselves; absent where there is none. */
  readonly reversals_rejected?: number;
  readonly transfers: number;
  readonly posting: number | null;
  readonly known_seq: number;
}

/**
 * Posts whatever is decided and not yet posted, with its doctor's checks, and sums it up. Writes, in one unit. Throws
 * UnavailableError `lease_lost`, IntegrityError `books_differ`. Source: SEMANTICS §6, §10.
 */
export async function postRun(
  { ctx, unit, run }: { ctx: Context; unit: Unit; run: DecidingRun },
  examination = new Examination(unit),
): Promise<DecisionSummary> {
  return await unit(async (tx) => {
    const posting = await openPosting(tx, run);
    if (posting === 'lost') {
      throw leaseLost(run);
    }
    if (posting === null) {
      return summaryOf(NOTHING, { transfers: 0, posting: null, known_seq: run.knownSeq });
    }
    // The doctor's own checks, before anybody can see it posted (SEMANTICS §10), as far as they are not done: on connections
    // of their own and meanwhile, but for a dry run, in which nothing is committed.
    const examining = examination.finish(posting.span);
    if (ctx.dryRun) await examining;
    const [transferred, examined] = await Promise.allSettled([transferDecided(tx, posting), examining]);
    if (examined.status === 'rejected') throw examined.reason;
    if (transferred.status === 'rejected') throw transferred.reason;
    const rejected = await rejectReversals(tx, run, posting.span);
    return summaryOf(await chunkTotals(tx, posting.span), {
      ...(rejected === 0 ? {} : { reversals_rejected: rejected }),
      transfers: transferred.value,
      // a dry run's number is rolled back with it, and somebody else will get it
      posting: ctx.dryRun ? null : posting.id,
      known_seq: run.knownSeq,
    });
  });
}

function summaryOf(
  totals: ChunkTotals,
  rest: Pick<DecisionSummary, 'reversals_rejected' | 'transfers' | 'posting' | 'known_seq'>,
): DecisionSummary {
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
    ...rest,
  };
}

const NOTHING: ChunkTotals = { events: 0, entries: 0, byCurrency: [], zeroByReason: {} };

/** Another attempt has the claim by now. */
export function leaseLost(run: DecidingRun): UnavailableError {
  return new UnavailableError(
    'lease_lost',
    `attempt ${run.attempt} lost its claim: it stood still for too long, or another run took over`,
    {
      hint: 'nothing more was written by this one; see `revshare job history`',
    },
  );
}
