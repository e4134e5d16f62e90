import { CHART, type AccountType } from './chart.ts';
import { UsageError } from './errors.ts';

/** What bookkeepers take over: the ledger of a period as journal entries, each balanced in one currency. */

export const JOURNAL_TARGETS = ['generic', 'quickbooks', 'xero', 'netsuite', 'hledger', 'beancount'] as const;
/** For whose books a journal is written. */
export type JournalTarget = (typeof JOURNAL_TARGETS)[number];

export const JOURNAL_GROUPINGS = ['day', 'period'] as const;
/** An entry for each day and kind, or for each kind on the last day of the period. */
export type JournalGrouping = (typeof JOURNAL_GROUPINGS)[number];

export const DATE_FORMATS = ['YYYY-MM-DD', 'MM/DD/YYYY', 'DD/MM/YYYY'] as const;
export type DateFormat = (typeof DATE_FORMATS)[number];

/** An account of theirs, as their books call it. */
export interface TheirAccount {
  readonly account: string;
  readonly class?: string | undefined;
  readonly location?: string | undefined;
  readonly tax_rate?: string | undefined;
}

/** What a bookkeeper says once about the books that journals go to. */
export interface AccountingProfile {
  /** A line for each partner, with its name, instead of one for all. */
  readonly partners: boolean;
  readonly date_format?: DateFormat | undefined;
  readonly subsidiary?: string | undefined;
  readonly accounts: { readonly [type in AccountType]?: TheirAccount | undefined };
  /** How their books call a partner, by our code. */
  readonly names: Readonly<Record<string, string>>;
}

/** What one kind of posting moved on one day in an account: minor units. */
export interface JournalMovement {
  readonly date: string;
  readonly currency: string;
  readonly kind: string;
  readonly account: AccountType;
  readonly partner: string | null;
  readonly debit: bigint;
  readonly credit: bigint;
}

/** One of `debit` and `credit` is 0, the other is not. */
export interface JournalLine {
  readonly account: AccountType;
  readonly partner: string | null;
  readonly debit: bigint;
  readonly credit: bigint;
}

export interface JournalEntry {
  readonly number: string;
  readonly date: string;
  readonly currency: string;
  readonly memo: string;
  readonly lines: readonly JournalLine[];
}

/** What is made of the movements of a period. */
export interface JournalPlan {
  readonly number: string;
  readonly grouping: JournalGrouping;
  readonly partners: boolean;
  /** The last day of the period. */
  readonly last: string;
  /** The journal that is taken back, and the day on which, where not on those of its entries. */
  readonly reversal: { readonly of: string; readonly dated: string | null } | null;
}

/**
 * Movements as journal entries, one for each day, currency and kind, or for each currency and kind; what is debited and what is
 * credited stay apart, so that the entries move what the ledger moved and not only its difference. A reversal is the same with
 * the sides exchanged. Every entry balances, or it is a fault of ours. In the order of the movements.
 */
export function journalEntries(movements: readonly JournalMovement[], plan: JournalPlan): JournalEntry[] {
  const { grouping, last, number, reversal } = plan;
  const groups = new Map<string, JournalMovement[]>();
  for (const movement of movements) {
    const date = grouping === 'day' ? movement.date : last;
    const key = [date, movement.currency, movement.kind].join(' ');
    groups.set(key, [...(groups.get(key) ?? []), { ...movement, date }]);
  }
  return [...groups.values()].map((group, index) => {
    const { date, currency, kind } = group[0]!;
    const lines = linesOf(group, plan);
    if (lines.reduce((sum, { debit, credit }) => sum + debit - credit, 0n) !== 0n) {
      throw new Error(`the ${kind} of ${date} does not balance in ${currency}`);
    }
    const memo = `${kind.replaceAll('_', ' ')} ${currency}`;
    return {
      number: `${number}-${String(index + 1).padStart(3, '0')}`,
      date: reversal?.dated ?? date,
      currency,
      memo: reversal === null ? memo : `reversal of ${reversal.of}: ${memo}`,
      lines,
    };
  });
}

function linesOf(movements: readonly JournalMovement[], { partners, reversal }: JournalPlan): JournalLine[] {
  const sums = new Map<string, JournalLine>();
  for (const { account, partner: whose, debit, credit } of movements) {
    const partner = partners ? whose : null;
    const key = `${account} ${partner ?? ''}`;
    const sum = sums.get(key) ?? { account, partner, debit: 0n, credit: 0n };
    const [debited, credited] = reversal === null ? [debit, credit] : [credit, debit];
    sums.set(key, { account, partner, debit: sum.debit + debited, credit: sum.credit + credited });
  }
  const moved = [...sums.values()];
  return [
    ...moved.filter(({ debit }) => debit !== 0n).map((sum) => ({ ...sum, credit: 0n })),
    ...moved.filter(({ credit }) => credit !== 0n).map((sum) => ({ ...sum, debit: 0n })),
  ];
}

/** What the entries debit per currency, in minor units as the database writes them. */
export function debitedBy(entries: readonly JournalEntry[]): Record<string, string> {
  const sums = new Map<string, bigint>();
  for (const { currency, lines } of entries) {
    sums.set(
      currency,
      lines.reduce((sum, { debit }) => sum + debit, sums.get(currency) ?? 0n),
    );
  }
  return Object.fromEntries([...sums].map(([currency, sum]) => [currency, String(sum)]));
}

/** Kinds of accounts that the entries use and the profile does not name, in the order of the chart. */
export function unmappedAccounts(entries: readonly JournalEntry[], { accounts }: AccountingProfile): AccountType[] {
  const used = new Set(entries.flatMap(({ lines }) => lines.map(({ account }) => account)));
  return (Object.keys(CHART) as AccountType[]).filter(
    (account) => used.has(account) && accounts[account] === undefined,
  );
}

export function formatJournalNumber(number: number): string {
  return `J${String(number).padStart(6, '0')}`;
}

/**
 * Reads it, in any case, or the bare number.
 * @throws UsageError `journal_number`
 */
export function parseJournalNumber(text: string): number {
  const match = /^J?(\d{1,15})$/i.exec(text.trim());
  if (match !== null && Number(match[1]) > 0) return Number(match[1]);
  throw new UsageError('journal_number', `'${text.trim().slice(0, 40)}' is no number of a journal`, {
    hint: 'it looks like J000042; `revshare journal list` shows them',
  });
}
