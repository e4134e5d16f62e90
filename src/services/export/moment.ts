import { currentMoment, type Moment } from '../../db/queries/as-of.ts';
import type { Connection } from '../../db/connection.ts';
import { addDays, businessDate, createTimestampParser, isDate } from '../../domain/dates.ts';
import { UsageError } from '../../domain/errors.ts';

/**
 * The moment that `--as-of` means: now without it; with an instant, what was recorded by then; with a date, by the end of
 * that day in the programme's zone, or by now when the day is today's. The transaction's own snapshot goes with it, so
 * that what was recorded by then and is committed only later stays out of every repetition.
 *
 * Must be called in a transaction that reads one moment. Throws UsageError `as_of_invalid`, `as_of_future`.
 */
export async function resolveMoment(tx: Connection, asked: string | null, zone: string): Promise<Moment> {
  const moment = await currentMoment(tx);
  if (asked === null) return moment;
  const text = asked.trim();
  const instant = isDate(text) ? endOfDay(text, zone, moment) : instantOf(text, zone);
  if (instant > moment.now) {
    throw new UsageError('as_of_future', `'${text}' is not over yet: it is ${moment.now}`, {
      hint: 'leave --as-of out to mean now',
    });
  }
  return { ...moment, instant };
}

function endOfDay(date: string, zone: string, { now }: Moment): string {
  if (date === businessDate(now, zone)) return now;
  // The last microsecond before the next day begins.
  return `${new Date(endOf(date, zone) - 1).toISOString().slice(0, -1)}999Z`;
}

/** The first instant that is not the date's any more, in milliseconds since the epoch. */
export function endOf(date: string, zone: string): number {
  return millisecondsOf(addDays(date, 1), zone);
}

function instantOf(text: string, zone: string): string {
  return `${new Date(millisecondsOf(text, zone)).toISOString().slice(0, -1)}000Z`;
}

function millisecondsOf(text: string, zone: string): number {
  const parsed = createTimestampParser('iso', zone)(text);
  if ('error' in parsed) {
    throw new UsageError('as_of_invalid', `--as-of '${text.slice(0, 60)}': ${parsed.error}`, {
      hint: 'write 2026-10-31, or 2026-10-31T17:00:00+01:00',
    });
  }
  return parsed.instant;
}
