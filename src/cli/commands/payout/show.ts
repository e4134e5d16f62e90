import type { PayoutSelection } from '../../../domain/payout-number.ts';
import { parseRate } from '../../../domain/rates.ts';
import type { Comparison } from '../../../services/payout/compare-payouts.ts';
import { payoutRunDetail, showPayoutRun, type PayoutRunStory } from '../../../services/payout/list-runs.ts';
import type { PayoutLine } from '../../../services/payout/payout-view.ts';
import { checkersText } from '../../../services/payout/run-checks.ts';
import { comparePayoutWithLast, showPayout, type PayoutStory } from '../../../services/payout/show-payout.ts';
import { command, type Invocation } from '../../command.ts';
import { askedPage, pageParameters, type Page } from '../../listing.ts';
import { columnsOf } from '../../output/columns.ts';
import { printRow, section } from '../../output/printer.ts';
import { flag, option } from '../../parameters.ts';
import { whenDrafted, whenSubmitted } from './example.ts';
import { runOrPayout } from './parameters.ts';
import {
  changesSection,
  leftOutSection,
  entriesSection,
  named,
  payoutRows,
  payoutsSection,
  runRows,
  totalsSection,
} from './rows.ts';

interface Asked {
  readonly detail: boolean;
  readonly bandPpm: number;
  readonly page: Page;
}

const DEFAULT_BAND = '50%';

export const show = command({
  verb: 'show',
  summary: 'show a payout with its lines and story, or a run with its payouts',
  description:
    'A run: payouts, totals, who made and who approved it, the hash of its content, what it left out and why. A payout: its ' +
    'lines and what happened to it, by date. --detail adds what a checker reads: of a run every line, of a payout what each ' +
    'instance gives, and what is unlike the last time: new payees, changed instruments, amounts beyond --band, payees of the last run who get ' +
    'nothing.',
  parameters: {
    what: runOrPayout('a run by its number, or a payout', 'Run:'),
    detail: flag('--detail', 'what a checker reads'),
    band: option('--band <rate>', `how far an amount may lie from the last one (default ${DEFAULT_BAND})`, {
      read: (text) => parseRate(text, { allowOver100: true }),
    }),
    ...pageParameters,
  },
  examples: [
    whenDrafted('payout show 1'),
    whenDrafted('payout show 1 --detail --band 25%'),
    whenSubmitted('payout show P00000001A'),
    whenSubmitted('payout show P00000001A --detail --json'),
  ],
  async run(invocation, { what, detail, band, ...page }) {
    const asked = { detail, bandPpm: band ?? parseRate(DEFAULT_BAND), page: askedPage(page) };
    await ('run' in what ? showRun(invocation, what.run, asked) : showOne(invocation, numberOf(what), asked));
  },
});

const numberOf = (what: Extract<PayoutSelection, { numbers: unknown }>) => what.numbers[0]!;

interface DetailedRun extends PayoutRunStory {
  readonly lines: readonly PayoutLine[];
  readonly changes: readonly Comparison[];
}

async function showRun(invocation: Invocation, id: number, { detail, bandPpm, page }: Asked): Promise<void> {
  const ctx = await invocation.context();
  const run = await showPayoutRun(ctx, id, page);
  const more = detail ? await payoutRunDetail(ctx, id, bandPpm, page) : { lines: [], changes: [] };
  const shown = { ...run, ...more, list: firstOf(run.list, page), lines: firstOf(more.lines, page) };
  await printRow<DetailedRun>(invocation.print, runRows.columns, shown, runRows.id, [
    totalsSection((row) => row.totals),
    payoutsSection((row) => row.list, { detail }),
    leftOutSection((row) => row.leftOut),
    ...(detail
      ? [changesSection<DetailedRun>((row) => row.changes), entriesSection<DetailedRun>((row) => row.lines)]
      : []),
  ]);
  await noteMore(invocation, page, { payouts: run.list, entries: more.lines });
}

interface DetailedPayout extends PayoutStory {
  readonly changes: readonly Comparison[];
}

const w = columnsOf<PayoutStory['wallets'][number]>();
const wallets = section<DetailedPayout, PayoutStory['wallets'][number]>(
  'wallets',
  [
    w.code('instance', (row) => row.instance),
    w.money('gross', (row) => row.gross),
    w.money('withheld', (row) => row.withheld),
    w.money('fee', (row) => row.fee),
    w.money('sent', (row) => row.sent),
  ],
  (row) => row.wallets,
);
const s = columnsOf<PayoutStory['story'][number]>();
const story = section<DetailedPayout, PayoutStory['story'][number]>(
  'story',
  [
    s.instant('at', (row) => row.at),
    s.code('status', (row) => row.status),
    s.actor('by', (row) => row.by),
    s.text('reason', (row) => row.reason),
    s.text('reference', (row) => row.reference),
    s.date('value_date', (row) => row.valueDate),
  ],
  (row) => row.story,
);
const p = columnsOf<DetailedPayout>();
const payoutColumns = [
  ...payoutRows.columns,
  p.actor('approved_by', (row) => named(row.checkers)),
  p.text('checkers', (row) => checkersText(row.checks)),
];

async function showOne(invocation: Invocation, number: string, { detail, bandPpm, page }: Asked): Promise<void> {
  const ctx = await invocation.context();
  const payout = await showPayout(ctx, number, page);
  const changes = detail ? await comparePayoutWithLast(ctx, number, bandPpm) : [];
  const shown = { ...payout, changes, entries: firstOf(payout.entries, page) };
  await printRow<DetailedPayout>(invocation.print, payoutColumns, shown, payoutRows.id, [
    ...(detail ? [wallets, changesSection<DetailedPayout>((row) => row.changes)] : []),
    entriesSection((row) => row.entries, { ofOne: true }),
    story,
  ]);
  await noteMore(invocation, page, { entries: payout.entries });
}

/** A page brings one row more than it shows, which tells that there are more. */
const firstOf = <R>(rows: readonly R[], { limit }: Page) => rows.slice(0, limit - 1);

async function noteMore(
  invocation: Invocation,
  { limit, offset }: Page,
  sections: Readonly<Record<string, readonly unknown[]>>,
): Promise<void> {
  for (const [name, rows] of Object.entries(sections)) {
    if (rows.length >= limit) {
      await invocation.note(`showing ${limit - 1} of more ${name}; --offset ${offset + limit - 1} shows the next`);
    }
  }
}
