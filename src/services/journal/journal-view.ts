import { selectJournals, type JournalRow } from '../../db/queries/journals.ts';
import type { Connection } from '../../db/connection.ts';
import { formatJournalNumber, type JournalGrouping, type JournalTarget } from '../../domain/accounting.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';

/** A journal as people read it. */
export interface JournalView {
  readonly number: string;
  /** 'YYYY-MM'. */
  readonly period: string;
  readonly format: JournalTarget;
  readonly currency: string | null;
  readonly by: JournalGrouping;
  readonly status: 'live' | 'reversed' | 'reversal';
  readonly reverses: string | null;
  readonly reversedBy: string | null;
  readonly dated: string | null;
  readonly reason: string | null;
  readonly entries: number;
  /** '1,234.50 EUR' without the comma: what is debited, and so what is credited, per currency. */
  readonly totals: readonly string[];
  readonly fileName: string;
  readonly contentHash: string;
  readonly takenAt: string;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export function journalView(row: JournalRow): JournalView {
  const { format, currency, grouping, dated, reason, entries, fileName, contentHash, createdBy, recordedAt } = row;
  const named = (number: number | null) => (number === null ? null : formatJournalNumber(number));
  return {
    number: formatJournalNumber(row.number),
    period: row.startsOn.slice(0, 7),
    ...{ format, currency, by: grouping, dated, reason, entries, fileName, contentHash, createdBy, recordedAt },
    status: row.reverses !== null ? 'reversal' : row.reversedBy !== null ? 'reversed' : 'live',
    reverses: named(row.reverses),
    reversedBy: named(row.reversedBy),
    totals: Object.keys(row.totals)
      .sort()
      .map((code) => `${formatMinor(BigInt(row.totals[code]!), code)} ${code}`),
    takenAt: row.instant,
  };
}

/** The journal of a number. Reads only. Throws NotFoundError `journal_not_found`. */
export async function findJournal(tx: Connection, number: number): Promise<JournalRow> {
  const [row] = await selectJournals(tx, { number }, { limit: 1, offset: 0 });
  if (row === undefined) {
    throw new NotFoundError('journal', formatJournalNumber(number), '`revshare journal list` shows them');
  }
  return row;
}
