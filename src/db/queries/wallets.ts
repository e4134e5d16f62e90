import type { Connection } from '../connection.ts';
import { entryStates } from './entry-status.ts';

export interface WalletFilter {
  readonly partner?: string | undefined;
  readonly instance?: string | undefined;
  readonly currency?: string | undefined;
}

/**
 * What a wallet holds, in minor units. `balance` is the ledger's; the rest are the entries that make it up:
 * balance = pending + held + approved (waiting for its date) + payable + inPayout (drafted or approved, not sent).
 * `inTransit` has left the wallet and not arrived.
 */
export interface WalletRow {
  readonly walletId: number;
  readonly partner: string;
  readonly instance: string;
  readonly currency: string;
  readonly balance: string;
  readonly pending: string;
  readonly held: string;
  readonly approved: string;
  readonly payable: string;
  readonly inPayout: string;
  readonly inTransit: string;
}

const conditions = (tx: Connection, filter: WalletFilter) => tx.sql`
  a.type = 'wallet'
  and (${filter.partner ?? null}::text is null or a.partner_id = (select id from partners where code = ${filter.partner ?? null}))
  and (${filter.instance ?? null}::text is null or a.instance_id = (select id from instances where code = ${filter.instance ?? null}))
  and (${filter.currency ?? null}::text is null or a.currency = ${filter.currency ?? null})`;

/** Wallets by partner, instance and currency. `onDay`: what is payable on this day. */
export async function walletRows(tx: Connection, filter: WalletFilter, onDay: string): Promise<WalletRow[]> {
  return [
    ...(await tx.sql<WalletRow[]>`
      with asked as materialized (select a.id, a.partner_id, a.instance_id, a.currency from ledger_accounts a where ${conditions(tx, filter)}),
      ledger as (
        select x.id, sum(x.amount) as balance from (
          select credit_id as id, amount_minor as amount from transfers where credit_id in (select id from asked)
          union all select debit_id, -amount_minor from transfers where debit_id in (select id from asked)
        ) x group by x.id
      ), states as (
        select s.wallet_id,
          sum(s.amount_minor) filter (where s.status = 'pending') as pending,
          sum(s.amount_minor) filter (where s.status = 'held') as held,
          sum(s.amount_minor) filter (where s.status = 'approved' and not (s.payable_from <= ${onDay}::date and s.occurred_on < ${onDay}::date)) as approved,
          sum(s.amount_minor) filter (where s.status = 'approved' and s.payable_from <= ${onDay}::date and s.occurred_on < ${onDay}::date) as payable,
          sum(s.amount_minor) filter (where s.payout_status in ('pending', 'ready')) as in_payout
        from ${tx.sql.unsafe(entryStates('n.amount_minor <> 0 and n.wallet_id in (select id from asked)'))} s
        where s.posted and s.kept
        group by 1
      ), transit as (
        select w.wallet_id, sum(w.sent_minor) as amount
        from payouts p join payout_wallets w on w.payout_id = p.id
        where p.status in ('processing', 'unclaimed') and w.wallet_id in (select id from asked) group by 1
      )
      select a.id::int as "walletId", p.code as partner, i.code as instance, a.currency, coalesce(l.balance, 0)::text as balance,
        coalesce(s.pending, 0)::text as pending, coalesce(s.held, 0)::text as held, coalesce(s.approved, 0)::text as approved,
        coalesce(s.payable, 0)::text as payable, coalesce(s.in_payout, 0)::text as "inPayout", coalesce(t.amount, 0)::text as "inTransit"
      from asked a join partners p on p.id = a.partner_id join instances i on i.id = a.instance_id
      left join ledger l on l.id = a.id left join states s on s.wallet_id = a.id left join transit t on t.wallet_id = a.id
      order by p.code, i.code, a.currency`),
  ];
}

export interface WalletMovement {
  readonly id: number;
  readonly date: string;
  readonly kind: string;
  readonly amount: string;
  readonly balance: string;
  readonly against: string;
  readonly recordedAt: string;
  readonly by: string;
}

/** Transfers of one wallet in the order they were recorded, each with the balance after it. */
export async function walletMovements(
  tx: Connection,
  walletId: number,
  limit: number,
  offset: number,
): Promise<WalletMovement[]> {
  return [
    ...(await tx.sql<WalletMovement[]>`
      select x.id::float8 as id, x.posting_date as date, x.kind, x.amount::text, (sum(x.amount) over (order by x.id))::text as balance, o.type as against,
        x.recorded_at as "recordedAt", x.created_by as "by"
      from (
        select id, posting_date, kind, amount_minor as amount, debit_id as other, recorded_at, created_by from transfers where credit_id = ${walletId}
        union all select id, posting_date, kind, -amount_minor, credit_id, recorded_at, created_by from transfers where debit_id = ${walletId}
      ) x join ledger_accounts o on o.id = x.other
      order by x.id limit ${limit} offset ${offset}`),
  ];
}

export interface TrialBalanceRow {
  readonly account: string;
  readonly currency: string;
  readonly debit: string;
  readonly credit: string;
}

/** What each kind of account was debited and credited with up to a posting date, inclusive, per currency. */
export async function trialBalanceRows(tx: Connection, until: string | null): Promise<TrialBalanceRow[]> {
  return [
    ...(await tx.sql<TrialBalanceRow[]>`
      select a.type as account, a.currency, sum(x.debit)::text as debit, sum(x.credit)::text as credit
      from (
        select debit_id as id, sum(amount_minor) as debit, 0 as credit from transfers where ${until}::date is null or posting_date <= ${until}::date group by 1
        union all
        select credit_id, 0, sum(amount_minor) from transfers where ${until}::date is null or posting_date <= ${until}::date group by 1
      ) x join ledger_accounts a on a.id = x.id
      group by 1, 2 order by 2, 1`),
  ];
}

export async function instancesOfWallets(
  tx: Connection,
  wallets: readonly number[],
): Promise<Map<number, { instance: string; currency: string }>> {
  const rows = await tx.sql<{ id: number; instance: string; currency: string }[]>`
    select a.id::int, i.code as instance, a.currency from ledger_accounts a join instances i on i.id = a.instance_id
    where a.id = any (${`{${wallets.join(',')}}`}::bigint[])`;
  return new Map(rows.map(({ id, ...rest }) => [id, rest]));
}
