import type { Connection } from '../connection.ts';
import { OWN_WHOLESALE_NET, SECOND_EVENT, type Staging } from './revenue-staging.ts';

/** Writes what the checks have left of the staged rows. */

type Row = Readonly<Record<string, unknown>>;

/**
 * One intake of a source at a time, to the end of the transaction: the second one then sees what the first has
 * written and calls it known, instead of failing on the unique key after an hour's work.
 */
export async function lockSource(tx: Connection, source: string): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.revenue.' || ${source}, 0))`;
}

/** The id of a source, or null before its first event. */
export async function findSource(tx: Connection, source: string): Promise<number | null> {
  const [row] = await tx.sql<Row[]>`select id from sources where code = ${source}`;
  return (row?.['id'] as number | undefined) ?? null;
}

/** What every source is called. */
export async function sourceCodes(tx: Connection): Promise<ReadonlyMap<unknown, string>> {
  const rows = await tx.sql<{ id: number; code: string }[]>`select id, code from sources`;
  return new Map(rows.map(({ id, code }) => [id, code]));
}

export async function ensureSource(tx: Connection, source: string): Promise<number> {
  const known = await findSource(tx, source);
  if (known !== null) return known;
  await tx.sql`insert into sources (code) values (${source}) on conflict (code) do nothing`;
  return (await findSource(tx, source))!;
}

export interface KindSum {
  readonly currency: string;
  readonly kind: string;
  readonly events: number;
  /** Minor units. */
  readonly net: string;
  /** Days since 1970-01-01. */
  readonly firstDay: number;
  readonly lastDay: number;
}

/** What the live rows come to, per currency and kind. */
export async function sumLive({ tx, live }: Staging): Promise<KindSum[]> {
  return [
    ...(await tx.sql.unsafe<KindSum[]>(
      `select s.currency, s.kind, count(*)::int as events, sum(s.net)::text as net,
         min(s.occurred_day)::int as "firstDay", max(s.occurred_day)::int as "lastDay"
       from staged_events s where ${live} group by s.currency, s.kind order by s.currency collate "C", s.kind collate "C"`,
    )),
  ];
}

/**
 * Makes the accounts that live rows want and that do not exist, in the order of their key, so that two intakes never
 * deadlock. One that another session has made meanwhile is taken as it is.
 */
export async function createAccounts({ tx, live, untouched }: Staging): Promise<number> {
  const missing = `n.account <> '' and n.account_id is null and n.instance_id is not null`;
  // The names were taken from live rows; only where rows were stopped since must it be asked whether they still want them.
  const wanted = untouched
    ? 'true'
    : `exists (select from staged_events s where s.instance = n.instance and s.account = n.account and ${live})`;
  const { count } = await tx.sql.unsafe(
    `insert into accounts (instance_id, code)
     select n.instance_id, n.account from staged_accounts n
     where ${missing} and ${wanted}
     order by 1, 2 on conflict (instance_id, code) do nothing`,
  );
  await tx.sql.unsafe(
    `update staged_accounts n set account_id = a.id from accounts a where a.instance_id = n.instance_id and a.code = n.account and ${missing}`,
  );
  return count;
}

/** Makes the products that live rows want and that do not exist, in the order of their code. */
export async function createProducts({ tx, live, untouched }: Staging): Promise<number> {
  const missing = `n.product <> '' and n.product_id is null`;
  const wanted = untouched ? 'true' : `exists (select from staged_events s where s.product = n.product and ${live})`;
  const { count } = await tx.sql.unsafe(
    `insert into products (code)
     select n.product from staged_products n
     where ${missing} and ${wanted}
     order by 1 on conflict (code) do nothing`,
  );
  await tx.sql.unsafe(
    `update staged_products n set product_id = p.id from products p where p.code = n.product and ${missing}`,
  );
  return count;
}

export interface NewBatch {
  readonly sourceId: number;
  readonly origin: 'import' | 'record' | 'system';
  readonly fileName: string | null;
  readonly fileSha256: string | null;
  readonly events: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly read: number;
  readonly known: number;
  readonly rejected: number;
}

/** Announces a batch and reserves its ids. */
export async function insertBatch(tx: Connection, batch: NewBatch): Promise<{ id: string; firstId: string }> {
  const [row] = await tx.sql<Row[]>`
    with block as materialized (select allocate_event_ids(${batch.events}) as first_id)
    insert into event_batches (source_id, origin, file_name, file_sha256, first_id, last_id, decided_to, first_on, last_on,
      rows_read, rows_known, rows_rejected)
    select ${batch.sourceId}, ${batch.origin}, ${batch.fileName}, ${batch.fileSha256}, first_id, first_id + ${batch.events} - 1,
      first_id - 1, date '1970-01-01' + ${batch.firstDay}::int, date '1970-01-01' + ${batch.lastDay}::int,
      ${batch.read}, ${batch.known}, ${batch.rejected}
    from block returning id, first_id as "firstId"`;
  return row as { id: string; firstId: string };
}

/**
 * Writes the live rows as the events of a batch: contiguous ids in the order (occurred_on, line). An id whose earlier
 * version was voided comes again as the next version.
 */
export async function insertEvents(
  { tx, live }: Staging,
  batch: {
    id: string;
    firstId: string;
    sourceId: number;
    voids: boolean;
    sales: boolean;
    subscriptions: boolean;
    defaulted: boolean;
  },
): Promise<void> {
  const source = Number(batch.sourceId);
  const version = batch.voids
    ? `coalesce((select max(r.version) from revenue_events r where r.source_id = ${source} and r.external_id = s.external_id), 0) + 1`
    : '1';
  await tx.sql.unsafe(
    `insert into revenue_events (id, batch_id, source_id, version, kind, external_id, instance_id, account_id, product_id,
       sale_id, currency, net_minor, gross_minor, tax_minor, wholesale_net_minor, quantity, country, transaction_type, occurred_at, occurred_on${batch.subscriptions ? ', subscription_id' : ''}${batch.defaulted ? ', instance_defaulted' : ''})
     select $1::bigint - 1 + row_number() over (order by s.occurred_day, s.line), $2::bigint, ${source}, ${version},
       s.kind::event_kind, s.external_id, n.instance_id, n.account_id, p.product_id, ${batch.sales ? 't.id' : 'null'}, s.currency,
       s.net, s.gross, s.tax, ${OWN_WHOLESALE_NET('s')}, s.quantity::numeric, s.country, s.transaction_type,
       -- days and milliseconds apart: their product in one float would lose the last digits of far years
       timestamptz 'epoch' + (s.occurred_ms / 86400000) * interval '1 day' + (s.occurred_ms % 86400000) * interval '1 ms',
       date '1970-01-01' + s.occurred_day::int${batch.subscriptions ? ', u.id' : ''}${batch.defaulted ? ', s.defaulted = 1' : ''}
     from staged_events s
     join staged_accounts n on n.instance = s.instance and n.account = s.account
     join staged_products p on p.product = s.product
     ${batch.sales ? `left join staged_sale_ids t on t.sale_ref = s.sale_ref` : ''}
     ${batch.subscriptions ? `left join subscriptions u on u.code = s.subscription` : ''}
     where ${live}
     order by s.occurred_day, s.line`,
    [batch.firstId, batch.id],
  );
}

export interface FoundProblem {
  readonly line: number;
  readonly column: number | null;
  readonly field: string | null;
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/** The first problems by line, for messages. */
export async function firstProblems(tx: Connection, limit: number): Promise<FoundProblem[]> {
  return [
    ...(await tx.sql<FoundProblem[]>`
      select (line % ${SECOND_EVENT})::int as line, column_number::int as "column", field, code, reason, remedy
      from staged_problems order by line, column_number nulls first, code limit ${limit}`),
  ];
}

export interface RejectedRecord {
  readonly line: number;
  readonly start: number;
  readonly end: number;
  readonly problems: readonly Omit<FoundProblem, 'line'>[];
}

/** Every rejected record in the order of the file, some at a time: there may be as many as the file has. */
export async function* rejectedRecords(tx: Connection): AsyncGenerator<RejectedRecord[]> {
  const cursor = tx.sql<RejectedRecord[]>`
    select (p.line % ${SECOND_EVENT})::int as line, min(s.start_at)::float8 as start, min(s.end_at)::float8 as "end",
      json_agg(distinct jsonb_build_object('column', p.column_number, 'field', p.field, 'code', p.code, 'reason', p.reason,
        'remedy', p.remedy)) as problems
    from staged_problems p join staged_events s on s.line = p.line
    group by 1 order by 1`.cursor(1000);
  for await (const rows of cursor) {
    yield [...rows];
  }
}
