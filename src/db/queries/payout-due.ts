import { list } from '../arrays.ts';
import type { DueWallet } from '../../domain/netting.ts';
import type { Connection } from '../connection.ts';
import { limitIn } from './entry-status.ts';

/** Partners by number: only these, or all but those. */
export type WhoCloses = { readonly only: readonly number[] } | { readonly except: readonly number[] };

/** What a run may take from: every wallet, a partner's, or those of the lines of one earlier payout. */
export interface PayoutScope {
  readonly partnerId: number | null;
  /** Entries that are lines of this payout, and whatever its wallets owe: a debt that arose since is netted, not passed by. */
  readonly retryOf: number | null;
  /** Whoever closes on the run's cut-off; default everybody. */
  readonly closing?: WhoCloses;
}

/**
 * Has the database find what is due in the wallets of the scope on a cut-off, by wallet and reason, as `payout_due`, a table of this
 * transaction: with null as its reason what may be paid now, else with why not. With `toPay` the wallets are held to its end.
 * Entries of wallets that appeared since they were listed are not among them: nobody holds those.
 */
export async function findDue(
  tx: Connection,
  scope: PayoutScope,
  cutoff: string,
  { toPay }: { readonly toPay: boolean },
): Promise<void> {
  await tx.sql`
    select ${tx.sql(toPay ? 'take_due' : 'find_due')}(array(
      select a.id from ledger_accounts a
      where a.type = 'wallet' and (${scope.partnerId}::bigint is null or a.partner_id = ${scope.partnerId})
        and ${closing(tx, scope)}
        and (${scope.retryOf}::bigint is null or a.id in (select wallet_id from payout_wallets where payout_id = ${scope.retryOf}))
    ), ${cutoff}::date, ${scope.retryOf}::bigint)`;
}

/** What the run that was just composed would pay out of some wallets is not found again in this transaction. */
export async function foresee(tx: Connection, wallets: readonly number[]): Promise<void> {
  await tx.sql`select foresee_due(${list(wallets)}::bigint[])`;
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

/** Entries of a wallet that may be paid, or that one reason keeps from it, and what is known of paying its partner in its currency. */
export interface StandingWallet extends DueWallet {
  /** Null: may be paid. */
  readonly reason: string | null;
  readonly entries: number;
  readonly partnerStatus: string;
  readonly house: boolean;
  /** Why the instrument that counts today is not paid to; null: it is, or there is none. */
  readonly instrumentObstacle: string | null;
  readonly withholdingPpm: bigint;
  readonly fee: bigint;
}

const AT_ONCE = 500;

/**
 * What was found, with what stands for and against paying it, in the order of partners and wallets; so many at once, so that a
 * run of any size takes no more memory than another.
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
    with payees as materialized (
      select partner_id, currency from pg_temp.payout_due where reason is null group by 1, 2
    )
    select s.wallet_id::int as "walletId", s.partner_id::int as "partnerId", s.currency, s.reason, s.net::text, s.entries::int, p.status as "partnerStatus", p.house, i.obstacle as "instrumentObstacle",
      coalesce(d.withholding_ppm, 0)::text as "withholdingPpm", coalesce(d.fee_minor, 0)::text as fee
    from pg_temp.payout_due s
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

type Amount = 'net' | 'withholdingPpm' | 'fee';
type StoredStanding = Omit<StandingWallet, Amount> & Readonly<Record<Amount, string>>;

// Every field by its name: spreading what is left of a row takes ten times as long, and a run has a hundred thousand.
const asStanding = (row: StoredStanding): StandingWallet => ({
  walletId: row.walletId,
  partnerId: row.partnerId,
  currency: row.currency,
  reason: row.reason,
  net: BigInt(row.net),
  entries: row.entries,
  partnerStatus: row.partnerStatus,
  house: row.house,
  instrumentObstacle: row.instrumentObstacle,
  withholdingPpm: BigInt(row.withholdingPpm),
  fee: BigInt(row.fee),
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
