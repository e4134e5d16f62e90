import { parseDate } from '../../../domain/dates.ts';
import { UsageError } from '../../../domain/errors.ts';
import { generatePayouts, type GeneratedRun } from '../../../services/payout/generate-payouts.ts';
import { checkersText } from '../../../services/payout/run-checks.ts';
import { retryPayout } from '../../../services/payout/settle-payouts.ts';
import type { Context } from '../../../services/context.ts';
import { dateWindow } from '../../date-window.ts';
import type { NounRows } from '../../listing.ts';
import { mutation, NOT_YET } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { flag, option } from '../../parameters.ts';
import { whenDue, whenFailed, whenScheduled } from './example.ts';
import { retriable } from './parameters.ts';
import { amounts, leftOutSection, payoutsSection, said, totalsSection } from './rows.ts';

const c = columnsOf<GeneratedRun>();
const generatedRows: NounRows<GeneratedRun> = {
  noun: 'run',
  plural: 'runs',
  id: (row) => String(row.run ?? ''),
  columns: [
    c.number('run', (row) => row.run),
    c.date('cutoff', (row) => row.cutoff),
    c.code('scope', (row) => row.scope),
    c.number('payout_count', (row) => row.payoutCount),
    c.number('lines', (row) => row.lines),
    c.amounts('gross', (row) => amounts(row.totals)),
    c.number('left_out_count', (row) => row.skipCount),
    c.text('checkers', (row) => (row.checks === null || row.payoutCount === 0 ? null : checkersText(row.checks))),
    c.amounts('over_limit', (row) => row.checks?.over),
    c.code('content_hash', (row) => row.contentHash),
  ],
};
const sections = [
  totalsSection<GeneratedRun>((row) => row.totals),
  payoutsSection<GeneratedRun>((row) => row.payouts),
  leftOutSection<GeneratedRun>((row) => row.skips),
];

function done({ run, totals, checks }: GeneratedRun): string {
  if (run === null) return 'nothing is due, and nothing was left out';
  if (totals.length === 0) return `run ${run} pays nothing; it records what was left out, and why`;
  const checkers =
    checks?.wanted === 2 ? `two others approve it (${checks.over.join(', ')})` : 'a second person approves it';
  return `run ${run}: ${said(totals)}; ${checkers}: revshare payout approve ${run}`;
}

/** The numbers of a dry run go to nobody: until the real one others may take them. */
function withoutNumbers(ctx: Pick<Context, 'dryRun'>, made: GeneratedRun): GeneratedRun {
  if (!ctx.dryRun) return made;
  return { ...made, run: null, payouts: made.payouts.map((payout) => ({ ...payout, number: NOT_YET })) };
}

export const generate = mutation({
  rows: generatedRows,
  sections,
  previews: true,
  verb: 'generate',
  summary: 'draft a run: what can be paid, netted into payouts',
  description:
    'Nets what is approved, payable on the cut-off and not held into one payout a partner and currency. An instance whose ' +
    'entries sum to nothing or less gives none, and never eats a sibling’s money. What is left out is recorded with its ' +
    'reason. Nothing is sent: a second person approves the run, then it is submitted. Any number of these at once pay ' +
    'each entry once.',
  parameters: {
    cutoff: option('--cutoff <date>', 'the first day that is not in the run (default and latest: today)', {
      read: parseDate,
    }),
    period: option(
      '--period <period>',
      'cut off where it ends: 2026-10, 2026-Q4, last-month or 2026-10-01..2026-10-15',
    ),
    partner: option('--partner <code>', 'pay only this partner'),
    due: flag('--due', 'pay only those whose schedule closes on the cut-off (`payout calendar`)'),
    all: flag('--all', 'pay whoever can be paid, whatever schedules say (default)'),
  },
  examples: [
    whenDue('payout generate'),
    whenDue('payout generate --cutoff 2026-11-01 --partner acme --json'),
    whenDue('payout generate --all --period 2026-10 --dry-run'),
    whenScheduled('payout generate --due --cutoff 2026-11-01'),
  ],
  async run(ctx, { period, all, ...input }, say) {
    if ([input.due, all, input.partner !== undefined].filter(Boolean).length > 1) {
      throw new UsageError('partner_twice', 'who is paid is said by one of --partner, --due and --all');
    }
    if (period !== undefined && input.cutoff !== undefined) {
      throw new UsageError('period_twice', '--period already says the cut-off, the day behind its last one');
    }
    const { window, echo } = dateWindow(ctx, { period, from: undefined, to: undefined });
    if (echo !== null) say(echo);
    const made = await generatePayouts(ctx, { ...input, cutoff: window.to ?? input.cutoff });
    if (input.due && made.run === null) say(`nobody with anything to be paid closes on ${made.cutoff}`);
    if (made.payouts.length < made.payoutCount || made.skips.length < made.skipCount) {
      say(`only the first are listed here${ctx.dryRun ? '' : `: revshare payout show ${made.run} turns the pages`}`);
    }
    return withoutNumbers(ctx, made);
  },
  done,
});

export const retry = mutation({
  rows: generatedRows,
  sections,
  previews: true,
  verb: 'retry',
  summary: 'draft a new payout from what is open of a final one',
  description:
    'Of a payout that failed, was returned or cancelled: a run of its own, to be approved like any other, whose payout has ' +
    'the number with the next letter. Entries that another payout took meanwhile, or that are held, stay out. The minimum ' +
    'is not asked again.',
  parameters: { number: retriable },
  examples: [whenFailed('payout retry P00000001A'), whenFailed('payout retry P00000001A --dry-run --json')],
  run: async (ctx, input) => withoutNumbers(ctx, await retryPayout(ctx, input.number)),
  done,
});
