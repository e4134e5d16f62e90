import { list } from '../arrays.ts';
import type { ActKind, EntryKind, Kind, RatedEvent, Reason, Sale } from '../../domain/rating/model.ts';
import type { DecidedOfSale } from '../../domain/rating/fold.ts';
import type { RuleBook } from '../../domain/rating/rule-book.ts';
import type { WindowTerms } from '../../domain/rating/windows.ts';
import type { Connection } from '../connection.ts';
import { EVENT_WHOLESALE, SALE_WHOLESALE } from './wholesale-net.ts';

/** A batch with undecided events, and how far it is decided. */
export interface UndecidedBatch {
  readonly id: number;
  readonly decidedTo: number;
  readonly lastId: number;
  /** No undecided event is earlier than this. */
  readonly notBefore: string;
}

/**
 * Batches that hold an undecided event with occurred_on ≤ `until`, earliest first. `only` 'acts': those of operators
 * whose voids have nothing undecided to take back; a number: that batch.
 */
export async function undecidedBatches(
  tx: Connection,
  until: string,
  only?: 'acts' | number,
): Promise<UndecidedBatch[]> {
  const { sql } = tx;
  const chosen =
    only === undefined
      ? sql`true`
      : only === 'acts'
        ? sql`b.origin = 'operator' and not exists (
            select from revenue_events v join revenue_events t on t.id = v.voids_id join event_batches tb on tb.id = t.batch_id
            where v.batch_id = b.id and v.id between b.first_id and b.last_id and t.id > tb.decided_to)`
        : sql`b.id = ${only}`;
  return [
    ...(await tx.sql<UndecidedBatch[]>`
      select b.id::int, b.decided_to::float8 as "decidedTo", b.last_id::float8 as "lastId", e.occurred_on as "notBefore"
      from event_batches b join revenue_events e on e.id = b.decided_to + 1
      where b.decided_to < b.last_id and b.first_on <= ${until} and e.occurred_on <= ${until} and ${chosen}
      order by e.occurred_on, e.id`),
  ];
}

export interface UndecidedEvent extends RatedEvent {
  readonly batchId: number;
  readonly saleId: number | null;
}

/** What of an event the rules at hand want to know: what nobody reads is not fetched. */
export type EventReads = Pick<RuleBook, 'readsWholesale' | 'readsCountry'>;

const asId = (text: string) => (text === '' ? null : Number(text));
const asMinor = (text: string | null) => (text === null ? null : BigInt(text));

/** Where the customer is: as billing says, else as the account does. */
const COUNTRY = 'coalesce(e.country, (select a.country from accounts a where a.id = e.account_id))';

/**
 * The next `limit` events of each of these batches, in no order of the batches. Each batch's come as one text, a line an
 * event: a million rows of thirteen columns would cost more to take apart, by the server and by the driver, than to rate.
 * Nothing in them can hold a comma: numbers, dates, and codes that CHECKs hold to letters and digits.
 *
 * Ids of a batch ascend with occurred_on, so each page is in order; and they are contiguous, so a page is a range: with
 * LIMIT alone a planner that knows nothing of the batch would sort the rest of it for each page.
 */
export async function pagesOfEvents(
  tx: Connection,
  batches: readonly { id: number; after: number; lastId: number }[],
  until: string,
  limit: number,
  reads: EventReads,
): Promise<Map<number, UndecidedEvent[]>> {
  const pages = await tx.sql<{ batchId: number; page: string | null }[]>`
    select b.id::int as "batchId", (
      select string_agg(e::text, E'\n') from (
        select ${tx.sql.unsafe(eventColumns(reads))}
        from revenue_events e where e.id > b.after and e.id <= least(b.last_id, b.after + ${limit}::bigint) and e.occurred_on <= ${until}
        order by e.id offset 0
      ) e
    ) as page
    from unnest(${list(batches.map((batch) => batch.id))}::bigint[], ${list(batches.map((batch) => batch.after))}::bigint[],
      ${list(batches.map((batch) => batch.lastId))}::bigint[]) b (id, after, last_id)`;
  return new Map(
    pages.map(({ batchId, page }) => [
      batchId,
      page === null ? [] : page.split('\n').map((line) => eventOf(batchId, line)),
    ]),
  );
}

/** The columns of an event `e` that `eventOf` takes. */
export function eventColumns({ readsWholesale, readsCountry }: EventReads): string {
  return `e.id, e.kind, e.instance_id, e.account_id, e.product_id, e.sale_id, e.currency, e.net_minor, e.gross_minor, e.occurred_on,
    ${readsWholesale ? EVENT_WHOLESALE : 'null::bigint'}, ${readsCountry ? COUNTRY : 'null::text'}`;
}

/** Of a row as Postgres writes it: (1,payment,2,…), with nothing where there is null. */
export function eventOf(batchId: number, line: string): UndecidedEvent {
  const row = line.slice(1, -1).split(',');
  return {
    id: Number(row[0]),
    batchId,
    kind: row[1] as Kind,
    instanceId: Number(row[2]),
    accountId: asId(row[3]!),
    productId: asId(row[4]!),
    saleId: asId(row[5]!),
    currency: row[6]!,
    net: BigInt(row[7]!),
    gross: BigInt(row[8]!),
    occurredOn: row[9]!,
    wholesaleNet: row[10] === '' ? null : BigInt(row[10]!),
    country: row[11] === '' ? null : row[11]!,
  };
}

/** A sale as it is stored: its first decision freezes the terms, and until then its events may say more of it. */
export interface StoredSale extends Sale {
  /** Another one after each change. */
  readonly version: string;
}

/** @param reads false where no rule asks what a sale cost: what nobody reads is not fetched */
export async function salesById(
  tx: Connection,
  ids: readonly number[],
  { readsWholesale }: Pick<EventReads, 'readsWholesale'> = { readsWholesale: true },
): Promise<StoredSale[]> {
  type Row = Omit<StoredSale, 'saleNet' | 'saleGross' | 'wholesaleNet'> & Record<'saleNet' | 'saleGross', string>;
  const rows = await tx.sql<(Row & { wholesaleNet: string | null })[]>`
    select s.id::float8 as id, s.xmin::text as version, s.instance_id::int as "instanceId", s.account_id::int as "accountId",
      s.product_id::int as "productId", s.currency, s.sale_net_minor as "saleNet", s.sale_gross_minor as "saleGross",
      ${tx.sql.unsafe(readsWholesale ? SALE_WHOLESALE : 's.wholesale_net_minor')} as "wholesaleNet",
      case when s.first_payment_on is null then null else coalesce(s.sale_date, s.first_payment_on) end as "saleDate"
    from unnest(${list(ids)}::bigint[]) wanted (id) cross join lateral (select *, s.xmin from sales s where s.id = wanted.id offset 0) s`;
  return rows.map((row) => ({
    ...row,
    saleNet: BigInt(row.saleNet),
    saleGross: BigInt(row.saleGross),
    wholesaleNet: asMinor(row.wholesaleNet),
  }));
}

interface DecidedRow {
  saleId: number;
  eventId: number;
  kind: Kind | ActKind;
  net: string;
  voidedKind: Kind | null;
  voidedNet: string | null;
  leg: number;
  entryKind: EntryKind;
  amount: string;
  base: string;
  full: string;
  uncapped: string | null;
  windowBase: string | null;
  windowFull: string | null;
  fxRate: string | null;
  fxRateIds: string | null;
  currency: string | null;
  ruleVersionId: number | null;
  ruleId: number | null;
  windowKind: NonNullable<WindowTerms['window']>['kind'] | null;
  windowPer: NonNullable<WindowTerms['window']>['per'] | null;
  bracketMode: WindowTerms['bracketMode'];
  firstSaleOnly: boolean | null;
  earningMonths: number | null;
  refused: boolean;
  knownSeq: number;
  ratePpm: number | null;
  tier: string | null;
  reason: Reason | null;
  partnerId: number | null;
}

/**
 * What was decided of these sales so far, in the order in which it was. An orphan that was settled is none of its sale's
 * events any more.
 */
export async function decidedOfSales(tx: Connection, saleIds: readonly number[]): Promise<DecidedOfSale[]> {
  const { sql } = tx;
  const unsettled = sql`not exists (select from revenue_events t where t.regards_id = e.id and t.kind = 'adjustment')`;
  return await decidedOf(tx, saleIds, sql`e.sale_id = wanted.id and e.sale_id is not null and ${unsettled}`);
}

/** The same of events that have no sale, each with what rated it again; `saleId` is the event's own number. */
export async function decidedOfEvents(tx: Connection, eventIds: readonly number[]): Promise<DecidedOfSale[]> {
  return await decidedOf(
    tx,
    eventIds,
    tx.sql`(e.id = wanted.id or e.regards_id = wanted.id and e.kind in ('rerate', 'reattribution'))`,
  );
}

/**
 * Each sale and each of its events is looked up by its index: OFFSET 0 keeps the planner, who may know nothing of these
 * tables yet, from reading them whole for every chunk.
 */
async function decidedOf(
  tx: Connection,
  ids: readonly number[],
  belongs: ReturnType<Connection['sql']>,
): Promise<DecidedOfSale[]> {
  const rows = await tx.sql<DecidedRow[]>`
    select wanted.id::float8 as "saleId", e.id::float8 as "eventId", e.kind, e.net_minor as net, x.kind as "voidedKind", x.net_minor as "voidedNet",
      n.leg, n.kind as "entryKind", n.amount_minor as amount, n.base_minor as base, n.full_minor as "full", n.uncapped_minor as uncapped,
      n.window_base_minor as "windowBase", n.window_full_minor as "windowFull", n.fx_rate as "fxRate",
      array_to_string(n.fx_rate_ids, ',') as "fxRateIds", w.currency,
      n.rule_version_id::int as "ruleVersionId", v.rule_id::int as "ruleId", v.window_kind as "windowKind", v.window_per as "windowPer",
      v.bracket_mode as "bracketMode", v.first_sale_only as "firstSaleOnly", v.earning_months as "earningMonths",
      coalesce(v.kind = 'exclude' or p.house, true) as refused, n.known_seq::int as "knownSeq", n.rate_ppm as "ratePpm", n.tier, n.reason,
      w.partner_id::int as "partnerId"
    from unnest(${list(ids)}::bigint[]) wanted (id)
    cross join lateral (select * from revenue_events e where ${belongs} offset 0) e
    cross join lateral (select * from entries n where n.event_id = e.id offset 0) n
    left join lateral (select v.kind, v.net_minor from revenue_events v where v.id = e.voids_id offset 0) x on true
    left join rule_versions v on v.id = n.rule_version_id
    left join ledger_accounts w on w.id = n.wallet_id
    left join partners p on p.id = w.partner_id
    order by wanted.id, n.chunk_id, e.occurred_on, e.id, n.leg`;
  return rows.map((row) => ({
    saleId: row.saleId,
    eventId: row.eventId,
    kind: row.kind,
    net: BigInt(row.net),
    voided: row.voidedKind === null ? null : { kind: row.voidedKind, net: BigInt(row.voidedNet!) },
    leg: row.leg,
    entryKind: row.entryKind,
    amount: BigInt(row.amount),
    base: BigInt(row.base),
    full: BigInt(row.full),
    uncapped: asMinor(row.uncapped),
    position: row.windowBase === null ? null : { base: BigInt(row.windowBase), full: BigInt(row.windowFull!) },
    fxRate: row.fxRate === null ? null : { rate: row.fxRate, ids: row.fxRateIds!.split(',').map(Number) },
    currency: row.currency,
    ruleVersionId: row.ruleVersionId,
    rule: ruleOf(row),
    knownSeq: row.knownSeq,
    ratePpm: row.ratePpm,
    tier: row.tier,
    reason: row.reason,
    partnerId: row.partnerId,
  }));
}

function ruleOf(row: DecidedRow): DecidedOfSale['rule'] {
  const { ruleId, windowKind, windowPer, bracketMode, firstSaleOnly, earningMonths, refused } = row;
  if (ruleId === null) return null;
  return {
    ruleId,
    window: windowKind === null || windowPer === null ? null : { kind: windowKind, per: windowPer },
    bracketMode,
    clockTerms: refused ? null : { firstSaleOnly: firstSaleOnly!, earningMonths },
  };
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
