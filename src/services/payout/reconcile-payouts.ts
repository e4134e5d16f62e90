import { createHash } from 'node:crypto';
import type { Connection } from '../../db/connection.ts';
import {
  inTransit,
  keepReconciliation,
  knownFacts,
  lockReconciliation,
  payoutsOrdered,
  payoutsReferred,
  reconciledChanges,
  reconciledPayouts,
  type BankRecord,
  type ReconciledPayoutRow,
} from '../../db/queries/reconciliations.ts';
import { groupBy, mapValues } from '../../domain/maps.ts';
import { isPayoutNumber } from '../../domain/payout-number.ts';
import { PROVIDERS } from '../../domain/rail-names.ts';
import type { PayoutStatus } from '../../domain/payout-status.ts';
import {
  reconcile,
  type Consequence,
  type Finding,
  type KeyedPayment,
  type ReconciledPayout,
} from '../../domain/reconciliation.ts';
import type { ReportedPayment } from '../../domain/reported-payment.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readBankProfile } from '../../formats/payments/bank-profile.ts';
import type { FileFormat, PaymentReport, ReportFormat } from '../../formats/payments/payment-report.ts';
import { readPaymentReport } from '../../formats/payments/report-reader.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { endAttempts, leftToAttempts } from './end-attempts.ts';
import { openCorrections } from './open-corrections.ts';
import { moveAndPost } from './move-payouts.ts';
import { placeOf, reconciledReport, type ReconciledReport } from './reconciled-report.ts';

export interface ReportFile {
  readonly file: string;
  /** What messages call it. */
  readonly label: string;
  /** What it is; looked for where it is not said. */
  readonly format?: FileFormat | undefined;
  /** How the bank writes its CSV. */
  readonly profile?: { readonly file: string; readonly label: string } | undefined;
}

/**
 * Lays a report of a bank or provider beside the books (SEMANTICS §7). What it proves of payouts is recorded and moves
 * them: debited completes, rejected fails, what came back is returned or failed with its code and frees exactly its
 * lines, and a correction opens a change of the instrument; all of it in one transaction, or none. What differs, is told twice or fits nothing is listed and left. The same
 * file, or the same fact in another file, changes nothing.
 *
 * Writes. Throws UsageError for what cannot be read, by line and column.
 */
export async function reconcilePayouts(ctx: Context, asked: ReportFile): Promise<ReconciledReport> {
  const read = await readReport(asked);
  return await ctx.write(async (tx) => await settleReport(ctx, tx, read));
}

/** The same of what was read already, inside a transaction: also what a provider told of one payment by itself. */
export async function settleReport(ctx: Context, tx: Connection, read: ReadReport): Promise<ReconciledReport> {
  await lockReconciliation(tx);
  const { findings, opened } = await openCorrections(ctx, tx, await compare(ctx, tx, read));
  const proving = findings.filter(({ outcome }) => outcome === 'matched');
  if (proving.length > 0) {
    await endAttempts(tx, proving);
    await move(ctx, tx, proving);
    const { report, sha256, records } = read;
    await keepReconciliation(tx, { ...report, sha256, records: records.length }, await proofsOf(tx, proving));
  }
  return reconciledReport({ ...read, findings, opened, inTransit: await inTransit(tx) });
}

/** The same as it would come out now: what a person confirms. Reads only; throws as the reconciliation itself would. */
export async function foreseeReconciliation(ctx: Context, asked: ReportFile): Promise<ReconciledReport> {
  const read = await readReport(asked);
  const findings = await compare(ctx, ctx.db, read);
  return reconciledReport({ ...read, findings, opened: 0, inTransit: await inTransit(ctx.db) });
}

export interface ReadReport {
  readonly file: string;
  readonly sha256: string;
  readonly report: PaymentReport;
  readonly records: readonly KeyedPayment[];
}

async function readReport(asked: ReportFile): Promise<ReadReport> {
  const bytes = await readWhole(asked.file, asked.label);
  return readingOf(asked.label, bytes, await reportOf(asked, bytes));
}

/** A report with what tells it, and each of its facts, from another. */
export function readingOf(label: string, bytes: Buffer, report: PaymentReport): ReadReport {
  return {
    ...{ file: label, report, records: keyed(report) },
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

async function reportOf({ label, format, profile }: ReportFile, bytes: Buffer): Promise<PaymentReport> {
  const described =
    profile === undefined
      ? null
      : readBankProfile((await readWhole(profile.file, profile.label)).toString('utf8'), profile.label);
  return readPaymentReport(label, bytes, format ?? null, described);
}

/**
 * A key of what each record says: the same in every file that says it. Facts that a file tells more than once, word for
 * word, are as many facts.
 */
function keyed({ account, payments }: PaymentReport): KeyedPayment[] {
  const told = new Map<string, number>();
  return payments.map((payment) => {
    const { kind, amount, currency, date, ids, orders, bankReference, reason } = payment;
    const fact = JSON.stringify([
      account,
      kind,
      amount?.toString(),
      currency,
      date,
      ids,
      orders,
      bankReference,
      reason?.code,
    ]);
    const nth = (told.get(fact) ?? 0) + 1;
    told.set(fact, nth);
    return { ...payment, key: createHash('sha256').update(`${fact} ${nth}`).digest('hex') };
  });
}

async function compare(ctx: Context, tx: Connection, { report, records }: ReadReport): Promise<Finding[]> {
  const { format } = report;
  const known = await knownFacts(
    tx,
    records.map(({ key }) => key),
  );
  const referred = await payoutsReferred(
    tx,
    records.flatMap(({ bankReference }) => bankReference ?? []),
  );
  const ordered = await payoutsOrdered(
    tx,
    records.flatMap(({ orders }) => orders),
  );
  const named = records.flatMap(({ ids }) => ids.map((id) => id.toUpperCase()).filter(isPayoutNumber));
  const numbers = [...named, ...[...known, ...referred, ...ordered].map(({ number }) => number)];
  const rows = await reconciledPayouts(tx, numbers);
  const ids = rows.map(({ id }) => id);
  const changes = groupBy(await reconciledChanges(tx, ids), ({ payoutId }) => payoutId);
  const findings = reconcile({
    ...{ records, format, today: today(ctx) },
    payouts: rows.map((row) => ({
      ...row,
      sent: BigInt(row.sent),
      expected: goesThatWay(format, row),
      changes: changes.get(row.id) ?? [],
    })),
    known: numbersBy(known, ({ fingerprint }) => fingerprint),
    orders: numbersBy(ordered, ({ order }) => order),
    references: numbersBy(referred, ({ reference }) => reference),
  });
  return await leftToAttempts(tx, format, findings);
}

const numbersBy = <R extends { readonly number: string }>(rows: readonly R[], keyOf: (row: R) => string) =>
  mapValues(groupBy(rows, keyOf), (group) => group.map(({ number }) => number));

/** A report of returns, statuses, single bookings or a day that goes on tells of what it has something to say of, and of nothing else. */
function goesThatWay(format: ReportFormat, { instrument }: ReconciledPayoutRow): boolean {
  switch (format) {
    case 'paypal':
      return instrument === 'paypal';
    case 'camt.053':
    case 'bank-csv':
      // Providers pay from balances of their own, which no statement of a bank shows.
      return instrument === null || !(PROVIDERS as readonly string[]).includes(instrument);
    case 'camt.052':
    case 'camt.054':
    case 'nacha':
    case 'pain.002':
    case 'stripe-event':
    case 'paypal-event':
    case 'razorpay-event':
      return false;
  }
}

// ── Writing ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What goes out before what comes back. */
const MOVES = ['completed', 'unclaimed', 'failed', 'returned'] as const;

async function move(ctx: Context, tx: Connection, proving: readonly Finding[]): Promise<void> {
  const moves = new Map<string, Extract<Consequence, { to: PayoutStatus }> & { readonly payout: ReconciledPayout }>();
  for (const { payout, consequence } of proving) {
    if (consequence !== null && 'to' in consequence)
      moves.set(`${payout!.id} ${consequence.to}`, { ...consequence, payout: payout! });
  }
  for (const status of MOVES) {
    const payouts = [...moves.values()]
      .filter(({ to }) => to === status)
      .map(({ payout, reason, reference, valueDate }) => ({ payoutId: payout.id, reason, reference, valueDate }));
    await moveAndPost(ctx, tx, { status, payouts });
  }
}

/** Each record beside the change that it proves. */
async function proofsOf(tx: Connection, proving: readonly Finding[]): Promise<BankRecord[]> {
  const changes = await reconciledChanges(tx, [...new Set(proving.map(({ payout }) => payout!.id))]);
  const latest = new Map(changes.map((change) => [`${change.payoutId} ${change.status}`, change.id]));
  return proving.map(({ record, payout, amount, by, consequence }) => ({
    ...{
      payoutId: payout!.id,
      fingerprint: record!.key,
      place: placeOf(record!),
      kind: provenKind(record!),
      matchedBy: by!,
    },
    ...{ amount: amount?.toString() ?? null, booked: record!.amount?.toString() ?? null, currency: record!.currency },
    ...{ valueDate: record!.date, bankReference: record!.bankReference },
    changeId: 'confirms' in consequence! ? consequence.confirms : latest.get(`${payout!.id} ${consequence!.to}`)!,
  }));
}

/** Money that came in by a number of ours is a return, whatever the report calls it. */
function provenKind({ kind }: ReportedPayment): string {
  return kind === 'credited' ? 'returned' : kind;
}
