import { and, eq } from 'drizzle-orm';
import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';
import { accounts } from '../schema/accounts.ts';
import { agreements, instances } from '../schema/instances.ts';
import { byCode, liveOn, type Page } from './order.ts';

export interface AccountRow {
  readonly id: number;
  readonly instance: string;
  /** Unique within the instance. */
  readonly code: string;
  readonly name: string | null;
  readonly country: string | null;
  readonly startsOn: string | null;
  readonly endsOn: string | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface AccountFilter {
  readonly instanceId?: number | undefined;
  /** Accounts of the instances where this partner earns now. */
  readonly partnerId?: number | undefined;
  readonly country?: string | undefined;
}

function selectRows(tx: Connection) {
  return tx.orm
    .select({
      id: accounts.id,
      instance: instances.code,
      code: accounts.code,
      name: accounts.name,
      country: accounts.country,
      startsOn: accounts.startsOn,
      endsOn: accounts.endsOn,
      createdBy: accounts.createdBy,
      recordedAt: accounts.recordedAt,
    })
    .from(accounts)
    .innerJoin(instances, eq(instances.id, accounts.instanceId))
    .$dynamic();
}

/** Accounts by instance and code. */
export async function selectAccounts(
  tx: Connection,
  filter: AccountFilter,
  day: string,
  page: Page,
): Promise<AccountRow[]> {
  const rows = selectRows(tx);
  // Joined only when asked for: most lists have nothing to do with agreements.
  const joined =
    filter.partnerId === undefined
      ? rows
      : rows.innerJoin(
          agreements,
          and(
            eq(agreements.instanceId, accounts.instanceId),
            eq(agreements.partnerId, filter.partnerId),
            liveOn(agreements, day),
          ),
        );
  return await joined
    .where(
      and(
        filter.instanceId === undefined ? undefined : eq(accounts.instanceId, filter.instanceId),
        filter.country === undefined ? undefined : eq(accounts.country, filter.country),
      ),
    )
    .orderBy(byCode(instances.code), byCode(accounts.code))
    .limit(page.limit)
    .offset(page.offset);
}

export async function accountByCode(tx: Connection, instanceId: number, code: string): Promise<AccountRow | null> {
  const [row] = await selectRows(tx).where(and(eq(accounts.instanceId, instanceId), eq(accounts.code, code)));
  return row ?? null;
}

export interface NewAccountRow {
  readonly instanceId: number;
  readonly code: string;
  readonly name: string | null;
  readonly country: string | null;
  readonly startsOn: string | null;
  readonly endsOn: string | null;
}

export async function insertAccount(tx: Connection, account: NewAccountRow): Promise<void> {
  await tx.orm.insert(accounts).values(account);
}

/** What an account paid so far, in one currency; minor units. */
export interface AccountRevenueRow {
  readonly accountId: number;
  readonly currency: string;
  readonly payments: number;
  readonly lastPaidOn: string | null;
  /** Payments less returns. */
  readonly revenue: string;
}

/** Of these accounts, in one pass over the events. */
export async function revenueOfAccounts(tx: Connection, ids: readonly number[]): Promise<AccountRevenueRow[]> {
  if (ids.length === 0) return [];
  return [
    ...(await tx.sql<AccountRevenueRow[]>`
      select e.account_id::int as "accountId", e.currency, count(*) filter (where e.kind = 'payment')::int as payments,
        max(e.occurred_on) filter (where e.kind = 'payment') as "lastPaidOn", sum(e.net_minor)::text as revenue
      from revenue_events e
      where e.account_id = any (${list(ids)}::bigint[]) and e.kind in ('payment', 'refund', 'chargeback', 'chargeback_won')
        and not exists (select from revenue_events v where v.voids_id = e.id and v.voids_id is not null)
      group by 1, 2 order by 1, 2`),
  ];
}
