import type { Connection } from '../../db/connection.ts';
import { selectSubscriptions, type SubscriptionRow } from '../../db/queries/subscriptions.ts';
import { notFound } from '../not-found.ts';

/** The subscription of a code. Reads only. Throws NotFoundError `subscription_not_found`. */
export async function findSubscription(tx: Connection, code: string, day: string): Promise<SubscriptionRow> {
  const [row] = await selectSubscriptions(tx, { code }, day, { limit: 1, offset: 0 });
  if (row === undefined) throw await notFound(tx, 'subscription', code);
  return row;
}
