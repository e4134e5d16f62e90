import { UsageError } from '../domain/errors.ts';
import type { Context } from '../services/context.ts';
import { today } from '../services/today.ts';

/**
 * The business date that a job runs for: the one that was asked for, else today. A day that has not come is refused, on a
 * dry run too: what is due on it is not known before, and a run for it would approve and pay early.
 * Throws UsageError `date_in_future`.
 */
export function jobDate(ctx: Pick<Context, 'clock' | 'zone'>, asked: string | undefined): string {
  const now = today(ctx);
  if (asked === undefined || asked <= now) return asked ?? now;
  throw new UsageError('date_in_future', `a job cannot run for ${asked}: today is ${now} (${ctx.zone})`, {
    hint: 'leave out --for, or name a day that has come',
  });
}
