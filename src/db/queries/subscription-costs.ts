import type { Connection } from '../connection.ts';
import { copyInteger } from '../copy.ts';
import { list } from './decisions.ts';

export const COST_COLUMNS = ['event_id', 'sale_id', 'subscription_id', 'terms_id', 'wholesale_net_minor'] as const;

/** A sale that nobody gave a wholesale price, on the day it is rated by. */
export interface AskedCost {
  /** The event that decides it first. */
  readonly eventId: number;
  readonly saleId: number | null;
  readonly instanceId: number;
  readonly accountId: number | null;
  readonly productId: number | null;
  readonly currency: string;
  readonly saleDate: string;
}

/** What a subscription costs for a sale. */
export interface FoundCost {
  readonly eventId: number;
  readonly saleId: number | null;
  readonly subscriptionId: number;
  readonly termsId: number;
  readonly wholesaleNet: bigint;
}

/** Whether there is any subscription: where none is, nobody needs to ask. */
export async function anySubscriptions(tx: Connection): Promise<boolean> {
  const [row] = await tx.sql<{ any: boolean }[]>`select exists (select from subscriptions) as any`;
  return row!.any;
}

/** Of these sales, those that have one subscription in force, as known at a number, with what it costs. */
export async function findCosts(tx: Connection, asked: readonly AskedCost[], knownSeq: number): Promise<FoundCost[]> {
  if (asked.length === 0) return [];
  type Row = Omit<FoundCost, 'wholesaleNet'> & { readonly cost: string };
  const rows = await tx.sql<Row[]>`
    select a.event_id::float8 as "eventId", a.sale_id::float8 as "saleId", k.subscription_id::int as "subscriptionId",
      k.terms_id::int as "termsId", k.wholesale_minor::text as cost
    from unnest(${list(asked.map(({ eventId }) => eventId))}::bigint[], ${list(asked.map(({ saleId }) => saleId))}::bigint[],
      ${list(asked.map(({ instanceId }) => instanceId))}::bigint[], ${list(asked.map(({ accountId }) => accountId))}::bigint[],
      ${list(asked.map(({ productId }) => productId))}::bigint[], ${list(asked.map(({ currency }) => currency))}::text[],
      ${list(asked.map(({ saleDate }) => saleDate))}::date[])
      a (event_id, sale_id, instance_id, account_id, product_id, currency, sale_date)
    join revenue_events e on e.id = a.event_id
    cross join lateral subscription_cost(a.instance_id, a.account_id, a.product_id, e.subscription_id, a.currency, a.sale_date, ${knownSeq}) k
    where k.subscription_id is not null`;
  return rows.map(({ cost, ...row }) => ({ ...row, wholesaleNet: BigInt(cost) }));
}

/** As a line of COPY's text format, in the order of COST_COLUMNS. */
export function costLine({ eventId, saleId, subscriptionId, termsId, wholesaleNet }: FoundCost): string {
  return `${eventId}\t${copyInteger(saleId === null ? null : BigInt(saleId))}\t${subscriptionId}\t${termsId}\t${wholesaleNet}\n`;
}

/** Where the wholesale price of a sale or an own sale was taken from; null where billing said it or nobody did. */
export interface CostOrigin {
  readonly subscription: string;
  readonly quantity: number;
  /** Of a unit, in minor units. */
  readonly wholesaleMinor: string;
  readonly totalMinor: string;
  readonly knownSeq: number;
}

export async function costOrigin(
  tx: Connection,
  { id, saleId }: { readonly id: number; readonly saleId: number | null },
): Promise<CostOrigin | null> {
  const [row] = await tx.sql<CostOrigin[]>`
    select s.code as subscription, t.quantity, t.wholesale_minor::text as "wholesaleMinor",
      k.wholesale_net_minor::text as "totalMinor", t.known_seq::int as "knownSeq"
    from subscription_costs k join subscriptions s on s.id = k.subscription_id join subscription_terms t on t.id = k.terms_id
    where case when ${saleId}::bigint is null then k.event_id = ${id} and k.sale_id is null else k.sale_id = ${saleId}::bigint end`;
  return row ?? null;
}
