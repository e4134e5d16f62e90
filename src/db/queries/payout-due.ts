import { list } from '../arrays.ts';
import type { DueWallet } from '../../domain/netting.ts';
import type { Connection } from '../connection.ts';
import { entryStates, limitIn } from './entry-status.ts';

/** Partners by number: only these, or all but those. */
export type WhoCloses = { readonly only: readonly number[] } | { readonly except: readonly number[] };

/** What a run may take from: every wallet, a partner's, or those of the lines of one earlier payout. */
export interface PayoutScope {
  readonly partnerId: number | null;
  /** Entries that are lines of this payout, and whatever its wallets owe: a debt that arose since is netted, not passed by. */
  readonly retryOf: number | null;
  /** Whoever closes on the run's cut-off; default everybody. */
  readonly closing?: WhoCloses;
  /** Without what earlier runs are foreseen to pay: see `beginForesight`. */
  readonly foreseeing?: boolean;
}

/**
 * Lists the wallets of the scope in `payout_scope`, a table of this transaction. With `lock` they are held to its end, in the
 * order of ids: runs over the same wallets follow each other, and each later one sees what the earlier took instead of
 * failing on it.
 */
export async function listWallets(tx: Connection, scope: PayoutScope, lock: boolean): Promise<void> {
  await tx.sql`drop table if exists pg_temp.payout_scope`;
  await tx.sql`
    create temporary table payout_scope on commit drop as
    select a.id as wallet_id from ledger_accounts a
    where a.type = 'wallet' and (${scope.partnerId}::bigint is null or a.partner_id = ${scope.partnerId})
      and ${closing(tx, scope)}
      and (${scope.retryOf}::bigint is null or a.id in (select wallet_id from payout_wallets where payout_id = ${scope.retryOf}))`;
  await tx.sql`analyze pg_temp.payout_scope`;
  if (lock) {
    await tx.sql`select lock_wallets((select array_agg(wallet_id) from pg_temp.payout_scope))`;
  }
}

function closing(tx: Connection, { closing: who }: PayoutScope) {
  if (who === undefined) return tx.sql`true`;
  return 'only' in who
    ? tx.sql`a.partner_id = any (${list(who.only)}::bigint[])`
    : tx.sql`a.partner_id <> all (${list(who.except)}::bigint[])`;
}

/**
 * Settings for reading and writing entries by the million, until `planAsUsual` or the end of the transaction. A million
 * lines want room to be sorted in; and over tables that were just filled, of which nobody has statistics yet, a nested loop
 * is the one plan that can take hours.
 */
export async function planForManyRows(tx: Connection): Promise<void> {
  await tx.sql`
    select set_config('work_mem', '128MB', true), set_config('enable_nestloop', 'off', true),
    -- a few thousand rows tell as much of what is counted here as thirty thousand
    set_config('default_statistics_target', '10', true)`;
}

export async function planAsUsual(tx: Connection): Promise<void> {
  await tx.sql`select set_config('enable_nestloop', 'on', true)`;
}

/**
 * Sorts every entry of the listed wallets that is in no live payout and not taken back into `payout_due`, a table of this
 * transaction: with null as its reason what may be paid now, else with why not. What a debit took is `taken` and counts
 * whatever its day: it is out of the wallet, and nobody else may be paid with it. Entries of wallets that appeared since
 * they were listed are not among them: nobody holds those.
 */
export async function sortDueEntries(tx: Connection, scope: PayoutScope, cutoff: string): Promise<void> {
  await tx.sql`drop table if exists pg_temp.payout_due`;
  await tx.sql`
    create temporary table payout_due (event_id bigint, wallet_id bigint, amount_minor bigint, leg smallint, taken boolean, reason text) on commit drop`;
  const retried =
    scope.retryOf === null
      ? ''
      : ` and (n.amount_minor < 0 or exists (
          select from payout_lines o where o.payout_id = ${scope.retryOf} and o.event_id = n.event_id and o.leg = n.leg))`;
  const foreseen = scope.foreseeing === true ? ` and not exists (${FORESEEN})` : '';
  const entries = `n.amount_minor <> 0 and n.wallet_id in (select wallet_id from pg_temp.payout_scope)${retried}${foreseen}`;
  await tx.sql`
    insert into pg_temp.payout_due (event_id, wallet_id, amount_minor, leg, taken, reason)
    select s.event_id, s.wallet_id, s.amount_minor, s.leg, t.taken, case
      when not s.posted then 'unposted'
      when s.held then 'held'
      when not s.approved then 'pending'
      when t.taken then null
      when s.posting_date >= ${cutoff}::date
        and (select e.occurred_on from revenue_events e where e.id = s.event_id) >= ${cutoff}::date then 'after_cutoff'
      when s.payable_from > ${cutoff}::date then 'not_yet_payable' end
    from ${tx.sql.unsafe(entryStates(entries))} s
    cross join lateral (select s.amount_minor < 0 and s.kind = 'adjustment' and takes_what_is_there(s.event_id) as taken) t
    where s.kept and s.free`;
  await tx.sql`analyze pg_temp.payout_due`;
}

/** Begins a row of runs that are composed one after the other and not made: what one is going to pay, the next one does not. */
export async function beginForesight(tx: Connection): Promise<void> {
  await tx.sql`create temporary table payout_foreseen (event_id bigint, leg smallint, primary key (event_id, leg)) on commit drop`;
}

const FORESEEN = 'select from pg_temp.payout_foreseen f where f.event_id = n.event_id and f.leg = n.leg';

/** Remembers what the run that was just composed would pay out of some wallets. */
export async function foresee(tx: Connection, wallets: readonly number[]): Promise<void> {
  await tx.sql`
    insert into pg_temp.payout_foreseen (event_id, leg)
    select event_id, leg from pg_temp.payout_due where reason is null and wallet_id = any (${list(wallets)}::bigint[])`;
}

/**
 * Where less than all of a payout may be taken for negatives, marks those beyond that as `recovery_share`. Smallest
 * first: entries cannot be cut, and one large negative should not keep the small ones from being recovered. What debits
 * took is no debt that is recovered: the share is of what they left.
 */
export async function limitRecovery(tx: Connection, cutoff: string): Promise<void> {
  await tx.sql`
    with limited as (
      select w.wallet_id, w.positive * w.share * 0.000001 as cap from (
        select d.wallet_id, sum(d.amount_minor) as net, sum(d.amount_minor) filter (where d.amount_minor > 0 or d.taken) as positive,
          (select trunc((s.value #>> '{}')::numeric) from settings s join ledger_accounts a on a.id = d.wallet_id
           where s.name = 'recovery_share_ppm' and (s.instance_id = a.instance_id or s.instance_id is null)
             and s.retired_seq is null and s.valid @> ${cutoff}::date
           order by s.instance_id nulls last limit 1) as share
        from pg_temp.payout_due d
        where d.reason is null and exists (select from settings s where s.name = 'recovery_share_ppm' and s.value::numeric < 1000000)
        group by d.wallet_id
      ) w where w.net > 0 and w.share < 1000000
    ), counted as (
      select d.event_id, d.leg, l.cap, sum(-d.amount_minor) over (partition by d.wallet_id order by -d.amount_minor, d.event_id, d.leg) as taken
      from pg_temp.payout_due d join limited l on l.wallet_id = d.wallet_id
      where d.reason is null and d.amount_minor < 0 and not d.taken
    )
    update pg_temp.payout_due d set reason = 'recovery_share' from counted c
    where d.event_id = c.event_id and d.leg = c.leg and c.taken > c.cap`;
}

/** Entries of a wallet that were sorted alike, and what is known of paying its partner in its currency. */
export interface StandingWallet extends DueWallet {
  /** Null: may be paid. */
  readonly reason: string | null;
  readonly entries: number;
  readonly partnerStatus: string;
  readonly house: boolean;
  /** The version of the instrument that counts today; null: paid by hand. */
  readonly instrumentId: number | null;
  readonly instrumentObstacle: string | null;
  readonly withholdingPpm: bigint;
  readonly fee: bigint;
}

const AT_ONCE = 500;

/**
 * The sorted entries by wallet and reason, summed, with what stands for and against paying them, in the order of partners and
 * wallets; so many at once, so that a run of any size takes no more memory than another.
 * @param known the last change of deductions that is gone by
 */
export async function* standingWallets(
  tx: Connection,
  cutoff: string,
  known: number,
): AsyncGenerator<StandingWallet[]> {
  // As a whole it is soonest there, and not by whatever gives its first rows soonest.
  await tx.sql`select set_config('cursor_tuple_fraction', '1', true)`;
  await tx.sql`
    declare standing_wallets no scroll cursor for
    with summed as materialized (
      select a.id as wallet_id, a.partner_id, a.currency, d.reason, d.positive, d.negative, d.entries
      from (
        select wallet_id, reason, coalesce(sum(amount_minor) filter (where amount_minor > 0), 0) as positive,
          coalesce(sum(amount_minor) filter (where amount_minor < 0), 0) as negative, count(*) as entries
        from pg_temp.payout_due group by wallet_id, reason
      ) d join ledger_accounts a on a.id = d.wallet_id
    ), payees as materialized (
      select partner_id, currency from summed where reason is null group by 1, 2
    )
    select s.wallet_id::int as "walletId", s.partner_id::int as "partnerId", s.currency, s.reason, s.positive::text, s.negative::text,
      s.entries::int, p.status as "partnerStatus", p.house, i.id::int as "instrumentId", i.obstacle as "instrumentObstacle",
      coalesce(d.withholding_ppm, 0)::text as "withholdingPpm", coalesce(d.fee_minor, 0)::text as fee
    from summed s
    join partners p on p.id = s.partner_id
    left join instrument_standings i on i.partner_id = s.partner_id and i.currency = s.currency
    left join deductions_on((select array_agg(partner_id) from payees), (select array_agg(currency) from payees), ${cutoff}::date, ${known}) d
      on d.partner_id = s.partner_id and d.currency = s.currency
    order by s.partner_id, s.wallet_id, s.reason`;
  const fetch = async () => await tx.sql.unsafe<StoredStanding[]>(`fetch ${AT_ONCE} from standing_wallets`);
  let rows = await fetch();
  while (rows.length > 0) {
    // Asked for before these are taken: whoever takes them thinks, and writes, meanwhile.
    const next = fetch();
    next.catch(() => {});
    yield rows.map(asStanding);
    rows = await next;
  }
  await tx.sql`close standing_wallets`;
}

type Amount = 'positive' | 'negative' | 'withholdingPpm' | 'fee';
type StoredStanding = Omit<StandingWallet, Amount> & Readonly<Record<Amount, string>>;

const asStanding = ({ positive, negative, withholdingPpm, fee, ...row }: StoredStanding): StandingWallet => ({
  ...row,
  ...{ positive: BigInt(positive), negative: BigInt(negative) },
  ...{ withholdingPpm: BigInt(withholdingPpm), fee: BigInt(fee) },
});

/** The smallest gross of a payout in force on the cut-off, by currency, in minor units. A currency it does not name has none. */
export async function minimumPayouts(tx: Connection, cutoff: string): Promise<Map<string, bigint>> {
  const rows = await tx.sql<{ currency: string; minimum: string }[]>`
    select c.code as currency, trunc(m.minimum)::text as minimum
    from settings s cross join currencies c
    cross join lateral (select ${tx.sql.unsafe(limitIn('s.value', 'c.code'))} as minimum) m
    where s.name = 'minimum_payout' and s.instance_id is null and s.retired_seq is null and s.valid @> ${cutoff}::date
      and m.minimum is not null`;
  return new Map(rows.map((row) => [row.currency, BigInt(row.minimum)]));
}
