import { openContext, type OpenedContext } from '../../src/app.ts';
import type { Whereabouts } from '../../src/db/session.ts';
import { NOW } from './own-home.ts';

/** What every child is told: where, and what else its work wants. */
export interface Order {
  readonly where: Whereabouts;
  readonly programme: string;
}

/** How long the work took, and the most memory that the process ever had. */
export interface Measured {
  readonly seconds: number;
  readonly peakMb: number;
}

/** One piece of work in a process of its own, so that its peak memory is its own: prints one line of JSON. */
export async function measure<Wanted extends Order>(
  work: (ctx: OpenedContext, order: Wanted) => Promise<object>,
): Promise<void> {
  const order = JSON.parse(process.argv[2] ?? '') as Wanted;
  const ctx = await openContext({
    ...order,
    clock: { now: () => NOW, isSimulated: true },
    progress: { step: () => {}, done: () => {} },
  });
  const began = performance.now();
  const said = await work(ctx, order);
  const seconds = (performance.now() - began) / 1000;
  await ctx.close();
  process.stdout.write(`${JSON.stringify({ ...said, seconds, peakMb: process.resourceUsage().maxRSS / 1024 })}\n`);
}
