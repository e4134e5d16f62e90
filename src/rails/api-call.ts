import { UnavailableError } from '../domain/errors.ts';
import type { ApiAnswer } from './api-rail.ts';

/** How a thin client asks; nobody waits longer for an answer than this. */
const TIMEOUT_MS = 30_000;

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  /** The JSON of it; {} where it has none. */
  readonly body: unknown;
}

/** Nobody answered, or not whole: what was asked may have been done or not. */
export class NoReply extends Error {}

/** A call to a provider. @throws NoReply */
export async function callApi(
  url: string,
  call: { readonly method: 'GET' | 'POST'; readonly headers: Record<string, string>; readonly body?: string },
): Promise<Reply> {
  try {
    const response = await fetch(url, { ...call, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: response.status, headers: response.headers, body: parsed(await response.text()) };
  } catch (error) {
    throw new NoReply('the connection ended without an answer', { cause: error });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Walks into JSON of somebody else's: whatever is not there is undefined. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown> | null)?.[step], value);
}

/** A text there, or null. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | null {
  const found = at(value, ...path);
  return typeof found === 'string' && found !== '' ? found : null;
}

export function listAt(value: unknown, ...path: readonly (string | number)[]): readonly unknown[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** What follows of an answer that says nothing of the payment: too many calls, a fault of theirs, or no answer. */
export const noAnswer = (message: string): ApiAnswer => ({ outcome: 'unknown', code: 'no_answer', message });
export const theirFault = (status: number): ApiAnswer => ({
  outcome: 'unknown',
  code: `http_${status}`,
  message: `the provider answered with ${status}`,
});
export const tooMany = (retryAfter: string | null): ApiAnswer => ({
  outcome: 'unknown',
  code: 'rate_limited',
  message: 'the provider takes no more calls at the moment',
  waitSeconds: Math.max(0, Number(retryAfter ?? 1) || 0),
});

/** What a call comes to, where none may come to an error: nobody knows. */
export async function answered<A extends ApiAnswer | null>(call: () => Promise<A>): Promise<A | ApiAnswer> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof NoReply) return noAnswer(error.message);
    throw error;
  }
}

/** An answer that tells nothing of the payment. */
export function troubled({ status, headers }: Reply): ApiAnswer {
  return status === 429 ? tooMany(headers.get('retry-after')) : theirFault(status);
}

/** Before anything was sent, nobody answers. */
export function unreachable(rail: string, cause: unknown): UnavailableError {
  return new UnavailableError('rail_unreachable', `${rail} does not answer`, {
    hint: 'nothing was sent; try again later',
    cause,
  });
}

/** The provider does not let us in: nothing was done, and no other call would fare better. */
export function refusedUs(rail: string, status: number): UnavailableError {
  return new UnavailableError('rail_credentials', `${rail} does not accept the secret, or not for this (${status})`, {
    hint: 'look at the secret of the rail, and at the account in `revshare rail show`; nothing was sent by this call',
  });
}

/** At most 500 characters of what a provider says, on one line. */
export const saidBy = (text: string | null, otherwise: string): string =>
  (text ?? otherwise)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 500) || otherwise;
