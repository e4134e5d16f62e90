import type { PayoutLineRow, PayoutRow, SkipRow } from '../../db/queries/payouts.ts';
import { formatInstrumentCode } from '../../domain/instruments.ts';
import { formatMinor } from '../../domain/money.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';

/** A payout as people and scripts read it: money as decimal strings. */
export interface Payout {
  readonly number: string;
  readonly run: number;
  readonly cutoff: string;
  readonly partner: string;
  readonly name: string;
  readonly currency: string;
  readonly gross: string;
  readonly withheld: string;
  readonly fee: string;
  readonly sent: string;
  readonly status: PayoutStatus;
  readonly lines: number;
  readonly retryOf: string | null;
  readonly retriedBy: string | null;
  readonly contentHash: string;
  readonly createdBy: string;
  readonly recordedAt: string;
  /** The version of the instrument it is paid to, as acme/EUR/2; null: by hand. */
  readonly instrument: string | null;
  /** What of its account may be shown. */
  readonly paidTo: string;
}

export function payoutView(row: PayoutRow): Payout {
  const money = (minor: string): string => formatMinor(BigInt(minor), row.currency);
  return {
    number: row.number,
    run: row.runId,
    cutoff: row.cutoff,
    partner: row.partner,
    name: row.partnerName,
    currency: row.currency,
    gross: money(row.gross),
    withheld: money(row.withheld),
    fee: money(row.fee),
    sent: money(row.sent),
    status: row.status,
    lines: row.lines,
    retryOf: row.retryOf,
    retriedBy: row.retriedBy,
    contentHash: row.contentHash,
    createdBy: row.createdBy,
    recordedAt: row.recordedAt,
    instrument: row.instrument === null ? null : formatInstrumentCode({ ...row, version: row.instrument.version }),
    paidTo: paidTo(row.instrument),
  };
}

function paidTo(instrument: PayoutRow['instrument']): string {
  return instrument === null || instrument.kind === 'manual' ? 'by hand' : `${instrument.kind} ${instrument.mask}`;
}

/** An entry that a payout pays. */
export interface PayoutLine {
  readonly payout: string;
  readonly entry: string;
  readonly date: string;
  readonly event: string;
  readonly instance: string;
  readonly kind: string;
  readonly amount: string;
  readonly currency: string;
  /** The payout let it go: another may pay it. */
  readonly released: boolean;
}

export function lineView(row: PayoutLineRow): PayoutLine {
  const { occurredOn: date, externalId: event, amount, ...rest } = row;
  return { ...rest, date, event, amount: formatMinor(BigInt(amount), row.currency) };
}

/** What a run left in an instance's wallet, and why. */
export interface PayoutSkip {
  readonly run: number;
  readonly cutoff: string;
  readonly partner: string;
  readonly instance: string;
  readonly currency: string;
  readonly reason: string;
  readonly amount: string;
  readonly entries: number;
}

export function skipView(row: SkipRow): PayoutSkip {
  const { runId: run, amount, ...rest } = row;
  return { ...rest, run, amount: formatMinor(BigInt(amount), row.currency) };
}
