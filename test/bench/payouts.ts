import type { OpenedContext } from '../../src/app.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { BundledChild } from './bundled-child.ts';
import { CopyBaseline, type CopyTarget } from './copy-baseline.ts';
import type { Measured } from './measured-child.ts';
import type { OwnHome } from './own-home.ts';
import { CUTOFF, fillPayoutBooks } from './payout-books.ts';
import { growth, grouped, median, say, secondsOf, type Figure } from './report.ts';

const columns = (names: string): string[] => names.split(' ');

const LINES: CopyTarget = {
  like: 'payout_lines',
  columns: columns('event_id leg payout_id wallet_id amount_minor'),
  guard: null,
};

/** What a run writes besides. */
const HEADS: readonly CopyTarget[] = [
  {
    like: 'payouts',
    columns: columns(
      'id number run_id partner_id currency gross_minor withheld_minor fee_minor sent_minor status retry_of lines content_hash ' +
        'transaction_id created_by recorded_at instrument_id',
    ),
    guard: null,
  },
  {
    like: 'payout_wallets',
    columns: columns('payout_id wallet_id gross_minor withheld_minor fee_minor sent_minor'),
    guard: null,
  },
];

/** What the child says of the run it made. */
type MeasuredRun = Measured & {
  readonly run: number;
  readonly lines: number;
  readonly payouts: number;
  readonly left: number;
};

/**
 * A run of whose schedule closes, over so many due entries of a tenth as many partners, whole (locks, status of every entry,
 * netting, withholding and fees, payouts, lines, hash, commit), beside COPY of the very lines it made, and of all rows that it
 * wrote; then what follows it, once.
 */
export async function benchPayouts(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const child = await BundledChild.of('payouts-child.ts');
  const measured = new Map<number, Measured>();
  const figures: Figure[] = [];
  for (const size of sizes) {
    const programme = `payouts_${size}`;
    await home.programme(programme);
    const admin = home.admin(programme);
    say(`${programme}: generating`);
    await fillPayoutBooks(admin, size);
    const runs: MeasuredRun[] = [];
    const copies: number[] = [];
    const heads: number[] = [];
    const copied = async (target: CopyTarget) => {
      const copy = new CopyBaseline(admin, target, home.path(`${programme}.copy`));
      await copy.prepare();
      return await copy.bare();
    };
    for (let round = 0; round < rounds; round += 1) {
      await admin.transaction(async ({ sql }) => {
        await sql`set local session_replication_role = replica`;
        await sql`truncate payout_runs, payouts, payout_wallets, payout_lines, payout_skips cascade`;
      });
      await admin.sql`checkpoint`;
      const made = await child.run<MeasuredRun>({ where: home.where, programme, cutoff: CUTOFF });
      if (made.lines < size || made.payouts < size / 10) {
        throw new Error(`the run paid ${made.lines} entries in ${made.payouts} payouts, not ${size}`);
      }
      runs.push(made);
      copies.push(await copied(LINES));
      let rest = 0;
      for (const head of HEADS) rest += await copied(head);
      heads.push(rest);
      say(
        `${programme} round ${round + 1}: run ${made.seconds.toFixed(2)} s, ${made.peakMb.toFixed(0)} MB, ${made.payouts} payouts, ` +
          `${made.lines} lines, ${made.left} left out; COPY ${copies.at(-1)!.toFixed(2)} s, of the rest ${rest.toFixed(2)} s`,
      );
    }
    const { run, lines } = runs.at(-1)!;
    // Each in a session of its own, as commands are.
    const step = async (actor: string, work: (ctx: OpenedContext) => Promise<unknown>) => {
      const ctx = await home.context(programme, actor);
      const seconds = await secondsOf(async () => await work(ctx));
      await ctx.close();
      return seconds;
    };
    const after = [
      await step('checker', async (ctx) => await approveRun(ctx, { run })),
      await step('bench', async (ctx) => await submitPayouts(ctx, { run })),
      await step('bench', async (ctx) => await completePayouts(ctx, { payouts: { run } })),
    ];
    say(`${programme}: approve, submit and complete ${after.map((one) => one.toFixed(2)).join(' + ')} s`);
    const [seconds, bare] = [median(runs.map((made) => made.seconds)), median(copies)];
    measured.set(size, { seconds, peakMb: median(runs.map((made) => made.peakMb)) });
    const name = grouped(size);
    const aim = size === Math.max(...sizes) ? { aim: { atMost: 3 } } : {};
    figures.push(
      { bench: 'payouts', name: `${name} entries, run to commit`, value: lines / seconds, unit: 'lines/s' },
      { bench: 'payouts', name: `${name}: run / COPY of its lines, no guards`, value: seconds / bare, unit: '', ...aim }, // prettier-ignore
      { bench: 'payouts', name: `${name}: run / COPY of all it wrote, no guards`, value: seconds / (bare + median(heads)), unit: '' }, // prettier-ignore
      { bench: 'payouts', name: `${name}: approve, submit and complete / run`, value: after.reduce((a, b) => a + b) / seconds, unit: '' }, // prettier-ignore
    );
    await admin.close();
  }
  return [...figures, ...growth('payouts', measured, 'entry')];
}
