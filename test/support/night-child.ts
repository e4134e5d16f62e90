/**
 * A scheduler that wakes once, as a process of its own, for tests that kill it: reads one line of JSON from stdin, says
 * `chunk` with every run and every step of one on stdout, and ends as the command line would.
 */
import { jobs } from '../../jobs/index.ts';
import { buildContext } from '../../src/app.ts';
import { openDatabase, type DatabaseTarget } from '../../src/db/connection.ts';
import { RevshareError } from '../../src/domain/errors.ts';
import { runDue } from '../../src/runner/run-due.ts';
import { readOrder, say } from './worker-order.ts';

export interface NightOrder {
  readonly target: DatabaseTarget;
  /** What its clock says, in epoch milliseconds. */
  readonly now: number;
}

say('ready');
const { target, now } = await readOrder<NightOrder>();
const db = openDatabase(target);
const ctx = buildContext(db, {
  ...{ programme: 'main', actor: 'tester', zone: 'UTC' },
  clock: { now: () => now, isSimulated: true },
  progress: { step: () => say('chunk'), done: () => {} },
});
try {
  const { error } = await runDue(ctx, jobs, { onRun: () => say('chunk') });
  if (error instanceof Error) throw error;
  say('done');
} catch (error) {
  if (!(error instanceof RevshareError)) throw error;
  say('failed', { code: error.code, message: error.message });
  process.exitCode = error.exitCode;
} finally {
  await ctx.close();
}
