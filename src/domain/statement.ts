import { UsageError } from './errors.ts';

/**
 * What a statement says (SEMANTICS §9), as it is kept: amounts are text in minor units of its currency. One model for
 * whoever prints it, writes it as CSV, JSON or PDF, or recomputes it.
 */
export interface StatementContent {
  readonly programme: { readonly code: string; readonly zone: string };
  readonly partner: { readonly code: string; readonly type: string };
  readonly currency: string;
  /** Its last day is the one before `to`. */
  readonly period: { readonly from: string; readonly to: string };
  readonly totals: StatementFigures;
  readonly instances: readonly (StatementFigures & { readonly instance: string })[];
  readonly groups: readonly StatementGroup[];
  readonly rejections: readonly StatementRejection[];
  readonly payouts: readonly StatementPayout[];
  readonly holds: readonly StatementHold[];
  readonly standing: readonly StatementStanding[];
  /** From the first of January, or of the statement where that is earlier, to its last day. */
  readonly year: { readonly from: string; readonly totals: StatementFigures };
  /** Twelve, the last is the one of the last day. */
  readonly months: readonly StatementMonth[];
  readonly details: { readonly entries: number; readonly sha256: string };
  /** As they were when it was made. */
  readonly names: {
    readonly programme: string;
    readonly partner: string;
    readonly instances: Readonly<Record<string, string>>;
    /** Of customers, by 'instance/account'; only where the programme lets partners know them. */
    readonly accounts: Readonly<Record<string, string>>;
    /** Where the partner is paid, masked; null: by the register. */
    readonly paid_to: { readonly kind: string; readonly mask: string } | null;
    /** The last run whose posting it counts; null where there was none. */
    readonly run: number | null;
  };
  /** What whoever made it wants to say with it. */
  readonly note: string | null;
}

/** What the entries of a month came to, less what reviews took back. */
export interface StatementMonth {
  /** '2026-10' */
  readonly month: string;
  readonly earned: string;
}

/** opening + entries − rejected − paid − withheld − fees + returned = closing = in the wallet + in transit. */
export interface StatementFigures {
  readonly opening: string;
  readonly entries: string;
  readonly rejected: string;
  readonly paid: string;
  readonly withheld: string;
  readonly fees: string;
  readonly returned: string;
  readonly closing: string;
  readonly wallet: string;
  readonly in_transit: string;
}

/** In the order in which a statement tells them. */
export const STATEMENT_SECTIONS = ['earnings', 'bonuses', 'reversals', 'adjustments', 'prior_period'] as const;
export type StatementSection = (typeof STATEMENT_SECTIONS)[number];

/** Entries of an instance that one version of a rule decided at one rate. */
export interface StatementGroup {
  readonly section: StatementSection;
  readonly instance: string;
  readonly kind: string;
  /** The version that decided, and whose it is: 'programme', 'tier gold'; null where a person did. */
  readonly rule: number | null;
  readonly scope: string | null;
  readonly rate_ppm: number | null;
  readonly entries: number;
  readonly amount: string;
}

/** What reviews took back, above zero. */
export interface StatementRejection {
  readonly date: string;
  readonly instance: string;
  readonly verdict: string;
  readonly reason: string | null;
  readonly entries: number;
  readonly amount: string;
}

/** A payout that left, arrived or came back in the period. */
export interface StatementPayout {
  readonly date: string;
  readonly number: string;
  readonly run: number;
  readonly made_by: string;
  readonly approved_by: string;
  readonly approved_on: string;
  readonly was: string;
  readonly status: string;
  readonly gross: string;
  readonly withheld: string;
  readonly fees: string;
  readonly sent: string;
  readonly reason: string | null;
}

export interface StatementHold {
  /** The partner, an instance by its code, or an entry by its number. */
  readonly of: string;
  readonly reason: string;
  readonly from: string;
  /** Null: not by the end of the period. */
  readonly released: string | null;
}

/** What the wallets hold at the end, by why and until when it is not paid yet. */
export interface StatementStanding {
  /** 'payable', 'waiting' for its date, 'pending' approval, 'held', 'in_payout': drafted and not sent. */
  readonly status: string;
  /** The first date on which it may be paid; null where no date settles it. */
  readonly from: string | null;
  readonly entries: number;
  readonly amount: string;
}

/** An entry of the period. */
export interface StatementEntry {
  readonly section: StatementSection;
  readonly entry: string;
  readonly date: string;
  readonly occurred: string;
  readonly instance: string;
  readonly account: string | null;
  readonly product: string | null;
  /** The invoice line, or the event where there is none. */
  readonly reference: string;
  readonly kind: string;
  readonly rule: number | null;
  readonly rate_ppm: number | null;
  readonly base: string;
  readonly base_currency: string;
  readonly amount: string;
}

/** A statement as it was issued, or would be, with its entries. */
export interface Statement {
  /** Null of a preview. */
  readonly number: string | null;
  /** Who closed its months, and when. Null: they are not, and it is not the last word. */
  readonly closed: { readonly by: string; readonly on: string } | null;
  /** The one in whose place it stands. */
  readonly corrects: string | null;
  readonly voided: boolean;
  readonly takenAt: string;
  readonly madeBy: string;
  readonly contentHash: string;
  readonly content: StatementContent;
  readonly entries: readonly StatementEntry[];
}

/** The number of a statement as people write it: ST000042. */
export function formatStatementNumber(number: number): string {
  return `ST${String(number).padStart(6, '0')}`;
}

/**
 * Reads it, in any case, or the bare number.
 * @throws UsageError `statement_number`
 */
export function parseStatementNumber(text: string): number {
  const match = /^(?:ST)?(\d{1,15})$/i.exec(text.trim());
  if (match !== null && Number(match[1]) > 0) return Number(match[1]);
  throw new UsageError('statement_number', `'${text.trim().slice(0, 40)}' is no number of a statement`, {
    hint: 'it looks like ST000042; `revshare statement list` shows them',
  });
}
