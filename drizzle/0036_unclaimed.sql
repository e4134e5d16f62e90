-- Money that nobody takes (SEMANTICS §6, §7). From the day on which the bank says so it is on its way to nobody, and it is still
-- owed: it stands on a liability of its own until it is taken after all, comes back or is called back.

alter table ledger_accounts drop constraint ledger_accounts_type_check,
  add constraint ledger_accounts_type_check check (type in ('wallet', 'commission_expense', 'in_transit', 'unclaimed', 'withholding_payable',
    'payout_fees', 'cash', 'fx_difference', 'rounding', 'wholesale_receivable', 'wholesale_revenue', 'opening_equity', 'recovery_clearing'));

create or replace function payout_change_posts(from_status text, status text) returns boolean language sql immutable set search_path from current as $$
  select status in ('processing', 'unclaimed', 'completed', 'failed', 'returned') or (status = 'cancelled' and from_status = 'unclaimed') $$;

-- As in 0008, and on from where the money is: what nobody took leaves its own account.
create or replace function payout_movements(posting bigint) returns table (debit_id bigint, credit_id bigint, kind text, amount bigint)
  language sql stable set search_path from current as $$
  with changed as (
    select c.status, c.from_status, case c.from_status when 'unclaimed' then 'unclaimed' else 'in_transit' end as stands,
      p.currency, w.wallet_id, w.sent_minor, w.withheld_minor, w.fee_minor
    from payout_status_changes c join payouts p on p.id = c.payout_id join payout_wallets w on w.payout_id = p.id
    where c.posting_id = posting
  ), moves (wallet_id, source, target, kind, currency, amount, forth) as (
    select wallet_id, null, 'in_transit', 'payout_submitted', currency, sent_minor, true from changed where status = 'processing'
    union all select wallet_id, null, 'withholding_payable', 'payout_withheld', currency, withheld_minor, true from changed where status = 'processing'
    union all select wallet_id, null, 'payout_fees', 'payout_fee', currency, fee_minor, true from changed where status = 'processing'
    union all select null, 'in_transit', 'unclaimed', 'payout_unclaimed', currency, sent_minor, true from changed where status = 'unclaimed'
    union all select null, stands, 'cash', 'payout_completed', currency, sent_minor, true from changed where status = 'completed'
    -- returned after completion: the money comes back to where it was in transit, and on from there
    union all select null, 'in_transit', 'cash', 'payout_returned', currency, sent_minor, false from changed where status = 'returned' and from_status = 'completed'
    union all select wallet_id, null, stands, 'payout_' || status, currency, sent_minor, false from changed where status in ('failed', 'returned', 'cancelled')
    union all select wallet_id, null, 'withholding_payable', 'payout_' || status, currency, withheld_minor, false from changed where status in ('failed', 'returned', 'cancelled')
    union all select wallet_id, null, 'payout_fees', 'payout_' || status, currency, fee_minor, false from changed where status in ('failed', 'returned', 'cancelled')
  )
  select case when m.forth then coalesce(m.wallet_id, s.id) else t.id end, case when m.forth then t.id else coalesce(m.wallet_id, s.id) end,
    m.kind, sum(m.amount)::bigint
  from moves m
  left join ledger_accounts t on t.type = m.target and t.currency = m.currency
  left join ledger_accounts s on s.type = m.source and s.currency = m.currency
  where m.amount <> 0
  group by 1, 2, 3 $$;
