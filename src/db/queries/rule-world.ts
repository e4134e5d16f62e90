import type { BookWorld } from '../../domain/book-lint.ts';
import type { Connection } from '../connection.ts';

/**
 * What a rule book is checked against: the codes that exist, and who earns where as known now. Of accounts, which may be
 * a million, only those among `named` ('INSTANCE/CODE'). Reads only.
 */
export async function ruleWorld(tx: Connection, named: readonly string[]): Promise<BookWorld> {
  const { sql } = tx;
  const codes = async (table: 'tiers' | 'partners' | 'instances' | 'products') =>
    new Set((await sql<{ code: string }[]>`select code from ${sql(table)}`).map(({ code }) => code));
  const accounts = await sql<{ code: string }[]>`
    select n.code from jsonb_array_elements_text(${JSON.stringify(named)}::text::jsonb) n (code)
    join instances i on i.code = split_part(n.code, '/', 1)
    join accounts a on a.instance_id = i.id and a.code = substr(n.code, length(i.code) + 2)`;
  const agreements = await sql<BookWorld['agreements'][number][]>`
    select i.code as instance, p.code as partner, lower(a.valid) as "from", upper(a.valid) as "to"
    from agreements a join instances i on i.id = a.instance_id join partners p on p.id = a.partner_id
    where a.retired_seq is null`;
  const partnerTiers = await sql<BookWorld['partnerTiers'][number][]>`
    select p.code as partner, t.tier, lower(t.valid) as "from", upper(t.valid) as "to"
    from partner_tiers t join partners p on p.id = t.partner_id where t.retired_seq is null`;
  const [depth] = await sql<{ levels: number }[]>`
    with recursive above (partner_id, valid, level) as (
      select parent_id, valid, 1 from partner_parents where retired_seq is null
      union all
      select p.parent_id, above.valid * p.valid, above.level + 1
      from above join partner_parents p on p.partner_id = above.partner_id and p.retired_seq is null and p.valid && above.valid
      where above.level < 15)
    select coalesce(max(level), 0)::int as levels from above`;
  const anonymous = await sql<{ code: string }[]>`
    select i.code from instances i
    where i.id in (select instance_id from revenue_events where account_id is null)`;
  return {
    tiers: await codes('tiers'),
    partners: await codes('partners'),
    instances: await codes('instances'),
    products: await codes('products'),
    accounts: new Set(accounts.map(({ code }) => code)),
    agreements: [...agreements],
    partnerTiers: [...partnerTiers],
    levels: depth!.levels,
    withoutAccounts: new Set(anonymous.map(({ code }) => code)),
  };
}
