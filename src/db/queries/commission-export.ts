import type { Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';
import { currencyTotals, type CurrencyTotal } from './currency-totals.ts';
import { ENTRY_JOINS, entriesOf, inStatus, selectedEntries, type EarningsSelection } from './earnings.ts';
import { entryStates } from './entry-status.ts';
import { copyStatement, type ExportColumn, type RowShape } from './export-columns.ts';

/**
 * From, where and order of commissions: the entries that had been decided, posted or not, by business date of their
 * event. The aliases are those of earnings, and u the live payout, h what became of it, g the review that took the entry
 * back or else approved it, with its batch.
 */
function commissionSource(selection: EarningsSelection, asOf: AsOf): string {
  const known = (alias: string) => knownAsOf(asOf, alias);
  return `from ${entryStates(decided(selection, asOf), known)} x
${ENTRY_JOINS}
left join payouts u on u.id = x.payout_id
left join lateral (
  select max(f.value_date) as completed_on from payout_status_changes f
  where f.payout_id = x.payout_id and f.status = 'completed' and ${known('f')}) h on true
left join lateral (
  select y.created_by, y.recorded_at, y.reason from entry_reviews z join review_batches y on y.id = z.batch_id and ${known('y')}
  where z.event_id = n.event_id and z.leg = n.leg order by z.verdict <> 'approved' desc limit 1) g on true
${inStatus(selection)}
order by n.event_id, n.leg`;
}

/** On n, e and w. */
function decided(selection: EarningsSelection, asOf: AsOf): string {
  const chunk = `exists (select from decision_chunks k where k.id = n.chunk_id and ${knownAsOf(asOf, 'k')})`;
  return chunk + selectedEntries(selection, 'e.occurred_on');
}

/** The COPY of an export of these columns. */
export function commissionCopy(
  columns: readonly ExportColumn[],
  selection: EarningsSelection,
  asOf: AsOf,
  shape: RowShape,
): string {
  return copyStatement(columns, commissionSource(selection, asOf), shape);
}

/** What the commissions of an export sum to, per currency; read apart from the file, to be compared with it. */
export async function commissionTotals(
  { sql }: Connection,
  selection: EarningsSelection,
  asOf: AsOf,
): Promise<CurrencyTotal[]> {
  return await currencyTotals(sql, entriesOf(decided(selection, asOf), selection, asOf));
}
