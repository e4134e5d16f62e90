import { postsItself, type Act, type RequestKind, type Terms } from '../../domain/acts.ts';
import { addDays } from '../../domain/dates.ts';
import { insertActs, insertApplication } from '../../db/queries/requests.ts';
import { ensureSource } from '../../db/queries/revenue-intake.ts';
import type { Connection } from '../../db/connection.ts';
import { postActs } from '../accrual/post-acts.ts';
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

/** When an act is dated: today, now; an opening, or what is meant for another day, on that one, at its beginning. */
function dayOf(ctx: Context, terms: Terms): { today: string; at: string } {
  const on = terms['on'];
  if (typeof on !== 'string') return { today: today(ctx), at: new Date(ctx.clock.now()).toISOString() };
  return { today: on, at: new Date(endOf(addDays(on, -1), ctx.zone)).toISOString() };
}

/** Who speaks in the events that operators make. */
const OPERATOR_SOURCE = 'operator';

export interface Applied {
  readonly request: number;
  /** Of its acts; null where it has none. */
  readonly batch: number | null;
  /** Its acts are decided and posted; else the next accrual decides them. */
  readonly posted: boolean;
}

/**
 * Does what a request asks for: changes its terms and records its acts, as one batch of today. Acts that say themselves
 * what they post are posted with it; what regards something decided before waits for the next accrual, which has its order
 * to keep. That it is approved, or small, and done word for word, the database proves at commit. Writes.
 */
export async function applyRequest(ctx: Context, tx: Connection, asked: Asked): Promise<Applied> {
  const { id, kind, reason, terms, acts } = asked;
  await insertApplication(tx, id);
  await changesOf(kind)?.(ctx, tx, terms, acts, { id, reason });
  if (acts.length === 0) return { request: id, batch: null, posted: false };
  const day = dayOf(ctx, terms);
  const batch = await insertActs(tx, {
    requestId: id,
    sourceId: await ensureSource(tx, OPERATOR_SOURCE),
    reason,
    acts,
    ...day,
  });
  const posted = acts.every(postsItself);
  if (posted) await postActs(tx, batch, acts, day.today);
  return { request: id, batch: batch.id, posted };
}
