import type { Database } from '../../src/db/connection.ts';

/** The month that everything generated happens in. */
export const FIRST_DAY = '2026-10-01';
export const LAST_DAY = '2026-10-30';
export const DAYS = 30;
export const INSTANCES = 50;
export const PARTNERS = 20;
export const ACCOUNTS_PER_INSTANCE = 400;
export const PRODUCTS = 12;

/**
 * Who is who, written by an operator under all guards: 50 instances of 20 partners, 20,000 accounts, 12 products, tiers,
 * and percentage rules at every scope. Codes count from 1: instance-1, customer-1-1, product-1.
 */
export async function fillUniverse(db: Database): Promise<void> {
  await db.transaction(async ({ sql }) => {
    await sql`insert into tenants (code, name) select 'tenant-' || g, 'Tenant ' || g from generate_series(1, 10) g`;
    await sql`insert into partners (code, name, type, status, currency)
      select 'partner-' || g, 'Partner ' || g, 'reseller', 'active', 'EUR' from generate_series(1, ${PARTNERS}::int) g`;
    await sql`insert into instances (code, name, tenant_id, partner_id)
      select 'instance-' || g, 'Instance ' || g, t.id, p.id from generate_series(1, ${INSTANCES}::int) g
      join tenants t on t.code = 'tenant-' || 1 + g % 10 join partners p on p.code = 'partner-' || 1 + g % ${PARTNERS}::int order by g`;
    await sql`insert into accounts (instance_id, code)
      select i.id, 'customer-' || g || '-' || n from generate_series(1, ${INSTANCES}::int) g join instances i on i.code = 'instance-' || g,
        generate_series(1, ${ACCOUNTS_PER_INSTANCE}::int) n`;
    await sql`insert into products (code) select 'product-' || g from generate_series(1, ${PRODUCTS}::int) g`;
    await sql`insert into sources (code) values ('billing')`;

    const [drawn] = await sql`select draw_known_seq('terms of the bench') as seq`;
    const seq = drawn?.['seq'] as string;
    await sql`insert into partner_tiers (partner_id, tier, valid, known_seq)
      select id, (array['bronze', 'silver', 'gold'])[1 + id % 3], daterange(null, null), ${seq} from partners where id % 2 = 0`;
    await sql`insert into rules (slot, level, scope, account_id, instance_id, partner_id, tier, product_id)
      select 'own', 0, 'programme', null::bigint, null::bigint, null::bigint, null::text, null::bigint
      union all select 'own', 0, 'programme', null, null, null, null, id from products where id % 4 = 0
      union all select 'own', 0, 'tier', null, null, null, code, null from tiers where rank <= 3
      union all select 'own', 0, 'partner', null, null, id, null, null from partners where id % 4 = 0
      union all select 'own', 0, 'partner', null, null, p.id, null, x.id from partners p, products x where p.id % 5 = 0 and x.id % 6 = 0
      union all select 'own', 0, 'instance', null, id, null, null, null from instances where id % 5 = 0
      union all select 'own', 0, 'instance', null, i.id, null, null, x.id from instances i, products x where i.id % 7 = 0 and x.id % 3 = 0
      union all select 'own', 0, 'account', id, null, null, null, null from accounts where id % 100 = 0`;
    await sql`insert into rule_versions (rule_id, valid, known_seq, kind, base, rate_ppm)
      select id, daterange('2026-01-01', null), ${seq}, 'percentage', case when id % 9 = 0 then 'gross' else 'net' end, 50000 + (id * 7919 % 24) * 6250
      from rules`;
  });
}

/**
 * The universe under 3,000 rules of every kind instead of its percentages: hybrids, flat amounts, exclusions, marginal
 * brackets by the month and partner, whole ones by the quarter and instance, caps of sales and of a year, minimum sales;
 * one account in seven has terms of its own. Every fifth partner stands under another, who earns 5 % of the rest.
 */
export async function mixRules(db: Database): Promise<void> {
  await db.transaction(async ({ sql }) => {
    const [drawn] = await sql`select draw_known_seq('mixed terms of the bench') as seq`;
    const seq = drawn?.['seq'] as string;
    await sql`insert into partner_parents (partner_id, parent_id, valid, known_seq)
      select id, id - 1, daterange(null, null), ${seq} from partners where id % 5 = 0`;
    await sql`insert into rules (slot, level, scope, account_id)
      select 'own', 0, 'account', id from accounts where id % 7 = 3 and id % 100 <> 0 order by id limit ${MIXED_RULES}::int - (select count(*) from rules) - 1`;
    await sql`insert into rules (slot, level, scope) values ('override', 1, 'programme')`;
    await sql`update rule_versions set retired_seq = ${seq}`;
    await sql`
      insert into rule_versions (rule_id, valid, known_seq, kind, base, rate_ppm, flat_minor, bracket_from, bracket_ppm, bracket_mode, window_kind,
        window_per, cap_window_minor, cap_sale_minor, min_sale_minor, on_rest, currency)
      select r.id, daterange('2026-01-01', null), ${seq}, m.kind, m.base, m.rate, m.flat, m.froms, m.ppms, m.mode, m.window_kind, m.window_per,
        m.cap_window, m.cap_sale, m.min_sale, r.slot = 'override', m.currency
      from rules r
      join (values
        (0, 'percentage', 'net', 50000, null::bigint, null::bigint[], null::int[], null, null, null, null::bigint, null::bigint, null::bigint, null),
        (1, 'tiered', 'net', null, null, '{0,5000000,20000000}', '{40000,60000,80000}', 'marginal', 'month', 'partner', null, null, null, 'EUR'),
        (2, 'hybrid', 'net', 75000, 50, null, null, null, null, null, null, null, null, 'EUR'),
        (3, 'tiered', 'net', null, null, '{0,5000000,20000000}', '{40000,60000,80000}', 'whole', 'quarter', 'instance', null, null, null, 'EUR'),
        (4, 'percentage', 'gross', 62500, null, null, null, null, 'year', 'partner', 90000000000, null, null, 'EUR'),
        (5, 'flat', 'net', null, 500, null, null, null, null, null, null, null, null, 'EUR'),
        (6, 'percentage', 'net', 81250, null, null, null, null, null, null, null, 9000, 1000, 'EUR'),
        (7, 'percentage', 'gross', 93750, null, null, null, null, null, null, null, null, null, null),
        (8, 'exclude', 'net', null, null, null, null, null, null, null, null, null, null, null)
      ) m (n, kind, base, rate, flat, froms, ppms, mode, window_kind, window_per, cap_window, cap_sale, min_sale, currency)
        on m.n = case when r.slot = 'override' or r.scope = 'programme' then 0 when r.id % 40 = 7 then 8 else r.id % 8 end`;
  });
}

const MIXED_RULES = 3_000;

/** Which file it is: its ids are of its own, its days begin at `from`, and its late refunds are of sales of earlier files. */
export interface EventFile {
  readonly number: number;
  readonly from: string;
  readonly days: number;
  /** Which of every hundred events give back without naming a sale; default two. */
  readonly refunds?: readonly number[];
}

/**
 * One file of events, in one batch, as an import leaves it: charges of a billing system over thirty days, one in fifty a
 * refund without a sale, and one in twenty-five a part of an invoice: paid whole, and half of it given back. Where there
 * were files before, one in two hundred gives back half of an earlier invoice instead.
 */
export async function fillEvents(
  db: Database,
  events: number,
  file: EventFile = { number: 0, from: FIRST_DAY, days: DAYS },
): Promise<void> {
  const { number, from, days, refunds = [7, 57] } = file;
  await db.transaction(async ({ sql }) => {
    const [earlier] = await sql`select coalesce(max(id), 0) as last from sales`;
    const before = earlier?.['last'] as string;
    await sql`insert into sales (source_id, sale_ref, instance_id, account_id, product_id, currency, sale_net_minor, sale_gross_minor)
      select s.id, 'inv_' || substr(md5(${number} || 'sale' || g), 1, 20), i.id, a.id, null, (array['EUR', 'EUR', 'EUR', 'GBP', 'USD'])[1 + g % 5],
        1000 + g % 90000, (1000 + g % 90000) * 12 / 10
      from generate_series(0, ${events}::int / 50 - 1) g join sources s on s.code = 'billing'
      join instances i on i.code = 'instance-' || 1 + g % ${INSTANCES}::int
      join accounts a on a.instance_id = i.id and a.code = 'customer-' || 1 + g % ${INSTANCES}::int || '-' || 1 + g % ${ACCOUNTS_PER_INSTANCE}::int
      order by g`;
    const [ids] =
      await sql`select allocate_event_ids(${events}) as first, (select min(id) from sales where id > ${before}::bigint) as sale`;
    const first = ids?.['first'] as string;
    const [batch] = await sql`
      insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
      select id, 'import', ${first}, ${first}::bigint + ${events}::bigint - 1, ${first}::bigint - 1, ${from}::date, ${from}::date + ${days}::int - 1, ${events}, 0, 0
      from sources where code = 'billing' returning id`;
    // Names to ids once, as arrays: a join per row would take longer than all that is measured.
    await sql`
      with ids as materialized (
        select (select array_agg(id order by length(code), code) from instances) as instances,
          (select array_agg(id order by length(code), code) from products) as products,
          (select id from sources where code = 'billing') as source,
          (select array_agg(a.id order by i.id, length(a.code), a.code) from accounts a join instances i on i.id = a.instance_id) as accounts
      ), drawn as materialized (
        select n, s.id as sale, case when s.id is null then 1 + (hashint8(n) & 1073741823) % ${INSTANCES}::int end as place,
          (hashint8(n + 7) & 1073741823) % ${ACCOUNTS_PER_INSTANCE}::int as customer, 100 + (hashint8(n + 13) & 1073741823) % 250000 as net,
          n % 100 = any (${`{${refunds.join(',')}}`}::int[]) as refund, s.instance_id, s.account_id, s.product_id, s.currency, s.sale_net_minor,
          ${from}::date + (n * ${days}::bigint / ${events}::bigint)::int as day
        from generate_series(0, ${events}::bigint - 1) n
        left join sales s on n % 25 = 0 and s.id = case when ${before}::bigint > 0 and n % 200 = 25
          then 1 + (hashint8(n + 31) & 1073741823) % ${before}::bigint else ${ids?.['sale'] as string}::bigint + n / 50 end
      )
      insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, account_id, product_id, sale_id, currency,
        net_minor, gross_minor, tax_minor, occurred_at, occurred_on)
      select ${first}::bigint + n, ${batch?.['id'] as string}, ids.source,
        case when sale is null then case when refund then 'refund' else 'payment' end when n % 50 = 0 then 'payment' else 'refund' end::event_kind,
        'ch_' || substr(md5(${number} || ' ' || n), 1, 24), coalesce(d.instance_id, ids.instances[place]),
        coalesce(d.account_id, ids.accounts[(place - 1) * ${ACCOUNTS_PER_INSTANCE}::int + 1 + customer]),
        case when sale is null then ids.products[1 + (hashint8(n + 29) & 1073741823) % ${PRODUCTS}::int] else d.product_id end, sale,
        coalesce(d.currency, (array['EUR', 'EUR', 'EUR', 'GBP', 'USD'])[1 + place % 5]),
        case when sale is null then case when refund then -net else net end when n % 50 = 0 then sale_net_minor else -sale_net_minor / 2 end,
        case when sale is null then case when refund then -net else net end when n % 50 = 0 then sale_net_minor else -sale_net_minor / 2 end * 12 / 10,
        0, day + time '09:00', day
      from drawn d, ids order by n`;
  });
}
