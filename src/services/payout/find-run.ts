import type { Connection } from '../../db/connection.ts';
import { payoutRuns, type PayoutRunRow } from '../../db/queries/payout-runs.ts';
import { payoutStates } from '../../db/queries/payout-states.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';

/** The run of a number. Reads only. Throws NotFoundError `run_not_found`. */
export async function findRun(tx: Connection, id: number): Promise<PayoutRunRow> {
  const [run] = await payoutRuns(tx, { id, limit: 1, offset: 0 });
  if (run === undefined) {
    throw new NotFoundError('run', String(id), '`revshare payout runs` shows them');
  }
  return run;
}

/** That the run, or each of the payouts, exists. Reads only. Throws NotFoundError `run_not_found`, `payout_not_found`. */
export async function assertPayoutsThere(tx: Connection, selection: PayoutSelection): Promise<void> {
  if ('run' in selection) {
    await findRun(tx, selection.run);
    return;
  }
  const found = await payoutStates(tx, { numbers: selection.numbers });
  const missing = selection.numbers.find((number) => !found.some((payout) => payout.number === number));
  if (missing !== undefined) throw new NotFoundError('payout', missing, '`revshare payout list` shows the numbers');
}
