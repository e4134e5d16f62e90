import {
  commissionsOfEvent,
  isNamed,
  listCommissions as listRows,
  sumCommissions,
  type CommissionFilter,
  type SummaryKey,
} from '../../db/queries/commissions.ts';
import { NotFoundError, UsageError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { commissionView, type Commission } from './commission-view.ts';

export { SUMMARY_KEYS, type CommissionFilter, type SummaryKey } from '../../db/queries/commissions.ts';

/** A filter that names what is not there is a slip, and an empty answer would read as "earned nothing". */
async function assertNamed(ctx: Context, filter: CommissionFilter): Promise<void> {
  for (const noun of ['partner', 'instance', 'product', 'account', 'currency'] as const) {
    const code = filter[noun];
    if (code !== undefined && !(await isNamed(ctx.db, noun, code))) {
      throw new NotFoundError(
        noun,
        code,
        noun === 'currency' ? undefined : `\`revshare ${noun} list\` shows what there is`,
      );
    }
  }
}

/** Decided legs in the order of decisions. Throws NotFoundError for a filter that names nothing. Reads only. */
export async function listCommissions(
  ctx: Context,
  filter: CommissionFilter & { limit: number; offset: number },
): Promise<Commission[]> {
  await assertNamed(ctx, filter);
  return (await listRows(ctx.db, filter, filter.limit, filter.offset)).map(commissionView);
}

/** One entry by `EVENT.LEG` or `EVENT` (its first leg). Throws NotFoundError, UsageError. Reads only. */
export async function showCommission(ctx: Context, entry: string): Promise<Commission> {
  const match = /^(\d{1,15})(?:\.(\d{1,4}))?$/.exec(entry);
  if (match === null) {
    throw new UsageError('entry_number', `'${entry}' is no entry number`, {
      hint: 'an entry is EVENT.LEG, for example 1042.0; `revshare commission list` shows them',
    });
  }
  const rows = await commissionsOfEvent(ctx.db, Number(match[1]));
  const row = match[2] === undefined ? rows[0] : rows.find((candidate) => candidate.leg === Number(match[2]));
  if (row === undefined) {
    throw new NotFoundError(
      'entry',
      entry,
      `the event may be undecided: try \`revshare commission why-not ${match[1]}\``,
    );
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
  await assertNamed(ctx, filter);
  return (await sumCommissions(ctx.db, by, filter)).map((row) => ({
    ...row,
    positive: formatMinor(BigInt(row.positive), row.currency),
    negative: formatMinor(BigInt(row.negative), row.currency),
    net: formatMinor(BigInt(row.net), row.currency),
  }));
}
