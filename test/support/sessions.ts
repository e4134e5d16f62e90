import { setTimeout as sleep } from 'node:timers/promises';
import type { Connection } from '../../src/db/connection.ts';

/**
 * Waits until nobody else is at work in the database of `connection`. The server brings to its end what a client asked for
 * before it was killed or cut off, a commit too, and only then notices that nobody is there: until that day a test would
 * look at books that still move, or wait for locks of the dead. `connection` has to see everybody: a superuser's, or of the
 * same login.
 */
export async function everybodyGone({ sql }: Connection): Promise<void> {
  for (let round = 0; round < 1500; round += 1) {
    const [row] = await sql<{ busy: number }[]>`
      select count(*)::int as busy from pg_stat_activity
      where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'`;
    if (row!.busy === 0) return;
    await sleep(20);
  }
  throw new Error('somebody is at work in the database still');
}
