import type { Connection, Database } from '../../src/db/connection.ts';
import type { BookEvent, RandomBook } from '../property/random-book.ts';

/** How the codes and numbers of a book are called in the database it was loaded into. */
export interface LoadedBook {
  /** Database id → the book's event. Grows with every file. */
  readonly events: Map<number, BookEvent>;
  /** Rule version → the book's rule. */
  readonly rules: ReadonlyMap<number, number>;
  readonly partners: ReadonlyMap<number, string>;
  readonly ids: {
    readonly source: number;
    readonly partner: ReadonlyMap<string, number>;
    readonly instance: ReadonlyMap<string, number>;
    /** 'INSTANCE/CODE' → id */
    readonly account: ReadonlyMap<string, number>;
    readonly product: ReadonlyMap<string, number>;
  };
}

const column = <Row, Value>(rows: readonly Row[], value: (row: Row) => Value): string =>
  `{${rows.map((row) => value(row) ?? 'NULL').join(',')}}`;

async function codes(rows: Promise<readonly { code: string; id: number }[]>): Promise<Map<string, number>> {
  return new Map((await rows).map(({ code, id }) => [code, id]));
}

/**
 * Writes everything of a book except its events: who is who, the agreements with their transfers, tiers and rules. As
 * the login of `db`, an operator, so that whatever the guards refuse is refused here too.
 */
export async function loadParties(db: Database, book: RandomBook): Promise<LoadedBook> {
  return await db.transaction(async ({ sql }) => {
    const tenants = await codes(sql`
      insert into tenants (code, name) select x, 'Tenant ' || x from unnest(${column(book.tenants, (t) => t.code)}::text[]) x
      returning code, id::int`);
    const partner = await codes(sql`
      insert into partners (code, name, type, status, currency, house)
      select x.code, 'Partner ' || x.code, 'reseller', 'active', 'EUR', x.house
      from unnest(${column(book.partners, (p) => p.code)}::text[], ${column(book.partners, (p) => p.house)}::boolean[]) x (code, house)
      returning code, id::int`);
    const instance = await codes(sql`
      insert into instances (code, name, tenant_id, partner_id)
      select x.code, 'Instance ' || x.code, x.tenant, x.partner
      from unnest(${column(book.instances, (i) => i.code)}::text[], ${column(book.instances, (i) => tenants.get(i.tenant))}::bigint[],
        ${column(book.instances, (i) => partner.get(i.partner))}::bigint[]) x (code, tenant, partner)
      returning code, id::int`);
    await loadTransfers({ sql }, book, partner, instance);

    const [drawn] = await sql`select draw_known_seq('tiers and rules of the book') as seq`;
    const seq = drawn?.['seq'] as string;
    await sql`
      insert into partner_tiers (partner_id, tier, valid, known_seq)
      select x.partner, x.tier, daterange(x.since, x.until), ${seq}
      from unnest(${column(book.tiers, (t) => partner.get(t.partner))}::bigint[], ${column(book.tiers, (t) => t.tier)}::text[],
        ${column(book.tiers, (t) => t.from)}::date[], ${column(book.tiers, (t) => t.to)}::date[]) x (partner, tier, since, until)`;
    const product = await codes(sql`
      insert into products (code) select x from unnest(${`{${book.products.join(',')}}`}::text[]) x returning code, id::int`);
    const account = await codes(sql`
      with made as (
        insert into accounts (instance_id, code)
        select x.instance, x.code
        from unnest(${column(book.accounts, (a) => instance.get(a.instance))}::bigint[], ${column(book.accounts, (a) => a.code)}::text[]) x (instance, code)
        returning id, instance_id, code
      )
      select i.code || '/' || made.code as code, made.id::int from made join instances i on i.id = made.instance_id`);
    const ids = { partner, instance, account, product };
    const rules = await loadRules({ sql }, book, ids, seq);
    const [source] = await sql<{ id: number }[]>`insert into sources (code) values ('book') returning id`;
    return {
      events: new Map(),
      rules,
      partners: new Map([...partner].map(([code, id]) => [id, code])),
      ids: { ...ids, source: source!.id },
    };
  });
}

type Loading = Pick<Connection, 'sql'>;
type PartyIds = Pick<LoadedBook['ids'], 'partner' | 'instance' | 'account' | 'product'>;

/** Founding made an agreement for ever; where the book says otherwise that version is retired for the book's own. */
async function loadTransfers(
  { sql }: Loading,
  book: RandomBook,
  partner: ReadonlyMap<string, number>,
  instance: ReadonlyMap<string, number>,
): Promise<void> {
  const transferred = book.agreements.filter((one) => one.from !== null || one.to !== null);
  if (transferred.length === 0) {
    return;
  }
  const [drawn] = await sql`select draw_known_seq('transfers of the book') as seq`;
  const seq = drawn?.['seq'] as string;
  const instances = column(transferred, (one) => instance.get(one.instance));
  await sql`update agreements set retired_seq = ${seq} where instance_id = any (${instances}::bigint[])`;
  await sql`
    insert into agreements (instance_id, partner_id, valid, known_seq)
    select x.instance, x.partner, daterange(x.since, x.until), ${seq}
    from unnest(${instances}::bigint[], ${column(transferred, (one) => partner.get(one.partner))}::bigint[],
      ${column(transferred, (one) => one.from)}::date[], ${column(transferred, (one) => one.to)}::date[]) x (instance, partner, since, until)`;
}

async function loadRules(
  { sql }: Loading,
  book: RandomBook,
  ids: PartyIds,
  seq: string,
): Promise<ReadonlyMap<number, number>> {
  const { rules } = book;
  const scoped = (scope: string, by: ReadonlyMap<string, number>) =>
    column(rules, (rule) => (rule.scope === scope ? by.get(rule.target!) : null));
  const identities = await sql<{ position: number; rule: number }[]>`
    with wanted as (
      select * from unnest(${column(rules, (rule) => rule.id)}::int[], ${column(rules, (rule) => rule.scope)}::text[],
        ${scoped('account', ids.account)}::bigint[], ${scoped('instance', ids.instance)}::bigint[], ${scoped('partner', ids.partner)}::bigint[],
        ${column(rules, (rule) => (rule.scope === 'tier' ? rule.target : null))}::text[],
        ${column(rules, (rule) => (rule.product === null ? null : ids.product.get(rule.product)))}::bigint[])
        x (position, scope, account, instance, partner, tier, product)
    ), made as (
      insert into rules (slot, level, scope, account_id, instance_id, partner_id, tier, product_id)
      select distinct 'own', 0, scope, account, instance, partner, tier, product from wanted
      returning *
    )
    select w.position, m.id::int as rule from wanted w join made m on m.scope = w.scope
      and m.account_id is not distinct from w.account and m.instance_id is not distinct from w.instance
      and m.partner_id is not distinct from w.partner and m.tier is not distinct from w.tier
      and m.product_id is not distinct from w.product`;
  const ruleOf = new Map(identities.map(({ position, rule }) => [position, rule]));
  const versions = await sql<{ id: number; note: string }[]>`
    insert into rule_versions (rule_id, valid, known_seq, kind, includes, base, rate_ppm, flat_minor, currency, note)
    select x.rule, daterange(x.since, x.until), ${seq}, x.kind, x.includes, x.base, x.rate, x.flat, x.currency, x.note
    from unnest(${column(rules, (rule) => ruleOf.get(rule.id))}::bigint[], ${column(rules, (rule) => rule.from)}::date[],
      ${column(rules, (rule) => rule.to)}::date[], ${column(rules, (rule) => rule.kind)}::text[],
      ${column(rules, (rule) => rule.includes)}::boolean[], ${column(rules, (rule) => rule.base)}::text[],
      ${column(rules, (rule) => rule.ratePpm)}::int[], ${column(rules, (rule) => rule.flatMinor)}::bigint[],
      ${column(rules, (rule) => rule.currency)}::text[], ${column(rules, (rule) => rule.id)}::text[])
      x (rule, since, until, kind, includes, base, rate, flat, currency, note)
    returning id::int, note`;
  return new Map(versions.map(({ id, note }) => [id, Number(note)]));
}

/**
 * Loads events as one file, in one transaction: ids in the order (occurred_on, position in the book), sales with the
 * terms and the date that an import of just this file gives them. `events` are in the book's order.
 */
export async function loadFile(
  db: Database,
  book: RandomBook,
  loaded: LoadedBook,
  events: readonly BookEvent[],
): Promise<void> {
  if (events.length === 0) {
    return;
  }
  const { ids } = loaded;
  const inOrder = [...events].sort((a, b) =>
    a.occurredOn < b.occurredOn ? -1 : a.occurredOn > b.occurredOn ? 1 : a.id - b.id,
  );
  const accountOf = (one: { instance: string; account: string | null }) =>
    one.account === null ? null : ids.account.get(`${one.instance}/${one.account}`);
  const productOf = (one: { product: string | null }) => (one.product === null ? null : ids.product.get(one.product));
  const firstId = await db.transaction(async ({ sql }) => {
    const saleIds = await loadSales({ sql }, book, loaded, events);
    const [allocated] = await sql<{ first: number }[]>`select allocate_event_ids(${inOrder.length})::float8 as first`;
    const first = allocated!.first;
    const [batch] = await sql<{ id: number }[]>`
      insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
      values (${ids.source}, 'import', ${first}, ${first + inOrder.length - 1}, ${first - 1}, ${inOrder[0]!.occurredOn},
        ${inOrder.at(-1)!.occurredOn}, ${inOrder.length}, 0, 0)
      returning id::int`;
    await sql`
      insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, account_id, product_id, sale_id, currency,
        net_minor, gross_minor, tax_minor, occurred_at, occurred_on)
      select ${first} + x.n - 1, ${batch!.id}, ${ids.source}, x.kind, x.external_id, x.instance, x.account, x.product, x.sale, x.currency,
        x.net, x.gross, x.gross - x.net, x.day + time '12:00', x.day
      from unnest(${column(inOrder, (e) => e.kind)}::event_kind[], ${column(inOrder, (e) => e.id)}::text[],
        ${column(inOrder, (e) => ids.instance.get(e.instance))}::bigint[], ${column(inOrder, accountOf)}::bigint[],
        ${column(inOrder, productOf)}::bigint[], ${column(inOrder, (e) => (e.saleRef === null ? null : saleIds.get(e.saleRef)))}::bigint[],
        ${column(inOrder, (e) => e.currency)}::text[], ${column(inOrder, (e) => e.net)}::bigint[],
        ${column(inOrder, (e) => e.gross)}::bigint[], ${column(inOrder, (e) => e.occurredOn)}::date[])
        with ordinality x (kind, external_id, instance, account, product, sale, currency, net, gross, day, n)`;
    return first;
  });
  inOrder.forEach((event, index) => loaded.events.set(firstId + index, event));
}

/** Loads events without sales as files of one event each, all in one go. */
export async function loadFilesOfOne(db: Database, loaded: LoadedBook, events: readonly BookEvent[]): Promise<void> {
  const { ids } = loaded;
  const firstId = await db.transaction(async ({ sql }) => {
    const [allocated] = await sql<{ first: number }[]>`select allocate_event_ids(${events.length})::float8 as first`;
    const first = allocated!.first;
    const days = column(events, (event) => event.occurredOn);
    await sql`
      insert into event_batches (source_id, origin, first_id, last_id, decided_to, first_on, last_on, rows_read, rows_known, rows_rejected)
      select ${ids.source}, 'record', ${first} + x.n - 1, ${first} + x.n - 1, ${first} + x.n - 2, x.day, x.day, 1, 0, 0
      from unnest(${days}::date[]) with ordinality x (day, n) order by x.n`;
    await sql`
      insert into revenue_events (id, batch_id, source_id, kind, external_id, instance_id, account_id, product_id, currency,
        net_minor, gross_minor, occurred_at, occurred_on)
      select b.first_id, b.id, ${ids.source}, x.kind, x.external_id, x.instance, x.account, x.product, x.currency, x.net, x.gross,
        b.first_on + time '12:00', b.first_on
      from unnest(${column(events, (e) => e.kind)}::event_kind[], ${column(events, (e) => e.id)}::text[],
        ${column(events, (e) => ids.instance.get(e.instance))}::bigint[],
        ${column(events, (e) => (e.account === null ? null : ids.account.get(`${e.instance}/${e.account}`)))}::bigint[],
        ${column(events, (e) => (e.product === null ? null : ids.product.get(e.product)))}::bigint[],
        ${column(events, (e) => e.currency)}::text[], ${column(events, (e) => e.net)}::bigint[], ${column(events, (e) => e.gross)}::bigint[])
        with ordinality x (kind, external_id, instance, account, product, currency, net, gross, n)
      join event_batches b on b.first_id = ${first} + x.n - 1`;
    return first;
  });
  events.forEach((event, index) => loaded.events.set(firstId + index, event));
}

/**
 * Sales this file names, made where new. Where nothing says when one was sold, the payment that stands first in the book
 * does: by default it would be the earliest of a file, and then how a book is cut into files would make another book.
 */
async function loadSales(
  { sql }: Loading,
  book: RandomBook,
  { ids }: LoadedBook,
  events: readonly BookEvent[],
): Promise<ReadonlyMap<string, number>> {
  const firstPayment = new Map<string, string>();
  for (const event of events) {
    if (event.saleRef !== null && event.kind === 'payment' && !firstPayment.has(event.saleRef)) {
      firstPayment.set(event.saleRef, event.occurredOn);
    }
  }
  const refs = new Set(events.flatMap((event) => (event.saleRef === null ? [] : [event.saleRef])));
  const sales = book.sales.filter((sale) => refs.has(sale.ref));
  if (sales.length === 0) {
    return new Map();
  }
  const names = column(sales, (sale) => sale.ref);
  const dates = column(sales, (sale) => sale.saleDate ?? firstPayment.get(sale.ref));
  await sql`
    update sales s set sale_date = x.day from unnest(${names}::text[], ${dates}::date[]) x (ref, day)
    where s.source_id = ${ids.source} and s.sale_ref = x.ref and s.sale_date is null and x.day is not null`;
  await sql`
    insert into sales (source_id, sale_ref, instance_id, account_id, product_id, currency, sale_net_minor, sale_gross_minor, sale_date)
    select ${ids.source}, x.ref, x.instance, x.account, x.product, x.currency, x.net, x.gross, x.day
    from unnest(${names}::text[], ${column(sales, (s) => ids.instance.get(s.instance))}::bigint[],
      ${column(sales, (s) => (s.account === null ? null : ids.account.get(`${s.instance}/${s.account}`)))}::bigint[],
      ${column(sales, (s) => (s.product === null ? null : ids.product.get(s.product)))}::bigint[],
      ${column(sales, (s) => s.currency)}::text[], ${column(sales, (s) => s.saleNet)}::bigint[], ${column(sales, (s) => s.saleGross)}::bigint[],
      ${dates}::date[]) x (ref, instance, account, product, currency, net, gross, day)
    on conflict (source_id, sale_ref) do nothing`;
  const rows = await sql<{ ref: string; id: number }[]>`
    select sale_ref as ref, id::float8 as id from sales where source_id = ${ids.source} and sale_ref = any (${names}::text[])`;
  return new Map(rows.map(({ ref, id }) => [ref, id]));
}
