import type { StatementRow } from '../../db/queries/statements.ts';
import { addDays } from '../../domain/dates.ts';
import { formatMinor } from '../../domain/money.ts';
import { formatStatementNumber } from '../../domain/statement.ts';

/** A statement without what it tells in detail; amounts as decimal strings. */
export interface StatementView {
  readonly number: string;
  readonly partner: string;
  readonly currency: string;
  readonly periodFrom: string;
  readonly periodLast: string;
  readonly status: 'live' | 'void';
  readonly opening: string;
  readonly entries: string;
  readonly rejected: string;
  readonly paid: string;
  readonly withheld: string;
  readonly fees: string;
  readonly returned: string;
  readonly closing: string;
  readonly wallet: string;
  readonly inTransit: string;
  /** The voided one in whose place it stands, and the one that stands in its own. */
  readonly corrects: string | null;
  readonly correctedBy: string | null;
  readonly voidReason: string | null;
  readonly contentHash: string;
  readonly takenAt: string;
  readonly createdBy: string;
}

export function statementView(row: StatementRow): StatementView {
  const money = (minor: string) => formatMinor(BigInt(minor), row.currency);
  const named = (number: number | null) => (number === null ? null : formatStatementNumber(number));
  const { partner, currency, periodFrom, voidReason, contentHash, createdBy } = row;
  return {
    number: formatStatementNumber(row.number),
    ...{ partner, currency, periodFrom, periodLast: addDays(row.periodTo, -1), status: row.voided ? 'void' : 'live' },
    opening: money(row.opening),
    entries: money(row.entries),
    rejected: money(row.rejected),
    paid: money(row.paid),
    withheld: money(row.withheld),
    fees: money(row.fees),
    returned: money(row.returned),
    closing: money(row.closing),
    wallet: money(row.wallet),
    inTransit: money(row.inTransit),
    corrects: named(row.corrects),
    correctedBy: named(row.correctedBy),
    ...{ voidReason, contentHash, takenAt: row.instant, createdBy },
  };
}
