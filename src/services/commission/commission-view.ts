import type { CommissionRow } from '../../db/queries/commissions.ts';
import { formatMinor } from '../../domain/money.ts';
import { formatRate } from '../../domain/rates.ts';

/** A decided leg as people and scripts read it: money as decimal strings, the entry by its number. */
export interface Commission {
  /** EVENT.LEG */
  readonly entry: string;
  readonly date: string;
  readonly partner: string | null;
  readonly instance: string;
  readonly account: string | null;
  readonly product: string | null;
  readonly event: string;
  readonly source: string;
  readonly eventKind: string;
  readonly kind: string;
  readonly net: string;
  readonly base: string;
  readonly rate: string | null;
  readonly full: string;
  /** What it would be without caps, where a cap took something. */
  readonly uncapped: string | null;
  /** What the rule's window held before the sale, where it has one. */
  readonly windowBefore: string | null;
  readonly amount: string;
  /** What it is paid in; `net` and `base` are of the sale's. */
  readonly currency: string;
  readonly saleCurrency: string;
  /** How many of `currency` one of the sale's was worth; null where nothing was converted. */
  readonly fxRate: string | null;
  readonly status: string;
  readonly reason: string | null;
  readonly tier: string | null;
  readonly saleRef: string | null;
  readonly postingDate: string;
  readonly payableOn: string;
  readonly posted: boolean;
  readonly rule: number | null;
  readonly ruleVersion: number | null;
  readonly knownSeq: number;
  readonly run: number | null;
  readonly decidedAt: string;
  readonly decidedBy: string;
}

export function commissionView(row: CommissionRow): Commission {
  const money = (minor: string): string => formatMinor(BigInt(minor), row.currency);
  const ofSale = (minor: string): string => formatMinor(BigInt(minor), row.saleCurrency);
  return {
    entry: `${row.eventId}.${row.leg}`,
    date: row.occurredOn,
    partner: row.partner,
    instance: row.instance,
    account: row.account,
    product: row.product,
    event: row.externalId,
    source: row.source,
    eventKind: row.eventKind,
    kind: row.kind,
    net: ofSale(row.net),
    base: ofSale(row.base),
    rate: row.ratePpm === null ? null : formatRate(row.ratePpm),
    full: money(row.full),
    uncapped: row.uncapped === null ? null : money(row.uncapped),
    windowBefore: row.windowBase === null ? null : ofSale(row.windowBase),
    amount: money(row.amount),
    currency: row.currency,
    saleCurrency: row.saleCurrency,
    fxRate: row.fxRate,
    status: row.status,
    reason: row.reason,
    tier: row.tier,
    saleRef: row.saleRef,
    postingDate: row.postingDate,
    payableOn: row.payableOn,
    posted: row.posted,
    rule: row.ruleId,
    ruleVersion: row.ruleVersionId,
    knownSeq: row.knownSeq,
    run: row.runId,
    decidedAt: row.decidedAt,
    decidedBy: row.decidedBy,
  };
}
