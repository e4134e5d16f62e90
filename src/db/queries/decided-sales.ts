import type { Connection } from '../connection.ts';
import { formatDateRange, type DateRange } from '../schema/column-types.ts';
import type { RuleIdentity } from './rules.ts';
import { isWaiting } from './waiting-events.ts';

type Sql = ReturnType<Connection['sql']>;

export interface DecidedSales {
  readonly sales: number;
  /** The latest sale date among them; null when there are none. */
  readonly lastDate: string | null;
}

/** A decided sale: one with a row of its own, or an event that has none. */
export interface DecidedSale {
  readonly saleId: number | null;
  readonly eventId: number | null;
  readonly instanceId: number;
  readonly currency: string;
}

/** A rule, and days on which it is to say something else. */
export interface ChangedRule {
  readonly rule: RuleIdentity;
  readonly days: readonly DateRange[];
}

/**
 * How many decided sales lie where a rule speaks and on days it would change. The sale's date counts, not the event's:
 * it fixed the rule (SEMANTICS §2). What is decided is read from the batches' cursors, so that no entry is touched; a
 * sale whose events were only ever put off (`sale_unknown`) holds no rule yet, and one of which everything was voided
 * holds one that earns nothing. Reads only.
 */
export async function decidedSales(
  tx: Connection,
  rule: RuleIdentity,
  changed: readonly DateRange[],
): Promise<DecidedSales> {
  const [found] = await tx.sql<{ sales: string; lastDate: string | null }[]>`
    with ${soldOn(tx, changed)}
    select count(*) as sales, max(sold_on) as "lastDate" from sold where ${speaksOf(tx, rule)}`;
  return { sales: Number(found?.sales ?? 0), lastDate: found?.lastDate ?? null };
}

/**
 * How many decided sales of these days pay, or could pay, whoever stands above a partner: its own, and those of partners
 * below it, on days on which any rule pays those above. Reads only.
 */
export async function decidedSalesBelow(
  tx: Connection,
  partnerId: number,
  changed: readonly DateRange[],
): Promise<DecidedSales> {
  const [found] = await tx.sql<{ sales: string; lastDate: string | null }[]>`
    with recursive below (id) as (
      select ${partnerId}::bigint
      union select p.partner_id from below b join partner_parents p on p.parent_id = b.id and p.retired_seq is null
    ), ${soldOn(tx, changed)}
    select count(*) as sales, max(sold_on) as "lastDate" from sold
    where exists (select from ${placesOf(tx, 0)} place where place.partner_id in (select id from below))
      and exists (select from rules r join rule_versions v on v.rule_id = r.id
        where r.slot = 'override' and v.retired_seq is null and v.valid @> sold_on)`;
  return { sales: Number(found?.sales ?? 0), lastDate: found?.lastDate ?? null };
}

/** The same of the sales of an instance that fell to the partner of its agreement, and not to whom their account names. */
export async function decidedSalesOfAgreement(
  tx: Connection,
  instanceId: number,
  changed: readonly DateRange[],
): Promise<DecidedSales> {
  const [found] = await tx.sql<{ sales: string; lastDate: string | null }[]>`
    with ${soldOn(tx, changed)}
    select count(*) as sales, max(sold_on) as "lastDate" from sold
    where instance_id = ${instanceId} and not exists (
      select from account_slots s where s.account_id = sold.account_id and s.retired_seq is null and s.valid @> sold_on)`;
  return { sales: Number(found?.sales ?? 0), lastDate: found?.lastDate ?? null };
}

/** The decided sales that any of these changes would touch, each once, by date. Reads only. */
export async function decidedSalesTouched(tx: Connection, changes: readonly ChangedRule[]): Promise<DecidedSale[]> {
  const touching = changes.filter(({ days }) => days.length > 0);
  if (touching.length === 0) return [];
  const days = touching.flatMap((change) => change.days);
  const where = touching
    .map((change) => tx.sql`(sold_on <@ ${daysText(change.days)}::datemultirange and ${speaksOf(tx, change.rule)})`)
    .reduce((either, or) => tx.sql`${either} or ${or}`);
  return await selectSold(tx, days, tx.sql`(${where})`);
}

/** The decided sales of an account from a date on, by date. Reads only. */
export async function decidedSalesOfAccount(tx: Connection, accountId: number, from: string): Promise<DecidedSale[]> {
  return await selectSold(tx, [{ from, to: null }], tx.sql`sold.account_id = ${accountId}`);
}

async function selectSold(tx: Connection, days: readonly DateRange[], where: Sql): Promise<DecidedSale[]> {
  return [
    ...(await tx.sql<DecidedSale[]>`
      with ${soldOn(tx, days)}
      select sold.sale_id::float8 as "saleId", sold.event_id::float8 as "eventId", sold.instance_id::int as "instanceId", sold.currency from sold
      where ${where}
      order by sold.sold_on, sold.sale_id, sold.event_id`),
  ];
}

const daysText = (days: readonly DateRange[]): string => `{${days.map(formatDateRange).join(',')}}`;

/** The decided sales of some days, as `sold`; those of which anything stands. */
function soldOn({ sql }: Connection, dayRanges: readonly DateRange[]): Sql {
  const days = daysText(dayRanges);
  return sql`sold as (
      select e.occurred_on as sold_on, e.instance_id, e.account_id, e.product_id, e.currency, null::bigint as sale_id, e.id as event_id
      from event_batches b
      join revenue_events e on e.id between b.first_id and b.decided_to
      where b.decided_to >= b.first_id and daterange(b.first_on, b.last_on, '[]') && ${days}::datemultirange
        and e.sale_id is null and e.occurred_on <@ ${days}::datemultirange and b.origin in ('import', 'record')
        and not ${sql.unsafe(isWaiting('e'))}
        and not exists (select from revenue_events v where v.voids_id = e.id)
      union all
      select s.sale_date, s.instance_id, s.account_id, s.product_id, s.currency, s.id, null
      from sales s
      where s.sale_date <@ ${days}::datemultirange and exists (
        select from revenue_events e join entries n on n.event_id = e.id
        where e.sale_id = s.id and n.reason is distinct from 'sale_unknown' and e.kind not in ('void', 'rerate', 'reattribution')
          and not exists (select from revenue_events v where v.voids_id = e.id))
        -- the rules of another system decided what the books began with
        and not exists (select from revenue_events o where o.sale_id = s.id and o.kind = 'opening')
    )`;
}

function speaksOf(tx: Connection, rule: RuleIdentity): Sql {
  return tx.sql`${touches(tx, rule)} and (${rule.productId}::bigint is null or product_id = ${rule.productId})`;
}

/** Whether a row of `sold` lies in the rule's scope, partners and tiers being those of its day. */
function touches(tx: Connection, rule: RuleIdentity) {
  const { sql } = tx;
  const [mayNameAnyone, named] = {
    programme: [true, sql`true`],
    instance: [true, sql`sold.instance_id = ${rule.instanceId}`],
    account: [true, sql`sold.account_id = ${rule.accountId}`],
    partner: [false, sql`place.partner_id = ${rule.partnerId}`],
    tier: [
      false,
      sql`exists (
        select from partner_tiers t
        where t.partner_id = place.partner_id and t.tier = ${rule.tier} and t.retired_seq is null and t.valid @> sold_on)`,
    ],
  }[rule.scope] as [boolean, ReturnType<typeof sql>];
  if (rule.level === 0 && mayNameAnyone) return named;
  return sql`exists (select from ${placesOf(tx, rule.level)} place where ${named})`;
}

/**
 * Whose rules the slot looks up for a row of `sold`: who shares its account, else who has the agreement, and from there
 * as many partners up as the slot's level says.
 */
function placesOf({ sql }: Connection, level: number) {
  const earning = sql`(
    select s.partner_id from account_slots s
    where s.account_id = sold.account_id and s.retired_seq is null and s.valid @> sold_on
    union all
    select a.partner_id from agreements a
    where a.instance_id = sold.instance_id and a.retired_seq is null and a.valid @> sold_on and not exists (
      select from account_slots s where s.account_id = sold.account_id and s.retired_seq is null and s.valid @> sold_on))`;
  return Array.from({ length: level }).reduce<typeof earning>(
    (below) => sql`(
      select p.parent_id as partner_id from ${below} below
      join partner_parents p on p.partner_id = below.partner_id and p.retired_seq is null and p.valid @> sold_on)`,
    earning,
  );
}

/** The accrual that is at work at this moment, or null: what it has not decided yet it will decide by the terms it read. */
export async function accrualAtWork(tx: Connection): Promise<{ id: number; businessDate: string } | null> {
  const [run] = await tx.sql<{ id: number; businessDate: string }[]>`
    select id::int, business_date as "businessDate" from job_runs
    where job = 'accrue-commissions' and status = 'running' and lease_until > clock_timestamp()`;
  return run ?? null;
}
