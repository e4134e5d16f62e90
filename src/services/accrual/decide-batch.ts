import { insertRun } from '../../db/queries/job-runs.ts';
import { batchEnd } from '../../db/queries/act-subjects.ts';
import type { Connection, Database } from '../../db/connection.ts';
import type { Context } from '../context.ts';
import { rateMissing } from '../fx/rate-missing.ts';
import { decideEvents } from './accrue-commissions.ts';

const LEASE_SECONDS = 60;

/**
 * Decides one batch that the transaction itself has recorded, by the terms that it knows, and posts nothing. For trying
 * out: the caller takes it back. The claim is one of its own, which nobody ever sees, so an accrual at work is not in the
 * way. Writes. Throws UnavailableError `fx_rate_missing`: what cannot be decided cannot be weighed.
 */
export async function decideBatch(ctx: Context, tx: Connection, batch: number): Promise<void> {
  const scope = await tryScope(tx);
  const businessDate = await batchEnd(tx, batch);
  const run = await insertRun(tx, {
    ...{ job: 'accrue-commissions', scope, businessDate, origin: 'hand' },
    ...{ worker: 'a trial', leaseSeconds: LEASE_SECONDS },
  });
  const { sql, orm } = tx as Pick<Database, 'sql' | 'orm'>;
  // As in a dry run everything is on the one connection, where the batch can be seen.
  const inside: Context = { ...ctx, db: { ...ctx.db, sql, orm }, dryRun: true, progress: SILENT };
  const waiting = await decideEvents(
    { ctx: inside, unit: async (work) => await work(tx), run: { ...run, businessDate, leaseSeconds: LEASE_SECONDS } },
    { only: batch },
  );
  const missing = waiting.firstMissing();
  if (missing !== null) throw rateMissing(missing.eventId, missing.waitsFor);
}

const SILENT = { step: () => {}, done: () => {} };

/** Of this transaction alone. */
async function tryScope({ sql }: Connection): Promise<string> {
  const [row] = await sql<{ scope: string }[]>`select 'trial ' || pg_current_xact_id() as scope`;
  return row!.scope;
}
