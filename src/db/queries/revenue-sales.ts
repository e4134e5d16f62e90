import { decimal } from './revenue-differences.ts';
import type { Staging, StagedPlace } from './revenue-staging.ts';

/** The sales that staged events belong to: their frozen terms, and who contradicts them. */

const DAY = (column: string) => `date '1970-01-01' + ${column}::int`;

/**
 * Collects the sales that live rows speak of in staged_sales: the terms as stored, or else as the first row gives them.
 * Called again once later checks have stopped rows, which must have no say in the terms of a new sale.
 */
export async function stageSales({ tx, live }: Staging, sourceId: number | null): Promise<void> {
  await tx.sql`drop table if exists pg_temp.staged_sales`;
  const first = (column: string) =>
    `(array_agg(s.${column} order by s.line) filter (where s.${column} is not null))[1]`;
  await tx.sql.unsafe(
    `create temporary table staged_sales on commit drop as
     select n.*, t.id as sale_id, t.currency as stored_currency, t.sale_net_minor, t.sale_gross_minor, t.wholesale_net_minor,
       t.sale_date, (select i.code from instances i where i.id = t.instance_id) as stored_instance,
       (select c.minor_units from currencies c where c.code = coalesce(t.currency, n.currency)) as minor_units
     from (
       select s.sale_ref, min(s.line) as line, ${first('instance')} as instance,
         (array_agg(s.account order by s.line) filter (where s.account <> ''))[1] as account,
         (array_agg(s.product order by s.line) filter (where s.product <> ''))[1] as product,
         ${first('currency')} as currency, ${first('sale_net')} as sale_net, ${first('sale_gross')} as sale_gross,
         ${first('wholesale_net')} as wholesale_net, ${first('sale_day')} as sale_day,
         min(s.occurred_day) filter (where s.kind = 'payment') as first_payment_day
       from staged_events s where ${live} and s.sale_ref is not null group by s.sale_ref
     ) n
     left join lateral (
       select * from sales t where t.source_id = ${sourceId === null ? 'null' : Number(sourceId)} and t.sale_ref = n.sale_ref offset 0
     ) t on true`,
  );
  await tx.sql`analyze staged_sales`;
}

/** Events that say something else of their sale than what is frozen: by the stored sale, or by the file's first row. */
export async function rejectSaleConflicts(staging: Staging, place: StagedPlace): Promise<number> {
  const either = (stored: string, staged: string) =>
    `(case when n.sale_id is null then n.${staged} else n.${stored} end)`;
  const amount = (column: string, stored: string) =>
    `case when s.${column} is distinct from ${either(stored, column)} and s.${column} is not null then
       '${column} ' || coalesce(${decimal(either(stored, column), 'n.minor_units')}, '(none)') || ' → ' || ${decimal(`s.${column}`, 'n.minor_units')} end`;
  const text = (column: string) =>
    `case when s.${column} <> coalesce(n.stored_${column}, n.${column}) then
       '${column} ' || coalesce(n.stored_${column}, n.${column}) || ' → ' || s.${column} end`;
  // Amounts of another currency are not compared: the currency is what is wrong.
  const differences = `concat_ws('; ', ${text('currency')}, ${text('instance')},
    case when s.currency = coalesce(n.stored_currency, n.currency) then nullif(concat_ws('; ',
      ${amount('sale_net', 'sale_net_minor')}, ${amount('sale_gross', 'sale_gross_minor')},
      ${amount('wholesale_net', 'wholesale_net_minor')}), '') end,
    case when s.sale_day <> coalesce(n.sale_date - date '1970-01-01', n.sale_day) then
      'sale_date ' || coalesce(n.sale_date, ${DAY('n.sale_day')}) || ' → ' || (${DAY('s.sale_day')}) end)`;
  return await staging.reject(
    `select c.line, 'sale ''' || left(c.sale_ref, 60) || ''' is '
         || case when c.sale_id is null then 'otherwise on line ' || c.first_line else 'stored otherwise (sale ' || c.sale_id || ')' end
         || ': ' || c.difference as reason
     from (
       select s.line, n.sale_ref, n.sale_id, n.line as first_line, ${differences} as difference
       from staged_events s join staged_sales n on n.sale_ref = s.sale_ref where ${staging.live}
     ) c where c.difference <> ''`,
    { place, code: 'sale_differs', remedy: 'all events of a sale carry the terms of its first' },
  );
}

/**
 * Makes the sales that are new, with the terms their first rows give, and tells the stored ones what they did not know:
 * their first payment, and with it or by the file their date. Locked in the order of their ids, as decisions do. Leaves
 * the id of each in staged_sale_ids.
 */
export async function recordSales({ tx }: Staging, sourceId: number): Promise<void> {
  await tx.sql.unsafe(
    `insert into sales (source_id, sale_ref, instance_id, account_id, product_id, currency, sale_net_minor, sale_gross_minor,
       wholesale_net_minor, sale_date, first_payment_on)
     select ${Number(sourceId)}, n.sale_ref, a.instance_id, a.account_id, p.product_id, n.currency, n.sale_net,
       coalesce(n.sale_gross, n.sale_net), n.wholesale_net, ${DAY('coalesce(n.sale_day, n.first_payment_day)')},
       ${DAY('n.first_payment_day')}
     from staged_sales n
     join staged_accounts a on a.instance = n.instance and a.account = coalesce(n.account, '')
     left join staged_products p on p.product = n.product
     where n.sale_id is null order by n.line`,
  );
  const learns = `(t.first_payment_on is null and n.first_payment_day is not null or t.sale_date is null and n.sale_day is not null)`;
  await tx.sql.unsafe(
    `select t.id from staged_sales n join sales t on t.id = n.sale_id where ${learns} order by t.id for update of t`,
  );
  await tx.sql.unsafe(
    `update sales t set
       first_payment_on = coalesce(t.first_payment_on, ${DAY('n.first_payment_day')}),
       sale_date = coalesce(t.sale_date, ${DAY('coalesce(n.sale_day, n.first_payment_day)')})
     from staged_sales n where t.id = n.sale_id and ${learns}`,
  );
  await tx.sql.unsafe(
    `create temporary table staged_sale_ids on commit drop as
     select n.sale_ref, t.id
     from staged_sales n cross join lateral (select t.id from sales t where t.source_id = ${Number(sourceId)} and t.sale_ref = n.sale_ref offset 0) t`,
  );
  await tx.sql`analyze staged_sale_ids`;
}
