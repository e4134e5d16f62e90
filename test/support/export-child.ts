/**
 * `earnings export` as a process of its own, for tests that kill it or its disk: reads one line of JSON from stdin; says
 * `ready`, then `done`, or the code of its error.
 */
import { buildContext } from '../../src/app.ts';
import { openDatabase, type DatabaseTarget } from '../../src/db/connection.ts';
import { RevshareError } from '../../src/domain/errors.ts';
import { writeExport } from '../../src/services/export/write-export.ts';

export interface ExportOrder {
  readonly target: DatabaseTarget;
  readonly out: string;
  readonly period: string;
}

process.stdout.write('ready\n');
const order = await new Promise<ExportOrder>((resolve) => {
  let text = '';
  process.stdin.on('data', (data: Buffer) => {
    text += data.toString('utf8');
    if (text.endsWith('\n')) {
      process.stdin.pause();
      process.stdin.unref?.();
      resolve(JSON.parse(text) as ExportOrder);
    }
  });
});
const db = openDatabase(order.target);
const ctx = buildContext(db, {
  programme: 'main',
  actor: 'tester',
  zone: 'UTC',
  clock: { now: () => Date.now() },
  progress: { step: () => {}, done: () => {} },
});
try {
  const asked = { period: order.period, partner: null, instance: null, format: 'csv', asOf: null } as const;
  await writeExport(ctx, 'earnings', asked, order.out, { version: 'test' });
  process.stdout.write('done\n');
} catch (error) {
  if (!(error instanceof RevshareError)) throw error;
  process.stdout.write(`${error.code}\n`);
  process.exitCode = error.exitCode;
} finally {
  await ctx.close();
}
