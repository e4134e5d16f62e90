import { integer, jsonb, pgTable, pgView, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, money, reference, stamped, transactionId } from './column-types.ts';

/** What one person or job generated at once, numbered by the database without gaps; payouts and hash are filled in by the database at commit. */
export const payoutRuns = pgTable('payout_runs', {
  id: reference('id').primaryKey(),
  /** The first day that is not in the run. */
  cutoff: civilDate('cutoff').notNull(),
  scope: text('scope').notNull(),
  jobRunId: reference('job_run_id'),
  payouts: integer('payouts'),
  contentHash: text('content_hash'),
  /** The version of second_checker_limit that stood when it was sealed; null: none. */
  limitId: reference('limit_id'),
  transactionId: transactionId(),
  ...stamped(),
  /** What was known of deductions. */
  knownSeq: reference('known_seq'),
});

/** One partner and currency of a run: gross = sent + withheld + fee. */
export const payouts = pgTable('payouts', {
  id: reference('id').primaryKey(),
  number: text('number').notNull(),
  runId: reference('run_id').notNull(),
  partnerId: reference('partner_id').notNull(),
  currency: text('currency').notNull(),
  grossMinor: money('gross_minor').notNull(),
  withheldMinor: money('withheld_minor').notNull().default(0n),
  feeMinor: money('fee_minor').notNull().default(0n),
  sentMinor: money('sent_minor').notNull(),
  status: text('status', {
    enum: ['pending', 'ready', 'processing', 'unclaimed', 'completed', 'failed', 'returned', 'cancelled'],
  }).notNull(),
  retryOf: reference('retry_of'),
  lines: reference('lines').notNull(),
  contentHash: text('content_hash').notNull(),
  transactionId: transactionId(),
  ...stamped(),
  /** The version it is paid to, by the database; null: by hand. */
  instrumentId: reference('instrument_id'),
});

/** What a payout takes from each instance's wallet. */
export const payoutWallets = pgTable(
  'payout_wallets',
  {
    payoutId: reference('payout_id').notNull(),
    walletId: reference('wallet_id').notNull(),
    grossMinor: money('gross_minor').notNull(),
    withheldMinor: money('withheld_minor').notNull().default(0n),
    feeMinor: money('fee_minor').notNull().default(0n),
    sentMinor: money('sent_minor').notNull(),
  },
  (table) => [primaryKey({ columns: [table.payoutId, table.walletId] })],
);

/** The entries a payout pays; release_id is the change of status that let one go. */
export const payoutLines = pgTable('payout_lines', {
  payoutId: reference('payout_id').notNull(),
  eventId: reference('event_id').notNull(),
  walletId: reference('wallet_id').notNull(),
  amountMinor: money('amount_minor').notNull(),
  releaseId: reference('release_id'),
  leg: smallint('leg').notNull(),
});

/** What a run left out, per wallet and reason. */
export const payoutSkips = pgTable(
  'payout_skips',
  {
    runId: reference('run_id').notNull(),
    walletId: reference('wallet_id').notNull(),
    partnerId: reference('partner_id').notNull(),
    currency: text('currency').notNull(),
    reason: text('reason').notNull(),
    amountMinor: money('amount_minor').notNull(),
    entries: reference('entries').notNull(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.walletId, table.reason] })],
);

/** By another login than the run's and than each other's, and of this content only. */
export const payoutApprovals = pgTable(
  'payout_approvals',
  {
    runId: reference('run_id').notNull(),
    contentHash: text('content_hash').notNull(),
    note: text('note'),
    /** The version of second_checker_limit that stood then; null: none. */
    limitId: reference('limit_id'),
    ...stamped(),
  },
  (table) => [primaryKey({ columns: [table.runId, table.createdBy] })],
);

/** How many checkers a run wants and has; `over` says what it sends above which limit. */
export const payoutRunChecks = pgView('payout_run_checks', {
  runId: reference('run_id'),
  approvals: integer('approvals'),
  wanted: integer('wanted'),
  over: jsonb('over'),
}).existing();

/** What became of a payout, in order. */
export const payoutStatusChanges = pgTable('payout_status_changes', {
  id: identity(),
  payoutId: reference('payout_id').notNull(),
  fromStatus: text('from_status').notNull(),
  status: text('status').notNull(),
  reason: text('reason'),
  reference: text('reference'),
  valueDate: civilDate('value_date'),
  postingId: reference('posting_id'),
  transactionId: transactionId(),
  ...stamped(),
});
