import type { InstrumentKind } from '../../domain/instruments.ts';
import type { PayoutSelection } from '../../domain/payout-number.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { Connection } from '../connection.ts';

/** The submissions, each known by its posting, in which these payouts left; the first payout of each names it to people. */
export async function submissionsOf(
  tx: Connection,
  selection: PayoutSelection,
): Promise<{ posting: number; first: string }[]> {
  const which =
    'run' in selection
      ? tx.sql`p.run_id = ${selection.run}`
      : tx.sql`p.number in (select json_array_elements_text(${JSON.stringify(selection.numbers)}::json))`;
  return [
    ...(await tx.sql<{ posting: number; first: string }[]>`
      select c.posting_id::int as posting, min(p.number) as first
      from payout_status_changes c join payouts p on p.id = c.payout_id
      where c.status = 'processing' and ${which}
      group by 1 order by 1`),
  ];
}

/** A payout as its register or its rail's file shows it; amounts in minor units. */
export interface RegisterRow {
  readonly id: number;
  readonly number: string;
  readonly partner: string;
  readonly partnerName: string;
  readonly currency: string;
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
  /** As it is now, which the register does not show. */
  readonly status: PayoutStatus;
  /** The version it is paid to, and its kind; null: by hand. */
  readonly instrumentId: number | null;
  readonly kind: InstrumentKind | null;
  /** The file it left in; null: the register, or a call. */
  readonly fileId: number | null;
  /** It was sent to a provider. */
  readonly called: boolean;
}

/** Those of the register: what left neither in a file nor by a call. */
export const paidByHand = (rows: readonly RegisterRow[]): RegisterRow[] =>
  rows.filter(({ fileId, called }) => fileId === null && !called);

/**
 * What left in one submission, by number. The names are those of its moment, read from the audit trail: a partner renamed
 * since must not change the bytes of a register that somebody has signed.
 */
export async function registerRows(tx: Connection, posting: number): Promise<RegisterRow[]> {
  return [
    ...(await tx.sql<RegisterRow[]>`
      select p.id::int, p.number, a.code as partner, coalesce(renamed.name, a.name) as "partnerName", p.currency, p.gross_minor as gross,
        p.withheld_minor as withheld, p.fee_minor as fee, p.sent_minor as sent, p.status,
        p.instrument_id::int as "instrumentId", i.kind, f.file_id::int as "fileId",
        exists (select from payout_attempts t where t.payout_id = p.id) as called
      from payout_status_changes c
      join payouts p on p.id = c.payout_id join partners a on a.id = p.partner_id
      left join instruments i on i.id = p.instrument_id left join payout_file_lines f on f.payout_id = p.id
      left join lateral (
        select l.before ->> 'name' as name from audit_log l
        where l.table_name = 'partners' and l.row_key = a.code and l.action = 'update' and l.recorded_at > c.recorded_at
          and l.before ->> 'name' <> l.after ->> 'name'
        order by l.id limit 1) renamed on true
      where c.posting_id = ${posting} and c.status = 'processing'
      order by p.id`),
  ];
}
