import type { Connection } from '../../db/connection.ts';
import {
  insertSchedule,
  retireSchedules,
  schedulesOn,
  scheduleVersions,
  type ScheduleRow,
} from '../../db/queries/schedules.ts';
import type { Calendar } from '../../domain/business-days.ts';
import { assertSomeDay, rangeText, type Days } from '../../domain/date-ranges.ts';
import { UsageError } from '../../domain/errors.ts';
import type { Frequency, PayoutSchedule } from '../../domain/payout-schedule.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver, versionOn, type VersionStore } from '../versions/say-over.ts';

/** When partners are paid over some days, and who said so. */
export interface Schedule extends PayoutSchedule {
  /** Null: of whoever has none of its own. */
  readonly partner: string | null;
  readonly from: string | null;
  readonly to: string | null;
  readonly knownSeq: number;
  readonly setBy: string;
  readonly setAt: string;
}

function scheduleView(partner: string | null, row: ScheduleRow): Schedule {
  const { frequency, anchor, reviewDays, netDays, calendar, valid, knownSeq } = row;
  return {
    ...{ partner, frequency, anchor, reviewDays, netDays, calendar, ...valid, knownSeq },
    ...{ setBy: row.createdBy, setAt: row.recordedAt },
  };
}

export interface NewSchedule {
  /** Default: of whoever has none of its own. */
  readonly partner?: string | undefined;
  readonly frequency: Frequency;
  /** A cut-off of a biweekly schedule. */
  readonly anchor?: string | undefined;
  /** Default 0 days until it is submitted, all of them to review it. */
  readonly netDays?: number | undefined;
  readonly reviewDays?: number | undefined;
  /** Default weekdays. */
  readonly calendar?: Calendar | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Says when partners are paid, for cut-offs in `[from, to)`; what was said on those days is retired and kept. Writes, unless
 * it says exactly this already. Throws NotFoundError `partner_not_found`, UsageError `schedule_anchor`, `review_after_submission`,
 * `window_empty`.
 */
export async function setSchedule(
  ctx: Context,
  input: NewSchedule,
): Promise<{ readonly schedule: Schedule; readonly changed: boolean }> {
  const { frequency, anchor = null, netDays = 0, reviewDays = netDays, calendar = 'weekdays' } = input;
  const { from = today(ctx), to = null } = input;
  if ((anchor !== null) !== (frequency === 'biweekly')) {
    throw new UsageError(
      'schedule_anchor',
      anchor === null ? `a ${frequency} schedule wants an anchor` : `a ${frequency} schedule has no anchor`,
      anchor === null ? { hint: 'give --anchor: one of its cut-offs, from which every fourteenth day is one' } : {},
    );
  }
  if (reviewDays > netDays) {
    throw new UsageError(
      'review_after_submission',
      `a run cannot be reviewed for ${reviewDays} days and be submitted after ${netDays}`,
    );
  }
  const days = { from, to };
  assertSomeDay(days);
  return await ctx.write(async (tx) => {
    const partner = input.partner === undefined ? null : await findPartner(tx, input.partner, from);
    const draw = drawOnce(
      tx,
      `payout schedule ${partner === null ? 'for all' : `for ${partner.code}`} ${rangeText(days)}`,
    );
    const says: PayoutSchedule = { frequency, anchor, reviewDays, netDays, calendar };
    const changed = await sayOver(storeOf(tx, partner?.id ?? null), days, () => says, draw);
    const version = versionOn(await scheduleVersions(tx, partner?.id ?? null), from)!;
    return { schedule: scheduleView(partner?.code ?? null, version), changed };
  });
}

function storeOf(tx: Connection, partnerId: number | null): VersionStore<PayoutSchedule> {
  return {
    read: async () =>
      (await scheduleVersions(tx, partnerId)).map((row) => ({
        ...{ id: row.id, valid: row.valid, retiredSeq: row.retiredSeq },
        says: scheduleOf(row),
      })),
    retire: async (ids, knownSeq) => await retireSchedules(tx, ids, knownSeq),
    insert: async ({ says, ...version }: { says: PayoutSchedule; valid: Days; knownSeq: number }) =>
      await insertSchedule(tx, partnerId, { ...says, ...version }),
    text: (says) => JSON.stringify(scheduleOf(says)),
  };
}

const scheduleOf = ({ frequency, anchor, reviewDays, netDays, calendar }: PayoutSchedule): PayoutSchedule => ({
  ...{ frequency, anchor, reviewDays, netDays, calendar },
});

/**
 * Schedules in force on a day, or by default today and later, since one that was said for next month should be seen: that for
 * all first, then by partner, then by their days. Reads only.
 */
export async function listSchedules(ctx: Context, on?: string): Promise<Schedule[]> {
  return (await schedulesOn(ctx.db, on ?? today(ctx), { later: on === undefined })).map(({ partner, ...row }) =>
    scheduleView(partner, row),
  );
}
