import { and, asc, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { ScopeKind } from '../../domain/rating/model.ts';
import type { RuleTerms } from '../../domain/rule-terms.ts';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import { accounts, products } from '../schema/accounts.ts';
import { instances } from '../schema/instances.ts';
import { partners } from '../schema/partners.ts';
import { rules, ruleVersions } from '../schema/rules.ts';
import { agreements } from '../schema/instances.ts';
import { liveOn, type Page } from './order.ts';

/** What a rule's scope names, by identity; the others are null. */
export interface ScopeIdentity {
  readonly scope: ScopeKind;
  readonly accountId: number | null;
  readonly instanceId: number | null;
  readonly partnerId: number | null;
  readonly tier: string | null;
}

/** A scope together with product and slot: the rule. */
export interface RuleIdentity extends ScopeIdentity {
  readonly productId: number | null;
  /** 0: the own slot. n: the override slot of the n-th partner above the one who earns. */
  readonly level: number;
}

/** What a version says, with products by identity. */
export type StoredTerms = RuleTerms<number>;

export interface RuleVersionRow extends VersionRow, StoredTerms {
  readonly ruleId: number;
  readonly continuesId: number | null;
}

const termColumns = {
  kind: ruleVersions.kind,
  includes: ruleVersions.includes,
  base: ruleVersions.base,
  onRest: ruleVersions.onRest,
  ratePpm: ruleVersions.ratePpm,
  flatMinor: ruleVersions.flatMinor,
  bracketFrom: ruleVersions.bracketFrom,
  bracketPpm: ruleVersions.bracketPpm,
  bracketMode: ruleVersions.bracketMode,
  windowKind: ruleVersions.windowKind,
  windowPer: ruleVersions.windowPer,
  limitProducts: ruleVersions.limitProducts,
  minSaleMinor: ruleVersions.minSaleMinor,
  capSaleMinor: ruleVersions.capSaleMinor,
  capWindowMinor: ruleVersions.capWindowMinor,
  firstSaleOnly: ruleVersions.firstSaleOnly,
  earningMonths: ruleVersions.earningMonths,
  territory: ruleVersions.territory,
  currency: ruleVersions.currency,
  paysIn: ruleVersions.paysIn,
  note: ruleVersions.note,
} satisfies Record<keyof StoredTerms, unknown>;

const versionColumns = {
  id: ruleVersions.id,
  ruleId: ruleVersions.ruleId,
  valid: ruleVersions.valid,
  knownSeq: ruleVersions.knownSeq,
  retiredSeq: ruleVersions.retiredSeq,
  continuesId: ruleVersions.continuesId,
  ...termColumns,
  createdBy: ruleVersions.createdBy,
  recordedAt: ruleVersions.recordedAt,
};

/** What a version says, taken from a row that also says when and by whom. */
export function termsOf(row: StoredTerms): StoredTerms {
  const names = Object.keys(termColumns) as (keyof StoredTerms)[];
  return Object.fromEntries(names.map((name) => [name, row[name]])) as unknown as StoredTerms;
}

// ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────

const slotOf = (level: number): 'own' | 'override' => (level === 0 ? 'own' : 'override');

/** The rule of an identity, or null. */
export async function ruleIdOf(tx: Connection, identity: RuleIdentity): Promise<number | null> {
  const same = (column: Parameters<typeof isNull>[0], value: number | string | null): SQL =>
    value === null ? isNull(column) : sql`${column} = ${value}`;
  const [row] = await tx.orm
    .select({ id: rules.id })
    .from(rules)
    .where(
      and(
        eq(rules.slot, slotOf(identity.level)),
        eq(rules.level, identity.level),
        eq(rules.scope, identity.scope),
        same(rules.accountId, identity.accountId),
        same(rules.instanceId, identity.instanceId),
        same(rules.partnerId, identity.partnerId),
        same(rules.tier, identity.tier),
        same(rules.productId, identity.productId),
      ),
    );
  return row?.id ?? null;
}

/** Makes the rule where it is not there; its versions say what it is. */
export async function ensureRule(tx: Connection, identity: RuleIdentity): Promise<number> {
  // Looked for first: an insert that meets a conflict has drawn a number all the same.
  const found = await ruleIdOf(tx, identity);
  if (found !== null) return found;
  await tx.orm
    .insert(rules)
    .values({ slot: slotOf(identity.level), ...identity })
    .onConflictDoNothing();
  const made = await ruleIdOf(tx, identity);
  if (made === null) throw new Error('a rule is gone, and rules are never removed');
  return made;
}

/** The versions of a rule that are not retired, by time. */
export async function liveVersions(tx: Connection, ruleId: number): Promise<RuleVersionRow[]> {
  return await tx.orm
    .select(versionColumns)
    .from(ruleVersions)
    .where(and(eq(ruleVersions.ruleId, ruleId), isNull(ruleVersions.retiredSeq)))
    .orderBy(asc(ruleVersions.valid));
}

export const retireVersions = retiring(ruleVersions);

export async function insertVersion(
  tx: Connection,
  version: StoredTerms & Pick<RuleVersionRow, 'ruleId' | 'valid' | 'knownSeq' | 'continuesId'>,
): Promise<number> {
  const { bracketFrom, bracketPpm, limitProducts, territory } = version;
  const [row] = await tx.orm
    .insert(ruleVersions)
    .values({
      ...version,
      // drizzle's arrays are mutable; these are its own.
      bracketFrom: bracketFrom && [...bracketFrom],
      bracketPpm: bracketPpm && [...bracketPpm],
      limitProducts: limitProducts && [...limitProducts],
      territory: territory && [...territory],
    })
    .returning({ id: ruleVersions.id });
  return row!.id;
}

// ── Reading ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** A version with its rule's scope, as codes. */
export interface RuleRow extends RuleVersionRow {
  readonly level: number;
  readonly scope: ScopeKind;
  /** The tier's, partner's or account's own code; the instance's for an instance. */
  readonly scopeCode: string | null;
  /** The instance of an account. */
  readonly scopeInstance: string | null;
  readonly product: string | null;
  /** The products it is limited to, by code. */
  readonly limitCodes: readonly string[] | null;
}

export interface RuleFilter {
  /** Exactly this scope. */
  readonly scope?: ScopeIdentity | undefined;
  /** Of this slot alone; 0 is the own one. */
  readonly level?: number | undefined;
  /** Set for this partner, for an instance where it earns on `day`, or for an account there. */
  readonly partnerId?: number | undefined;
  /** Set for this instance or one of its accounts. */
  readonly instanceId?: number | undefined;
  readonly productId?: number | undefined;
  /** In force on this day. */
  readonly at?: string | undefined;
  /** As known at this number; default now. */
  readonly known?: number | undefined;
  readonly ruleId?: number | undefined;
}

function selectRows(tx: Connection) {
  return tx.orm
    .select({
      ...versionColumns,
      level: rules.level,
      scope: rules.scope,
      scopeCode: sql<string | null>`coalesce(${rules.tier}, ${partners.code}, ${accounts.code}, ${instances.code})`,
      scopeInstance: sql<string | null>`case when ${rules.scope} = 'account' then ${instances.code} end`,
      product: products.code,
      limitCodes: sql<string[] | null>`(select json_agg(limited.code order by limited.code collate "C")
        from ${products} limited where limited.id = any (${ruleVersions.limitProducts}))`,
    })
    .from(ruleVersions)
    .innerJoin(rules, eq(rules.id, ruleVersions.ruleId))
    .leftJoin(partners, eq(partners.id, rules.partnerId))
    .leftJoin(accounts, eq(accounts.id, rules.accountId))
    .leftJoin(instances, sql`${instances.id} = coalesce(${rules.instanceId}, ${accounts.instanceId})`)
    .leftJoin(products, eq(products.id, rules.productId))
    .$dynamic();
}

function scopeIs({ scope, accountId, instanceId, partnerId, tier }: ScopeIdentity): SQL | undefined {
  return and(
    eq(rules.scope, scope),
    accountId === null ? undefined : eq(rules.accountId, accountId),
    instanceId === null ? undefined : eq(rules.instanceId, instanceId),
    partnerId === null ? undefined : eq(rules.partnerId, partnerId),
    tier === null ? undefined : eq(rules.tier, tier),
  );
}

// Narrowest last, as rules are read aloud: the programme's, then the exceptions from it.
const SCOPE_ORDER = sql`array_position(array['programme', 'tier', 'partner', 'instance', 'account'], ${rules.scope})`;

/** Made under the number or before, and not yet retired under it. */
function knownAt(known: number): SQL {
  return sql`${ruleVersions.knownSeq} <= ${known} and (${ruleVersions.retiredSeq} is null or ${ruleVersions.retiredSeq} > ${known})`;
}

/** Every version as known at a number, with the identity of its rule. */
export async function versionsKnownAt(tx: Connection, known: number): Promise<(RuleVersionRow & RuleIdentity)[]> {
  return await tx.orm
    .select({
      ...versionColumns,
      level: rules.level,
      scope: rules.scope,
      accountId: rules.accountId,
      instanceId: rules.instanceId,
      partnerId: rules.partnerId,
      tier: rules.tier,
      productId: rules.productId,
    })
    .from(ruleVersions)
    .innerJoin(rules, eq(rules.id, ruleVersions.ruleId))
    .where(knownAt(known));
}

/** Versions by scope from wide to narrow, then code, product and time. `day` says where a partner earns. */
export async function selectRules(tx: Connection, filter: RuleFilter, day: string, page: Page): Promise<RuleRow[]> {
  const { known, partnerId } = filter;
  const earnsAt = (partner: number) => sql`exists (
    select from ${agreements} where ${agreements.partnerId} = ${partner} and ${agreements.instanceId} = ${instances.id} and ${liveOn(agreements, day)})`;
  return await selectRows(tx)
    .where(
      and(
        filter.level === undefined ? undefined : eq(rules.level, filter.level),
        known === undefined ? isNull(ruleVersions.retiredSeq) : knownAt(known),
        filter.scope === undefined ? undefined : scopeIs(filter.scope),
        partnerId === undefined ? undefined : sql`(${rules.partnerId} = ${partnerId} or ${earnsAt(partnerId)})`,
        filter.instanceId === undefined ? undefined : eq(instances.id, filter.instanceId),
        filter.productId === undefined ? undefined : eq(rules.productId, filter.productId),
        filter.at === undefined ? undefined : sql`${ruleVersions.valid} @> ${filter.at}::date`,
        filter.ruleId === undefined ? undefined : eq(rules.id, filter.ruleId),
      ),
    )
    .orderBy(
      SCOPE_ORDER,
      sql`${instances.code} collate "C" nulls first`,
      sql`coalesce(${rules.tier}, ${partners.code}, ${accounts.code}) collate "C" nulls first`,
      sql`${products.code} collate "C" nulls first`,
      asc(rules.level),
      asc(ruleVersions.valid),
    )
    .limit(page.limit)
    .offset(page.offset);
}

/** Every version that lives now. */
export async function liveRules(tx: Connection): Promise<RuleRow[]> {
  return await selectRows(tx).where(isNull(ruleVersions.retiredSeq));
}

/** One version by its identity. */
export async function ruleVersionById(tx: Connection, id: number): Promise<RuleRow | null> {
  const [row] = await selectRows(tx).where(eq(ruleVersions.id, id));
  return row ?? null;
}

/** Every version a rule ever had, in the order in which they became known. */
export async function ruleHistory(tx: Connection, ruleId: number): Promise<RuleRow[]> {
  return await selectRows(tx)
    .where(eq(ruleVersions.ruleId, ruleId))
    .orderBy(asc(ruleVersions.knownSeq), asc(ruleVersions.valid));
}
