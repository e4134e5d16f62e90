import type { Connection } from '../../db/connection.ts';
import { selectReferralCodes } from '../../db/queries/referrals.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { businessDate } from '../../domain/dates.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readClickFile, type ClickRow } from '../../formats/click-file.ts';
import type { NamedRows } from '../../formats/named-rows.ts';
import type { Context } from '../context.ts';
import { rowsRejected, type RowProblem } from '../rejected-rows.ts';
import { takeClicks, type Click } from './take-clicks.ts';
import { clickReader, parseIp } from './track-referral.ts';

export interface ClickImportRequest {
  readonly file: string;
  /** What messages call it; the path unless told. */
  readonly label?: string;
  /** Imports the good rows, and leaves the others out. */
  readonly partial?: boolean;
}

export interface ClicksImported {
  readonly file: string;
  readonly read: number;
  /** Referrals that these clicks began. */
  readonly referrals: number;
  /** Touches of them, and of referrals that were open. */
  readonly touches: number;
  /** Of the same visitor, code and day: imported before, or clicked again. */
  readonly repeated: number;
  readonly problems: readonly RowProblem[];
  readonly firstDate: string | null;
  readonly lastDate: string | null;
}

/**
 * Imports a click log: all of it or nothing, or with `partial` its good rows. The same log twice adds nothing. Writes in one
 * transaction.
 * @throws UsageError `rows_rejected`, `columns_missing`, `column_unknown`, `file_…`
 */
export async function importClicks(ctx: Context, request: ClickImportRequest): Promise<ClicksImported> {
  const { file, label = file, partial = false } = request;
  const reading = { instant: clickReader(ctx), ip: parseIp };
  const log = readClickFile(label, await readWhole(file, label), reading);
  return await ctx.write(async (tx) => {
    const { clicks, problems: lost } = await located(tx, ctx.zone, log);
    const problems = [...log.problems, ...lost].sort((a, b) => a.line - b.line);
    const read = log.rows.length + log.problems.length;
    if (problems.length > 0 && !partial) throw rowsRejected(label, read, problems);
    const taken = await takeClicks(tx, ctx.zone, clicks);
    const count = (outcome: string) => taken.filter((one) => one.outcome === outcome).length;
    const days = clicks.map(({ at }) => businessDate(at, ctx.zone)).sort();
    return {
      ...{ file: label, read, problems },
      referrals: count('new'),
      touches: count('new') + count('touch'),
      repeated: count('repeated'),
      firstDate: days.at(0) ?? null,
      lastDate: days.at(-1) ?? null,
    };
  });
}

/** Clicks by the codes that there are, and were open when they were clicked on. */
async function located(
  tx: Connection,
  zone: string,
  { rows, columnOf }: NamedRows<ClickRow>,
): Promise<{ clicks: Click[]; problems: RowProblem[] }> {
  const all = await selectReferralCodes(tx, {}, ALL_ROWS);
  const codes = new Map(all.map((code) => [code.code, code]));
  const clicks: Click[] = [];
  const problems: RowProblem[] = [];
  for (const { line, code: typed, ...row } of rows) {
    const code = codes.get(typed);
    const day = businessDate(row.at, zone);
    const wrong = (what: string, reason: string, remedy: string) =>
      problems.push({ line, column: columnOf('code'), field: 'code', code: what, reason, remedy });
    if (code === undefined) {
      wrong('code_not_found', `there is no code '${typed}'`, '`revshare referral-code create` makes one');
    } else if (day < (code.valid.from ?? day) || (code.valid.to !== null && day >= code.valid.to)) {
      wrong('code_closed', `code ${typed} is not open on ${day}`, 'leave the row out');
    } else {
      clicks.push({ ...row, codeId: code.id, campaign: code.campaign, email: null, name: null, company: null });
    }
  }
  return { clicks, problems };
}
