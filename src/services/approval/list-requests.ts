import { requestRows, type RequestRow } from '../../db/queries/requests.ts';
import type { Page } from '../../db/queries/order.ts';
import type { Effect, RequestKind } from '../../domain/acts.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findRequest } from './request.ts';

/** A request as people read it; amounts are decimal strings. */
export interface Request extends Omit<RequestRow, 'payload'> {
  /** What it is about: its own terms, in words. */
  readonly about: string;
  readonly acts: number;
  readonly effect: readonly {
    readonly partner: string;
    readonly instance: string;
    readonly currency: string;
    readonly amount: string;
  }[];
}

export interface RequestFilter {
  readonly kind?: RequestKind | undefined;
  readonly status?: RequestRow['status'] | undefined;
  /** Login of who asked. */
  readonly by?: string | undefined;
}

/** Requests, latest first. Reads only. */
export async function listRequests(ctx: Context, filter: RequestFilter, page: Page): Promise<Request[]> {
  return (await requestRows(ctx.db, filter, page)).map(requestView);
}

/** One request with what it moves per partner. Reads only. Throws NotFoundError `request_not_found`. */
export async function showRequest(ctx: Context, id: number): Promise<Request> {
  return requestView(await findRequest(ctx.db, id));
}

export function requestView({ payload, ...row }: RequestRow): Request {
  const { acts, effect, about } = payload as {
    acts?: readonly unknown[] | { count: number };
    effect?: readonly Effect[];
    about?: string;
  };
  return {
    ...row,
    about: about ?? '',
    acts: acts === undefined ? 0 : 'count' in acts ? acts.count : acts.length,
    effect: (effect ?? []).map(({ partner, instance, currency, amount_minor: minor }) => ({
      partner,
      instance,
      currency,
      amount: formatMinor(BigInt(minor), currency),
    })),
  };
}
