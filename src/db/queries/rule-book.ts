import { DEFAULT_MAX_AGE_DAYS, FxRates } from '../../domain/fx.ts';
import type {
  AccountSlot,
  Agreement,
  PartnerParent,
  PartnerTier,
  RuleBookContent,
  RuleVersion,
} from '../../domain/rating/model.ts';
import { Timeline } from '../../domain/timeline.ts';
import type { Connection } from '../connection.ts';
import { fxRatesKnownAt } from './fx.ts';
import { programmeRow } from './programme.ts';
import { versionsKnownAt } from './rules.ts';

// What was known at a number: made under it or before, and not yet retired under it.
const knownAt = (tx: Connection, knownSeq: number) =>
  tx.sql`known_seq <= ${knownSeq} and (retired_seq is null or retired_seq > ${knownSeq})`;

/** Everything rating reads, as known at `knownSeq`. Reads only. */
export async function loadRuleBook(tx: Connection, knownSeq: number): Promise<RuleBookContent> {
  const versions = await versionsKnownAt(tx, knownSeq);
  const agreements = await tx.sql<Agreement[]>`
    select instance_id::int as "instanceId", partner_id::int as "partnerId", lower(valid) as "from", upper(valid) as "to"
    from agreements where ${knownAt(tx, knownSeq)}`;
  const tiers = await tx.sql<PartnerTier[]>`
    select partner_id::int as "partnerId", tier, lower(valid) as "from", upper(valid) as "to"
    from partner_tiers where ${knownAt(tx, knownSeq)}`;
  const parents = await tx.sql<PartnerParent[]>`
    select partner_id::int as "partnerId", parent_id::int as "parentId", lower(valid) as "from", upper(valid) as "to"
    from partner_parents where ${knownAt(tx, knownSeq)}`;
  const accountSlots = await tx.sql<AccountSlot[]>`
    select account_id::int as "accountId", slot, partner_id::int as "partnerId", share_ppm as "sharePpm",
      lower(valid) as "from", upper(valid) as "to"
    from account_slots where ${knownAt(tx, knownSeq)}`;
  const houses = await tx.sql<{ id: number }[]>`select id::int from partners where house`;
  const shareCaps = await settingAsKnown(tx, 'share_cap_ppm', knownSeq);
  const rates = versions.some(({ paysIn }) => paysIn !== null) ? await loadFxRates(tx, knownSeq) : null;
  return {
    knownSeq,
    rules: versions.map(ruleVersion),
    agreements: [...agreements],
    tiers: [...tiers],
    parents: [...parents],
    accountSlots: [...accountSlots],
    housePartnerIds: houses.map((house) => house.id),
    shareCaps: shareCaps
      .filter(({ instanceId }) => instanceId === null)
      .map(({ value, from, to }) => ({ value: value as number, from, to })),
    keepsClocks: await accountsLimitedBy(tx, knownSeq),
    fxRate: (from, to, date) => {
      const found = rates?.find(from, to, date) ?? null;
      return found === null ? null : { rate: found.rate, ids: found.from.map(({ id }) => id) };
    },
  };
}

/**
 * The exchange rates as known at `knownSeq`: all, or those that a rate between two currencies may come from; of a source, or
 * of all. Reads only.
 */
export async function loadFxRates(
  tx: Connection,
  knownSeq: number,
  pair: { readonly base: string; readonly quote: string } | null = null,
  source: string | null = null,
): Promise<FxRates> {
  const pivot = (await programmeRow(tx))!.currency;
  const ages = await settingAsKnown(tx, 'fx_max_age_days', knownSeq);
  const maxAge = Timeline.of(
    ages.map(({ from, to, value }) => ({ from, to, value: value as number })),
    DEFAULT_MAX_AGE_DAYS,
    'fx_max_age_days',
  );
  const rates = await fxRatesKnownAt(tx, knownSeq, pair === null ? null : [pair.base, pair.quote, pivot], source);
  return new FxRates(rates, { pivot, maxAgeOn: (date) => maxAge.at(date) });
}

function ruleVersion(row: Awaited<ReturnType<typeof versionsKnownAt>>[number]): RuleVersion {
  const { bracketFrom, bracketPpm, windowKind, windowPer, valid } = row;
  return {
    id: row.id,
    ruleId: row.ruleId,
    knownSeq: row.knownSeq,
    level: row.level,
    scope: row.scope,
    scopeId: row.accountId ?? row.instanceId ?? row.partnerId ?? row.tier,
    productId: row.productId,
    from: valid.from,
    to: valid.to,
    kind: row.kind,
    includes: row.includes,
    base: row.base,
    onRest: row.onRest,
    ratePpm: row.ratePpm,
    flatMinor: row.flatMinor,
    brackets: bracketFrom?.map((from, index) => ({ from, ratePpm: bracketPpm![index]! })) ?? null,
    bracketMode: row.bracketMode,
    window: windowKind === null || windowPer === null ? null : { kind: windowKind, per: windowPer },
    limits: {
      products: row.limitProducts,
      minSale: row.minSaleMinor,
      capSale: row.capSaleMinor,
      capWindow: row.capWindowMinor,
      firstSaleOnly: row.firstSaleOnly,
      earningMonths: row.earningMonths,
      territory: row.territory,
    },
    currency: row.currency,
    paysIn: row.paysIn,
  };
}

/** Whether any rule, in force or not, retired or not, limited accounts to a first sale or to months by then. */
export async function accountsLimitedBy(tx: Connection, knownSeq: number): Promise<boolean> {
  const [row] = await tx.sql`
    select exists (select from rule_versions where (first_sale_only or earning_months is not null) and known_seq <= ${knownSeq}) as found`;
  return row?.['found'] === true;
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
