import { asc, eq, isNull } from 'drizzle-orm';
import type { PayoutSchedule } from '../../domain/payout-schedule.ts';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import type { DateRange } from '../schema/column-types.ts';
import { payoutSchedules } from '../schema/schedules.ts';

export interface ScheduleRow extends VersionRow, PayoutSchedule {
  readonly partnerId: number | null;
}

/** Every version of a partner's schedule, or of the programme's for null, in the order in which it became known. */
export async function scheduleVersions(tx: Connection, partnerId: number | null): Promise<ScheduleRow[]> {
  return await tx.orm
    .select()
    .from(payoutSchedules)
    .where(partnerId === null ? isNull(payoutSchedules.partnerId) : eq(payoutSchedules.partnerId, partnerId))
    .orderBy(asc(payoutSchedules.knownSeq), asc(payoutSchedules.valid));
}

/** Every schedule that counts, of partners and of the programme, whatever days it is of. */
export async function liveSchedules(tx: Connection): Promise<ScheduleRow[]> {
  return await tx.orm.select().from(payoutSchedules).where(isNull(payoutSchedules.retiredSeq));
}

export const retireSchedules = retiring(payoutSchedules);

export async function insertSchedule(
  tx: Connection,
  partnerId: number | null,
  version: PayoutSchedule & { readonly valid: DateRange; readonly knownSeq: number },
): Promise<void> {
  await tx.orm.insert(payoutSchedules).values({ ...version, partnerId });
}

/**
 * Every schedule in force on a day, the programme's first; with the code of its partner, or null. With `later`, those too
 * that are said for days behind it.
 */
export async function schedulesOn(
  tx: Connection,
  day: string,
  { later = false } = {},
): Promise<(ScheduleRow & { readonly partner: string | null })[]> {
  return [
    ...(await tx.sql<(ScheduleRow & { partner: string | null })[]>`
      select s.id::int, s.partner_id::int as "partnerId", p.code as partner, s.frequency, s.anchor, s.review_days as "reviewDays",
        s.net_days as "netDays", s.calendar, json_build_object('from', lower(s.valid), 'to', upper(s.valid)) as valid,
        s.known_seq::int as "knownSeq", s.retired_seq::int as "retiredSeq", s.created_by as "createdBy", s.recorded_at as "recordedAt"
      from payout_schedules s left join partners p on p.id = s.partner_id
      where s.retired_seq is null and s.valid && daterange(${day}::date, case when ${later} then null else ${day}::date + 1 end)
      order by p.code collate "C" nulls first, s.valid`),
  ];
}

/** Whose periods close alike, as said for a day; null among them: whoever has no schedule of its own. */
export interface CutoffsRow extends Pick<PayoutSchedule, 'frequency' | 'anchor'> {
  readonly partnerIds: readonly (number | null)[];
}

/** Every way of closing that is in force on a day: there are few, however many partners have one. */
export async function cutoffsOn(tx: Connection, day: string): Promise<CutoffsRow[]> {
  return [
    ...(await tx.sql<CutoffsRow[]>`
      select frequency, anchor, json_agg(partner_id order by partner_id) as "partnerIds" from payout_schedules
      where retired_seq is null and valid @> ${day}::date group by 1, 2 order by 1, 2`),
  ];
}

/** What the programme says of a day, as it was said last. */
export interface HolidayRow {
  readonly day: string;
  readonly closed: boolean;
  readonly name: string;
  readonly createdBy: string;
  readonly recordedAt: string;
}

/** Days `[from, to)` of which something is said, in their order. */
export async function holidayRows(
  tx: Connection,
  window: { readonly from: string | null; readonly to: string | null },
): Promise<HolidayRow[]> {
  return [
    ...(await tx.sql<HolidayRow[]>`
      select distinct on (day) day, closed, name, created_by as "createdBy", recorded_at as "recordedAt" from holidays
      where (${window.from}::date is null or day >= ${window.from}::date) and (${window.to}::date is null or day < ${window.to}::date)
      order by day, id desc`),
  ];
}

export async function insertHoliday(
  tx: Connection,
  holiday: { readonly day: string; readonly closed: boolean; readonly name: string },
): Promise<void> {
  await tx.sql`insert into holidays (day, closed, name) values (${holiday.day}, ${holiday.closed}, ${holiday.name})`;
}
