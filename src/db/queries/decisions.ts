import type { EntryKind, Kind, Reason } from '../../domain/rating/model.ts';
import type { Connection } from '../connection.ts';
import { idleLimit } from './job-runs.ts';

/** A batch with undecided events, and how far it is decided. */
export interface UndecidedBatch {
  readonly id: number;
  readonly decidedTo: number;
  readonly lastId: number;
  /** No undecided event is earlier than this. */
  readonly notBefore: string;
}

/** Batches that hold an undecided event with occurred_on ≤ `until`, earliest first. */
export async function undecidedBatches(tx: Connection, until: string): Promise<UndecidedBatch[]> {
  return [
    ...(await tx.sql<UndecidedBatch[]>`
      select b.id::int, b.decided_to::float8 as "decidedTo", b.last_id::float8 as "lastId", e.occurred_on as "notBefore"
      from event_batches b join revenue_events e on e.id = b.decided_to + 1
      where b.decided_to < b.last_id and b.first_on <= ${until} and e.occurred_on <= ${until}
      order by e.occurred_on, e.id`),
  ];
}

export interface UndecidedEvent {
  readonly id: number;
  readonly batchId: number;
  readonly kind: Kind;
  readonly instanceId: number;
  readonly accountId: number | null;
  readonly productId: number | null;
  readonly saleId: number | null;
  readonly currency: string;
  readonly net: bigint;
  readonly gross: bigint;
  readonly occurredOn: string;
}

const asId = (text: string | null) => (text === null ? null : Number(text));

/**
 * The next `limit` events of each of these batches, as positional rows: at a million events the naming of columns would
 * cost more than their rating. Ids of a batch ascend with occurred_on, so each page is in order.
 */
export async function pagesOfEvents(
  tx: Connection,
  batches: readonly { id: number; after: number; lastId: number }[],
  until: string,
  limit: number,
): Promise<UndecidedEvent[]> {
  const rows = (await tx.sql`
    select e.id, b.id, e.kind, e.instance_id, e.account_id, e.product_id, e.sale_id, e.currency, e.net_minor, e.gross_minor, e.occurred_on
    from unnest(${list(batches.map((batch) => batch.id))}::bigint[], ${list(batches.map((batch) => batch.after))}::bigint[],
      ${list(batches.map((batch) => batch.lastId))}::bigint[]) b (id, after, last_id)
    cross join lateral (
      select * from revenue_events e where e.id > b.after and e.id <= b.last_id and e.occurred_on <= ${until} order by e.id limit ${limit}
    ) e`.values()) as (string | null)[][];
  return rows.map((row) => ({
    id: Number(row[0]),
    batchId: Number(row[1]),
    kind: row[2] as Kind,
    instanceId: Number(row[3]),
    accountId: asId(row[4] as string | null),
    productId: asId(row[5] as string | null),
    saleId: asId(row[6] as string | null),
    currency: row[7] as string,
    net: BigInt(row[8] as string),
    gross: BigInt(row[9] as string),
    occurredOn: row[10] as string,
  }));
}

/** A sale's frozen terms beside what its decided events made of it so far. */
export interface StoredSale {
  readonly id: number;
  readonly instanceId: number;
  readonly accountId: number | null;
  readonly productId: number | null;
  readonly currency: string;
  readonly saleNet: bigint;
  readonly saleGross: bigint;
  /** Null until the sale's first payment is recorded. */
  readonly saleDate: string | null;
}

export async function salesById(tx: Connection, ids: readonly number[]): Promise<StoredSale[]> {
  const rows = await tx.sql<(Omit<StoredSale, 'saleNet' | 'saleGross'> & { saleNet: string; saleGross: string })[]>`
    select s.id::float8 as id, s.instance_id::int as "instanceId", s.account_id::int as "accountId", s.product_id::int as "productId", s.currency,
      s.sale_net_minor as "saleNet", s.sale_gross_minor as "saleGross",
      case when s.first_payment_on is null then null else coalesce(s.sale_date, s.first_payment_on) end as "saleDate"
    from sales s join unnest(${list(ids)}::bigint[]) wanted (id) on wanted.id = s.id`;
  return rows.map((row) => ({ ...row, saleNet: BigInt(row.saleNet), saleGross: BigInt(row.saleGross) }));
}

/** A decided leg of a sale's event: enough to fold the sale's state from. */
export interface DecidedOfSale {
  readonly saleId: number;
  readonly eventId: number;
  readonly kind: Kind;
  readonly net: bigint;
  readonly leg: number;
  readonly amount: bigint;
  readonly base: bigint;
  readonly full: bigint;
  readonly ruleVersionId: number | null;
  readonly knownSeq: number;
  readonly ratePpm: number | null;
  readonly tier: string | null;
  readonly reason: Reason | null;
  readonly partnerId: number | null;
}

/** What was decided of these sales so far; an event counts as nothing once it is voided. */
export async function decidedOfSales(tx: Connection, saleIds: readonly number[]): Promise<DecidedOfSale[]> {
  const rows = await tx.sql<Record<string, string | number | null>[]>`
    select e.sale_id::float8 as "saleId", e.id::float8 as "eventId", e.kind, e.net_minor as net, n.leg, n.amount_minor as amount, n.base_minor as base,
      n.full_minor as "full", n.rule_version_id::int as "ruleVersionId", n.known_seq::int as "knownSeq", n.rate_ppm as "ratePpm", n.tier, n.reason,
      w.partner_id::int as "partnerId"
    from unnest(${list(saleIds)}::bigint[]) wanted (id)
    join revenue_events e on e.sale_id = wanted.id and e.sale_id is not null
    join entries n on n.event_id = e.id
    left join ledger_accounts w on w.id = n.wallet_id
    order by e.sale_id, n.chunk_id, e.occurred_on, e.id, n.leg`;
  return rows.map((row) => ({
    ...(row as unknown as DecidedOfSale),
    net: BigInt(row['net'] as string),
    amount: BigInt(row['amount'] as string),
    base: BigInt(row['base'] as string),
    full: BigInt(row['full'] as string),
  }));
}

export interface WalletKey {
  readonly partnerId: number;
  readonly instanceId: number;
  readonly currency: string;
}

/** The wallets of these keys, made where missing. An empty wallet harms nobody, so this needs no fence. */
export async function ensureWallets(
  tx: Connection,
  keys: readonly WalletKey[],
): Promise<(WalletKey & { id: number })[]> {
  const partners = list(keys.map((key) => key.partnerId));
  const instances = list(keys.map((key) => key.instanceId));
  const currencies = list(keys.map((key) => key.currency));
  await tx.sql`
    insert into ledger_accounts (type, currency, partner_id, instance_id)
    select 'wallet', currency, partner_id, instance_id
    from unnest(${currencies}::text[], ${partners}::bigint[], ${instances}::bigint[]) k (currency, partner_id, instance_id)
    order by partner_id, instance_id, currency
    on conflict do nothing`;
  return [
    ...(await tx.sql<(WalletKey & { id: number })[]>`
      select a.id::int, a.partner_id::int as "partnerId", a.instance_id::int as "instanceId", a.currency
      from unnest(${currencies}::text[], ${partners}::bigint[], ${instances}::bigint[]) k (currency, partner_id, instance_id)
      join ledger_accounts a on a.type = 'wallet' and a.currency = k.currency and a.partner_id = k.partner_id and a.instance_id = k.instance_id`),
  ];
}

/** The columns of a chunk's entries, one array each, so that they travel as one statement. */
export interface EntryColumns {
  readonly eventId: number[];
  readonly leg: number[];
  readonly walletId: (number | null)[];
  readonly kind: EntryKind[];
  readonly reason: (Reason | null)[];
  readonly amount: bigint[];
  readonly base: bigint[];
  readonly full: bigint[];
  readonly ruleVersionId: (number | null)[];
  readonly knownSeq: number[];
  readonly ratePpm: (number | null)[];
  readonly tier: (string | null)[];
  readonly postingDate: string[];
  readonly payableOn: string[];
}

/** The claim under which something is written. */
export interface Fence {
  readonly id: number;
  readonly leaseSeconds: number;
}

export interface DecidedRange {
  readonly batchId: number;
  readonly firstId: number;
  readonly lastId: number;
}

/**
 * Writes what a chunk decided: entries, cursors and the chunk itself in ONE statement, guarded by the run's lease, which
 * it renews. One statement cannot half-happen, also when the connection drops; a worker whose run was taken over, or
 * whose lease is over, touches nothing. Returns the chunk's id, or null when the fence refused.
 */
export async function writeChunk(
  tx: Connection,
  run: Fence,
  knownSeq: number,
  ranges: readonly DecidedRange[],
  columns: EntryColumns,
): Promise<number | null> {
  const batches = list(ranges.map((range) => range.batchId));
  const firsts = list(ranges.map((range) => range.firstId));
  const lasts = list(ranges.map((range) => range.lastId));
  const [row] = await tx.sql<{ id: string | null }[]>`
    with fence as (
      update job_runs set lease_until = clock_timestamp() + make_interval(secs => ${run.leaseSeconds})
      where id = ${run.id} and status = 'running' and lease_until > clock_timestamp() returning id
    ), chunk as (
      insert into decision_chunks (run_id, known_seq) select id, ${knownSeq} from fence returning id
    ), moved as (
      update event_batches b set decided_to = m.last_id
      from unnest(${batches}::bigint[], ${firsts}::bigint[], ${lasts}::bigint[]) m (batch_id, first_id, last_id), chunk
      where b.id = m.batch_id and b.decided_to = m.first_id - 1
    ), ranges as (
      insert into decision_ranges (chunk_id, batch_id, first_id, last_id)
      select chunk.id, m.batch_id, m.first_id, m.last_id
      from unnest(${batches}::bigint[], ${firsts}::bigint[], ${lasts}::bigint[]) m (batch_id, first_id, last_id), chunk
    ), written as (
      insert into entries (event_id, chunk_id, leg, wallet_id, kind, reason, amount_minor, base_minor, full_minor, rule_version_id, known_seq,
        rate_ppm, tier, posting_date, payable_on)
      select n.event_id, chunk.id, n.leg, n.wallet_id, n.kind, n.reason, n.amount, n.base, n.full, n.rule_version_id, n.known_seq,
        n.rate_ppm, n.tier, n.posting_date, n.payable_on
      from chunk, unnest(${list(columns.eventId)}::bigint[], ${list(columns.leg)}::smallint[], ${list(columns.walletId)}::bigint[],
        ${list(columns.kind)}::entry_kind[], ${list(columns.reason)}::entry_reason[], ${list(columns.amount)}::bigint[], ${list(columns.base)}::bigint[],
        ${list(columns.full)}::bigint[], ${list(columns.ruleVersionId)}::bigint[], ${list(columns.knownSeq)}::bigint[], ${list(columns.ratePpm)}::integer[],
        ${list(columns.tier)}::text[], ${list(columns.postingDate)}::date[], ${list(columns.payableOn)}::date[])
        n (event_id, leg, wallet_id, kind, reason, amount, base, "full", rule_version_id, known_seq, rate_ppm, tier, posting_date, payable_on)
    )
    select (select id from chunk) as id, ${idleLimit(tx, run.leaseSeconds)}`;
  return row?.id == null ? null : Number(row.id);
}

/**
 * An array as Postgres writes it. Codes, numbers and dates only: nothing here needs quoting (currencies, tiers and enum
 * labels are held to letters, digits, _ and - by CHECK), and joining is several times faster than the driver's encoder.
 */
function list(values: readonly (string | number | bigint | null)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

export interface Posting {
  readonly id: number;
  readonly chunkFrom: number;
  readonly chunkTo: number;
  readonly transfers: number;
}

/**
 * Moves everything decided and not yet posted into the ledger: one transfer per wallet, kind and posting date (per date,
 * so that a balance as of any day is right). Under the run's fence. Its deferred check proves at commit that every event
 * of those chunks is decided and that transfers equal entries. Null when there was nothing to post;
 * 'lost' when the fence refused.
 */
export async function postDecided(tx: Connection, run: Fence): Promise<Posting | null | 'lost'> {
  const fence = await tx.sql`
    update job_runs set lease_until = clock_timestamp() + make_interval(secs => ${run.leaseSeconds * 5})
    where id = ${run.id} and status = 'running' and lease_until > clock_timestamp() returning id, ${idleLimit(tx, run.leaseSeconds)}`;
  if (fence.length === 0) {
    return 'lost';
  }
  const [posting] = await tx.sql<{ id: number; from: number; to: number }[]>`
    insert into postings (run_id, chunk_from, chunk_to)
    select ${run.id}, min(id), max(id) from decision_chunks
    where id > coalesce((select max(chunk_to) from postings), 0) having count(*) > 0
    returning id::int, chunk_from::float8 as "from", chunk_to::float8 as "to"`;
  if (posting === undefined) {
    return null;
  }
  await tx.sql`
    insert into ledger_accounts (type, currency)
    select distinct 'commission_expense', w.currency from entries n join ledger_accounts w on w.id = n.wallet_id
    where n.chunk_id between ${posting.from} and ${posting.to} and n.amount_minor <> 0
    on conflict do nothing`;
  const transfers = await tx.sql`
    insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date)
    select ${posting.id}, case when s.amount > 0 then x.id else s.wallet_id end, case when s.amount > 0 then s.wallet_id else x.id end,
      abs(s.amount), s.kind, s.posting_date
    from (
      select n.wallet_id, n.kind::text, n.posting_date, sum(n.amount_minor) as amount from entries n
      where n.chunk_id between ${posting.from} and ${posting.to} and n.amount_minor <> 0 group by 1, 2, 3
    ) s
    join ledger_accounts w on w.id = s.wallet_id
    join ledger_accounts x on x.type = 'commission_expense' and x.currency = w.currency
    where s.amount <> 0
    order by s.posting_date, s.wallet_id, s.kind`;
  return { id: posting.id, chunkFrom: posting.from, chunkTo: posting.to, transfers: transfers.count };
}

export interface ChunkTotals {
  readonly events: number;
  readonly entries: number;
  readonly byCurrency: { currency: string; positive: string; negative: string }[];
  readonly zeroByReason: Record<string, number>;
}

/** What chunks `from`..`to` decided, in minor units by currency. */
export async function chunkTotals(tx: Connection, from: number, to: number): Promise<ChunkTotals> {
  const sums = await tx.sql<{ currency: string; positive: string; negative: string; entries: number }[]>`
    select coalesce(w.currency, e.currency) as currency, count(*)::float8 as entries,
      coalesce(sum(n.amount_minor) filter (where n.amount_minor > 0), 0) as positive,
      coalesce(sum(n.amount_minor) filter (where n.amount_minor < 0), 0) as negative
    from entries n left join ledger_accounts w on w.id = n.wallet_id
    left join revenue_events e on n.wallet_id is null and e.id = n.event_id
    where n.chunk_id between ${from} and ${to} group by 1 order by 1`;
  const zeros = await tx.sql<{ reason: string; count: number }[]>`
    select reason::text, count(*)::float8 as count from entries
    where chunk_id between ${from} and ${to} and amount_minor = 0 group by 1 order by 2 desc`;
  const [events] = await tx.sql<{ count: number }[]>`
    select coalesce(sum(last_id - first_id + 1), 0)::float8 as count from decision_ranges where chunk_id between ${from} and ${to}`;
  return {
    events: events?.count ?? 0,
    entries: sums.reduce((total, row) => total + row.entries, 0),
    byCurrency: sums.map(({ currency, positive, negative }) => ({ currency, positive, negative })),
    zeroByReason: Object.fromEntries(zeros.map((row) => [row.reason, row.count])),
  };
}
