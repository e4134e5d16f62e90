import type { Act, RequestKind, Terms } from '../../domain/acts.ts';
import { addDays } from '../../domain/dates.ts';
import { insertActs, insertApplication } from '../../db/queries/requests.ts';
import { ensureSource } from '../../db/queries/revenue-intake.ts';
import type { Connection } from '../../db/connection.ts';
import type { Context } from '../context.ts';
import { endOf } from '../export/moment.ts';
import { today } from '../today.ts';
import { changesOf } from './request-kinds.ts';

export interface Asked {
  readonly id: number;
  readonly kind: RequestKind;
  readonly reason: string;
  readonly terms: Terms;
  readonly acts: readonly Act[];
}

/** When an act is dated: today, now; an opening on the day it is of, at its beginning. */
function dayOf(ctx: Context, terms: Terms): { today: string; at: string } {
  const on = terms['on'];
  if (typeof on !== 'string') return { today: today(ctx), at: new Date(ctx.clock.now()).toISOString() };
  return { today: on, at: new Date(endOf(addDays(on, -1), ctx.zone)).toISOString() };
}

/** Who speaks in the events that operators make. */
const OPERATOR_SOURCE = 'operator';

/**
 * Does what a request asks for: changes its terms and records its acts, as one batch of today; the next accrual decides
 * them. That it is approved, or small, and done word for word, the database proves at commit. Writes.
 */
export async function applyRequest(
  ctx: Context,
  tx: Connection,
  asked: Asked,
): Promise<{ request: number; batch: number | null }> {
  const { id, kind, reason, terms, acts } = asked;
  await insertApplication(tx, id);
  await changesOf(kind)?.(ctx, tx, terms, acts);
  if (acts.length === 0) return { request: id, batch: null };
  const batch = await insertActs(tx, {
    requestId: id,
    sourceId: await ensureSource(tx, OPERATOR_SOURCE),
    reason,
    acts,
    ...dayOf(ctx, terms),
  });
  return { request: id, batch };
}
