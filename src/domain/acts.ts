/**
 * What people do to money that is decided, as they ask for it: written into a request word for word, so that what is
 * approved is what is done. Amounts are decimal strings of minor units there, for a JSON number would lose digits.
 * Source: SEMANTICS §2, §4, §7.
 */
export const REQUEST_KINDS = [
  'adjustment',
  'bonus',
  'write_off',
  'void',
  'settlement',
  'reattribution',
  'rerate',
  'debit',
  'recovery',
  'opening',
  'transfer',
  'limit',
  'reopening',
] as const;
export type RequestKind = (typeof REQUEST_KINDS)[number];

/** The part of a request's payload that is its kind's own. */
export type Terms = Readonly<Record<string, unknown>>;

/** What a leg of an act gives a partner; in the act's currency, signed. */
export interface ActLeg {
  readonly leg: number;
  readonly partner_id: number;
  readonly amount_minor: string;
  readonly base_minor: string;
  readonly rule_version_id?: number;
  readonly rate_ppm?: number;
  readonly payable_on?: string;
}

/** A sale of before these books, by its name and terms; amounts in minor units. */
export interface OpenedSale {
  readonly source: string;
  readonly ref: string;
  readonly net_minor: string;
  readonly date: string;
  readonly account_id?: number;
  readonly product_id?: number;
  /** What had been received of it and not returned. */
  readonly collected_minor: string;
}

/** One event that a request makes. The database compares it, key by key, with what was made. */
export interface Act {
  readonly kind: 'adjustment' | 'bonus' | 'write_off' | 'void' | 'reattribution' | 'rerate' | 'opening';
  readonly instance_id: number;
  readonly currency: string;
  readonly sale_id?: number;
  readonly sale?: OpenedSale;
  readonly voids_id?: number;
  readonly regards_id?: number;
  readonly legs?: readonly ActLeg[];
}

/** What a partner gets or gives back by a request. */
export interface Effect {
  readonly partner: string;
  readonly instance: string;
  readonly currency: string;
  /** Signed minor units. */
  readonly amount_minor: string;
}

const POSTING_THEMSELVES: ReadonlySet<string> = new Set(['adjustment', 'bonus', 'write_off']);

/** Whether an act says itself what it posts and regards nothing that was decided before; as guard_own_range of drizzle/0024 has it. */
export function postsItself({ kind, sale_id: sale, regards_id: regards, legs }: Act): boolean {
  return POSTING_THEMSELVES.has(kind) && sale === undefined && regards === undefined && legs !== undefined;
}

/** How one partner is given an amount, and nothing about how it was come by. */
export function plainLeg(partnerId: number, amount: bigint): ActLeg {
  return { leg: 0, partner_id: partnerId, amount_minor: String(amount), base_minor: '0' };
}
