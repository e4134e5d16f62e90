import { event, instance, partner, rule, wallet, type Corruption } from './corruptions.ts';

/** Says that an event waits, or was decided by a chunk after it had. */
const waiting = (id: string, decided: string) =>
  `insert into waiting_events (event_id, chunk_id, base, quote, rate_date, decided_chunk_id)
   select event_id, min(chunk_id), 'EUR', 'USD', '2026-10-01', ${decided}::bigint from entries where event_id = ${event(id)} group by 1`;

/** Of what was decided and posted (SEMANTICS §4–§6). */
export const DECISIONS_CORRUPTIONS: readonly Corruption[] = [
  [
    'cursor_ranged',
    `update event_batches set decided_to = first_id where decided_to < first_id`,
    /^batch \d+: is decided to \d+ from \d+, its ranges say nothing$/,
  ],
  [
    'ranges_follow',
    `delete from decision_ranges where first_id = (select min(first_id) from decision_ranges)`,
    /^range \d+ to \d+ of batch \d+: follows nothing$/,
  ],
  [
    'decided_in_time',
    `update job_runs set business_date = '2026-10-31'`,
    /^range \d+ to \d+ of batch \d+: ends on 2026-11-\d\d, its run was for 2026-10-31$/,
  ],
  [
    'decided_once',
    `delete from entries where event_id = ${event('own-1')}`,
    /^batch \d+ in chunk \d+: 4 events entered \(.*\), 5 said to be decided/,
  ],
  [
    'undecided_empty',
    `delete from entries where event_id = ${event('own-1')}`,
    /^event books\/own-1: has no entry, and the cursor is past it$/,
  ],
  [
    'undecided_empty',
    `update entries set event_id = ${event('later-1')} where event_id = ${event('own-1')}`,
    /^event books\/(own-1: has no entry|later-1: has an entry)/,
  ],
  ['waiting_undecided', waiting('own-1', 'null'), /^event books\/own-1: waits, and has entries of chunk \d+$/],
  [
    'waiting_undecided',
    waiting('own-1', '999'),
    /^event books\/own-1: was decided by chunk 999, and has entries of chunk \d+$/,
  ],
  [
    'waiting_undecided',
    `${waiting('own-1', '999')}; delete from entries where event_id = ${event('own-1')}`,
    /^event books\/own-1: was decided by chunk 999, and has no entry$/,
  ],
  [
    'waiting_undecided',
    `insert into waiting_events values (${event('later-1')}, 1, 'EUR', 'USD', '2026-12-01')`,
    /^event books\/later-1: was put off by chunk 1, in whose ranges it is not$/,
  ],
  [
    'waiting_for_rates',
    waiting('own-1', 'null'),
    /^event books\/own-1: waits for a rate EUR\/USD of 2026-10-01: `revshare fx import`$/,
  ],
  [
    'decided_once',
    `insert into waiting_events values (${event('later-1')}, 1, 'EUR', 'USD', '2026-12-01')`,
    /^batch \d+ in chunk 1: 1 events entered \(.*\), 0 said to be decided \(none\)$/,
  ],
  [
    'chunk_of_run',
    `update decision_chunks set created_by = 'somebody'`,
    /^chunk \d+ of accrue-commissions for 2026-11-20: by somebody at change \d+, its run by tester/,
  ],
  [
    'chunk_posts_itself',
    `insert into decision_chunks (id, known_seq, created_by, recorded_at) overriding system value values (-9, 1, 'tester', now())`,
    /^chunk -9: by tester, decides for itself and is not posted$/,
  ],
  [
    'chunk_posts_itself',
    `insert into decision_chunks (id, known_seq, created_by, recorded_at) overriding system value values (-9, 1, 'tester', now());
     insert into postings (chunk_from, chunk_to, transaction_id, created_by, recorded_at) values (-9, -9, '1', 'tester', now())`,
    /^chunk -9: by tester, decides for itself and was posted later$/,
  ],
  [
    'chunks_posted',
    `delete from postings`,
    /^chunk \d+ of accrue-commissions for 2026-11-20: its run succeeded without posting it; the next run will$/,
  ],
  [
    'scheduled_once',
    `insert into job_schedules (job, starts_on, created_by, recorded_at) values ('accrue-commissions', '2026-11-20', 'tester', now());
     update job_runs set origin = 'schedule' where id = (select min(id) from job_runs);
     drop index job_runs_scheduled_once;
     insert into job_runs (job, business_date, origin, attempt, status, lease_until, worker, finished_at, created_by, recorded_at)
     values ('accrue-commissions', '2026-11-20', 'schedule', 9, 'partly', now(), 'test', now(), 'tester', now())`,
    /^run \d+, accrue-commissions for 2026-11-20, attempt 9: was done after 2026-11-20$/,
  ],
  [
    'scheduled_once',
    `update job_runs set origin = 'schedule' where id = (select min(id) from job_runs)`,
    /^run \d+, accrue-commissions for 2026-11-20, attempt 1: is of a schedule that begins on no date$/,
  ],
  [
    'runs_alive',
    `update job_runs set status = 'running', finished_at = null, lease_until = now() - interval '1 hour'`,
    /^run \d+, accrue-commissions for 2026-11-20, attempt 1: by tester on /,
  ],
];

export const ENTRIES_CORRUPTIONS: readonly Corruption[] = [
  [
    'entry_caused',
    `update entries set event_id = 999999 where event_id = ${event('own-1')}`,
    /^entry of unknown event 999999: no such event$/,
  ],
  [
    'entry_wallet',
    `update entries set wallet_id = ${wallet('acme', 'acme-ie')} where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: in the wallet of acme at acme-ie in EUR, the event at acme-uk in EUR$/,
  ],
  [
    'entry_wallet',
    `update entries set wallet_id = null, amount_minor = 0, reason = 'no_rule' where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: without a wallet/,
  ],
  [
    'entry_partner',
    `update ledger_accounts set partner_id = ${partner('zenith')} where id = ${wallet('acme', 'acme-ie')}`,
    /^entry of books\/flat-1: earns for zenith, the agreement on 2026-10-02 is with acme$/,
  ],
  [
    'entry_reasoned',
    `alter table entries drop constraint entries_check1; update entries set reason = null where event_id = ${event('post-1')}`,
    /^entry of books\/post-1: 0.00 EUR with no reason$/,
  ],
  [
    'entry_reasoned',
    `update entries set reason = 'excluded' where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: 10.01 EUR with reason excluded$/,
  ],
  [
    'entry_kind',
    `update entries set kind = 'bonus' where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: is bonus, the event is a payment$/,
  ],
  [
    'entry_rule_in_force',
    `update rule_versions set valid = daterange('2027-01-01', null) where rule_id in (select id from rules where scope = 'instance')`,
    /^entry of books\/\S+: its rule is valid \[2027-01-01,\) from change \d+; the sale is of 2026-10-02/,
  ],
  [
    'entry_rule_in_force',
    `update entries set rule_version_id = 999999 where event_id = ${event('own-1')}`,
    /its rule does not exist; the sale is of 2026-10-01/,
  ],
  [
    'entry_rule_in_force',
    `update rule_versions set known_seq = 999 where id = ${rule('tier')}`,
    /^entry of books\/gold-1: its rule is valid \(,\) from change 999; the sale is of 2026-11-11/,
  ],
  [
    'entry_rule_applies',
    `update rules set instance_id = 999 where instance_id = ${instance('acme-ie')}`,
    /^entry of books\/flat-1: decided by a rule of instance that does not contain it$/,
  ],
  [
    'entry_rule_wins',
    `update entries set rule_version_id = ${rule('programme')}, rate_ppm = 100000, full_minor = 1000, amount_minor = 1000 where event_id = ${event('gold-1')}`,
    /^entry of books\/gold-1: was decided by the rule of programme, the rule of tier gold wins$/,
  ],
  [
    'entry_rule_wins',
    `update rule_versions set kind = 'percentage', rate_ppm = 5 where kind = 'exclude'; update rules set product_id = null, scope = 'partner', partner_id = ${partner('own-shop')} where product_id = (select id from products where code = 'postage')`,
    /^entry of books\/(post-1: was decided by the rule of partner own-shop, the rule of programme wins|house-1: was decided by the rule of programme, the rule of partner own-shop wins)$/,
  ],
  [
    'entry_rate',
    `update entries set rate_ppm = 999 where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: 999 ppm, its rule says 100000$/,
  ],
  [
    'entry_tier',
    `update entries set tier = 'bronze' where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: bronze, the partner had silver$/,
  ],
  [
    'entry_base',
    `update entries set base_minor = 1 where event_id = ${event('gross-1')}`,
    /^entry of books\/gross-1: 0.01 EUR, recomputed 119.00 EUR$/,
  ],
  [
    'entry_full',
    `update entries set full_minor = 1487, amount_minor = 1487 where event_id = ${event('gross-1')}`,
    /^entry of books\/gross-1: 14.87 EUR, recomputed 14.88 EUR$/,
  ],
  [
    'entry_full',
    `update revenue_events set net_minor = 99999 where external_id = 'flat-1'; update entries set full_minor = 501, amount_minor = 501 where event_id = ${event('flat-1')}`,
    /^entry of books\/flat-1: 5.01 EUR, recomputed 5.00 EUR$/,
  ],
  [
    'entry_fx_rate',
    `update rule_versions set pays_in = 'USD' where rate_ppm = 125000; update entries set fx_rate = 2 where event_id = ${event('gross-1')}`,
    /^entry of books\/gross-1: converted at 2, known was none$/,
  ],
  [
    'entry_fx_rate',
    `update rule_versions set pays_in = 'USD' where rate_ppm = 125000;
     update entries set fx_rate = 2, fx_rate_ids = '{999}' where event_id = ${event('gross-1')};
     insert into fx_rates (rate_date, base, quote, rate, source, known_seq, created_by, recorded_at)
     select occurred_on, 'EUR', 'USD', 2, 'ECB', 1, 'tester', now() from revenue_events where external_id = 'gross-1'`,
    /^entry of books\/gross-1: converted at 2 by rate 999, known was 2\.0+ by rate 1$/,
  ],
  [
    'entry_converted',
    `update entries set fx_rate = 2 where event_id = ${event('gross-1')}`,
    /^entry of books\/gross-1: 14.88 EUR, recomputed 29.75 EUR$/,
  ],
  [
    'entry_cap',
    `update rule_versions set cap_sale_minor = 400 where flat_minor = 500`,
    /^entry of books\/flat-1: 5.00 EUR, its rule caps a sale at 4.00 EUR, a window at nothing$/,
  ],
  [
    'entry_amount',
    `update entries set amount_minor = 2 where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: 0.02 EUR, its full share is 10.01 EUR$/,
  ],
  [
    'entry_known',
    `update entries set known_seq = 999 where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: decided at change 999 by a run that read \d+$/,
  ],
  [
    'entry_posting_date',
    `update entries set posting_date = '2026-09-30' where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: posts on 2026-09-30, the event is of 2026-10-01$/,
  ],
  [
    'entry_payable',
    `update entries set payable_on = '2026-10-02' where event_id = ${event('own-1')}`,
    /^entry of books\/own-1: payable on 2026-10-02, the event is of 2026-10-01 and is held 30 days$/,
  ],
  [
    'entry_payable',
    `update entries set payable_on = '2026-10-01' where event_id = ${event('refund-1')}`,
    /^entry of books\/refund-1: payable on 2026-10-01/,
  ],
];

export const SALES_CORRUPTIONS: readonly Corruption[] = [
  [
    'sale_target',
    `update entries set amount_minor = -499 where event_id = ${event('refund-1')}`,
    /^sale books\/S-1: posted 10.01 EUR, recomputed 10.00 EUR: full 20.00 EUR, collected 99.99 EUR of 200.00 EUR$/,
  ],
  [
    'sale_target',
    `update revenue_events set net_minor = 20000 where external_id = 'sale-1'`,
    /recomputed 15.00 EUR: full 20.00 EUR, collected 149.99 EUR/,
  ],
  [
    'sale_frozen',
    `update entries set rate_ppm = 99 where event_id = ${event('refund-1')}`,
    /^sale books\/S-1: its entries hold different terms$/,
  ],
  [
    'sale_unknown',
    `update entries set reason = 'sale_unknown' where event_id = ${event('post-1')}`,
    /^entry of books\/post-1: names no sale$/,
  ],
  [
    'sale_unknown',
    `update entries set reason = 'sale_unknown', amount_minor = 0 where event_id = ${event('won-1')}`,
    /^entry of books\/won-1: its sale was known before$/,
  ],
];

export const LEDGER_CORRUPTIONS: readonly Corruption[] = [
  [
    'transfers_equal_entries',
    `update transfers set amount_minor = amount_minor + 1 where credit_id = ${wallet('zenith', 'zenith-de')}`,
    /^earning of zenith at zenith-de in EUR on 2026-10-02 \(posting \d+\): entries 14.88 EUR, transfers 14.89 EUR$/,
  ],
  [
    'transfers_equal_entries',
    `delete from transfers where credit_id = ${wallet('zenith', 'zenith-de')}`,
    /entries 14.88 EUR, transfers 0.00 EUR$/,
  ],
  [
    'clearing_even',
    `with clearing as (
       insert into ledger_accounts (type, currency, created_by, recorded_at) values ('recovery_clearing', 'EUR', 'tester', now()) returning id)
     insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date, created_by, recorded_at)
     select t.posting_id, c.id, t.credit_id, 5, 'adjustment', t.posting_date, t.created_by, t.recorded_at
     from transfers t, clearing c where t.credit_id = ${wallet('zenith', 'zenith-de')} limit 1`,
    /^recovery clearing in EUR: -0.05 EUR stay there/,
  ],
  [
    'transfers_equal_entries',
    `insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date, created_by, recorded_at)
    select posting_id, debit_id, credit_id, 5, 'bonus', posting_date, created_by, recorded_at from transfers where credit_id = ${wallet('zenith', 'zenith-de')}`,
    /^bonus of zenith at zenith-de in EUR on 2026-10-02 .* entries 0.00 EUR, transfers 0.05 EUR$/,
  ],
  [
    'transfer_one_instance',
    `update transfers set debit_id = ${wallet('acme', 'acme-uk')} where credit_id = ${wallet('zenith', 'zenith-de')}`,
    /^transfer \d+ of 2026-10-02: from acme-uk to zenith-de$/,
  ],
  [
    'transfer_one_currency',
    `update ledger_accounts set currency = 'USD' where id = ${wallet('zenith', 'zenith-de')}`,
    /^transfer \d+ of 2026-10-02: 14.88 EUR from commission_expense in EUR to wallet in USD$/,
  ],
  [
    'transfer_posted',
    `update transfers set recorded_at = '2020-01-01' where credit_id = ${wallet('zenith', 'zenith-de')}`,
    /^transfer \d+ of 2026-10-02: by tester at 2020-01-01/,
  ],
  [
    'trial_balance',
    `update ledger_accounts set currency = 'USD' where id = ${wallet('zenith', 'zenith-de')}`,
    /^the books in (EUR: credits exceed debits by -14.88 EUR|USD: credits exceed debits by 14.88 USD)$/,
  ],
  [
    'wallet_agreed',
    `update ledger_accounts set partner_id = ${partner('frosty')} where id = ${wallet('acme', 'acme-ie')}`,
    /^wallet of frosty at acme-ie in EUR: that partner never earned there$/,
  ],
  [
    'postings_follow',
    `alter table postings drop constraint postings_overlap; insert into postings (run_id, chunk_from, chunk_to, transaction_id, created_by, recorded_at)
    select run_id, chunk_from, chunk_to, transaction_id, created_by, recorded_at from postings where kind = 'decision'`,
    /^posting \d+: begins with chunk \d+, the one before ended with \d+$/,
  ],
  [
    'wallets_negative',
    `update transfers set debit_id = credit_id, credit_id = debit_id, posting_date = '2026-01-01' where credit_id = ${wallet('acme', 'acme-ie')}`,
    /^wallet of acme at acme-ie in EUR: -10.00 EUR, it was -5.00 EUR then$/,
  ],
];
