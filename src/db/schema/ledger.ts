import { bigint, integer, numeric, pgEnum, pgTable, primaryKey, smallint, text } from 'drizzle-orm/pg-core';
import { civilDate, identity, money, reference, stamped, transactionId } from './column-types.ts';

export const entryKind = pgEnum('entry_kind', [
  'earning',
  'override',
  'bonus',
  'adjustment',
  'refund',
  'credit',
  'chargeback',
  'restoration',
  'true_up',
  'rerate',
  'reattribution',
  'void',
  'opening',
  'write_off',
]);

export const entryReason = pgEnum('entry_reason', [
  'no_rule',
  'excluded',
  'zero_rate',
  'rule_currency',
  'zero_sale',
  'over_collected',
  'sale_unknown',
  'no_agreement',
  'house_partner',
  'percentage_only',
  'rounds_to_zero',
  'unchanged',
  'unlinked_credit',
  'no_base',
  'no_account',
  'self_referral',
  'first_sale_only',
  'earning_ended',
  'product_limit',
  'territory',
  'below_minimum_sale',
  'cap_reached',
  'share_cap',
  'reattributed',
  'voided',
]);

export const ledgerAccounts = pgTable('ledger_accounts', {
  id: identity(),
  type: text('type', {
    enum: [
      'wallet',
      'commission_expense',
      'in_transit',
      'unclaimed',
      'withholding_payable',
      'payout_fees',
      'cash',
      'input_vat',
      'fx_difference',
      'rounding',
      'wholesale_receivable',
      'wholesale_revenue',
      'opening_equity',
      'recovery_clearing',
    ],
  }).notNull(),
  currency: text('currency').notNull(),
  partnerId: reference('partner_id'),
  instanceId: reference('instance_id'),
  ...stamped(),
});

/** The sub-ledger: one row per event and leg (attribution slot × 16 + override level). */
export const entries = pgTable(
  'entries',
  {
    eventId: reference('event_id').notNull(),
    chunkId: reference('chunk_id').notNull(),
    walletId: reference('wallet_id'),
    amountMinor: money('amount_minor').notNull(),
    baseMinor: money('base_minor').notNull(),
    fullMinor: money('full_minor').notNull(),
    uncappedMinor: money('uncapped_minor'),
    windowBaseMinor: money('window_base_minor'),
    windowFullMinor: money('window_full_minor'),
    fxRate: numeric('fx_rate'),
    fxRateIds: bigint('fx_rate_ids', { mode: 'number' }).array(),
    ruleVersionId: reference('rule_version_id'),
    knownSeq: reference('known_seq').notNull(),
    ratePpm: integer('rate_ppm'),
    postingDate: civilDate('posting_date').notNull(),
    payableOn: civilDate('payable_on').notNull(),
    kind: entryKind('kind').notNull(),
    reason: entryReason('reason'),
    leg: smallint('leg').notNull(),
    tier: text('tier'),
  },
  (table) => [primaryKey({ columns: [table.eventId, table.leg] })],
);

/**
 * Moves what chunk_from..chunk_to decided, what a review takes back, or what became of payouts into the ledger; its
 * deferred check proves it complete.
 */
export const postings = pgTable('postings', {
  id: identity(),
  kind: text('kind', { enum: ['decision', 'review', 'payout', 'wholesale'] })
    .notNull()
    .default('decision'),
  runId: reference('run_id'),
  chunkFrom: reference('chunk_from'),
  chunkTo: reference('chunk_to'),
  reviewId: reference('review_id'),
  transactionId: transactionId(),
  ...stamped(),
});

/** Double entry: one row per transfer. */
export const transfers = pgTable('transfers', {
  id: identity(),
  postingId: reference('posting_id').notNull(),
  debitId: reference('debit_id').notNull(),
  creditId: reference('credit_id').notNull(),
  amountMinor: money('amount_minor').notNull(),
  kind: text('kind').notNull(),
  postingDate: civilDate('posting_date').notNull(),
  ...stamped(),
});
