import { list } from '../arrays.ts';
import type { AccountClock } from '../../domain/rating/model.ts';
import type { Connection } from '../connection.ts';

/** In the order in which `clockLine` writes them. */
export const CLOCK_COLUMNS = [
  'account_id',
  'event_id',
  'sale_id',
  'rule_version_id',
  'first_sale_on',
  'first_sale_only',
  'earning_months',
] as const;

/** A clock as a line of COPY's text format. */
export function clockLine(clock: AccountClock): string {
  return (
    `${clock.accountId}\t${clock.eventId}\t${clock.saleId ?? '\\N'}\t${clock.ruleVersionId ?? '\\N'}\t${clock.firstSaleOn}\t` +
    `${clock.firstSaleOnly}\t${clock.earningMonths ?? '\\N'}\n`
  );
}

export const clockColumns = (tx: Connection) => tx.sql`
  a.account_id::int as "accountId", a.event_id::float8 as "eventId", a.sale_id::float8 as "saleId",
  a.rule_version_id::int as "ruleVersionId", a.first_sale_on as "firstSaleOn", a.first_sale_only as "firstSaleOnly",
  a.earning_months as "earningMonths"`;

/** Clocks that a sale started, and those that the books began with, which no event of these books did. */
export const allTerms = (tx: Connection) => tx.sql`
  select account_id, event_id, sale_id, rule_version_id, chunk_id, first_sale_on, first_sale_only, earning_months from account_terms
  union all
  select account_id, 0, null, null, null, first_sale_on, first_sale_only, earning_months from opening_accounts`;

/** The clocks of these accounts, of those that have one. */
export async function clocksOf(tx: Connection, accountIds: readonly number[]): Promise<AccountClock[]> {
  return [
    ...(await tx.sql<AccountClock[]>`
      select ${clockColumns(tx)}
      from unnest(${list(accountIds)}::bigint[]) wanted (id) join (${allTerms(tx)}) a on a.account_id = wanted.id`),
  ];
}

/**
 * Freezes every account that was won already, without limits: to be called with the first rule that limits accounts, while
 * no accrual can begin. Accounts that are frozen stay as they are.
 */
export async function freezeAccountTerms(tx: Connection): Promise<void> {
  await tx.sql`select freeze_account_terms()`;
}

/** The clock of an account as the decision of an event found it: started by something decided before, or null. */
export async function clockBefore(tx: Connection, accountId: number, eventId: number): Promise<AccountClock | null> {
  const [clock] = await tx.sql<AccountClock[]>`
    select ${clockColumns(tx)}
    from (${allTerms(tx)}) a left join revenue_events f on f.id = a.event_id
    cross join (select max(n.chunk_id) as chunk_id from entries n where n.event_id = ${eventId}) d
    join revenue_events e on e.id = ${eventId}
    where a.account_id = ${accountId} and (d.chunk_id is null or a.chunk_id is null or a.chunk_id < d.chunk_id
      or (a.chunk_id = d.chunk_id and (f.occurred_on, f.id) < (e.occurred_on, e.id)))`;
  return clock ?? null;
}
