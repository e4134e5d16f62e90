/**
 * The accrual job as a process of its own, for tests that kill it: reads one line of JSON from stdin, says `claimed` and
 * every chunk on stdout, and ends as the command line would, with the error's exit code. Nothing catches what escapes:
 * a crash of the driver is a crash of this process, with its stack on stderr.
 */
import { buildContext } from '../../src/app.ts';
import { openDatabase, type DatabaseTarget } from '../../src/db/connection.ts';
import { RevshareError } from '../../src/domain/errors.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { accrualJob } from './accrual.ts';
import { readOrder, say } from './worker-order.ts';

export interface WorkOrder {
  readonly target: DatabaseTarget;
  readonly date: string;
  readonly chunkEvents: number;
  readonly leaseSeconds?: number;
}

say('ready');
const order = await readOrder<WorkOrder>();
const db = openDatabase(order.target);
const ctx = buildContext(db, {
  programme: 'main',
  actor: 'tester',
  zone: 'UTC',
  clock: { now: () => Date.now() },
  progress: { step: (_, done) => say('chunk', { done }), done: () => {} },
});
try {
  const { leaseSeconds } = order;
  const run = await runJob(
    ctx,
    accrualJob(order.chunkEvents),
    order.date,
    leaseSeconds === undefined ? {} : { leaseSeconds },
  );
  say('done', { run });
} catch (error) {
  if (error instanceof RevshareError) {
    say('failed', { code: error.code, message: error.message });
    process.exitCode = error.exitCode;
  } else {
    throw error;
  }
} finally {
  await ctx.close();
}
