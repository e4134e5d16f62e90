import type { Connection } from '../../db/connection.ts';
import { payoutRuns, type PayoutRunRow } from '../../db/queries/payout-runs.ts';
import { NotFoundError } from '../../domain/errors.ts';

/** The run of a number. Reads only. Throws NotFoundError `run_not_found`. */
export async function findRun(tx: Connection, id: number): Promise<PayoutRunRow> {
  const [run] = await payoutRuns(tx, { id, limit: 1, offset: 0 });
  if (run === undefined) {
    throw new NotFoundError('run', String(id), '`revshare payout runs` shows them');
  }
  return run;
}
