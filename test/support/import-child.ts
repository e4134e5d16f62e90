/**
 * An import as a process of its own, for tests that kill it: says `ready`, waits for a line on stdin, and ends with the
 * exit code the command line would. Nothing catches what escapes.
 */
import { buildContext } from '../../src/app.ts';
import { openDatabase, type DatabaseTarget } from '../../src/db/connection.ts';
import { RevshareError } from '../../src/domain/errors.ts';
import { importRevenue, type ImportRequest } from '../../src/services/revenue/import-revenue.ts';

const { target, request } = JSON.parse(process.argv[2] ?? '') as { target: DatabaseTarget; request: ImportRequest };
const db = openDatabase(target);
const ctx = buildContext(db, {
  programme: 'main',
  actor: 'tester',
  zone: 'UTC',
  // what is far ahead of it would be refused
  clock: { now: () => Date.now() },
  progress: { step: () => {}, done: () => {} },
});
process.stdout.write('ready\n');
await new Promise((resolve) => process.stdin.once('data', resolve));
process.stdin.destroy();
try {
  const { new: added, rejected } = await importRevenue(ctx, request);
  process.stdout.write(`${JSON.stringify({ added, rejected })}\n`);
} catch (error) {
  if (!(error instanceof RevshareError)) throw error;
  process.stdout.write(`${JSON.stringify({ error: error.code })}\n`);
  process.exitCode = error.exitCode;
}
await db.close();
