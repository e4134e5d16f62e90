import { postsItself, type Act, type Effect, type RequestKind, type Terms } from '../../domain/acts.ts';
import {
  digestOfActs,
  effectOfActs,
  effectOfBatch,
  insertRequest,
  isSmall,
  requestRows,
  type RequestRow,
} from '../../db/queries/requests.ts';
import type { Connection } from '../../db/connection.ts';
import { NotFoundError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { decideBatch } from '../accrual/decide-batch.ts';
import { applyRequest, type Applied } from './apply-request.ts';

/** What somebody asks for. */
export interface Draft {
  readonly kind: RequestKind;
  readonly reason: string;
  /** What the acts follow from, where they say it not all themselves. */
  readonly terms: Terms;
  readonly acts: readonly Act[];
  /** Wants a second person however small it is, and is refused before one agrees: so it is not tried either. */
  readonly neverAlone?: boolean;
}

/** More acts than this are told by count and hash, and worked out again from the terms. */
const MANY_ACTS = 200;

/**
 * Writes down what is asked for, with the money it would move per partner: found by doing it, deciding it by the rating of
 * every night, and taking it back. What one person may do alone is done at once; the rest waits for a second one.
 *
 * Writes, in the caller's transaction of `ctx.write`. Throws what doing it would throw. Source: SEMANTICS §7.
 */
export async function askFor(ctx: Context, tx: Connection, draft: Draft): Promise<RequestRow> {
  const { kind, reason, terms } = draft;
  if (kind === 'limit')
    return await findRequest(tx, await insertRequest(tx, { kind, reason, payload: terms, id: null }));
  // Those of an opening follow from nothing but its file, so all of them are told.
  const many = kind !== 'opening' && draft.acts.length > MANY_ACTS;
  const acts = many ? await digestOfActs(tx, draft.acts) : draft.acts;
  if (draft.neverAlone === true) {
    const payload = { ...terms, acts, effect: await effectOfActs(tx, draft.acts) };
    return await findRequest(tx, await insertRequest(tx, { kind, reason, payload, id: null }));
  }
  const tried =
    draft.acts.length > 0 && draft.acts.every(postsItself)
      ? await tryAlone(ctx, tx, draft, { ...terms, acts, effect: await effectOfActs(tx, draft.acts) })
      : await tryOut(ctx, tx, async () => {
          const id = await insertRequest(tx, { kind, reason, payload: { ...terms, acts }, id: null });
          return await applyRequest(ctx, tx, { id, kind, reason, terms, acts: draft.acts });
        });
  if (tried.done) return await findRequest(tx, tried.request);
  const payload = { ...terms, acts, effect: tried.effect };
  const id = await insertRequest(tx, { kind, reason, payload, id: tried.request });
  if (tried.small) await applyRequest(ctx, tx, { id, kind, reason, terms, acts: draft.acts });
  return await findRequest(tx, id);
}

interface Tried {
  readonly request: number;
  /** It was small and stays done. */
  readonly done?: boolean;
  readonly effect: readonly Effect[];
  readonly small: boolean;
}

/**
 * Does what says itself what it moves, so that what one person may do alone is done once and stays; anything else is taken
 * back, and was only tried.
 */
async function tryAlone(
  ctx: Context,
  tx: Connection,
  { kind, reason, terms, acts }: Draft,
  payload: Terms & { readonly effect: readonly Effect[] },
): Promise<Tried> {
  await tx.sql`savepoint tried_alone`;
  const request = await insertRequest(tx, { kind, reason, payload, id: null });
  const { batch } = await applyRequest(ctx, tx, { id: request, kind, reason, terms, acts });
  const done = await isSmall(tx, batch!);
  if (!done) await tx.sql`rollback to savepoint tried_alone`;
  return { request, effect: payload.effect, small: done, done };
}

/** Does something, decides the acts it made, looks at what came of it, and takes all of it back. */
export async function tryOut(ctx: Context, tx: Connection, doIt: () => Promise<Applied>): Promise<Tried> {
  await tx.sql`savepoint tried_out`;
  const { request, batch, posted } = await doIt();
  const effect: Effect[] = [];
  let small = false;
  if (batch !== null) {
    small = await isSmall(tx, batch);
    if (!posted) await decideBatch(ctx, tx, batch);
    effect.push(...(await effectOfBatch(tx, batch)));
  }
  await tx.sql`rollback to savepoint tried_out`;
  return { request, effect, small };
}

/** Throws NotFoundError `request_not_found`. */
export async function findRequest(tx: Connection, id: number): Promise<RequestRow> {
  const [row] = await requestRows(tx, { id }, { limit: 1, offset: 0 });
  if (row === undefined) throw new NotFoundError('request', String(id), '`revshare approval list` shows them');
  return row;
}
