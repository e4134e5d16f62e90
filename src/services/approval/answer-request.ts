import { insertApproval, insertRejection, type RequestRow } from '../../db/queries/requests.ts';
import type { Connection } from '../../db/connection.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Act, Effect } from '../../domain/acts.ts';
import type { Context } from '../context.ts';
import { applyRequest, type Asked } from './apply-request.ts';
import { findRequest, tryOut } from './request.ts';
import { actsAgain } from './request-kinds.ts';

/**
 * Approves a request as the second person and does it, in one transaction. It is tried out again first: where it would
 * move other money by now than its maker was shown, it is refused. With `contentHash` it is refused unless the request has
 * that content: what the approver looked at.
 *
 * Writes. Throws NotFoundError, RefusedError `request_answered`, `request_differs`, `effect_changed`, and `four_eyes` when
 * the login made the request itself, which the database says. Source: SEMANTICS §7.
 */
export async function approveRequest(
  ctx: Context,
  answer: { readonly request: number; readonly contentHash?: string | undefined; readonly note?: string | undefined },
): Promise<RequestRow> {
  return await ctx.write(async (tx) => {
    const request = await findOpen(tx, answer.request);
    if (answer.contentHash !== undefined && !request.contentHash.startsWith(answer.contentHash)) {
      throw new RefusedError(
        'request_differs',
        `request ${request.id} has content ${request.contentHash.slice(0, 12)}, not ${answer.contentHash}`,
        { hint: `look at it again: revshare approval show ${request.id}` },
      );
    }
    if (request.status === 'pending') {
      const { id: requestId, contentHash } = request;
      await insertApproval(tx, { requestId, contentHash, note: answer.note ?? null });
    }
    const asked = await asAsked(tx, request);
    const { effect } = await tryOut(ctx, tx, async () => await applyRequest(ctx, tx, asked));
    assertSameEffect(request, effect);
    await applyRequest(ctx, tx, asked);
    return await findRequest(tx, request.id);
  });
}

/**
 * Rejects a request for good; its own maker withdraws it so. Writes.
 * Throws NotFoundError, RefusedError `request_answered`.
 */
export async function rejectRequest(
  ctx: Context,
  answer: { readonly request: number; readonly reason: string },
): Promise<RequestRow> {
  return await ctx.write(async (tx) => {
    const request = await findOpen(tx, answer.request);
    await insertRejection(tx, { requestId: request.id, reason: answer.reason });
    return await findRequest(tx, request.id);
  });
}

async function findOpen(tx: Connection, id: number): Promise<RequestRow> {
  const request = await findRequest(tx, id);
  if (request.status !== 'pending' && request.status !== 'approved') {
    throw new RefusedError(
      'request_answered',
      `request ${id} is ${request.status}${request.answeredBy === null ? '' : `, by ${request.answeredBy}`}`,
      { hint: 'a new request is a new question' },
    );
  }
  return request;
}

/** What the request asks for, its acts worked out again where it tells them by their hash. */
async function asAsked(tx: Connection, request: RequestRow): Promise<Asked> {
  const { acts, effect: _, ...terms } = request.payload;
  const { id, kind, reason } = request;
  const listed = acts === undefined ? [] : Array.isArray(acts) ? (acts as Act[]) : await actsAgain(tx, kind, terms);
  return { id, kind, reason, terms, acts: listed };
}

function assertSameEffect(request: RequestRow, now: readonly Effect[]): void {
  const shown = (request.payload['effect'] ?? []) as readonly Effect[];
  const told = (effect: readonly Effect[]) =>
    effect.map((one) => `${one.partner} ${one.instance} ${one.currency} ${one.amount_minor}`).join('\n');
  if (told(shown) === told(now)) return;
  throw new RefusedError(
    'effect_changed',
    `request ${request.id} would move other money by now than when it was made`,
    {
      hint: `reject it and ask again: revshare approval reject ${request.id} --reason "the books have moved on"`,
    },
  );
}
