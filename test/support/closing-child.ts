/**
 * The closing of a period as a process of its own, which kills itself when it comes to a step: reads one line of JSON from
 * stdin, and says nothing.
 */
import { buildContext } from '../../src/app.ts';
import { openDatabase, type DatabaseTarget } from '../../src/db/connection.ts';
import { closePeriod } from '../../src/runner/close-period.ts';
import { readOrder, say } from './worker-order.ts';

export interface ClosingOrder {
  readonly target: DatabaseTarget;
  /** What its clock says, in epoch milliseconds. */
  readonly now: number;
  readonly month: string;
  /** The step, as its progress is called, at which it ends. */
  readonly until: string;
}

say('ready');
const { target, now, month, until } = await readOrder<ClosingOrder>();
const ctx = buildContext(openDatabase(target), {
  ...{ programme: 'main', actor: 'tester', zone: 'UTC' },
  clock: { now: () => now, isSimulated: true },
  progress: {
    step: (label) => void (label === until && process.kill(process.pid, 'SIGKILL')),
    done: () => {},
  },
});
await closePeriod(ctx, { month });
await ctx.close();
