import { RefusedError, UsageError } from '../domain/errors.ts';
import type { ApiEvent } from './api-rail.ts';

/** The JSON of a webhook. @throws UsageError `webhook_unreadable` */
export function jsonOf(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw unreadable('its body is no JSON', error);
  }
}

/** @throws UsageError `webhook_unreadable` for what has no name or no time */
export function eventOf(
  happened: { readonly eventId: string | null; readonly type: string; readonly occurredAt: number },
  about: ApiEvent['about'],
): ApiEvent {
  const { eventId, type, occurredAt } = happened;
  if (eventId === null || !Number.isFinite(occurredAt)) throw unreadable('it names no event, or no time of it');
  return { eventId, type: type.slice(0, 200), occurredAt, about };
}

function unreadable(why: string, cause?: unknown): UsageError {
  return new UsageError('webhook_unreadable', `this is no webhook of that provider: ${why}`, {
    hint: 'keep the request as it came: header lines, an empty line, and the body to the byte',
    cause,
  });
}

/** @returns what is thrown where nobody but the provider can have sent it, and did not */
export function notSigned(header: string): RefusedError {
  return new RefusedError('webhook_signature', `the signature in ${header} is not of this body`, {
    hint: 'whoever sent it, it is not believed; the secret of the webhook may have been rotated, or the body changed on its way',
  });
}
