import { quoteLiteral } from '../connection.ts';
import { postsChunk } from './decided-span.ts';
import { instanceCalled, money, partnerCalled, type DoctorCheck, type DoctorScope, type Scan } from './doctor.ts';

/** The double-entry ledger against itself and against its sub-ledger (SEMANTICS §6). */

const walletCalled = (w: string): string =>
  `coalesce((select ${partnerCalled('w_.partner_id')} || ' at ' || ${instanceCalled('w_.instance_id')} || ' in ' || w_.currency
    from ledger_accounts w_ where w_.id = ${w}), 'no wallet')`;

/** Both sides of each posting: its entries and its transfers, per wallet, kind, posting date and what they are against. */
const sides: Scan = {
  name: 'postings',
  rows: () => `from (
      select posting_id, wallet_id, kind::text as kind, posting_date, case when act is null then 'commission_expense' else posted_against(kind, act) end as against, sum(amount) as amount from (
        select p.id as posting_id, n.wallet_id, n.kind, n.posting_date, case when n.kind in ('adjustment', 'opening') then n.event_id end as act,
          sum(n.amount_minor) as amount
        from entries n
        join decision_chunks c on c.id = n.chunk_id
        join postings p on ${postsChunk('p', 'c.id')}
        where n.amount_minor <> 0 group by 1, 2, 3, 4, 5
      ) summed group by 1, 2, 3, 4, 5
    ) n
    full join (
      select t.posting_id, w.id as wallet_id, t.kind, t.posting_date, o.type as against,
        sum(case when c.type = 'wallet' then t.amount_minor else -t.amount_minor end) as amount, count(*) as transfers
      from transfers t
      join postings p on p.id = t.posting_id and p.kind = 'decision'
      join ledger_accounts d on d.id = t.debit_id join ledger_accounts c on c.id = t.credit_id
      join ledger_accounts w on w.id = case when d.type = 'wallet' then d.id else c.id end
      join ledger_accounts o on o.id = case when d.type = 'wallet' then c.id else d.id end
      group by 1, 2, 3, 4, 5
    ) t on t.posting_id = n.posting_id and t.wallet_id = n.wallet_id and t.kind = n.kind and t.posting_date = n.posting_date and t.against = n.against
    cross join lateral (select coalesce(n.posting_id, t.posting_id) as posting_id, coalesce(n.wallet_id, t.wallet_id) as wallet_id,
      coalesce(n.kind, t.kind) as kind, coalesce(n.posting_date, t.posting_date) as posting_date) k
    left join ledger_accounts w on w.id = k.wallet_id where true`,
  called: `k.kind || ' of ' || ${walletCalled('k.wallet_id')} || ' on ' || k.posting_date || ' (posting ' || k.posting_id || ')'`,
};

const transfers: Scan = {
  name: 'transfers',
  rows: () => `from transfers t
    left join ledger_accounts d on d.id = t.debit_id
    left join ledger_accounts c on c.id = t.credit_id
    left join postings p on p.id = t.posting_id where true`,
  called: `'transfer ' || t.id || ' of ' || t.posting_date`,
};

const balances: Scan = {
  name: 'trial balance',
  rows: () => `from (
      select a.currency, sum(s.amount) as amount
      from (select credit_id as account_id, amount_minor as amount from transfers
            union all select debit_id, -amount_minor from transfers) s
      join ledger_accounts a on a.id = s.account_id group by a.currency
    ) b where true`,
  called: `'the books in ' || b.currency`,
};

const wallets: Scan = {
  name: 'wallets',
  rows: (scope: DoctorScope) => `from ledger_accounts w
    left join (
      select s.account_id, sum(s.amount) as amount,
        sum(s.amount) filter (where s.posting_date <= date ${quoteLiteral(scope.today)} - ${scope.negativeDays}) as before
      from (select credit_id as account_id, amount_minor as amount, posting_date from transfers
            union all select debit_id, -amount_minor, posting_date from transfers) s
      group by s.account_id
    ) n on n.account_id = w.id where w.type = 'wallet'`,
  called: `'wallet of ' || ${partnerCalled('w.partner_id')} || ' at ' || ${instanceCalled('w.instance_id')} || ' in ' || w.currency`,
};

const postings: Scan = {
  name: 'posting ranges',
  rows: () =>
    `from (select p.*, lag(p.chunk_to) over (order by p.chunk_from) as before from postings p where p.kind = 'decision') p where true`,
  called: `'posting ' || p.id`,
};

/** What only goes from one wallet to another. */
const clearing: Scan = {
  name: 'recovery clearing',
  rows: () => `from (
      select a.currency, sum(s.amount) as amount
      from (select credit_id as account_id, amount_minor as amount from transfers
            union all select debit_id, -amount_minor from transfers) s
      join ledger_accounts a on a.id = s.account_id and a.type = 'recovery_clearing' group by a.currency
    ) c where true`,
  called: `'recovery clearing in ' || c.currency`,
};

/** What the books began with, as it was asked for and as it stands. */
const openings: Scan = {
  name: 'openings',
  rows: () => `from (
      select r.id, r.created_by, a.created_by as approved_by, row_number() over (order by d.recorded_at, r.id) as nth,
        jsonb_array_length(r.payload -> 'acts') + jsonb_array_length(coalesce(r.payload -> 'partners', '[]'))
          + jsonb_array_length(coalesce(r.payload -> 'accounts', '[]')) as asked,
        (select count(*) from event_batches b join revenue_events e on e.id between b.first_id and b.last_id where b.request_id = r.id)
          + (select count(*) from opening_partners p where p.request_id = r.id)
          + (select count(*) from opening_accounts c where c.request_id = r.id) as done
      from requests r join request_applications d on d.request_id = r.id left join request_approvals a on a.request_id = r.id
      where r.kind = 'opening'
    ) o where true`,
  called: `'opening by request ' || o.id`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'> & { weight?: DoctorCheck['weight'] }): DoctorCheck => ({
  group: 'ledger',
  weight: 'difference',
  ...one,
});

export const ledgerChecks: readonly DoctorCheck[] = [
  check({
    name: 'transfers_equal_entries',
    proves:
      'per wallet, kind and posting date the transfers of a posting equal its entries, in one transfer against their account (§6)',
    scan: sides,
    offends: `coalesce(n.amount, 0) <> coalesce(t.amount, 0) or t.transfers > 1`,
    says: `'entries ' || ${money('coalesce(n.amount, 0)', 'w.currency')} || ', transfers ' || ${money('coalesce(t.amount, 0)', 'w.currency')}
      || case when t.transfers > 1 then ' in ' || t.transfers || ' transfers' else '' end`,
  }),
  check({
    name: 'transfer_one_instance',
    proves: 'no transfer joins two instances (§6)',
    scan: transfers,
    offends: `d.instance_id <> c.instance_id`,
    says: `'from ' || ${instanceCalled('d.instance_id')} || ' to ' || ${instanceCalled('c.instance_id')}`,
  }),
  check({
    name: 'transfer_one_currency',
    proves: 'a transfer has the currency of both its accounts, which exist and differ (§5, §6)',
    scan: transfers,
    offends: `d.id is null or c.id is null or d.id = c.id or d.currency <> c.currency or t.amount_minor <= 0`,
    says: `${money('t.amount_minor', 'd.currency')} || ' from ' || coalesce(d.type || ' in ' || d.currency, 'nowhere')
      || ' to ' || coalesce(c.type || ' in ' || c.currency, 'nowhere')`,
  }),
  check({
    name: 'transfer_posted',
    proves: 'every transfer belongs to a posting, written in the posting’s own transaction (§6)',
    scan: transfers,
    offends: `p.id is null or t.recorded_at <> p.recorded_at or t.created_by <> p.created_by`,
    says: `coalesce('by ' || t.created_by || ' at ' || t.recorded_at || ', its posting by ' || p.created_by || ' at ' || p.recorded_at, 'of no posting')`,
  }),
  check({
    name: 'trial_balance',
    proves: 'debits equal credits in every currency (§6)',
    scan: balances,
    offends: `b.amount <> 0`,
    says: `'credits exceed debits by ' || ${money('b.amount', 'b.currency')}`,
  }),
  check({
    name: 'clearing_even',
    proves: 'a recovery gives one wallet what it takes from another: nothing stays in clearing (§6)',
    scan: clearing,
    offends: `c.amount <> 0`,
    says: `${money('c.amount', 'c.currency')} || ' stay there: one half of a recovery was taken back'`,
  }),
  check({
    name: 'books_opened',
    proves: 'books are opened once, by two people, with every record that they asked for and no other (§6, §7)',
    scan: openings,
    offends: `o.nth > 1 or o.approved_by is null or o.approved_by = o.created_by or o.asked <> o.done`,
    says: `case when o.nth > 1 then 'is not the first'
      when o.approved_by is distinct from o.created_by and o.approved_by is not null then o.asked || ' records asked for, ' || o.done || ' there'
      else 'nobody else approved it' end`,
  }),
  check({
    name: 'wallet_agreed',
    proves:
      'a wallet belongs to a partner who had an agreement or a slot at its instance, or stood above one who had (§1, §6)',
    scan: wallets,
    offends: `not exists (
      with recursive below (id) as (
        select w.partner_id union select p.partner_id from below join partner_parents p on p.parent_id = below.id
      )
      select from below where below.id in (
        select a.partner_id from agreements a where a.instance_id = w.instance_id
        union select s.partner_id from account_slots s join accounts x on x.id = s.account_id where x.instance_id = w.instance_id))`,
    says: `'that partner never earned there'`,
  }),
  check({
    name: 'postings_follow',
    proves: 'postings take chunks in their order, none twice (§6)',
    scan: postings,
    offends: `p.chunk_from <= p.before`,
    says: `'begins with chunk ' || p.chunk_from || ', the one before ended with ' || p.before`,
  }),
  check({
    name: 'wallets_negative',
    weight: 'information',
    proves: 'no wallet has been below zero for long (§10)',
    scan: wallets,
    offends: `n.amount < 0 and n.before < 0`,
    says: `${money('n.amount', 'w.currency')} || ', it was ' || ${money('n.before', 'w.currency')} || ' then'`,
  }),
];
