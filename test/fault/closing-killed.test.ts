import { expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { runsAtWork } from '../../src/db/queries/job-runs.ts';
import { closePeriod } from '../../src/runner/close-period.ts';
import { hashBooks } from '../../src/services/ledger/hash-books.ts';
import { showPeriod } from '../../src/services/period/list-periods.ts';
import { listStatements } from '../../src/services/statement/list-statements.ts';
import { testDatabase } from '../database.ts';
import { openClosingBooks } from '../support/closing-books.ts';
import { expectCleanDoctor } from '../support/doctor.ts';
import { WorkerProcess } from '../support/worker-process.ts';

const month = '2026-09';

/** Wherever a closing is killed, it leaves an open period, and the next one goes on and comes to the books of an undisturbed one. */
it.each([
  ['before it writes', 'closing 2026-09: true ups', { 'true-ups': 0, posted: 3, statements: 0 }],
  ['between deciding true-ups and posting them', 'closing windows', { 'true-ups': 1, posted: 3, statements: 0 }],
  ['before the statements', 'closing 2026-09: statements', { 'true-ups': 1, posted: 4, statements: 0 }],
  ['after the statements', 'closing 2026-09: doctor', { 'true-ups': 1, posted: 4, statements: 2 }],
  ['before the end', 'closing 2026-09: control totals', { 'true-ups': 1, posted: 4, statements: 2 }],
])('a closing that is killed %s is gone on with', async (_, until, left) => {
  const [hurt, calm] = await Promise.all([testDatabase(), testDatabase()]);
  try {
    const [ctx, undisturbed] = await Promise.all([hurt.context(), calm.context()]);
    for (const books of [ctx, undisturbed]) await openClosingBooks(books);
    await closePeriod(undisturbed, { month });

    const worker = await WorkerProcess.start('closing-child');
    worker.order({ target: hurt.target(), now: ctx.clock.now(), month, until });
    expect(await worker.ended).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    while ((await runsAtWork(ctx.db)).length > 0); // until the server notices
    expect(await standing(ctx)).toEqual({ status: 'open', ...left });

    await closePeriod(ctx, { month });
    expect(await standing(ctx)).toEqual({ status: 'closed', 'true-ups': 1, posted: 4, statements: 2 });
    expect((await hashBooks(ctx, null)).sections).toEqual((await hashBooks(undisturbed, null)).sections);
    expect((await showPeriod(ctx, month)).controlHash).toBe((await showPeriod(undisturbed, month)).controlHash);
    expect(await told(ctx)).toEqual(await told(undisturbed));
    await expectCleanDoctor(ctx);
  } finally {
    await Promise.all([hurt.drop(), calm.drop()]);
  }
});

/** How far it came: true-ups that are decided, transfers, statements. */
async function standing(ctx: OpenedContext): Promise<Record<string, unknown>> {
  const [row] = await ctx.db.sql<Record<string, number>[]>`
    select (select count(*)::int from revenue_events where kind = 'true_up') as "true-ups", (select count(*)::int from transfers) as posted,
      (select count(*)::int from statements) as statements`;
  return { status: (await showPeriod(ctx, month)).status, ...row };
}

async function told(ctx: OpenedContext): Promise<string[]> {
  const rows = await listStatements(ctx, {}, { limit: 99, offset: 0 });
  return rows.map(({ number, partner, closing, status }) => `${number} ${partner} ${closing} ${status}`);
}
