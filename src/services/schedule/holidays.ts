import { holidayRows, insertHoliday, type HolidayRow } from '../../db/queries/schedules.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';

export type Holiday = HolidayRow;

/** Days `[from, to)` that the programme calls closed, or open, in their order. Reads only. */
export async function listHolidays(
  ctx: Context,
  window: { readonly from?: string | null | undefined; readonly to?: string | null | undefined },
): Promise<Holiday[]> {
  return await holidayRows(ctx.db, { from: window.from ?? null, to: window.to ?? null });
}

/**
 * Calls a day closed, or open, whatever the calendars say; what is said last counts. Writes. Throws RefusedError
 * `nothing_to_change`.
 */
export async function sayHoliday(
  ctx: Context,
  holiday: { readonly day: string; readonly closed: boolean; readonly name: string },
): Promise<Holiday> {
  const { day, closed, name } = holiday;
  return await ctx.write(async (tx) => {
    const said = async () => (await holidayRows(tx, { from: day, to: null })).find((row) => row.day === day);
    const before = await said();
    if (before?.closed === closed && before.name === name) {
      throw new RefusedError('nothing_to_change', `${day} is ${closed ? 'closed' : 'open'} already: ${name}`);
    }
    await insertHoliday(tx, holiday);
    return (await said())!;
  });
}
