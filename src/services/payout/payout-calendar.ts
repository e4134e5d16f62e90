import type { Connection } from '../../db/connection.ts';
import type { RunOrigin } from '../../db/queries/job-runs.ts';
import type { WhoCloses } from '../../db/queries/payout-due.ts';
import {
  cutoffsOn,
  holidayRows,
  liveSchedules,
  scheduleVersions,
  schedulesOn,
  type CutoffsRow,
  type ScheduleRow,
} from '../../db/queries/schedules.ts';
import type { OwnHolidays } from '../../domain/business-days.ts';
import { addDays } from '../../domain/dates.ts';
import { groupBy } from '../../domain/maps.ts';
import {
  closesOn,
  payoutDates,
  type Frequency,
  type PayoutDates,
  type PayoutSchedule,
} from '../../domain/payout-schedule.ts';
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

/** What is submitted on a day was cut off up to half a year and a rolled week before. */
const LONGEST_NET_DAYS = 200;

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
  const holidays = await ownHolidays(tx);

  const found: ScheduledPayout[] = [];
  const first = addDays(from, -LONGEST_NET_DAYS);
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

/** What the programme says of days, as it was said last. Reads only. */
export async function ownHolidays(tx: Connection): Promise<OwnHolidays> {
  return new Map((await holidayRows(tx, { from: null, to: null })).map(({ day, closed }) => [day, closed]));
}

const holdsOn = ({ valid: { from, to } }: ScheduleRow, day: string) =>
  (from === null || from <= day) && (to === null || day < to);

/** Partners for whom a period closes on this very date, by the schedules in force on it. Reads only. */
export async function whoCloses(tx: Connection, cutoff: string): Promise<WhoCloses> {
  return closingOf(await cutoffsOn(tx, cutoff), cutoff);
}

/** How a night pays those for whom nobody said when. */
const AS_USUAL: PayoutSchedule = {
  ...{ frequency: 'monthly', anchor: null, reviewDays: 0, netDays: 0, calendar: 'weekdays' },
};

/**
 * Whom the job pays on a date: whoever closes on it, and monthly those without a schedule. Where nobody has one, a date that
 * somebody typed is everybody's. Reads only.
 */
export async function whoseTurn(tx: Connection, date: string, origin: RunOrigin): Promise<WhoCloses> {
  const said = await cutoffsOn(tx, date);
  if (said.length === 0 && origin === 'hand') return { except: [] };
  const ofAll = said.some(({ partnerIds }) => partnerIds.includes(null));
  return closingOf(ofAll ? said : [...said, { ...AS_USUAL, partnerIds: [null] }], date);
}

function closingOf(said: readonly CutoffsRow[], date: string): WhoCloses {
  const idsOf = (closes: boolean) =>
    said.filter((row) => closesOn(row, date) === closes).flatMap(({ partnerIds }) => partnerIds);
  return whoOf(idsOf(true), idsOf(false));
}

/** Whose schedule is meant: those with one of their own that is, and whoever has none (null) where the programme's is. */
function whoOf(meant: readonly (number | null)[], others: readonly (number | null)[]): WhoCloses {
  const own = (ids: readonly (number | null)[]) => ids.filter((id) => id !== null);
  return meant.includes(null) ? { except: own(others) } : { only: own(meant) };
}

/** A cut-off that is to come, of whoever closes on it. */
export interface CutoffToCome {
  readonly cutoff: string;
  readonly who: WhoCloses;
  /** When what a partner is paid then is submitted; undefined where nothing of it is on the days asked about. */
  readonly submitOn: (partnerId: number) => string | undefined;
}

/**
 * The cut-offs after which something is submitted on days `[from, to]`, each of those for whom that is so, in their order; no
 * cut-off lies behind `to`. Those without a schedule have the ones of `whoseTurn`. Reads only.
 */
export async function cutoffsToCome(
  tx: Connection,
  from: string,
  to: string,
): Promise<{ readonly scheduled: boolean; readonly cutoffs: CutoffToCome[] }> {
  const live = await liveSchedules(tx);
  const holidays = await ownHolidays(tx);
  const cutoffs: CutoffToCome[] = [];
  for (let day = addDays(from, -LONGEST_NET_DAYS); day <= to; day = addDays(day, 1)) {
    const own = live.filter((row) => holdsOn(row, day));
    const said = own.some(({ partnerId }) => partnerId === null) ? own : [...own, { ...AS_USUAL, partnerId: null }];
    const dates = new Map(
      said
        .filter((row) => closesOn(row, day))
        .map((row) => [row.partnerId, payoutDates(row, day, holidays).submitOn] as const)
        .filter(([, submitOn]) => from <= submitOn && submitOn <= to),
    );
    if (dates.size === 0) continue;
    const others = said.map(({ partnerId }) => partnerId).filter((partnerId) => !dates.has(partnerId));
    cutoffs.push({
      ...{ cutoff: day, who: whoOf([...dates.keys()], others) },
      submitOn: (partnerId) => dates.get(partnerId) ?? dates.get(null),
    });
  }
  return { scheduled: live.length > 0, cutoffs };
}

/**
 * When payouts are to be submitted, by number: NET-n behind their cut-off, by the schedule of the partner or else of the
 * programme that was in force on it. Those without a schedule, and those that pay again what did not arrive, are not in it.
 * Reads only.
 */
export async function submissionDates(
  tx: Connection,
  payouts: readonly {
    readonly number: string;
    readonly partner: string;
    readonly cutoff: string;
    readonly retryOf: string | null;
  }[],
): Promise<ReadonlyMap<string, string>> {
  const holidays = await ownHolidays(tx);
  const dates = new Map<string, string>();
  for (const [cutoff, own] of groupBy(
    payouts.filter(({ retryOf }) => retryOf === null),
    (one) => one.cutoff,
  )) {
    const schedules = await schedulesOn(tx, cutoff);
    const ofAll = schedules.find(({ partner }) => partner === null);
    for (const { number, partner } of own) {
      const schedule = schedules.find((row) => row.partner === partner) ?? ofAll;
      if (schedule !== undefined) dates.set(number, payoutDates(schedule, cutoff, holidays).submitOn);
    }
  }
  return dates;
}
