import { list } from '../arrays.ts';
import { quoteLiteral, type Connection } from '../connection.ts';
import { entryStates, payoutStatesSql } from './entry-status.ts';
import { postedUntil, type PostingDay } from './posted-until.ts';

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

/** The condition that a wallet `a` is meant. */
export const walletsMeant = (tx: Connection, filter: WalletFilter) => tx.sql`
  a.type = 'wallet'
  and (${filter.partner ?? null}::text is null or a.partner_id = (select id from partners where code = ${filter.partner ?? null}))
  and (${filter.instance ?? null}::text is null or a.instance_id = (select id from instances where code = ${filter.instance ?? null}))
  and (${filter.currency ?? null}::text is null or a.currency = ${filter.currency ?? null})`;

/**
 * Wallets by partner, instance and currency. `day`: what is payable on it. With `until` only what was posted up to this
 * date, inclusive, as the trial balance of that date has it: see `postedUntil`.
 */
export async function walletRows(
  tx: Connection,
  filter: WalletFilter,
  day: string,
  until: PostingDay | null,
  page: { readonly limit: number; readonly offset: number },
): Promise<WalletRow[]> {
  const known = until === null ? undefined : postedUntil(until);
  const upTo = until === null ? 'true' : `posting_date <= ${quoteLiteral(until.date)}`;
  const entries = 'n.amount_minor <> 0 and n.wallet_id in (select id from asked)';
  const posted = tx.sql.unsafe(upTo);
  return [
    ...(await tx.sql<WalletRow[]>`
      with asked as materialized (
        select a.id, p.code as partner, i.code as instance, a.currency
        from ledger_accounts a join partners p on p.id = a.partner_id join instances i on i.id = a.instance_id
        where ${walletsMeant(tx, filter)} order by p.code collate "C", i.code collate "C", a.currency limit ${page.limit} offset ${page.offset}
      ), ledger as (
        select x.id, sum(x.amount) as balance from (
          select credit_id as id, amount_minor as amount from transfers where credit_id in (select id from asked) and ${posted}
          union all select debit_id, -amount_minor from transfers where debit_id in (select id from asked) and ${posted}
        ) x group by x.id
      ), states as (
        select s.wallet_id,
          sum(s.amount_minor) filter (where s.status = 'pending') as pending,
          sum(s.amount_minor) filter (where s.status = 'held') as held,
          sum(s.amount_minor) filter (where s.status = 'approved' and not s.due) as approved,
          sum(s.amount_minor) filter (where s.status = 'approved' and s.due) as payable,
          sum(s.amount_minor) filter (where s.payout_status in ('pending', 'ready')) as in_payout
        from (
          -- as a payout run of the day has it: what debits took is taken along
          select x.*, x.payable_from <= ${day}::date and x.occurred_on < ${day}::date
            or (x.amount_minor < 0 and x.kind = 'adjustment' and takes_what_is_there(x.event_id)) as due
          from ${tx.sql.unsafe(entryStates(entries, known))} x where x.posted and x.kept
        ) s
        group by 1
      ), transit as (
        select w.wallet_id, sum(w.sent_minor) as amount
        from ${tx.sql.unsafe(payoutStatesSql(known))} p join payout_wallets w on w.payout_id = p.id
        where p.status in ('processing', 'unclaimed') and w.wallet_id in (select id from asked) group by 1
      )
      select a.id::int as "walletId", a.partner, a.instance, a.currency, coalesce(l.balance, 0)::text as balance,
        coalesce(s.pending, 0)::text as pending, coalesce(s.held, 0)::text as held, coalesce(s.approved, 0)::text as approved,
        coalesce(s.payable, 0)::text as payable, coalesce(s.in_payout, 0)::text as "inPayout", coalesce(t.amount, 0)::text as "inTransit"
      from asked a
      left join ledger l on l.id = a.id left join states s on s.wallet_id = a.id left join transit t on t.wallet_id = a.id
      order by a.partner collate "C", a.instance collate "C", a.currency`),
  ];
}

/**
 * A partner and an instance by their codes, and whether the one has a wallet at the other, or gets one as soon as something
 * is posted for it there; null where either is not there.
 */
export async function holderOf(
  tx: Connection,
  { partner, instance }: { readonly partner: string; readonly instance: string },
): Promise<{ partnerId: number; instanceId: number; may: boolean } | null> {
  const [row] = await tx.sql<{ partnerId: number; instanceId: number; may: boolean }[]>`
    select p.id::int as "partnerId", i.id::int as "instanceId", may_hold_wallet(p.id, i.id) as may
    from partners p, instances i where p.code = ${partner} and i.code = ${instance}`;
  return row ?? null;
}

/** A wallet by whose it is. */
export interface WalletOf {
  readonly partnerId: number;
  readonly instanceId: number;
  readonly currency: string;
}

/** What may be taken of a wallet, in minor units. */
export interface TakenWallet {
  readonly balance: string;
  /** The balance less what payouts have drafted and what is on its way out: what the database holds debits to. */
  readonly spendable: string;
  /** Of that what is approved, due and not held, less everything that takes from it, due or not. */
  readonly payable: string;
}

/**
 * Holds wallets to the end of the transaction, made where there are none yet; whoever else moves what is live of them
 * waits. Returns, in their order, what may still be taken of each on a day (take_wallets, spendable of drizzle/0017).
 */
export async function takeWallets(tx: Connection, wallets: readonly WalletOf[], day: string): Promise<TakenWallet[]> {
  const partners = list(wallets.map(({ partnerId }) => partnerId));
  const instances = list(wallets.map(({ instanceId }) => instanceId));
  const currencies = list(wallets.map(({ currency }) => currency));
  const [taken] = await tx.sql<{ ids: string }[]>`
    select array_to_string(take_wallets(${partners}::bigint[], ${instances}::bigint[], ${currencies}::text[]), ',') as ids`;
  const ids = `{${taken!.ids}}`;
  // A statement of its own: it sees what others committed while this one waited.
  return [
    ...(await tx.sql<TakenWallet[]>`
      with asked as materialized (
        select a.* from unnest(${ids}::bigint[]) with ordinality k (id, place) join ledger_accounts a on a.id = k.id order by k.place
      ), payable as (
        select s.wallet_id, sum(s.amount_minor) as amount
        from ${tx.sql.unsafe(entryStates('n.amount_minor <> 0 and n.wallet_id in (select id from asked)'))} s
        where s.posted and s.kept and s.status = 'approved'
          and (s.amount_minor < 0 or (s.payable_from <= ${day}::date and s.occurred_on < ${day}::date)) group by 1
      )
      select
        ((select coalesce(sum(t.amount_minor), 0) from transfers t where t.credit_id = a.id)
          - (select coalesce(sum(t.amount_minor), 0) from transfers t where t.debit_id = a.id))::text as balance,
        spendable(a.id)::text as spendable,
        coalesce(p.amount, 0)::text as payable
      from asked a left join payable p on p.wallet_id = a.id`),
  ];
}

export interface WalletMovement {
  readonly id: number;
  readonly date: string;
  readonly kind: string;
  readonly amount: string;
  readonly balance: string;
  readonly against: string;
  /** What was posted: an entry, how many of them, a review, a payout. */
  readonly reference: string;
  readonly recordedAt: string;
  readonly by: string;
}

/**
 * Transfers of one wallet by posting date, each with the balance after it: at the end of a date it is what the trial
 * balance of that date says. `[from, to)` cuts what is shown and not what is summed.
 */
export async function walletMovements(
  tx: Connection,
  walletId: number,
  window: { readonly from: string | null; readonly to: string | null },
  page: { readonly limit: number; readonly offset: number },
): Promise<WalletMovement[]> {
  return [
    ...(await tx.sql<WalletMovement[]>`
      with shown as materialized (
        select * from (
          select x.*, sum(x.amount) over (order by x.posting_date, x.id) as balance
          from (
            select id, posting_id, posting_date, kind, amount_minor as amount, debit_id as other, recorded_at, created_by
            from transfers where credit_id = ${walletId}
            union all
            select id, posting_id, posting_date, kind, -amount_minor, credit_id, recorded_at, created_by
            from transfers where debit_id = ${walletId}
          ) x
        ) y
        where (${window.from}::date is null or posting_date >= ${window.from}::date) and (${window.to}::date is null or posting_date < ${window.to}::date)
        order by posting_date, id limit ${page.limit} offset ${page.offset}
      )
      select x.id::float8 as id, x.posting_date as date, x.kind, x.amount::text, x.balance::text, o.type as against,
        x.recorded_at as "recordedAt", x.created_by as "by",
        case g.kind
          when 'decision' then (
            select case when count(*) = 1 then 'entry ' || min(n.event_id || '.' || n.leg) else count(*) || ' entries' end || coalesce(' of run ' || g.run_id, '')
            from entries n
            where n.chunk_id between g.chunk_from and g.chunk_to and n.wallet_id = ${walletId} and n.amount_minor <> 0
              and n.posting_date = x.posting_date and n.kind::text = x.kind)
          when 'review' then (
            select case when count(*) = 1 then 'entry ' || min(n.event_id || '.' || n.leg) else count(*) || ' entries' end
              || ' ' || min(r.verdict::text) || ' by review ' || g.review_id
            from entry_reviews r join entries n on n.event_id = r.event_id and n.leg = r.leg
            where r.batch_id = g.review_id and n.wallet_id = ${walletId} and n.kind::text = x.kind)
          else 'payout ' || (
            select string_agg(distinct p.number, ', ' order by p.number)
            from payout_status_changes c join payouts p on p.id = c.payout_id join payout_wallets w on w.payout_id = p.id
            where c.posting_id = g.id and w.wallet_id = ${walletId})
        end as reference
      from shown x join postings g on g.id = x.posting_id join ledger_accounts o on o.id = x.other
      order by x.posting_date, x.id`),
  ];
}

export interface WalletKind {
  readonly kind: string;
  readonly against: string;
  readonly transfers: number;
  readonly amount: string;
}

/** What moved a wallet, per kind and other account; with `until` up to this posting date, inclusive. Sums to the balance. */
export async function walletKinds(tx: Connection, walletId: number, until: string | null): Promise<WalletKind[]> {
  return [
    ...(await tx.sql<WalletKind[]>`
      select x.kind, o.type as against, count(*)::int as transfers, sum(x.amount)::text as amount
      from (
        select posting_date, kind, amount_minor as amount, debit_id as other from transfers where credit_id = ${walletId}
        union all select posting_date, kind, -amount_minor, credit_id from transfers where debit_id = ${walletId}
      ) x join ledger_accounts o on o.id = x.other
      where ${until}::date is null or x.posting_date <= ${until}::date
      group by 1, 2 order by 1, 2`),
  ];
}

export async function instancesOfWallets(
  tx: Connection,
  wallets: readonly number[],
): Promise<Map<number, { instance: string; currency: string }>> {
  const rows = await tx.sql<{ id: number; instance: string; currency: string }[]>`
    select a.id::int, i.code as instance, a.currency from ledger_accounts a join instances i on i.id = a.instance_id
    where a.id = any (${list(wallets)}::bigint[])`;
  return new Map(rows.map(({ id, ...rest }) => [id, rest]));
}

/** What moved a wallet on a stretch of posting dates, as a statement tells it; in minor units. */
export interface StatementRow {
  /** A kind of entry, or rejected, paid, withheld, fees, returned. */
  readonly line: string;
  readonly movements: number;
  readonly amount: string;
}

/**
 * What moved a wallet by posting date `[from, to)`: entries by kind, what reviews took back, and payouts. A payout counts
 * when it completed: what is in transit is the wallet's until then (SEMANTICS §9). Null bounds are open.
 */
export async function statementRows(
  tx: Connection,
  walletId: number,
  { from, to }: { readonly from: string | null; readonly to: string | null },
): Promise<StatementRow[]> {
  return [
    ...(await tx.sql<StatementRow[]>`
      select line, count(*)::int as movements, sum(amount)::text as amount from (
        select case g.kind when 'decision' then case when o.type = 'recovery_clearing' then 'recovery' else t.kind end when 'review' then 'rejected'
            else case o.type when 'withholding_payable' then 'withheld' else 'fees' end end as line,
          t.posting_date, case when t.credit_id = ${walletId} then t.amount_minor else -t.amount_minor end as amount
        from transfers t join postings g on g.id = t.posting_id
        join ledger_accounts o on o.id = case when t.credit_id = ${walletId} then t.debit_id else t.credit_id end
        where ${walletId} in (t.credit_id, t.debit_id) and o.type not in ('in_transit', 'unclaimed')
        union all
        select case c.status when 'completed' then 'paid' else 'returned' end, d.posting_date,
          case c.status when 'completed' then -w.sent_minor else w.sent_minor end
        from payout_wallets w join payout_status_changes c on c.payout_id = w.payout_id
        cross join lateral (select min(t.posting_date) as posting_date from transfers t where t.posting_id = c.posting_id) d
        where w.wallet_id = ${walletId} and (c.status = 'completed' or (c.status = 'returned' and c.from_status = 'completed'))
      ) moved
      where (${from}::date is null or posting_date >= ${from}::date) and (${to}::date is null or posting_date < ${to}::date)
      group by 1 order by 1`),
  ];
}

/** What a wallet and its money in transit came to before a posting date, by the ledger; in minor units. */
export async function walletBefore(
  tx: Connection,
  walletId: number,
  date: string,
): Promise<{ readonly wallet: string; readonly inTransit: string }> {
  const [row] = await tx.sql<{ wallet: string; inTransit: string }[]>`
    select
      (select coalesce(sum(case when t.credit_id = ${walletId} then t.amount_minor else -t.amount_minor end), 0)
       from transfers t where ${walletId} in (t.credit_id, t.debit_id) and t.posting_date < ${date}::date)::text as wallet,
      (select coalesce(sum(case
          when c.status = 'processing' then w.sent_minor
          -- of what had completed the money comes back to be in transit, and leaves it in the same posting
          when c.status in ('completed', 'failed', 'cancelled') or c.from_status <> 'completed' then -w.sent_minor
          else 0 end), 0)
       from payout_wallets w join payout_status_changes c on c.payout_id = w.payout_id and c.posting_id is not null
       cross join lateral (select min(t.posting_date) as posting_date from transfers t where t.posting_id = c.posting_id) d
       where w.wallet_id = ${walletId} and d.posting_date < ${date}::date)::text as "inTransit"`;
  return row!;
}
