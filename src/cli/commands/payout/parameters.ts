import {
  parsePayoutNumber,
  parsePayoutSelection,
  parseRunNumber,
  type PayoutSelection,
} from '../../../domain/payout-number.ts';
import { UsageError } from '../../../domain/errors.ts';
import { statusesBefore, type PayoutStatus } from '../../../domain/payout-status.ts';
import type { Context } from '../../../services/context.ts';
import { listPayoutRuns, type PayoutRun } from '../../../services/payout/list-runs.ts';
import { wantsChecker } from '../../../services/payout/run-checks.ts';
import { listPayouts } from '../../../services/payout/show-payout.ts';
import type { Choice } from '../../asker.ts';
import type { Invocation } from '../../command.ts';
import { fileOf } from '../../file-format.ts';
import { argument, option, repeatedArgument } from '../../parameters.ts';
import { said } from './rows.ts';

const page = { limit: 200, offset: 0 };

/** Runs to choose from: all that pay anything, or those with a payout in a status. */
async function runChoices(ctx: Context, status?: PayoutStatus): Promise<Choice[]> {
  const runs = await listPayoutRuns(ctx, { status, ...page });
  return runs
    .filter((run) => run.payouts > 0)
    .map((run) => ({
      value: String(run.run),
      name: `${run.run}  cut-off ${run.cutoff}, ${said(run.totals)}, made by ${run.maker}${approvedBy(run)}`,
    }));
}

/** Told of a run that wants another checker. */
const approvedBy = ({ checkers, checks }: PayoutRun): string =>
  checkers.length === 0 || !wantsChecker(checks) ? '' : `, approved by ${checkers.join(', ')}`;

/** Payouts in these states, to choose from, unless they were tried again. */
async function payoutChoices(ctx: Context, statuses: readonly PayoutStatus[]): Promise<Choice[]> {
  const payouts = await listPayouts(ctx, { statuses, ...page });
  return payouts
    .filter(({ retriedBy }) => retriedBy === null)
    .map(({ number, partner, gross, currency, status }) => ({
      value: number,
      name: `${number}  ${partner} ${gross} ${currency}, ${status}`,
    }));
}

export const runToApprove = argument('RUN', 'the run, as `payout runs` shows it', {
  read: parseRunNumber,
  ask: { message: 'Run to approve:', choices: async (ctx) => await runChoices(ctx, 'pending') },
});

/** RUN or NUMBER; on a terminal chosen from the runs with a payout in the status, where one is said. */
export const runOrPayout = (about: string, message: string, status?: PayoutStatus) =>
  argument<PayoutSelection>('RUN|NUMBER', about, {
    read: parsePayoutSelection,
    ask: { message, choices: async (ctx) => await runChoices(ctx, status) },
  });

export const retriable = argument('NUMBER', 'the payout that failed, came back or was cancelled', {
  read: parsePayoutNumber,
  ask: {
    message: 'Payout to try again:',
    choices: async (ctx) => await payoutChoices(ctx, ['failed', 'returned', 'cancelled']),
  },
});

/** Payouts by number, or with --run all of a run that the command is about. */
export const selectionParameters = {
  numbers: repeatedArgument('NUMBER', 'payouts, as `payout list` shows them', { read: parsePayoutNumber }),
  run: option('--run <n>', 'instead: every payout of this run that it can be said of', { read: parseRunNumber }),
};

/**
 * The payouts that were meant; where none are named and somebody can answer, one is chosen.
 * @throws UsageError `selection_twice`, `missing_input`
 */
export async function selectionOf(
  invocation: Invocation,
  { numbers, run }: { readonly numbers: readonly string[]; readonly run: number | undefined },
  to: PayoutStatus,
): Promise<PayoutSelection> {
  if (run !== undefined) {
    if (numbers.length === 0) return { run };
    throw new UsageError('selection_twice', 'payouts are named by number or by --run, not by both');
  }
  if (numbers.length > 0) return { numbers: [...new Set(numbers)] };
  const choices = invocation.asker === null ? [] : await payoutChoices(await invocation.context(), statusesBefore(to));
  if (choices.length > 0) {
    return { numbers: [await invocation.asker!.select({ message: 'Payout:', choices })] };
  }
  throw new UsageError('missing_input', 'missing: NUMBER or --run', {
    hint: '`revshare payout list` shows the numbers, `revshare payout runs` the runs',
    details: { missing: ['NUMBER', '--run'] },
  });
}

/** The name of a register, which is a CSV. */
export const registerFile = (name: string): string => fileOf(name, 'csv');

/** What is typed again to confirm: the run, or the numbers. */
export function confirmedBy(selection: PayoutSelection): string {
  return 'run' in selection ? String(selection.run) : selection.numbers.join(',');
}
