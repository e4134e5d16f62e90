import { businessDate } from '../domain/dates.ts';
import type { Context } from './context.ts';

/** The programme's business date of now: the default of everything that begins when it is said. */
export function today(ctx: Pick<Context, 'clock' | 'zone'>): string {
  return businessDate(ctx.clock.now(), ctx.zone);
}
