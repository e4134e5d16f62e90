import { decimal } from './revenue-differences.ts';
import type { Staging, StagedPlace } from './revenue-staging.ts';

/** The sales that staged events belong to: what was said of them, what they may still learn, and who contradicts it. */

const DAY = (column: string) => `date '1970-01-01' + ${column}::int`;

/**
 * Collects the sales that live rows speak of in staged_sales: what is stored of each, beside what the first row to say
 * anything says. Nothing that was stored is said again; what nobody said yet the sale learns until it is decided.
 * Called again once later checks have stopped rows, which must have no say in the terms of a new sale.
 */
export async function stageSales({ tx, live }: Staging, sourceId: number | null): Promise<void> {
  await tx.sql`drop table if exists pg_temp.staged_sales`;
  const first = (column: string, blank = 'null'): string => {
    const told = `filter (where s.${column} is distinct from ${blank})`;
    return `(array_agg(s.${column} order by s.line) ${told})[1] as ${column}, min(s.line) ${told} as ${column}_line`;
  };
  await tx.sql.unsafe(
    `create temporary table staged_sales on commit drop as
     select n.*, t.id as sale_id, t.currency as stored_currency, t.account_id, t.product_id, t.sale_net_minor,
       case when t.gross_told or t.decided then t.sale_gross_minor end as sale_gross_minor, t.wholesale_net_minor, t.sale_date,
       coalesce(t.decided, false) as decided, (select i.code from instances i where i.id = t.instance_id) as stored_instance,
       (select a.code from accounts a where a.id = t.account_id) as stored_account,
       (select d.code from products d where d.id = t.product_id) as stored_product,
       (select c.minor_units from currencies c where c.code = coalesce(t.currency, n.currency)) as minor_units
     from (
       select s.sale_ref, min(s.line) as line, ${first('instance')}, ${first('account', `''`)}, ${first('product', `''`)},
         ${first('currency')}, ${first('sale_net')}, ${first('sale_gross')}, ${first('wholesale_net')}, ${first('sale_day')}
       from staged_events s where ${live} and s.sale_ref is not null group by s.sale_ref
     ) n
     left join lateral (
       select *, sale_is_decided(t.id) as decided from sales t where t.source_id = ${sourceId === null ? 'null' : Number(sourceId)} and t.sale_ref = n.sale_ref offset 0
     ) t on true`,
  );
  await tx.sql`analyze staged_sales`;
}

/**
 * Events that say something else of their sale than is stored of it, or than the first row of the file to say it. A row
 * that is rejected has no say in what the others are held against.
 */
export async function rejectSaleConflicts(
  staging: Staging,
  sourceId: number | null,
  place: (field: 'sale_ref' | 'account' | 'product') => StagedPlace,
): Promise<number> {
  let rejected = await rejectOtherTerms(staging, place('sale_ref'));
  for (const name of ['account', 'product'] as const) {
    if (rejected > 0) await stageSales(staging, sourceId);
    rejected += await rejectOtherNames(staging, name, place(name));
  }
  return rejected;
}

const REMEDY = 'all events of a sale carry the terms of its first';

/** Where a sale is otherwise: `line` is null where that is stored. */
const otherwise = (sale: string, line: string): string =>
  `'sale ''' || left(${sale}.sale_ref, 60) || ''' is '
     || coalesce('otherwise on line ' || ${line}, 'stored otherwise (sale ' || ${sale}.sale_id || ')') || ': '`;

async function rejectOtherTerms(staging: Staging, place: StagedPlace): Promise<number> {
  // What is not stored of a decided sale it does without for good.
  const amount = (column: string): Told => {
    const held = `(case when n.decided then n.${column}_minor else coalesce(n.${column}_minor, n.${column}) end)`;
    return {
      differs: `s.${column} is distinct from ${held} and s.${column} is not null`,
      told: `'${column} ' || coalesce(${decimal(held, 'n.minor_units')}, '(none)') || ' → ' || ${decimal(`s.${column}`, 'n.minor_units')}`,
      line: `case when n.${column}_minor is null and not n.decided then n.${column}_line end`,
    };
  };
  const text = (column: string): Told => {
    const held = `coalesce(n.stored_${column}, n.${column})`;
    return {
      differs: `s.${column} <> ${held}`,
      told: `'${column} ' || ${held} || ' → ' || s.${column}`,
      line: `case when n.sale_id is null then n.line end`,
    };
  };
  const date: Told = {
    differs: `s.sale_day <> coalesce(n.sale_date - date '1970-01-01', n.sale_day)`,
    told: `'sale_date ' || coalesce(n.sale_date, ${DAY('n.sale_day')}) || ' → ' || (${DAY('s.sale_day')})`,
    line: `case when n.sale_date is null then n.sale_day_line end`,
  };
  // Amounts of another currency are not compared: the currency is what is wrong.
  const amounts = ['sale_net', 'sale_gross', 'wholesale_net'].map(amount).map((one) => ({
    ...one,
    differs: `s.currency = coalesce(n.stored_currency, n.currency) and ${one.differs}`,
  }));
  const terms = [text('currency'), text('instance'), ...amounts, date];
  const each = (wanted: 'told' | 'line') =>
    terms.map((one) => `case when ${one.differs} then ${one[wanted]} end`).join(', ');
  return await staging.reject(
    `select c.line, ${otherwise('c', 'c.first_line')} || c.difference as reason
     from (
       select s.line, n.sale_ref, n.sale_id, least(${each('line')}) as first_line, concat_ws('; ', ${each('told')}) as difference
       from staged_events s join staged_sales n on n.sale_ref = s.sale_ref where ${staging.live}
     ) c where c.difference <> ''`,
    { place, code: 'sale_differs', remedy: REMEDY },
  );
}

/** One term of a sale: whether a row says it otherwise, how that reads, and the line of the file that says it, if one does. */
interface Told {
  readonly differs: string;
  readonly told: string;
  readonly line: string;
}

/** A row that names nobody contradicts nobody. */
async function rejectOtherNames(staging: Staging, name: 'account' | 'product', place: StagedPlace): Promise<number> {
  return await staging.reject(
    `select s.line, ${otherwise('n', `case when n.stored_${name} is null then n.${name}_line end`)}
         || '${name} ' || left(coalesce(n.stored_${name}, n.${name}), 60) || ' → ' || left(s.${name}, 60) as reason
     from staged_events s join staged_sales n on n.sale_ref = s.sale_ref
     where ${staging.live} and s.${name} <> '' and s.${name} <> coalesce(n.stored_${name}, n.${name})`,
    { place, code: 'sale_differs', remedy: REMEDY },
  );
}

/**
 * Makes the sales that are new, and tells the others what nobody had said of them: their first decision freezes what they
 * know. Their first payment they learn from the event itself. Locked in the order of their ids, as decisions do. Leaves
 * the id of each in staged_sale_ids.
 */
export async function recordSales({ tx }: Staging, sourceId: number): Promise<void> {
  await tx.sql.unsafe(
    `insert into sales (source_id, sale_ref, instance_id, account_id, product_id, currency, sale_net_minor, sale_gross_minor, gross_told,
       wholesale_net_minor, sale_date)
     select ${Number(sourceId)}, n.sale_ref, a.instance_id, a.account_id, p.product_id, n.currency, n.sale_net,
       coalesce(n.sale_gross, n.sale_net), n.sale_gross is not null, n.wholesale_net, ${DAY('n.sale_day')}
     from staged_sales n
     join staged_accounts a on a.instance = n.instance and a.account = coalesce(n.account, '')
     left join staged_products p on p.product = n.product
     where n.sale_id is null order by n.line`,
  );
  const learns = `n.sale_id is not null and (n.sale_date is null and n.sale_day is not null or not n.decided and (
    n.account_id is null and n.account is not null or n.product_id is null and n.product is not null
    or n.sale_gross_minor is null and n.sale_gross is not null or n.wholesale_net_minor is null and n.wholesale_net is not null))`;
  await tx.sql.unsafe(
    `select t.id from staged_sales n join sales t on t.id = n.sale_id where ${learns} order by t.id for no key update of t`,
  );
  const learnt = (stored: string, told: string) =>
    `case when n.decided then t.${stored} else coalesce(t.${stored}, ${told}) end`;
  await tx.sql.unsafe(
    `update sales t set
       account_id = ${learnt('account_id', 'a.account_id')}, product_id = ${learnt('product_id', 'p.product_id')},
       sale_gross_minor = coalesce(n.sale_gross_minor, n.sale_gross, t.sale_gross_minor),
       gross_told = t.gross_told or n.sale_gross_minor is null and n.sale_gross is not null,
       wholesale_net_minor = ${learnt('wholesale_net_minor', 'n.wholesale_net')}, sale_date = coalesce(t.sale_date, ${DAY('n.sale_day')})
     from staged_sales n
     left join staged_accounts a on a.instance = n.instance and a.account = n.account
     left join staged_products p on p.product = n.product
     where t.id = n.sale_id and ${learns}`,
  );
  await tx.sql.unsafe(
    `create temporary table staged_sale_ids on commit drop as
     select n.sale_ref, t.id
     from staged_sales n cross join lateral (select t.id from sales t where t.source_id = ${Number(sourceId)} and t.sale_ref = n.sale_ref offset 0) t`,
  );
  await tx.sql`analyze staged_sale_ids`;
}
