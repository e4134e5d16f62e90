import {
  NO_LIMITS,
  type Agreement,
  type PartnerTier,
  type RuleBookContent,
  type RuleVersion,
} from '../../domain/rating/model.ts';
import type { Connection } from '../connection.ts';

// What was known at a number: made under it or before, and not yet retired under it.
const knownAt = (tx: Connection, knownSeq: number) =>
  tx.sql`known_seq <= ${knownSeq} and (retired_seq is null or retired_seq > ${knownSeq})`;

/** Everything rating reads, as known at `knownSeq`. Reads only. */
export async function loadRuleBook(tx: Connection, knownSeq: number): Promise<RuleBookContent> {
  const rules = await tx.sql<(Omit<RuleVersion, 'flatMinor'> & { flatMinor: string | null })[]>`
    select v.id::int, v.rule_id::int as "ruleId", v.known_seq::int as "knownSeq", r.scope,
      case r.scope when 'account' then to_jsonb(r.account_id) when 'instance' then to_jsonb(r.instance_id)
        when 'partner' then to_jsonb(r.partner_id) when 'tier' then to_jsonb(r.tier) end as "scopeId",
      r.product_id::int as "productId", lower(v.valid) as "from", upper(v.valid) as "to", v.kind, v.includes, v.base,
      v.rate_ppm as "ratePpm", v.flat_minor as "flatMinor", v.currency
    from rule_versions v join rules r on r.id = v.rule_id
    where r.slot = 'own' and ${knownAt(tx, knownSeq)}`;
  const agreements = await tx.sql<Agreement[]>`
    select instance_id::int as "instanceId", partner_id::int as "partnerId", lower(valid) as "from", upper(valid) as "to"
    from agreements where ${knownAt(tx, knownSeq)}`;
  const tiers = await tx.sql<PartnerTier[]>`
    select partner_id::int as "partnerId", tier, lower(valid) as "from", upper(valid) as "to"
    from partner_tiers where ${knownAt(tx, knownSeq)}`;
  const houses = await tx.sql<{ id: number }[]>`select id::int from partners where house`;
  return {
    knownSeq,
    rules: rules.map((rule) => ({
      ...rule,
      flatMinor: rule.flatMinor === null ? null : BigInt(rule.flatMinor),
      level: 0,
      onRest: false,
      brackets: null,
      bracketMode: null,
      window: null,
      limits: NO_LIMITS,
      paysIn: null,
    })),
    agreements: [...agreements],
    tiers: [...tiers],
    parents: [],
    accountSlots: [],
    housePartnerIds: houses.map((house) => house.id),
    shareCaps: [],
    keepsClocks: false,
    fxRate: () => null,
  };
}

export interface DatedSetting {
  readonly instanceId: number | null;
  readonly value: unknown;
  readonly from: string | null;
  readonly to: string | null;
}

/** The versions of one setting as known at `knownSeq`, for the programme and for instances of their own. */
export async function settingAsKnown(tx: Connection, name: string, knownSeq: number): Promise<DatedSetting[]> {
  return [
    ...(await tx.sql<DatedSetting[]>`
      select instance_id::int as "instanceId", value, lower(valid) as "from", upper(valid) as "to"
      from settings where name = ${name} and ${knownAt(tx, knownSeq)}`),
  ];
}

/** Months, 'YYYY-MM', into which nothing may post. */
export async function closedMonths(tx: Connection): Promise<Set<string>> {
  const rows = await tx.sql<
    { month: string }[]
  >`select to_char(starts_on, 'YYYY-MM') as month from periods where status = 'closed'`;
  return new Set(rows.map((row) => row.month));
}
