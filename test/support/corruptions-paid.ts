import { event, wallet, type Corruption } from './corruptions.ts';

const acmes = `(select id from payouts where status = 'completed')`;
const zeniths = `(select id from payouts where status = 'failed')`;

/** Over which a run wants a second checker, from the beginning on. */
const LIMIT = `insert into settings (name, value, valid, known_seq, created_by, recorded_at)
  values ('second_checker_limit', '{"EUR": 1}', daterange(null, null), 1, 'tester', now())`;

/** Of what was reviewed and paid (SEMANTICS §4, §6, §7), planted in the books of paid-books.ts. */
export const PAID_CORRUPTIONS: readonly Corruption[] = [
  [
    'payout_line_approved',
    `update settings set value = '"review"' where name = 'approval'`,
    /^entry of books\/\S+ in payout P\d+A: it is not approved$/,
  ],
  [
    'review_complete',
    `update review_batches set entries = 2`,
    /^review \d+ by tester: says 2 entries rejected, has 1 and a posting$/,
  ],
  ['review_complete', `delete from postings where kind = 'review'`, /has 1 and no posting$/],
  [
    'reviewed_posted',
    `update entry_reviews set event_id = ${event('later-1')}`,
    /^entry of books\/later-1: there is no such entry, and was rejected$/,
  ],
  [
    'reviewed_posted',
    `update entry_reviews set event_id = ${event('post-1')}`,
    /^entry of books\/post-1: it is of nothing, and was rejected$/,
  ],
  [
    'reversal_of_rejected',
    `update entry_reviews set event_id = ${event('sale-1')}`,
    /^entry of books\/won-1: 7.00 EUR of its sale are reversed and 2.00 EUR are left: give back what is too much by an adjustment$/,
  ],
  [
    'wallet_kinds',
    `delete from entry_reviews`,
    /^earning of acme at acme-uk in EUR: entries \S+ EUR, postings \S+ EUR$/,
  ],
  [
    'wallet_made_of',
    `delete from entry_reviews`,
    /^wallet of acme at acme-uk in EUR: its entries come to \S+ EUR, its balance is \S+ EUR$/,
  ],
  [
    'wallet_made_of',
    `update payouts set status = 'ready' where status = 'completed'`,
    /^wallet of acme at \S+ in EUR: its entries come to/,
  ],
  [
    'payout_sums',
    `update payout_wallets set gross_minor = gross_minor + 1, sent_minor = sent_minor + 1 where payout_id = ${zeniths}`,
    /^payout P\d+A: gross 14.88 EUR, its wallets 14.89 EUR$/,
  ],
  [
    'payout_lines_sum',
    `delete from payout_lines where payout_id = ${zeniths}`,
    /^payout P\d+A from zenith-de: takes 14.88 EUR, its lines are 0.00 EUR$/,
  ],
  [
    'payout_lines_sum',
    `update payout_wallets set wallet_id = ${wallet('zenith', 'zenith-de')} where wallet_id = ${wallet('acme', 'acme-ie')}`,
    /from zenith-de: takes 5.00 EUR, its lines are 0.00 EUR$/,
  ],
  [
    'payout_line_entry',
    `update payout_lines set amount_minor = 1 where event_id = ${event('flat-1')}`,
    /^entry of books\/flat-1 in payout P\d+A: 0.01 EUR, the entry 5.00 EUR$/,
  ],
  [
    'payout_line_entry',
    `update entry_reviews set event_id = ${event('flat-1')}`,
    /^entry of books\/flat-1 in payout P\d+A: 5.00 EUR, the entry 5.00 EUR and was rejected$/,
  ],
  [
    'payout_lines_live',
    `update payout_lines set release_id = null`,
    /^entry of books\/gross-1 in payout P\d+A: the payout is failed and holds it$/,
  ],
  [
    'payout_lines_live',
    `update payout_lines set release_id = 1`,
    /in payout P\d+A: the payout is completed and let it go$/,
  ],
  [
    'payout_status',
    `update payouts set status = 'completed' where id = ${zeniths}`,
    /^payout P\d+A: is completed, its history ends with failed$/,
  ],
  [
    'payout_transitions',
    `delete from payout_status_changes where status = 'processing'`,
    /^payout P\d+A: from processing to completed after ready with a posting$/,
  ],
  [
    'payout_transitions',
    `update payout_status_changes set posting_id = null where status = 'completed'`,
    /^payout P\d+A: from processing to completed after processing without a posting$/,
  ],
  [
    'payout_second_person',
    `update payout_approvals set created_by = 'tester'`,
    /^payout P\d+A: is \S+, made by tester and approved by tester$/,
  ],
  [
    'payout_second_person',
    `delete from payout_approvals`,
    /^payout P\d+A: is completed, made by tester and not approved$/,
  ],
  [
    'payout_second_checker',
    `${LIMIT}; update payout_runs set limit_id = (select max(id) from settings)`,
    /^run \d+: was approved by 1 of 2 checkers$/,
  ],
  ['payout_limit_known', LIMIT, /^run \d+, approved by checker: there was a limit, and it went by none$/],
  [
    'payout_limit_known',
    `update payout_runs set limit_id = (select min(id) from settings where name <> 'second_checker_limit')`,
    /^run \d+: it went by version \d+ of hold_days, which did not stand$/,
  ],
  [
    'sent_money',
    `update payouts set status = 'unclaimed' where status = 'completed'`,
    /^unclaimed in EUR: the ledger has 0.00 EUR, payouts say \S+ EUR$/,
  ],
  [
    'payout_movements',
    `update transfers set amount_minor = 1 where kind = 'payout_completed'`,
    /^payout_completed in posting \d+: transfers 0.01 EUR, its payouts say \S+ EUR$/,
  ],
  [
    'payout_movements',
    `update payout_wallets set sent_minor = sent_minor - 1, fee_minor = 1 where payout_id = ${acmes} and wallet_id = ${wallet('acme', 'acme-ie')}`,
    /^payout_(completed|submitted|fee) in posting \d+/,
  ],
];
