import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { CopyBaseline, type CopyTarget } from './copy-baseline.ts';
import { fillBooks } from './export-books.ts';
import type { OwnHome } from './own-home.ts';
import { grouped, median, say, secondsOf, type Figure } from './report.ts';

const LINES: CopyTarget = {
  like: 'payout_lines',
  columns: ['event_id', 'leg', 'payout_id', 'wallet_id', 'amount_minor'],
  guard: null,
};

/**
 * A payout run over so many due entries, whole (locks, status of every entry, netting, lines, proof, hash, commit), beside
 * COPY of the very lines it made; then what follows it, once.
 */
export async function benchPayouts(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const size of sizes) {
    const programme = `payouts_${size}`;
    const maker = await home.programme(programme);
    const checker = await home.context(programme, 'checker');
    const admin = home.admin(programme);
    say(`${programme}: generating`);
    await fillBooks(admin, size);
    const runs: number[] = [];
    const copies: number[] = [];
    const copy = new CopyBaseline(admin, LINES, home.path(`${programme}.copy`));
    let run = 0;
    let lines = 0;
    for (let round = 0; round < rounds; round += 1) {
      await admin.transaction(async ({ sql }) => {
        await sql`set local session_replication_role = replica`;
        await sql`truncate payout_runs, payouts, payout_wallets, payout_lines, payout_skips cascade`;
      });
      await admin.sql`checkpoint`;
      runs.push(
        await secondsOf(async () => {
          const made = await generatePayouts(maker);
          run = made.run!;
          lines = made.lines;
        }),
      );
      await copy.prepare();
      copies.push(await copy.bare());
      say(`${programme} round ${round + 1}: run ${runs.at(-1)!.toFixed(2)} s, COPY ${copies.at(-1)!.toFixed(2)} s`);
    }
    const after = [
      await secondsOf(async () => await approveRun(checker, { run })),
      await secondsOf(async () => await submitPayouts(maker, { run })),
      await secondsOf(async () => await completePayouts(maker, { payouts: { run } })),
    ];
    const [seconds, copied] = [median(runs), median(copies)];
    const name = grouped(size);
    const aim = size === Math.max(...sizes) ? { aim: { atMost: 3 } } : {};
    figures.push(
      { bench: 'payouts', name: `${name} entries, run to commit`, value: lines / seconds, unit: 'lines/s' },
      { bench: 'payouts', name: `${name}: run / COPY of its lines, no guards`, value: seconds / copied, unit: '', ...aim }, // prettier-ignore
      { bench: 'payouts', name: `${name}: approve, submit and complete / run`, value: after.reduce((a, b) => a + b) / seconds, unit: '' }, // prettier-ignore
    );
    await Promise.all([maker.close(), checker.close(), admin.close()]);
  }
  return figures;
}
