import { list } from '../arrays.ts';
import type { InstrumentKind } from '../../domain/instruments.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { Connection } from '../connection.ts';

/** Held to the end of the transaction: reports are read one after another, or the same fact could be told twice. */
export async function lockReconciliation(tx: Connection): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.reconciliations', 0))`;
}

export interface ReconciledPayoutRow {
  readonly id: number;
  readonly number: string;
  readonly partner: string;
  readonly name: string;
  readonly currency: string;
  readonly sent: string;
  readonly status: PayoutStatus;
  readonly instrument: string | null;
  readonly submission: number | null;
  readonly earliestValueDate: string | null;
}

/** Payouts by number, and all that are with the bank, by id. */
export async function reconciledPayouts(tx: Connection, numbers: readonly string[]): Promise<ReconciledPayoutRow[]> {
  return [
    ...(await tx.sql<ReconciledPayoutRow[]>`
      select p.id::int, p.number, a.code as partner, a.name, p.currency, p.sent_minor as sent, p.status, i.kind as instrument,
        earliest_value_date(p.id) as "earliestValueDate", (
          select c.posting_id::int from payout_status_changes c where c.payout_id = p.id and c.status = 'processing' order by c.id limit 1
        ) as submission
      from payouts p join partners a on a.id = p.partner_id
      left join instruments i on i.id = p.instrument_id
      where p.status in ('processing', 'unclaimed') or p.number in (select json_array_elements_text(${JSON.stringify(numbers)}::json))
      order by p.id`),
  ];
}

export interface ReconciledChangeRow {
  readonly id: number;
  readonly payoutId: number;
  readonly status: PayoutStatus;
  readonly valueDate: string | null;
  /** Of the records that prove it. */
  readonly proofs: readonly { readonly reference: string | null; readonly format: string }[];
}

/** What became of payouts, in order, and what proves it. */
export async function reconciledChanges(tx: Connection, payoutIds: readonly number[]): Promise<ReconciledChangeRow[]> {
  return [
    ...(await tx.sql<ReconciledChangeRow[]>`
      select c.id::int, c.payout_id::int as "payoutId", c.status, c.value_date as "valueDate", coalesce((
        select json_agg(json_build_object('reference', b.bank_reference, 'format', r.format) order by b.fingerprint)
        from bank_records b join reconciliations r on r.id = b.reconciliation_id where b.change_id = c.id), '[]'::json) as proofs
      from payout_status_changes c
      where c.payout_id = any (${list(payoutIds)}::bigint[]) and c.status in ('completed', 'unclaimed', 'failed', 'returned')
      order by c.id`),
  ];
}

/** Which of these facts have proved something, and of which payouts. */
export async function knownFacts(
  tx: Connection,
  fingerprints: readonly string[],
): Promise<{ readonly fingerprint: string; readonly number: string }[]> {
  return [
    ...(await tx.sql<{ fingerprint: string; number: string }[]>`
      select b.fingerprint, p.number from bank_records b join payouts p on p.id = b.payout_id
      where b.fingerprint = any (${list(fingerprints)}::text[]) order by p.id`),
  ];
}

/** Payouts that were told under these references, by a bank's record or by a person. */
export async function payoutsReferred(
  tx: Connection,
  references: readonly string[],
): Promise<{ readonly reference: string; readonly number: string }[]> {
  const wanted = JSON.stringify(references);
  return [
    ...(await tx.sql<{ reference: string; number: string }[]>`
      with wanted as (select distinct json_array_elements_text(${wanted}::json) as reference)
      select w.reference, p.number from wanted w join bank_records b on b.bank_reference = w.reference join payouts p on p.id = b.payout_id
      union
      select w.reference, p.number from wanted w join payout_status_changes c on c.reference = w.reference join payouts p on p.id = c.payout_id`),
  ];
}

/** Payouts that left in files which name these orders to the bank. */
export async function payoutsOrdered(
  tx: Connection,
  orders: readonly string[],
): Promise<{ readonly order: string; readonly number: string }[]> {
  return [
    ...(await tx.sql<{ order: string; number: string }[]>`
      select f.facts ->> 'reference' as order, p.number
      from payout_files f join rail_profiles r on r.id = f.rail_profile_id and r.rail = 'sepa'
      join payout_file_lines l on l.file_id = f.id join payouts p on p.id = l.payout_id
      where f.facts ->> 'reference' in (select json_array_elements_text(${JSON.stringify(orders)}::json)) order by p.id`),
  ];
}

/** The instrument that a payout was paid to, and the one that counts for its partner and currency now. */
export interface PaidInstrumentRow {
  readonly payoutId: number;
  readonly partnerId: number;
  readonly partner: string;
  readonly currency: string;
  readonly kind: InstrumentKind;
  readonly instrumentId: number;
  /** Null once it was retired. */
  readonly standingId: number | null;
  readonly standingVersion: number | null;
}

export async function paidInstruments(tx: Connection, payoutIds: readonly number[]): Promise<PaidInstrumentRow[]> {
  return [
    ...(await tx.sql<PaidInstrumentRow[]>`
      select p.id::int as "payoutId", p.partner_id::int as "partnerId", a.code as partner, p.currency, i.kind, i.id::int as "instrumentId",
        s.id::int as "standingId", s.version as "standingVersion"
      from payouts p join partners a on a.id = p.partner_id join instruments i on i.id = p.instrument_id
      left join instrument_standings s on s.partner_id = p.partner_id and s.currency = p.currency and s.retired_by is null
      where p.id = any (${list(payoutIds)}::bigint[]) order by p.id`),
  ];
}

export interface BankRecord {
  readonly payoutId: number;
  readonly fingerprint: string;
  readonly place: string;
  readonly kind: string;
  readonly matchedBy: string;
  /** Minor units as a decimal integer; null where the report tells none. */
  readonly amount: string | null;
  readonly booked: string | null;
  readonly currency: string | null;
  readonly valueDate: string | null;
  readonly bankReference: string | null;
  readonly changeId: number;
}

/** Keeps a report and what it proves. */
export async function keepReconciliation(
  tx: Connection,
  report: {
    readonly sha256: string;
    readonly format: string;
    readonly reference: string | null;
    readonly account: string | null;
    readonly records: number;
  },
  records: readonly BankRecord[],
): Promise<void> {
  const { sha256, format, reference, account } = report;
  await tx.sql`
    with report as (
      insert into reconciliations (sha256, format, reference, account, records)
      values (${sha256}, ${format}, ${reference}, ${account}, ${report.records}) returning id
    )
    insert into bank_records (reconciliation_id, payout_id, fingerprint, place, kind, matched_by, amount_minor, booked_minor, currency,
      value_date, bank_reference, change_id)
    select r.id, x."payoutId", x.fingerprint, x.place, x.kind, x."matchedBy", x.amount, x.booked, x.currency, x."valueDate", x."bankReference", x."changeId"
    from report r, json_to_recordset(${JSON.stringify(records)}::json) x ("payoutId" bigint, fingerprint text, place text, kind text,
      "matchedBy" text, amount bigint, booked bigint, currency text, "valueDate" date, "bankReference" text, "changeId" bigint)
    order by x.fingerprint, x."payoutId"`;
}

/** What is still with the bank, by currency. */
export async function inTransit(
  tx: Connection,
): Promise<{ readonly currency: string; readonly payouts: number; readonly sent: string }[]> {
  return [
    ...(await tx.sql<{ currency: string; payouts: number; sent: string }[]>`
      select currency, count(*)::int as payouts, sum(sent_minor)::bigint as sent from payouts
      where status in ('processing', 'unclaimed') group by 1 order by 1`),
  ];
}
