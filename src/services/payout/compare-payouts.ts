import type { Connection } from '../../db/connection.ts';
import { lastPayouts, missingPayees, type ComparedRow } from '../../db/queries/payout-comparison.ts';
import { formatMinor } from '../../domain/money.ts';
import { comparePayout, type PayoutFinding } from '../../domain/payout-comparison.ts';

/** A payout beside the payee's last one; amounts as decimal strings. */
export interface Comparison {
  readonly partner: string;
  readonly currency: string;
  readonly number: string | null;
  readonly gross: string | null;
  readonly lastNumber: string | null;
  readonly lastGross: string | null;
  readonly changePpm: number | null;
  readonly finding: PayoutFinding | null;
}

/** What a checker should look at in a run: new payees, amounts beyond the band, payees of the last run who get nothing. Reads only. */
export async function comparedRun(tx: Connection, runId: number, bandPpm: number): Promise<Comparison[]> {
  const rows = [...(await lastPayouts(tx, { runId })), ...(await missingPayees(tx, runId))];
  return rows.map((row) => compared(row, bandPpm)).filter(({ finding }) => finding !== null);
}

/** One payout beside the payee's last, remarkable or not. Reads only. */
export async function comparedPayout(tx: Connection, payoutId: number, bandPpm: number): Promise<Comparison[]> {
  return (await lastPayouts(tx, { payoutId })).map((row) => compared(row, bandPpm));
}

function compared(row: ComparedRow, bandPpm: number): Comparison {
  const [gross, last] = [row.gross, row.lastGross].map((minor) => (minor === null ? null : BigInt(minor)));
  const money = (minor: bigint | null) => (minor === null ? null : formatMinor(minor, row.currency));
  const { elsewhere, ...rest } = row;
  return {
    ...rest,
    gross: money(gross ?? null),
    lastGross: money(last ?? null),
    ...comparePayout(gross ?? null, last ?? null, bandPpm, elsewhere),
  };
}
