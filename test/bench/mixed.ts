import { undecide } from './accrue.ts';
import { BundledChild } from './bundled-child.ts';
import type { Measured } from './measured-child.ts';
import type { OwnHome } from './own-home.ts';
import { growth, grouped, median, say, type Figure } from './report.ts';
import { DAYS, fillEvents, fillUniverse, FIRST_DAY, LAST_DAY, mixRules } from './universe.ts';

/** Of every hundred events two are refunds of invoices; these bring it to five. */
const REFUNDS = [7, 33, 57];

/**
 * The accrual under 3,000 rules of every kind, with overrides on a fifth of the sales, beside the very same events under
 * plain percentages: turn by turn, so that both have the same machine.
 */
export async function benchMixed(home: OwnHome, sizes: readonly number[], rounds: number): Promise<Figure[]> {
  const child = await BundledChild.of('accrue-child.ts');
  const measured = new Map<number, Measured>();
  const figures: Figure[] = [];
  for (const size of sizes) {
    const runs = { plain: [] as Measured[], mixed: [] as Measured[] };
    for (const kind of ['plain', 'mixed'] as const) {
      const ctx = await home.programme(`${kind}_${size}`);
      say(`${kind}_${size}: generating`);
      await fillUniverse(ctx.db);
      if (kind === 'mixed') await mixRules(ctx.db);
      await fillEvents(ctx.db, size, { number: 0, from: FIRST_DAY, days: DAYS, refunds: REFUNDS });
      await ctx.close();
      const admin = home.admin(`${kind}_${size}`);
      await admin.sql`vacuum analyze`;
      await admin.close();
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const kind of ['plain', 'mixed'] as const) {
        const programme = `${kind}_${size}`;
        const admin = home.admin(programme);
        await undecide(admin);
        await admin.sql`checkpoint`;
        await admin.close();
        runs[kind].push(await child.run<Measured>({ where: home.where, programme, date: LAST_DAY }));
        const { seconds, peakMb } = runs[kind].at(-1)!;
        say(`${programme} round ${round + 1}: ${seconds.toFixed(2)} s, ${peakMb.toFixed(0)} MB`);
      }
    }
    const plain = median(runs.plain.map(({ seconds }) => seconds));
    const mixed = median(runs.mixed.map(({ seconds }) => seconds));
    measured.set(size, { seconds: mixed, peakMb: median(runs.mixed.map(({ peakMb }) => peakMb)) });
    const name = grouped(size);
    figures.push(
      { bench: 'mixed', name: `${name} events, 3,000 rules of every kind`, value: size / mixed, unit: 'events/s' },
      { bench: 'mixed', name: `${name}: plain percentages`, value: size / plain, unit: 'events/s' },
      { bench: 'mixed', name: `${name}: mixed / plain`, value: plain / mixed, unit: '', aim: { atLeast: 0.6 } },
    );
  }
  return [...figures, ...growth('mixed', measured, 'event')];
}
