import { postsChunk } from './decided-span.ts';
import {
  eventCalled,
  instanceCalled,
  money,
  ofMillionths,
  partnerCalled,
  type DoctorCheck,
  type Scan,
} from './doctor.ts';
import { entryStates, eventsOfSales, SALE } from './entry-status.ts';

/** Reviews and payouts (SEMANTICS §4, §6, §7): what was taken back, what was paid, and what of it is in the ledger. */

const entryCalled = (event: string): string =>
  `'entry of ' || coalesce((select ${eventCalled('e_')} from revenue_events e_ where e_.id = ${event}), 'unknown event ' || ${event})`;

const reviews: Scan = {
  name: 'reviews',
  rows: () => `from review_batches r
    left join (select batch_id, count(*) as entries, bool_or(x.verdict <> b.verdict) as mixed
      from entry_reviews x join review_batches b on b.id = x.batch_id group by batch_id) x on x.batch_id = r.id
    left join postings p on p.review_id = r.id where true`,
  called: `'review ' || r.id || ' by ' || r.created_by`,
};

const reviewed: Scan = {
  name: 'reviewed entries',
  rows: () => `from entry_reviews r
    left join entries n on n.event_id = r.event_id and n.leg = r.leg
    left join (
      select c.id from decision_chunks c join postings g on ${postsChunk('g', 'c.id')}
    ) p on p.id = n.chunk_id where true`,
  called: entryCalled('r.event_id'),
};

/** The shares that something was rejected or cancelled of: what of each is still there. */
const remainders: Scan = {
  name: 'shares with something rejected',
  rows: () => `from (
      select ${SALE} as sale, n.wallet_id, max(n.event_id) as event_id, bool_or(n.amount_minor > 0 and r.event_id is not null) as rejected,
        coalesce(sum(n.amount_minor) filter (where n.amount_minor > 0 and r.event_id is null), 0) as earned,
        coalesce(-sum(n.amount_minor) filter (where n.amount_minor < 0 and r.event_id is null), 0) as reversed
      from entries n join revenue_events e on e.id = n.event_id
      left join entry_reviews r on r.event_id = n.event_id and r.leg = n.leg and r.verdict <> 'approved'
      where n.amount_minor <> 0 and n.chunk_id <= (select posted_to()) and n.event_id = any (array${eventsOfSales(`
        select distinct ${SALE} as sale from entry_reviews r join revenue_events e on e.id = r.event_id where r.verdict <> 'approved'`)})
      group by 1, 2
    ) s left join ledger_accounts w on w.id = s.wallet_id where s.rejected`,
  called: entryCalled('s.event_id'),
};

/** What a wallet's postings of entries should be, all in all: entries posted, less what reviews took back of them. */
const walletKinds: Scan = {
  name: 'wallets and kinds',
  rows: () => `from (
      select s.wallet_id, s.kind, sum(s.entries) as entries, sum(s.posted) as posted from (
        select n.wallet_id, n.kind::text as kind, n.amount_minor as entries, 0::bigint as posted
        from entries n where n.amount_minor <> 0 and n.chunk_id <= (select posted_to())
        union all
        select n.wallet_id, n.kind::text, -n.amount_minor, 0
        from entry_reviews r join entries n on n.event_id = r.event_id and n.leg = r.leg where r.verdict <> 'approved'
        union all
        select case when c.type = 'wallet' then c.id else d.id end, t.kind, 0, case when c.type = 'wallet' then t.amount_minor else -t.amount_minor end
        from transfers t
        join postings p on p.id = t.posting_id and p.kind in ('decision', 'review')
        join ledger_accounts d on d.id = t.debit_id join ledger_accounts c on c.id = t.credit_id
      ) s group by s.wallet_id, s.kind
    ) k
    left join ledger_accounts w on w.id = k.wallet_id where true`,
  called: `k.kind || ' of ' || ${partnerCalled('w.partner_id')} || ' at ' || ${instanceCalled('w.instance_id')} || ' in ' || coalesce(w.currency, '?')`,
};

const payouts: Scan = {
  name: 'payouts',
  rows: () => `from payouts p
    left join payout_runs r on r.id = p.run_id
    left join (
      select x.run_id, string_agg(x.created_by, ', ' order by x.recorded_at) as "by", bool_or(x.created_by = o.created_by or x.content_hash <> o.content_hash) as wrong
      from payout_approvals x join payout_runs o on o.id = x.run_id group by 1
    ) a on a.run_id = p.run_id
    left join (
      select payout_id, sum(gross_minor) as gross, sum(withheld_minor) as withheld, sum(fee_minor) as fee, sum(sent_minor) as sent
      from payout_wallets group by payout_id
    ) w on w.payout_id = p.id
    left join lateral (
      select c.status, c.from_status from payout_status_changes c where c.payout_id = p.id order by c.id desc limit 1
    ) s on true where true`,
  called: `'payout ' || p.number`,
};

const checkedRuns: Scan = {
  name: 'runs and their checkers',
  rows: () => `from payout_runs r join payout_run_checks c on c.run_id = r.id where true`,
  called: `'run ' || r.id`,
};

/** Which version of the limit counted for a run: when it was sealed, and at each approval. */
const limitsGoneBy: Scan = {
  name: 'limits of runs',
  rows: () => `from (
      select r.id as run_id, r.limit_id, null as checker from payout_runs r
      union all
      select a.run_id, a.limit_id, a.created_by from payout_approvals a
    ) g
    join payout_runs r on r.id = g.run_id
    left join settings l on l.id = g.limit_id where true`,
  called: `'run ' || g.run_id || coalesce(', approved by ' || g.checker, '')`,
};

const payoutWallets: Scan = {
  name: 'wallets of payouts',
  rows: () => `from payout_wallets w
    full join (select payout_id, wallet_id, sum(amount_minor) as amount from payout_lines group by 1, 2) l
      on l.payout_id = w.payout_id and l.wallet_id = w.wallet_id
    left join payouts p on p.id = coalesce(w.payout_id, l.payout_id)
    left join ledger_accounts a on a.id = coalesce(w.wallet_id, l.wallet_id) where true`,
  called: `'payout ' || coalesce(p.number, '?') || ' from ' || ${instanceCalled('a.instance_id')}`,
};

const lines: Scan = {
  name: 'lines of payouts',
  rows: () => `from payout_lines l
    left join payouts p on p.id = l.payout_id
    left join entries n on n.event_id = l.event_id and n.leg = l.leg
    left join entry_reviews r on r.event_id = l.event_id and r.leg = l.leg and r.verdict <> 'approved' where true`,
  called: `${entryCalled('l.event_id')} || ' in payout ' || coalesce(p.number, '?')`,
};

/** What live payouts hold, as it stands today: an approval is never taken back of what a payout holds. */
const held: Scan = {
  name: 'entries in live payouts',
  rows: () => `from ${entryStates(
    `n.amount_minor <> 0 and exists (
      select from payout_lines o_ where o_.event_id = n.event_id and o_.leg = n.leg and o_.release_id is null)`,
  )} s
    left join payouts p on p.id = s.payout_id where true`,
  called: `${entryCalled('s.event_id')} || ' in payout ' || coalesce(p.number, '?')`,
};

/** What the entries of a wallet come to, those that no payout has taken out of it, beside what the ledger says. */
const madeOf: Scan = {
  name: 'wallets and their entries',
  rows: () => `from ledger_accounts w
    left join (
      select s.wallet_id, sum(s.amount_minor) as amount
      from ${entryStates('n.amount_minor <> 0')} s
      where s.posted and s.kept and coalesce(s.payout_status, 'pending') in ('pending', 'ready') group by 1
    ) s on s.wallet_id = w.id
    left join (
      select t.account_id, sum(t.amount) as balance
      from (select credit_id as account_id, amount_minor as amount from transfers union all select debit_id, -amount_minor from transfers) t
      group by 1
    ) t on t.account_id = w.id where w.type = 'wallet'`,
  called: `'wallet of ' || ${partnerCalled('w.partner_id')} || ' at ' || ${instanceCalled('w.instance_id')} || ' in ' || w.currency`,
};

const changes: Scan = {
  name: 'changes of payouts',
  rows: () => `from (
      select c.*, lag(c.status, 1, 'pending') over (partition by c.payout_id order by c.id) as before from payout_status_changes c
    ) c
    left join payouts p on p.id = c.payout_id
    left join postings g on g.id = c.posting_id where true`,
  called: `'payout ' || coalesce(p.number, '?')`,
};

/** The transfers of postings of payouts, beside what their changes of status say (payout_movements is §6 as a table). */
const movements: Scan = {
  name: 'movements of payouts',
  rows: () => `from (
      select s.posting_id, s.debit_id, s.credit_id, s.kind, sum(s.said) as said, sum(s.posted) as posted from (
        select g.id as posting_id, m.debit_id, m.credit_id, m.kind, m.amount as said, 0::bigint as posted
        from postings g cross join lateral payout_movements(g.id) m where g.kind = 'payout'
        union all
        select t.posting_id, t.debit_id, t.credit_id, t.kind, 0, t.amount_minor
        from transfers t join postings g on g.id = t.posting_id and g.kind = 'payout'
      ) s group by 1, 2, 3, 4
    ) m
    left join ledger_accounts d on d.id = m.debit_id where true`,
  called: `m.kind || ' in posting ' || m.posting_id`,
};

/** What left the wallets and has not arrived, by where it stands, beside the payouts that it is of. */
const onTheWay: Scan = {
  name: 'money on its way',
  rows: () => `from (
      select x.type, x.currency, sum(x.said) as said, sum(x.posted) as posted from (
        select case p.status when 'unclaimed' then 'unclaimed' else 'in_transit' end as type, p.currency, p.sent_minor as said, 0::bigint as posted
        from payouts p where p.status in ('processing', 'unclaimed')
        union all
        select a.type, a.currency, 0, case when t.credit_id = a.id then t.amount_minor else -t.amount_minor end
        from ledger_accounts a join transfers t on a.id in (t.debit_id, t.credit_id) where a.type in ('in_transit', 'unclaimed')
      ) x group by 1, 2
    ) s where true`,
  called: `replace(s.type, '_', ' ') || ' in ' || s.currency`,
};

/** Invoices and credit notes in their order, each beside the payout that it is of. */
const billed: Scan = {
  name: 'invoices',
  rows: () => `from (select i.*, row_number() over (order by i.number) as place from invoices i) i
    join payouts p on p.id = i.payout_id
    left join payout_status_changes c on c.id = i.change_id
    left join invoices o on o.id = i.credits_id where true`,
  called: `case i.kind when 'invoice' then 'invoice ' else 'credit note ' end || i.number`,
};

/** What completed, and what came back of it, with the day’s tax mode and what was written of it. */
const billable: Scan = {
  name: 'billed payouts',
  rows: () => `from payout_status_changes c
    join payouts p on p.id = c.payout_id
    left join invoices i on i.change_id = c.id
    left join invoices b on b.payout_id = c.payout_id and b.kind = 'invoice' and c.status = 'returned'
    left join tax_modes m on m.partner_id = p.partner_id and m.retired_seq is null and m.valid @> c.value_date and c.status = 'completed'
    where (c.status = 'completed' or (c.status = 'returned' and c.from_status = 'completed')) and (m.id is not null or b.id is not null)`,
  called: `'payout ' || p.number`,
};

/** Payouts, beside what the terms that their run went by take off them. */
const deductions: Scan = {
  name: 'deductions',
  rows: () =>
    `from payout_runs r cross join lateral deductions_of_run(r.id) d join payouts p on p.id = d.payout_id where true`,
  called: `'payout ' || p.number`,
};

const files: Scan = {
  name: 'payout files',
  rows: () => `from payout_files f
    left join (
      select l.file_id, count(*) as payouts, sum(p.sent_minor) as total,
        count(*) filter (where not exists (
          select from payout_status_changes c join payout_files o on o.id = l.file_id
          where c.payout_id = p.id and c.status = 'processing' and c.posting_id = o.posting_id)) as strangers
      from payout_file_lines l join payouts p on p.id = l.payout_id group by 1
    ) l on l.file_id = f.id where true`,
  called: `'file ' || f.name`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'> & Partial<Pick<DoctorCheck, 'weight'>>): DoctorCheck => ({
  group: 'payouts',
  weight: 'difference',
  ...one,
});

export const payoutChecks: readonly DoctorCheck[] = [
  check({
    name: 'payout_line_approved',
    proves: 'a live payout holds nothing that is not posted and approved (§4, §7)',
    scan: held,
    offends: `not s.approved`,
    says: `'it is ' || case when s.posted then 'not approved' else 'not posted' end`,
  }),
  check({
    name: 'review_complete',
    proves: 'a review counts its entries, all of its verdict, and posts what it takes back (§4, §6)',
    scan: reviews,
    offends: `coalesce(x.entries, 0) <> coalesce(r.entries, -1) or x.mixed or r.content_hash is null or (r.verdict <> 'approved') <> (p.id is not null)`,
    says: `'says ' || coalesce(r.entries, 0) || ' entries ' || r.verdict || ', has ' || coalesce(x.entries, 0)
      || case when p.id is null then ' and no posting' else ' and a posting' end`,
  }),
  check({
    name: 'reviewed_posted',
    proves: 'only a posted entry of some amount is reviewed (§4)',
    scan: reviewed,
    offends: `n.event_id is null or n.amount_minor = 0 or p.id is null`,
    says: `case when n.event_id is null then 'there is no such entry' when n.amount_minor = 0 then 'it is of nothing' else 'it is not posted' end || ', and was ' || r.verdict`,
  }),
  check({
    name: 'reversal_of_rejected',
    // As far as a negative can be told to go with what it reverses, it went (src/domain/taken-back.ts).
    weight: 'warning',
    proves: 'what was rejected is not taken back a second time: of its sale no more is reversed than is left (§4)',
    scan: remainders,
    offends: `s.reversed > s.earned`,
    says: `${money('s.reversed', 'w.currency')} || ' of its sale are reversed and ' || ${money('s.earned', 'w.currency')} || ' are left: give back what is too much by an adjustment'`,
  }),
  check({
    name: 'wallet_kinds',
    proves: 'entries less rejected and cancelled equal the wallet’s postings of their kind (§6)',
    scan: walletKinds,
    offends: `k.entries <> k.posted`,
    says: `'entries ' || ${money('k.entries', 'w.currency')} || ', postings ' || ${money('k.posted', 'w.currency')}`,
  }),
  check({
    name: 'wallet_made_of',
    proves:
      'what is pending, held, approved and in a draft makes the balance of its wallet: what financials say (§4, §6)',
    scan: madeOf,
    offends: `coalesce(s.amount, 0) <> coalesce(t.balance, 0)`,
    says: `'its entries come to ' || ${money('coalesce(s.amount, 0)', 'w.currency')} || ', its balance is ' || ${money('coalesce(t.balance, 0)', 'w.currency')}`,
  }),
  check({
    name: 'payout_sums',
    proves: 'a payout is the sum of its wallets, and gross = sent + withheld + fee (§7)',
    scan: payouts,
    offends: `p.gross_minor is distinct from w.gross or p.withheld_minor is distinct from w.withheld or p.fee_minor is distinct from w.fee
      or p.sent_minor is distinct from w.sent or p.gross_minor <> p.sent_minor + p.withheld_minor + p.fee_minor`,
    says: `'gross ' || ${money('p.gross_minor', 'p.currency')} || ', its wallets ' || ${money('coalesce(w.gross, 0)', 'p.currency')}`,
  }),
  check({
    name: 'payout_lines_sum',
    proves: 'what a payout takes from a wallet of its partner and currency is the sum of its lines (§7)',
    scan: payoutWallets,
    offends: `p.id is null or w.gross_minor is distinct from l.amount or a.partner_id is distinct from p.partner_id or a.currency is distinct from p.currency`,
    says: `'takes ' || ${money('coalesce(w.gross_minor, 0)', 'p.currency')} || ', its lines are ' || ${money('coalesce(l.amount, 0)', 'p.currency')}`,
  }),
  check({
    name: 'payout_line_entry',
    proves: 'a line is an entry of that amount and wallet; a live one was not taken back (§7)',
    scan: lines,
    offends: `n.event_id is null or n.amount_minor <> l.amount_minor or n.wallet_id is distinct from l.wallet_id
      or (l.release_id is null and r.event_id is not null)`,
    says: `${money('l.amount_minor', 'p.currency')} || ', the entry ' || coalesce(${money('n.amount_minor', 'p.currency')}, 'does not exist')
      || case when r.event_id is not null then ' and was ' || r.verdict else '' end`,
  }),
  check({
    name: 'payout_lines_live',
    proves: 'an entry is in one live payout at most: what is final has let its lines go, and nothing else has (§7)',
    scan: lines,
    offends: `(l.release_id is null) = (p.status in ('failed', 'returned', 'cancelled'))`,
    says: `'the payout is ' || p.status || case when l.release_id is null then ' and holds it' else ' and let it go' end`,
  }),
  check({
    name: 'payout_status',
    proves: 'the status of a payout is the last one of its history (§7)',
    scan: payouts,
    offends: `p.status <> coalesce(s.status, 'pending')`,
    says: `'is ' || p.status || ', its history ends with ' || coalesce(s.status, 'nothing')`,
  }),
  check({
    name: 'payout_transitions',
    proves: 'a payout goes from state to state as its table says, and the books move with it (§6, §7)',
    scan: changes,
    offends: `p.id is null or c.from_status <> c.before or not (c.from_status || '>' || c.status = any (payout_transitions()))
      or payout_change_posts(c.from_status, c.status) <> (g.id is not null)`,
    says: `'from ' || c.from_status || ' to ' || c.status || ' after ' || c.before || case when g.id is null then ' without' else ' with' end || ' a posting'`,
  }),
  check({
    name: 'payout_second_person',
    proves: 'who approved a run did not make it, and approved this content (§7)',
    scan: payouts,
    offends: `(p.status not in ('pending', 'cancelled') and a.run_id is null) or a.wrong`,
    says: `'is ' || p.status || ', made by ' || r.created_by || ' and ' || coalesce('approved by ' || a."by", 'not approved')`,
  }),
  check({
    name: 'payout_second_checker',
    proves: 'a run over the limit was approved by two before its payouts were ready (§7)',
    scan: checkedRuns,
    offends: `c.approvals < c.wanted and exists (
      select from payouts p join payout_status_changes s on s.payout_id = p.id where p.run_id = r.id and s.status = 'ready')`,
    says: `'was approved by ' || c.approvals || ' of ' || c.wanted || ' checkers'`,
  }),
  check({
    name: 'payout_limit_known',
    proves: 'a run, and whoever approved it, went by a limit that stood then (§7)',
    scan: limitsGoneBy,
    // Limits are replaced and never taken away: once there is one, whatever comes after goes by one.
    offends: `l.name <> 'second_checker_limit' or l.retired_seq <= r.known_seq
      or (g.limit_id is null and exists (select from settings s where s.name = 'second_checker_limit' and s.known_seq <= r.known_seq))`,
    says: `case when l.id is null then 'there was a limit, and it went by none' else 'it went by version ' || l.id || ' of ' || l.name || ', which did not stand' end`,
  }),
  check({
    name: 'sent_money',
    proves:
      'what is in transit is what payouts with the bank sent, and what nobody took stands on its own account (§6, §7)',
    scan: onTheWay,
    offends: `s.said <> s.posted`,
    says: `'the ledger has ' || ${money('s.posted', 's.currency')} || ', payouts say ' || ${money('s.said', 's.currency')}`,
  }),
  check({
    name: 'invoices_in_sequence',
    proves:
      'invoices follow each other without a gap, and each says the gross of its payout and the VAT that it includes (§7)',
    scan: billed,
    offends: `i.number <> i.place or i.gross_minor <> p.gross_minor or i.vat_minor <> vat_included(p.gross_minor, i.vat_ppm)
      or c.payout_id is distinct from i.payout_id or c.status is distinct from case i.kind when 'invoice' then 'completed' else 'returned' end
      or (i.kind = 'credit_note' and (o.payout_id, o.net_minor, o.vat_minor) is distinct from (i.payout_id, i.net_minor, i.vat_minor))`,
    says: `case when i.number <> i.place then 'is the ' || i.place || '. there is'
      else 'says ' || ${money('i.gross_minor', 'p.currency')} || ' with VAT of ' || ${money('i.vat_minor', 'p.currency')} || ' of payout ' || p.number
        || ', which is ' || coalesce(c.status, 'nothing') || ' over ' || ${money('p.gross_minor', 'p.currency')} end`,
  }),
  check({
    name: 'payouts_billed',
    // What is said afterwards of days that were over bills nothing.
    weight: 'warning',
    proves: 'what completes of a self-billed partner has an invoice, and what comes back a credit note (§7)',
    scan: billable,
    offends: `i.id is null`,
    says: `c.status || ' on ' || c.value_date || ' without ' || case c.status when 'completed' then 'an invoice: its tax mode was said later' else 'a credit note' end`,
  }),
  check({
    name: 'payout_movements',
    proves: 'the transfers of payouts are what became of them: submitted, completed, failed, returned (§6)',
    scan: movements,
    offends: `m.said <> m.posted`,
    says: `'transfers ' || ${money('m.posted', 'd.currency')} || ', its payouts say ' || ${money('m.said', 'd.currency')}`,
  }),
  check({
    name: 'payout_deductions',
    proves: 'a payout is withheld and charged as the terms say that its run went by, rounded once (§5, §7)',
    scan: deductions,
    offends: `p.withheld_minor <> round(${ofMillionths('p.gross_minor * d.withholding_ppm')}) or p.fee_minor <> d.fee_minor`,
    says: `'withholds ' || ${money('p.withheld_minor', 'p.currency')} || ' of ' || ${money('p.gross_minor', 'p.currency')} || ' and charges '
      || ${money('p.fee_minor', 'p.currency')} || ', the terms say ' || d.withholding_ppm || ' ppm and ' || ${money('d.fee_minor', 'p.currency')}`,
  }),
  check({
    name: 'payout_files',
    proves: 'a file pays what its submission sent, each payout in one file, and comes to its total (§7)',
    scan: files,
    offends: `f.payouts <> coalesce(l.payouts, 0) or f.total_minor <> coalesce(l.total, 0) or l.strangers > 0`,
    says: `'is of ' || f.payouts || ' payouts and ' || ${money('f.total_minor', 'f.currency')} || ', its lines are ' || coalesce(l.payouts, 0)
      || ' and ' || ${money('coalesce(l.total, 0)', 'f.currency')} || case when l.strangers > 0 then ', ' || l.strangers || ' of another submission' else '' end`,
  }),
];
