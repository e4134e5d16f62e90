import type { Connection } from '../connection.ts';
import { entryStates } from './entry-status.ts';

/** An entry that a partner earned lately. */
export interface RecentEntryRow {
  readonly entry: string;
  readonly on: string;
  readonly instance: string;
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
  readonly status: string;
}

const ofPartner = (partnerId: number): string =>
  `n.amount_minor <> 0 and n.wallet_id in (select id from ledger_accounts where type = 'wallet' and partner_id = ${Number(partnerId)})`;

/** What a partner earned, the latest first. */
export async function recentEntries(tx: Connection, partnerId: number, limit: number): Promise<RecentEntryRow[]> {
  return [
    ...(await tx.sql<RecentEntryRow[]>`
      select s.event_id || '.' || s.leg as entry, s.occurred_on as on, i.code as instance, s.kind::text, s.amount_minor::text as amount, s.currency, s.status
      from ${tx.sql.unsafe(entryStates(ofPartner(partnerId)))} s join instances i on i.id = s.instance_id
      order by s.occurred_on desc, s.event_id desc, s.leg limit ${limit}`),
  ];
}

/** What completed payouts have paid of a partner's commissions that were posted in a period, by currency, in minor units. */
export async function paidOfPeriod(
  tx: Connection,
  partnerId: number,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<Map<string, bigint>> {
  const rows = await tx.sql<{ currency: string; paid: string }[]>`
    select p.currency, sum(l.amount_minor)::text as paid
    from payouts p join payout_lines l on l.payout_id = p.id and l.release_id is null join entries n on n.event_id = l.event_id and n.leg = l.leg
    where p.partner_id = ${partnerId} and p.status = 'completed' and n.posting_date >= ${from}::date and n.posting_date < ${to}::date group by 1`;
  return new Map(rows.map(({ currency, paid }) => [currency, BigInt(paid)]));
}

/** How many of a partner's entries nobody has approved yet. */
export async function pendingEntries(tx: Connection, partnerId: number): Promise<number> {
  const [row] = await tx.sql<{ entries: number }[]>`
    select count(*)::int as entries from ${tx.sql.unsafe(entryStates(ofPartner(partnerId)))} s where s.status = 'pending'`;
  return row!.entries;
}

/** Referrals that a partner brought, of whenever: all, those that are open, and those that became customers. */
export async function referralCounts(
  tx: Connection,
  partnerId: number,
): Promise<{ readonly total: number; readonly open: number; readonly converted: number }> {
  const [row] = await tx.sql<{ total: number; open: number; converted: number }[]>`
    with brought as (
      select distinct on (t.referral_id) t.referral_id, c.partner_id from referral_touches t join referral_codes c on c.id = t.code_id
      order by t.referral_id, t.touched_at, t.id
    )
    select count(*)::int as total, count(*) filter (where s.status in ('new', 'qualified'))::int as open,
      count(*) filter (where s.status = 'converted')::int as converted
    from brought b cross join lateral (select referral_status(b.referral_id) as status) s where b.partner_id = ${partnerId}`;
  return row!;
}

/** Accounts that are a partner's on a day: all of them, and those that paid since another. */
export async function customerCounts(
  tx: Connection,
  partnerId: number,
  { day, since }: { readonly day: string; readonly since: string },
): Promise<{ readonly total: number; readonly active: number }> {
  const [row] = await tx.sql<{ total: number; active: number }[]>`
    with mine as (
      select a.id from accounts a
      left join account_slots l on l.account_id = a.id and l.retired_seq is null and l.valid @> ${day}::date
      left join agreements g on l.id is null and g.instance_id = a.instance_id and g.retired_seq is null and g.valid @> ${day}::date
      where coalesce(l.partner_id, g.partner_id) = ${partnerId} and (a.ends_on is null or a.ends_on > ${day})
    ), paid as (
      select distinct c.account_id from partner_cash(${since}, ${day}::date + 1) c where c.kind = 'payment' and c.partner_id = ${partnerId}
    )
    select count(*)::int as total, count(p.account_id)::int as active from mine m left join paid p on p.account_id = m.id`;
  return row!;
}
