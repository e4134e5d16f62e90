import { formatMinor } from '../../domain/money.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import { DIFFERENCES, type Finding, type MatchedBy, type Outcome } from '../../domain/reconciliation.ts';
import type { ReportedPayment, ReportPlace } from '../../domain/reported-payment.ts';
import type { PaymentReport, ReportFormat } from '../../formats/payments/payment-report.ts';

/** What came of a record of the report, or of a payout that it does not tell of. */
export interface ReconciledRecord {
  readonly outcome: Outcome | 'skipped';
  readonly kind: string | null;
  readonly payout: string | null;
  readonly partner: string | null;
  /** A decimal string; of several payouts in one record, this payout's. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly date: string | null;
  readonly matchedBy: MatchedBy | null;
  /** What the payout becomes by it; null where it stays what it is. */
  readonly becomes: PayoutStatus | null;
  readonly reason: string | null;
  readonly bankReference: string | null;
  readonly name: string | null;
  /** 'line:column', and in XML the way to the element. Null for what the report does not tell of. */
  readonly place: string | null;
  readonly note: string;
}

export interface ReconciledReport {
  readonly file: string;
  readonly sha256: string;
  readonly format: ReportFormat;
  readonly reference: string | null;
  readonly account: string | null;
  readonly records: readonly ReconciledRecord[];
  /** How many records there are of each outcome. */
  readonly outcomes: Readonly<Partial<Record<ReconciledRecord['outcome'], number>>>;
  /** How many payouts it moves, by what they become. */
  readonly moved: Readonly<Partial<Record<PayoutStatus, number>>>;
  /** How many changes of instruments it opens, by corrections. */
  readonly opened: number;
  /** Nothing in it is new to the books. */
  readonly unchanged: boolean;
  readonly differences: number;
  /** What is with the bank afterwards. */
  readonly inTransit: readonly { readonly currency: string; readonly payouts: number; readonly sent: string }[];
}

/** The findings as they are told. Pure. */
export function reconciledReport(told: {
  readonly file: string;
  readonly sha256: string;
  readonly report: PaymentReport;
  readonly findings: readonly Finding[];
  readonly opened: number;
  /** Minor units as decimal integers. */
  readonly inTransit: ReconciledReport['inTransit'];
}): ReconciledReport {
  const { file, sha256, findings, opened, report } = told;
  const { format, reference, account, skipped } = report;
  const passed = skipped.map((one) => ({
    ...NOTHING,
    outcome: 'skipped' as const,
    place: placeOf(one),
    note: one.reason,
  }));
  const records = [...findings.map(recordOf), ...passed];
  const moves = new Set(
    records.filter(({ becomes }) => becomes !== null).map(({ payout, becomes }) => `${becomes} ${payout}`),
  );
  return {
    ...{ file, sha256, format, reference, account, records },
    outcomes: counted(records.map(({ outcome }) => outcome)),
    moved: counted([...moves].map((one) => one.split(' ')[0] as PayoutStatus)),
    opened,
    unchanged: opened === 0 && !findings.some(({ outcome }) => outcome === 'matched'),
    differences: findings.filter(({ outcome }) => DIFFERENCES.includes(outcome)).length,
    inTransit: told.inTransit.map((one) => ({ ...one, sent: formatMinor(BigInt(one.sent), one.currency) })),
  };
}

const NOTHING = {
  ...{
    kind: null,
    payout: null,
    partner: null,
    amount: null,
    currency: null,
    date: null,
    matchedBy: null,
    becomes: null,
  },
  ...{ reason: null, bankReference: null, name: null },
};

function recordOf({ outcome, record, payout, amount, by, consequence, note }: Finding): ReconciledRecord {
  const currency = record?.currency ?? payout?.currency ?? null;
  return {
    ...{ outcome, currency, matchedBy: by },
    kind: record?.kind ?? null,
    payout: payout?.number ?? null,
    partner: payout?.partner ?? null,
    amount: amount === null || currency === null ? null : formatMinor(amount, currency),
    date: record?.date ?? null,
    becomes: consequence !== null && 'to' in consequence ? consequence.to : null,
    reason:
      record?.reason == null ? null : [record.reason.code, record.reason.text].filter((one) => one !== null).join(' '),
    bankReference: record?.bankReference ?? null,
    name: record?.name ?? null,
    place: record === null ? null : placeOf(record),
    note: [note, ...(record === null ? [] : correctionOf(record))].filter((one) => one !== '').join('; '),
  };
}

/** What the payee's bank wants to be written, without the account number itself: lists end up in mails. */
function correctionOf({ corrected }: ReportedPayment): string[] {
  if (corrected === null) return [];
  const { routing, account, kind, other } = corrected;
  const parts = [
    routing === null ? null : `routing number ${routing}`,
    account === null
      ? null
      : account.length > 6
        ? `account number ending in ${account.slice(-4)}`
        : 'another account number',
    kind === null ? null : `a ${kind} account`,
    other === null ? null : 'something that only the file tells',
  ].filter((part) => part !== null);
  return [`to be written: ${parts.join(', ')}`];
}

/** 'line:column', and in XML the way to the element. */
export function placeOf({ line, column, path }: ReportPlace): string {
  return `${line}${column === null ? '' : `:${column}`}${path === null ? '' : ` ${path}`}`;
}

function counted<T extends string>(all: readonly T[]): Partial<Record<T, number>> {
  const counts: Partial<Record<T, number>> = {};
  for (const one of all) counts[one] = (counts[one] ?? 0) + 1;
  return counts;
}
