import { runsAtWork } from '../../db/queries/job-runs.ts';
import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { trialBalanceRows } from '../../db/queries/ledger.ts';
import { earlierOpenMonth, entriesAgainstWallets, openWorkBefore, periodBounds } from '../../db/queries/periods.ts';
import { openWindows } from '../../db/queries/true-ups.ts';
import type { Period } from '../../domain/dates.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { runDoctor } from '../doctor/run-doctor.ts';
import { rolledBack } from '../mutation.ts';
import { completeStatements, wrongStatements } from '../statement/complete-statements.ts';
import { today } from '../today.ts';
import {
  blocks,
  CLOSING_STEPS,
  done,
  due,
  lastOf,
  ok,
  some,
  takeSteps,
  told,
  type ChecklistStep,
  type Find,
  type Found,
  type StepName,
} from './closing-step.ts';

/** More windows than anybody counts. */
const MANY = 1000;

/** What each step of a closing finds, without doing anything. */
export const EXAMINATIONS: Readonly<Record<StepName, Find>> = {
  async order(ctx, period) {
    if (period.to > today(ctx)) {
      return blocks(`it is ${today(ctx)}, and its last day is ${lastOf(period)}`, 'close it when it is over');
    }
    const { closedBefore } = await periodBounds(ctx.db);
    if (closedBefore !== null && period.from < closedBefore) {
      const isLast = period.to === closedBefore;
      return blocks(
        'it is closed already',
        isLast
          ? `revshare period reopen ${period.label} --reason …`
          : 'only the last closed period opens again: `revshare period list` shows it',
      );
    }
    const earlier = await earlierOpenMonth(ctx.db, period.from);
    if (earlier === null) return ok('it is over, and every period before it is closed');
    return blocks(`${earlier} is not closed`, `revshare period close ${earlier}`);
  },

  async events(ctx, period) {
    const { undecided, waiting } = await openWorkBefore(ctx.db, period.to);
    if (undecided > 0) {
      return blocks(
        `undecided events up to ${lastOf(period)}: ${undecided}`,
        `revshare job run accrue-commissions --for ${lastOf(period)}`,
      );
    }
    if (waiting > 0) {
      return blocks(
        `events that wait for an exchange rate: ${waiting}`,
        'revshare fx import FILE, then the accrual again',
      );
    }
    return ok(`every event up to ${lastOf(period)} is decided`);
  },

  async requests(ctx, period) {
    const { requests } = await openWorkBefore(ctx.db, period.to);
    if (requests.length === 0) return ok('nobody waits for a second person with what is of the period');
    return blocks(`not answered: request ${some(requests.map(String))}`, 'revshare approval approve or reject REQUEST');
  },

  async nights(ctx) {
    const atWork = await runsAtWork(ctx.db);
    if (atWork.length === 0) return ok('no job is at work');
    const said = atWork.map(({ job, businessDate }) => `${job} for ${businessDate}`);
    return blocks(`at work: ${some(said)}`, 'wait for it: `revshare job history` shows it');
  },

  async payouts(ctx, period) {
    const { drafts, inTransit } = await openWorkBefore(ctx.db, period.to);
    if (drafts.length > 0) {
      return blocks(
        `neither sent nor cancelled: ${some(drafts)}`,
        'revshare payout approve RUN and submit RUN, or cancel PAYOUT',
      );
    }
    if (inTransit.length === 0) return ok('none is open');
    return told(`in transit over the end of the period: ${some(inTransit)}`);
  },

  async true_ups(ctx, period) {
    const windows = await openWindows(ctx.db, lastOf(period), await latestKnownSeq(ctx.db), MANY);
    if (windows.length > 0) return due(`windows: ${windows.length}${windows.length === MANY ? ' or more' : ''}`);
    const { unpostedChunks } = await openWorkBefore(ctx.db, period.to);
    if (unpostedChunks > 0) return due('none; what a run decided before it was cut off is to be posted');
    return ok('every window that has ended is trued up, and all that is decided is posted');
  },

  async statements(ctx, period) {
    const found = await rolledBack(ctx, async (inside) => await tellPartners(inside, period));
    return found.result === 'done' ? due(found.found) : found;
  },

  async doctor(ctx) {
    const { checks, differences } = await runDoctor(ctx);
    const failed = checks.filter(({ result }) => result === 'difference').map(({ name }) => name);
    if (differences > 0) return blocks(`checks that differ: ${some(failed)}`, 'revshare doctor');
    return ok('no check finds a difference');
  },

  async control_totals(ctx, period) {
    const sums = new Map<string, bigint>();
    for (const { currency, debit, credit } of await trialBalanceRows(ctx.db, { date: lastOf(period) })) {
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(debit) - BigInt(credit));
    }
    const unbalanced = [...sums].filter(([, sum]) => sum !== 0n);
    if (unbalanced.length > 0) {
      const said = unbalanced.map(([code, sum]) => `${formatMinor(sum, code)} ${code}`);
      return blocks(`debits and credits differ by ${said.join(', ')}`, 'revshare doctor');
    }
    const sides = await entriesAgainstWallets(ctx.db, period);
    const apart = sides.filter(({ entries, wallets }) => entries !== wallets).map(({ currency }) => currency);
    if (apart.length > 0) return blocks(`entries and wallets differ in ${apart.join(', ')}`, 'revshare doctor');
    const said = sides.map(({ currency, entries }) => `${formatMinor(BigInt(entries), currency)} ${currency}`);
    return ok(
      `debits equal credits${said.length === 0 ? '' : `; entries and wallet postings are ${said.join(', ')} each`}`,
    );
  },
};

/** Makes the statements of a period and says so: for the closing, and rolled back for whoever asks what is due. Writes. */
export async function tellPartners(ctx: Context, period: Period): Promise<Found> {
  const { outdated, unproved } = await wrongStatements(ctx, period);
  if (unproved.length > 0) return blocks(`not what was issued, or not proved: ${some(unproved)}`, 'revshare doctor');
  const { made, statements } = await completeStatements(ctx, period, outdated);
  if (made === 0 && outdated.length === 0) return ok(`generated, and as the books say: ${statements.length}`);
  const voided = outdated.length === 0 ? '' : `; outdated, and so void: ${some(outdated)}`;
  return done(`new: ${made}, there already: ${statements.length - made}${voided}`);
}

/**
 * Looks at everything that a closing goes through, all of it however much stands in the way. Changes nothing; the database itself
 * refuses the order, and what is decided and not posted. Source: SEMANTICS §9.
 */
export async function examineClosing(ctx: Context, period: Period): Promise<ChecklistStep[]> {
  return await takeSteps(ctx, period, CLOSING_STEPS, EXAMINATIONS);
}
