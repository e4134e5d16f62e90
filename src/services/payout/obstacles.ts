import type { Connection } from '../../db/connection.ts';
import { obstaclesOf, type Obstacles } from '../../db/queries/payout-states.ts';
import { obstacleOf } from './compose-run.ts';

/** Payouts with what stands in the way of paying them now: the partner, a hold, the instrument; null where nothing does. */
export async function standInTheWay(
  tx: Connection,
  payoutIds: readonly number[],
): Promise<(Obstacles & { readonly reason: string | null })[]> {
  return (await obstaclesOf(tx, payoutIds)).map((standing) => ({ ...standing, reason: failing(standing) }));
}

function failing({ partnerStatus, house, hold, instrument }: Obstacles): string | null {
  return obstacleOf({ status: partnerStatus, house }) ?? (hold === null ? instrument : `held: ${hold}`);
}
