import { booksStatus, type BooksStatus } from '../../db/queries/status.ts';
import { programmeSchemas } from '../../db/queries/programme.ts';
import { isEmbedded, type Whereabouts } from '../../db/session.ts';
import { withoutPassword } from '../database/address.ts';
import type { Context } from '../context.ts';

export interface ShownStatus extends BooksStatus {
  readonly programme: string;
  readonly zone: string;
  readonly actor: string;
  /** The database proves who acts; on the embedded server anyone at the machine may claim any name. */
  readonly actorIs: 'proved' | 'claimed';
  readonly books: string;
  /** Every programme of the database that this login can see the name of. */
  readonly programmes: readonly string[];
  readonly next: string;
}

/** Where the books are, what is in them and what to do next. Reads only. */
export async function showStatus(ctx: Context, where: Whereabouts): Promise<ShownStatus> {
  const status = await booksStatus(ctx.db);
  const embedded = isEmbedded(where);
  return {
    ...status,
    programme: ctx.programme,
    zone: ctx.zone,
    actor: ctx.actor,
    actorIs: embedded ? 'claimed' : 'proved',
    books: embedded ? where.home : withoutPassword(where.databaseUrl ?? 'DATABASE_URL'),
    programmes: (await programmeSchemas(ctx.db)).map(({ name }) => name),
    next: nextStep(status),
  };
}

function nextStep(status: BooksStatus): string {
  if (status.instances === 0) return 'revshare tenant create, partner create, instance create';
  if (status.events === 0) return 'revshare revenue import FILE --map MAP.toml';
  if (status.undecided > 0 || status.unpostedChunks > 0) return 'revshare job run accrue-commissions';
  if (status.waiting > 0) return 'revshare revenue list --waiting';
  if (status.runsToApprove > 0) return 'revshare payout runs --status pending';
  return 'revshare doctor';
}
