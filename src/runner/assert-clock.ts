import { databaseClock } from '../db/queries/job-runs.ts';
import { translateDatabaseError } from '../db/failures.ts';
import { UnavailableError } from '../domain/errors.ts';
import type { Context } from '../services/context.ts';

/** Further than this from the database's clock, one of the two is wrong, and nobody can tell here which. */
const MOST_SECONDS_OFF = 60;

/**
 * This machine's clock says which dates have come, the database's which lease is over: a job runs only where both agree. A
 * simulated clock means another time on purpose. Reads only. Throws UnavailableError `clock_off`,
 * `connection_lost`.
 */
export async function assertClock({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<void> {
  if (clock.isSimulated === true) return;
  const before = clock.now();
  const theirs = await databaseClock(db).catch((error: unknown) => {
    throw translateDatabaseError(error);
  });
  // Whenever between question and answer it was read, it is off by no less than this.
  const off = Math.max(before - theirs, theirs - clock.now(), 0) / 1000;
  if (off <= MOST_SECONDS_OFF) return;
  const ahead = before > theirs ? 'ahead of' : 'behind';
  throw new UnavailableError(
    'clock_off',
    `this machine's clock is ${Math.round(off)} s ${ahead} the database's (${new Date(theirs).toISOString()})`,
    { hint: 'set the clocks (chronyc tracking, timedatectl): no job runs while they disagree about what day it is' },
  );
}
