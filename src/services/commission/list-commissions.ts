import { knownAsOf, readOneMoment } from '../../db/queries/as-of.ts';
import {
  commissionsOfEvent,
  listCommissions as listRows,
  sumCommissions,
  type Known,
  type SummaryKey,
} from '../../db/queries/commissions.ts';
import type { Connection } from '../../db/connection.ts';
import { parseEntry } from '../../domain/entry-number.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { resolveMoment } from '../export/moment.ts';
import { readFilter, type CommissionFilter } from './commission-filter.ts';
import { commissionView, type Commission } from './commission-view.ts';

export { SUMMARY_KEYS, type SummaryKey } from '../../db/queries/commissions.ts';
export type { CommissionFilter } from './commission-filter.ts';

/** Reads the books as they are, or as they were known at `asOf`: an instant, or the end of a date. */
async function reading<T>(
  ctx: Context,
  asOf: string | undefined,
  read: (tx: Connection, known?: Known) => Promise<T>,
): Promise<T> {
  if (asOf === undefined) return await read(ctx.db);
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    const moment = await resolveMoment(tx, asOf, ctx.zone);
    return await read(tx, (alias) => knownAsOf(moment, alias));
  });
}

/**
 * Decided legs in the order of decisions, with the status they have, or had `asOf`. Reads only. Throws NotFoundError for
 * a filter that names nothing, UsageError as `readFilter` and `resolveMoment` do.
 */
export async function listCommissions(
  ctx: Context,
  asked: CommissionFilter & { readonly asOf?: string | undefined; readonly limit: number; readonly offset: number },
): Promise<Commission[]> {
  const { asOf, limit, offset, ...filter } = asked;
  return await reading(ctx, asOf, async (tx, known) =>
    (await listRows(tx, await readFilter(tx, filter), limit, offset, known)).map(commissionView),
  );
}

/**
 * One entry by `EVENT.LEG` or `EVENT` (its first leg), with the status it has, or had `asOf`. Reads only.
 * Throws NotFoundError, UsageError.
 */
export async function showCommission(ctx: Context, entry: string, asOf?: string): Promise<Commission> {
  const { eventId, leg } = parseEntry(entry);
  const rows = await reading(ctx, asOf, async (tx, known) => await commissionsOfEvent(tx, eventId, known));
  const row = leg === null ? rows[0] : rows.find((candidate) => candidate.leg === leg);
  if (row === undefined) {
    const undecided = `the event may be undecided: try \`revshare commission why-not ${eventId}\``;
    throw new NotFoundError('entry', entry, asOf === undefined ? undecided : `it may have been decided after ${asOf}`);
  }
  return commissionView(row);
}

export interface CommissionSummaryRow {
  readonly key: string | null;
  readonly currency: string;
  readonly events: number;
  readonly positive: string;
  readonly negative: string;
  readonly net: string;
}

/** Per key and currency: decided events, zero ones too, and what their legs come to. Reads only. */
export async function summariseCommissions(
  ctx: Context,
  by: SummaryKey,
  filter: CommissionFilter,
): Promise<CommissionSummaryRow[]> {
  return (await sumCommissions(ctx.db, by, await readFilter(ctx.db, filter))).map((row) => ({
    ...row,
    positive: formatMinor(BigInt(row.positive), row.currency),
    negative: formatMinor(BigInt(row.negative), row.currency),
    net: formatMinor(BigInt(row.net), row.currency),
  }));
}
