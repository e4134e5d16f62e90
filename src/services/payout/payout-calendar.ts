import type { Connection } from '../../db/connection.ts';
import type { WhoCloses } from '../../db/queries/payout-due.ts';
import { holidayRows, scheduleVersions, schedulesOn, type ScheduleRow } from '../../db/queries/schedules.ts';
import { addDays } from '../../domain/dates.ts';
import { closesOn, payoutDates, type Frequency, type PayoutDates } from '../../domain/payout-schedule.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';

/** A payout that is to come, by the schedule that is known today. */
export interface ScheduledPayout extends PayoutDates {
  /** Whose schedule it is; null: of whoever has none of its own. */
  readonly partner: string | null;
  readonly frequency: Frequency;
}

/** Nobody plans further ahead; a schedule that ends has no cut-off behind its last day. */
const HORIZON_DAYS = 1500;

/**
 * The next payouts of a partner, by its own schedule or else the programme's, or of the programme: those that are submitted
 * on a day or behind it, by default today, as many as asked for. Reads only. Throws NotFoundError `partner_not_found`.
 */
export async function payoutCalendar(
  ctx: Context,
  request: { readonly partner?: string | undefined; readonly from?: string | undefined; readonly count: number },
): Promise<ScheduledPayout[]> {
  const from = request.from ?? today(ctx);
  const partner = request.partner === undefined ? null : await findPartner(ctx.db, request.partner, from);
  return await nextPayouts(ctx.db, partner, from, request.count);
}

/** The same of a partner that was found; null for the programme. */
export async function nextPayouts(
  tx: Connection,
  partner: { readonly id: number; readonly code: string } | null,
  from: string,
  count: number,
): Promise<ScheduledPayout[]> {
  const live = (rows: readonly ScheduleRow[]) => rows.filter(({ retiredSeq }) => retiredSeq === null);
  const own = partner === null ? [] : live(await scheduleVersions(tx, partner.id));
  const ofAll = live(await scheduleVersions(tx, null));
  const speaking = (day: string) => [own, ofAll].flatMap((rows) => rows.filter((row) => holdsOn(row, day)))[0];
  if (own.length + ofAll.length === 0) return [];
  const holidays = new Map((await holidayRows(tx, { from: null, to: null })).map(({ day, closed }) => [day, closed]));

  const found: ScheduledPayout[] = [];
  // What is submitted from that day on was cut off up to half a year and a rolled week before.
  const first = addDays(from, -200);
  for (let day = first; found.length < count && day < addDays(from, HORIZON_DAYS);) {
    const schedule = speaking(day);
    if (schedule !== undefined && closesOn(schedule, day)) {
      const dates = payoutDates(schedule, day, holidays);
      const whose = schedule.partnerId === null ? null : (partner?.code ?? null);
      if (dates.submitOn >= from) found.push({ partner: whose, frequency: schedule.frequency, ...dates });
    }
    day = addDays(day, 1);
  }
  return found;
}

const holdsOn = ({ valid: { from, to } }: ScheduleRow, day: string) =>
  (from === null || from <= day) && (to === null || day < to);

/** Partners for whom a period closes on this very date, by the schedules in force on it. Reads only. */
export async function whoCloses(tx: Connection, cutoff: string): Promise<WhoCloses> {
  const schedules = await schedulesOn(tx, cutoff);
  const own = schedules.filter(({ partnerId }) => partnerId !== null);
  const [closing, others] = [true, false].map((closes) =>
    own.filter((row) => closesOn(row, cutoff) === closes).map(({ partnerId }) => partnerId!),
  );
  const ofAll = schedules.find(({ partnerId }) => partnerId === null);
  return ofAll !== undefined && closesOn(ofAll, cutoff) ? { except: others! } : { only: closing! };
}
