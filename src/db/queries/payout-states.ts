import { list } from '../arrays.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import type { Connection } from '../connection.ts';

export interface PayoutState {
  readonly id: number;
  readonly number: string;
  readonly runId: number;
  readonly partner: string;
  readonly currency: string;
  readonly status: PayoutStatus;
  /** Before this day the bank cannot have moved it: its submission, or the completion that is taken back. Null before. */
  readonly earliestValueDate: string | null;
}

/** Payouts by number, or all of a run, by id. */
export async function payoutStates(
  tx: Connection,
  which: { numbers?: readonly string[]; runId?: number },
): Promise<PayoutState[]> {
  return [
    ...(await tx.sql<PayoutState[]>`
      select p.id::int, p.number, p.run_id::int as "runId", a.code as partner, p.currency, p.status,
        earliest_value_date(p.id) as "earliestValueDate"
      from payouts p join partners a on a.id = p.partner_id
      where p.run_id = ${which.runId ?? null} or p.number in (select json_array_elements_text(${JSON.stringify(which.numbers ?? [])}::json))
      order by p.id`),
  ];
}

export interface PayoutChange {
  readonly payoutId: number;
  readonly reason: string | null;
  /** Its own, where the bank tells them of each payout. */
  readonly reference?: string | null;
  readonly valueDate?: string | null;
}

/** Opens a posting for changes of payouts; `postPayouts` fills it once they are recorded. */
export async function openPayoutPosting(tx: Connection): Promise<number> {
  const [row] = await tx.sql<{ id: number }[]>`insert into postings (kind) values ('payout') returning id::int`;
  return row!.id;
}

/**
 * Records what became of payouts. Their own status follows: the trigger `payout_status_follows` of drizzle/0008 sets it, and
 * refuses what PAYOUT_TRANSITIONS does not have. In the order of their ids, so that two who change the same ones wait and do
 * not deadlock.
 */
export async function recordChanges(
  tx: Connection,
  change: {
    readonly status: PayoutStatus;
    readonly payouts: readonly PayoutChange[];
    readonly reference?: string | null;
    readonly valueDate?: string | null;
    readonly postingId?: number | null;
  },
): Promise<void> {
  await tx.sql`
    insert into payout_status_changes (payout_id, status, reason, reference, value_date, posting_id)
    select x."payoutId", ${change.status}, x.reason, coalesce(x.reference, ${change.reference ?? null}),
      coalesce(x."valueDate", ${change.valueDate ?? null}), ${change.postingId ?? null}
    from json_to_recordset(${JSON.stringify(change.payouts)}::json) x ("payoutId" bigint, reason text, reference text, "valueDate" date)
    order by x."payoutId"`;
}

/** The transfers that the changes of a posting mean (SEMANTICS §6). Proved again at commit. */
export async function postPayouts(tx: Connection, postingId: number, postingDate: string): Promise<void> {
  await tx.sql`
    insert into ledger_accounts (type, currency)
    select t.type, c.currency
    from (select distinct p.currency from payout_status_changes x join payouts p on p.id = x.payout_id where x.posting_id = ${postingId}) c
    cross join (values ('in_transit'), ('unclaimed'), ('withholding_payable'), ('payout_fees'), ('cash'), ('input_vat')) t (type)
    where case t.type
      when 'unclaimed' then exists (select from payout_status_changes x where x.posting_id = ${postingId} and x.status = 'unclaimed')
      when 'input_vat' then exists (select from payout_status_changes x join invoices i on i.change_id = x.id where x.posting_id = ${postingId})
      else true end
    order by 1, 2
    on conflict do nothing`;
  await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    select ${postingId}, m.debit_id, m.credit_id, m.amount, m.kind, ${postingDate}
    from payout_movements(${postingId}) m order by m.kind, m.debit_id, m.credit_id`;
}

export interface Obstacles {
  readonly id: number;
  readonly number: string;
  readonly partner: string;
  readonly partnerStatus: string;
  readonly house: boolean;
  /** Reason of a hold that stands in the way of the partner, of an instance, or of one of its positive lines. */
  readonly hold: string | null;
  /** Why it is paid no more to where it was approved to go. */
  readonly instrument: string | null;
}

/** What submitting looks at again: the partner, the holds and the instrument as they are now. */
export async function obstaclesOf(tx: Connection, payoutIds: readonly number[]): Promise<Obstacles[]> {
  return [
    ...(await tx.sql<Obstacles[]>`
      select p.id::int, p.number, a.code as partner, a.status as "partnerStatus", a.house, (
        select h.reason from open_holds h
        where h.partner_id = p.partner_id
          or (h.held_from is null
            and h.instance_id in (select w.instance_id from payout_wallets o join ledger_accounts w on w.id = o.wallet_id where o.payout_id = p.id))
          or (h.held_from is not null and exists (
            select from payout_lines l join ledger_accounts w on w.id = l.wallet_id join revenue_events e on e.id = l.event_id
            where l.payout_id = p.id and l.release_id is null and l.amount_minor > 0 and w.instance_id = h.instance_id and e.occurred_on >= h.held_from))
          or exists (select from payout_lines l where l.event_id = h.event_id and l.leg = h.leg and l.payout_id = p.id
                       and l.release_id is null and l.amount_minor > 0)
        order by h.id limit 1) as hold,
        case when i.id is distinct from p.instrument_id then 'instrument_changed' else i.obstacle end as instrument
      from payouts p join partners a on a.id = p.partner_id
      left join instrument_standings i on i.partner_id = p.partner_id and i.currency = p.currency
      where p.id = any (${list(payoutIds)}::bigint[])
      order by p.id`),
  ];
}

/** Before these days the bank cannot have moved them; null: they have not left. In the order asked for. */
export async function earliestValueDates(tx: Connection, payoutIds: readonly number[]): Promise<(string | null)[]> {
  const rows = await tx.sql<{ date: string | null }[]>`
    select earliest_value_date(x.id) as date from unnest(${list(payoutIds)}::bigint[]) with ordinality x (id, nth) order by x.nth`;
  return rows.map(({ date }) => date);
}
