import { undecide } from './accrue.ts';
import { BundledChild } from './bundled-child.ts';
import type { Measured } from './measured-child.ts';
import type { OwnHome } from './own-home.ts';
import { growth, grouped, median, say, type Figure } from './report.ts';
import { fillEvents, fillUniverse, LAST_DAY } from './universe.ts';

const KINDS = ['simulate', 'replay'] as const;

/** Looking back over a month, beside the accrual that decided it: `simulate` rates it twice, `replay` compares with the book. */
export async function benchHistory(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const accrual = await BundledChild.of('accrue-child.ts');
  const history = await BundledChild.of('history-child.ts');
  const measured = { simulate: new Map<number, Measured>(), replay: new Map<number, Measured>() };
  const figures: Figure[] = [];
  for (const size of sizes) {
    const programme = `history_${size}`;
    const ctx = await home.programme(programme);
    say(`${programme}: generating`);
    await fillUniverse(ctx.db);
    await fillEvents(ctx.db, size);
    await ctx.close();
    const admin = home.admin(programme);
    await admin.sql`vacuum analyze`;
    const accrued: number[] = [];
    const runs = { simulate: [] as Measured[], replay: [] as Measured[] };
    for (let round = 0; round < rounds; round += 1) {
      await undecide(admin);
      await admin.sql`checkpoint`;
      accrued.push((await accrual.run<Measured>({ where: home.where, programme, date: LAST_DAY })).seconds);
      for (const what of KINDS) {
        const run = await history.run<Measured & { events: number; differing: number }>({
          where: home.where,
          programme,
          what,
        });
        if (run.events !== size || run.differing !== 0) {
          throw new Error(`${what}: ${run.events} events, ${run.differing} entries differ`);
        }
        runs[what].push(run);
        say(
          `${programme} round ${round + 1}: accrual ${accrued.at(-1)!.toFixed(2)} s, ${what} ${run.seconds.toFixed(2)} s`,
        );
      }
    }
    await admin.close();
    for (const what of KINDS) {
      const seconds = median(runs[what].map((run) => run.seconds));
      measured[what].set(size, { seconds, peakMb: median(runs[what].map((run) => run.peakMb)) });
      const name = grouped(size);
      figures.push(
        { bench: 'history', name: `${name} events, ${what}`, value: size / seconds, unit: 'events/s' },
        {
          bench: 'history',
          name: `${name}: ${what} / accrual`,
          value: median(accrued) / seconds,
          unit: '',
          ...(size === Math.max(...sizes) ? { aim: { atLeast: 1 } } : {}),
        },
      );
    }
  }
  return [...figures, ...KINDS.flatMap((what) => growth('history', measured[what], `event, ${what}`))];
}
