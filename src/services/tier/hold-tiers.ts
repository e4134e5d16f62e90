import { lockClaims } from '../../db/queries/job-runs.ts';
import { holdKnownChanges } from '../../db/queries/known-changes.ts';
import { lockTiers } from '../../db/queries/tier-evaluations.ts';
import { lastAccruedOn } from '../../db/queries/tier-standings.ts';
import type { Connection } from '../../db/connection.ts';

/** Long enough to look and write. */
const LOCK_SECONDS = 60;

/**
 * Holds off the accrual and every other writer of tiers, to the end of the transaction; returns the last day that may be
 * decided. Numbers of changes are held before the accrual's claim, although one is drawn only where somebody moves: who
 * sets a rule takes both in this order, and the other way round the two would wait for each other for ever.
 */
export async function holdTiers(tx: Connection, seconds: number = LOCK_SECONDS): Promise<string | null> {
  await holdKnownChanges(tx);
  await lockClaims(tx, 'accrue-commissions', '', seconds);
  await lockTiers(tx);
  return await lastAccruedOn(tx);
}
