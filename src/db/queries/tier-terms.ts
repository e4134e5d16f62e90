import { and, asc, eq } from 'drizzle-orm';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import type { DateRange } from '../schema/column-types.ts';
import { tiers } from '../schema/partners.ts';
import { tierTerms } from '../schema/tiers.ts';

/** What a tier asks for a month, and gives. */
export interface TierSays {
  readonly minRevenueMinor: bigint;
  readonly minCustomers: number;
  readonly support: string | null;
  readonly accountManager: boolean;
  readonly apiCallsHour: number | null;
  readonly benefits: Readonly<Record<string, string>>;
}

export interface TierTermsRow extends VersionRow, TierSays {
  readonly tier: string;
  readonly name: string;
  readonly rank: number;
}

/** Every version of what the tiers, or one of them, ask and give: lowest tier first, in the order of knowledge. */
export async function tierTermsVersions(tx: Connection, tier?: string): Promise<TierTermsRow[]> {
  return await tx.orm
    .select({
      id: tierTerms.id,
      tier: tierTerms.tier,
      name: tiers.name,
      rank: tiers.rank,
      minRevenueMinor: tierTerms.minRevenueMinor,
      minCustomers: tierTerms.minCustomers,
      support: tierTerms.support,
      accountManager: tierTerms.accountManager,
      apiCallsHour: tierTerms.apiCallsHour,
      benefits: tierTerms.benefits,
      valid: tierTerms.valid,
      knownSeq: tierTerms.knownSeq,
      retiredSeq: tierTerms.retiredSeq,
      createdBy: tierTerms.createdBy,
      recordedAt: tierTerms.recordedAt,
    })
    .from(tierTerms)
    .innerJoin(tiers, eq(tiers.code, tierTerms.tier))
    .where(and(tier === undefined ? undefined : eq(tierTerms.tier, tier)))
    .orderBy(asc(tiers.rank), asc(tierTerms.knownSeq), asc(tierTerms.valid));
}

export const retireTierTerms = retiring(tierTerms);

export async function insertTierTerms(
  tx: Connection,
  version: TierSays & { readonly tier: string; readonly valid: DateRange; readonly knownSeq: number },
): Promise<void> {
  await tx.orm.insert(tierTerms).values(version);
}

/** What each tier pays on a day where nothing narrower speaks: its own rule, without a product. */
export async function tierRates(tx: Connection, day: string): Promise<Map<string, number | null>> {
  const rows = await tx.sql<{ tier: string; ratePpm: number | null }[]>`
    select r.tier, case when v.kind = 'percentage' then v.rate_ppm end as "ratePpm" from rules r join rule_versions v on v.rule_id = r.id
    where r.scope = 'tier' and r.slot = 'own' and r.product_id is null and v.retired_seq is null and v.valid @> ${day}::date`;
  return new Map(rows.map(({ tier, ratePpm }) => [tier, ratePpm]));
}
