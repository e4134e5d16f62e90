import type { Connection } from '../../db/connection.ts';
import type { RunOrigin } from '../../db/queries/job-runs.ts';
import { partnerOfCode } from '../../db/queries/partners.ts';
import { knownNow } from '../../db/queries/deductions.ts';
import { findDue, planAsUsual, type PayoutScope } from '../../db/queries/payout-due.ts';
import {
  completeRun,
  insertGiving,
  insertPayoutRun,
  insertPayoutSkips,
  payoutRuns,
  runSums,
  writePayouts,
} from '../../db/queries/payout-runs.ts';
import { listPayoutRows, skipRows } from '../../db/queries/payouts.ts';
import { parseDate } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context, Unit } from '../context.ts';
import { notFound } from '../not-found.ts';
import { keepHeapSteady, withLittleRoom } from '../steady-heap.ts';
import { today } from '../today.ts';
import { composeInParts } from './compose-run.ts';
import { whoCloses, whoseTurn } from './payout-calendar.ts';
import { totalsOfSums, type PayoutTotal } from './payout-totals.ts';
import { payoutView, skipView, type Payout, type PayoutSkip } from './payout-view.ts';
import { checksView, type RunChecks } from './run-checks.ts';

export interface GeneratedRun {
  /** Null: nothing was due and nothing was left out. */
  readonly run: number | null;
  readonly cutoff: string;
  readonly scope: string;
  readonly contentHash: string | null;
  /** How many have to approve it, and why; null: there is no run. */
  readonly checks: RunChecks | null;
  readonly totals: readonly PayoutTotal[];
  readonly payoutCount: number;
  /** The first of them, by number. */
  readonly payouts: readonly Payout[];
  readonly skipCount: number;
  /** The first of what was left out. */
  readonly skips: readonly PayoutSkip[];
  readonly lines: number;
}

/** Nobody reads more of a run at once; `payout show` turns the pages. */
const LISTED = 1000;

export interface PayoutRequest {
  /** The first day that is not in the run; default and latest today. */
  readonly cutoff?: string | undefined;
  /** Code of the only partner to pay. */
  readonly partner?: string | undefined;
  /** Only partners whose schedule closes on the cut-off. */
  readonly due?: boolean | undefined;
}

/**
 * Nets what is payable on the cut-off into payouts, one per partner and currency, as one run that a second person has to
 * approve, and records what was left out and why. Runs over the same wallets wait for each other, so any number of them
 * at once pay each entry once: the later ones find it taken and make what is left, or nothing.
 *
 * Writes, in one transaction. Throws RefusedError `cutoff_in_future`, NotFoundError. Source: SEMANTICS §7.
 */
export async function generatePayouts(ctx: Context, request: PayoutRequest = {}): Promise<GeneratedRun> {
  return await ctx.write(async (tx) => {
    const asked = { cutoff: cutoffOf(ctx, request.cutoff), jobRunId: null };
    if (request.due === true) {
      const closing = await whoCloses(tx, asked.cutoff);
      return await makeRun(tx, { ...asked, scope: 'due', of: { partnerId: null, retryOf: null, closing } });
    }
    if (request.partner === undefined) {
      return await makeRun(tx, { ...asked, scope: 'programme', of: { partnerId: null, retryOf: null } });
    }
    const partner = await partnerOfCode(tx, request.partner);
    if (partner === null) {
      throw await notFound(tx, 'partner', request.partner);
    }
    return await makeRun(tx, {
      ...asked,
      scope: `partner=${partner.code}`,
      of: { partnerId: partner.id, retryOf: null },
    });
  });
}

export async function makeRun(tx: Connection, asked: RunToMake): Promise<GeneratedRun> {
  keepHeapSteady();
  const { run, ...written } = await withLittleRoom(async () => await writeRun(tx, asked));
  const about = { run, cutoff: asked.cutoff, scope: asked.scope, lines: written.lines };
  if (run === null) return { ...about, ...NOTHING };
  const [made] = await payoutRuns(tx, { id: run, limit: 1, offset: 0 });
  return {
    ...about,
    contentHash: made!.contentHash,
    checks: checksView(made!.checks),
    totals: totalsOfSums(await runSums(tx, [run])),
    payoutCount: made!.payouts,
    payouts: (await listPayoutRows(tx, { run, ascending: true }, LISTED, 0)).map(payoutView),
    skipCount: written.skips,
    skips: (await skipRows(tx, { run }, LISTED)).map(skipView),
  };
}

const NOTHING = {
  ...{ contentHash: null, checks: null, totals: [], payoutCount: 0 },
  ...{ payouts: [], skipCount: 0, skips: [] },
};

interface RunToMake {
  readonly cutoff: string;
  readonly jobRunId: number | null;
  readonly scope: string;
  readonly of: PayoutScope;
}

interface WrittenRun {
  readonly run: number | null;
  readonly lines: number;
  readonly skips: number;
}

/** Part by part, so that a run of any size takes no more memory than another. */
async function writeRun(tx: Connection, { of, ...asked }: RunToMake): Promise<WrittenRun> {
  await findDue(tx, of, asked.cutoff, { toPay: true });
  const knownSeq = await knownNow(tx);
  let run: number | null = null;
  let skips = 0;
  let writing: Promise<void> = Promise.resolve();
  for await (const { payouts, left } of composeInParts(tx, of, asked.cutoff, knownSeq)) {
    await writing;
    const made = (run ??= await insertPayoutRun(tx, { ...asked, knownSeq }));
    const wallets = payouts.flatMap((payout) => payout.wallets);
    // While the database takes these, the next ones are netted.
    writing = insertGiving(tx, wallets).then(async () => {
      if (left.length > 0) await insertPayoutSkips(tx, made, left);
    });
    writing.catch(() => {});
    skips += left.length;
  }
  await writing;
  if (run === null) return { run, lines: 0, skips };
  const lines = await writePayouts(tx, run, of.retryOf);
  await planAsUsual(tx);
  await completeRun(tx);
  return { run, lines, skips };
}

/** Cut-off C is the first day not in the run, at the latest today: what has not happened yet is not paid. */
export function cutoffOf(ctx: Context, asked: string | undefined): string {
  const now = today(ctx);
  if (asked === undefined) {
    return now;
  }
  const cutoff = parseDate(asked);
  if (cutoff > now) {
    throw new RefusedError('cutoff_in_future', `the cut-off ${cutoff} lies in the future`, {
      hint: `the latest is today, ${now}: it leaves out what happened today`,
    });
  }
  return cutoff;
}

/**
 * The job's share: drafts a run of whose turn it is, with its business date as the cut-off, and never approves. Where it is
 * nobody's the books are not read. Run again for a date it drafts what has become payable since. Writes, under the job's claim.
 */
export async function draftPayouts(work: {
  ctx: Context;
  unit: Unit;
  run: { readonly id: number; readonly businessDate: string; readonly origin: RunOrigin };
}): Promise<Record<string, unknown>> {
  const { id: jobRunId, businessDate, origin } = work.run;
  const cutoff = cutoffOf(work.ctx, businessDate);
  const made = await work.unit(async (tx) => {
    const closing = await whoseTurn(tx, cutoff, origin);
    if ('only' in closing && closing.only.length === 0) return { ...NOTHING, run: null, lines: 0 };
    const scope = 'except' in closing && closing.except.length === 0 ? 'programme' : 'due';
    return await makeRun(tx, { cutoff, jobRunId, scope, of: { partnerId: null, retryOf: null, closing } });
  });
  return {
    run: made.run,
    cutoff,
    payouts: made.payoutCount,
    lines: made.lines,
    gross: made.totals.map(({ currency, gross }) => ({ currency, amount: gross })),
    over_limit: made.checks?.over ?? [],
    left_out: made.skipCount,
  };
}
