import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';
import { copyInteger } from '../copy.ts';

export const COST_COLUMNS = ['event_id', 'sale_id', 'subscription_id', 'terms_id', 'wholesale_net_minor'] as const;

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

/** What the sales of these events, or events that are their own sale, take from a subscription, as known at a number. */
export async function findCosts(tx: Connection, eventIds: readonly number[], knownSeq: number): Promise<FoundCost[]> {
  if (eventIds.length === 0) return [];
  type Row = Omit<FoundCost, 'wholesaleNet'> & { readonly cost: string };
  const rows = await tx.sql<Row[]>`
    select event_id::float8 as "eventId", sale_id::float8 as "saleId", subscription_id::int as "subscriptionId",
      terms_id::int as "termsId", wholesale_net_minor::text as cost
    from subscription_costs_of(${list(eventIds)}::bigint[], ${knownSeq})`;
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
