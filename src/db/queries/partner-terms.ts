import { asc, eq, inArray } from 'drizzle-orm';
import type { AmountsByCurrency } from '../../domain/partner-limits.ts';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import { products } from '../schema/accounts.ts';
import type { DateRange } from '../schema/column-types.ts';
import { partnerTerms } from '../schema/subscriptions.ts';

/** What a version says, as it is stored. */
export interface StoredTerms {
  readonly maxDiscountPpm: number | null;
  readonly territory: string[] | null;
  readonly productIds: number[] | null;
  readonly minimumOrder: AmountsByCurrency;
  readonly creditLimit: AmountsByCurrency;
  readonly cookieDays: number | null;
  readonly firstPurchaseOnly: boolean | null;
  readonly recurringMonths: number | null;
}

export type PartnerTermsRow = VersionRow & StoredTerms;

/** Every version of a partner's terms, in the order in which it became known. */
export async function partnerTermsVersions(tx: Connection, partnerId: number): Promise<PartnerTermsRow[]> {
  return await tx.orm
    .select()
    .from(partnerTerms)
    .where(eq(partnerTerms.partnerId, partnerId))
    .orderBy(asc(partnerTerms.knownSeq), asc(partnerTerms.valid));
}

export const retirePartnerTerms = retiring(partnerTerms);

export async function insertPartnerTerms(
  tx: Connection,
  partnerId: number,
  version: StoredTerms & { readonly valid: DateRange; readonly knownSeq: number },
): Promise<void> {
  await tx.orm.insert(partnerTerms).values({ ...version, partnerId });
}

/** The codes of these products, sorted. */
export async function productCodes(tx: Connection, ids: readonly number[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const rows = await tx.orm
    .select({ code: products.code })
    .from(products)
    .where(inArray(products.id, [...ids]));
  return rows.map(({ code }) => code).sort();
}

/** What a partner owes for wholesale in a currency, over all instances or at one, in minor units. */
export async function wholesaleOwed(
  tx: Connection,
  partnerId: number,
  currency: string,
  instanceId: number | null = null,
): Promise<bigint> {
  const [row] = await tx.sql<{ owed: string }[]>`
    select coalesce(sum(case when t.debit_id = a.id then t.amount_minor else -t.amount_minor end), 0)::text as owed
    from ledger_accounts a join transfers t on a.id in (t.debit_id, t.credit_id)
    where a.type = 'wholesale_receivable' and a.partner_id = ${partnerId} and a.currency = ${currency}
      and (${instanceId}::bigint is null or a.instance_id = ${instanceId})`;
  return BigInt(row!.owed);
}
