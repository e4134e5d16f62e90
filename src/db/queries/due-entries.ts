import { entryStates } from './entry-status.ts';

/**
 * What may be paid, as text: the database finds it by a function of its own (drizzle/0040), into which the migration puts
 * this, so that what it pays and what a list says of the same entry is one definition.
 *
 * Every entry of the wallets `$1` that is in no live payout and not taken back, by the cut-off `$2`: `reason` is null for
 * what may be paid now, else says why not. What a debit took is `taken` and counts whatever its day: it is out of the wallet,
 * and nobody else may be paid with it. Where a payout is tried again, `$3`, its lines and whatever its wallets owe: a debt
 * that arose since is netted, not passed by. `@foreseen@` is a further condition, or nothing; `@wallets@` is that it is of these
 * wallets, or true where they are nearly all: to leave out the others afterwards is less work then.
 */
export const DUE_ENTRIES = `
  select s.event_id, s.leg, s.wallet_id, s.amount_minor, t.taken, case
    when not s.posted then 'unposted'
    when s.held then 'held'
    when not s.approved then 'pending'
    when t.taken then null
    when s.posting_date >= $2
      and (select e.occurred_on from revenue_events e where e.id = s.event_id) >= $2 then 'after_cutoff'
    when s.payable_from > $2 then 'not_yet_payable' end as reason
  from ${entryStates(`n.amount_minor <> 0 and @wallets@
    and ($3 is null or n.amount_minor < 0 or exists (
      select from payout_lines o where o.payout_id = $3 and o.event_id = n.event_id and o.leg = n.leg)) @foreseen@`)} s
  cross join lateral (select s.amount_minor < 0 and s.kind = 'adjustment' and takes_what_is_there(s.event_id) as taken) t
  where s.kept and s.free`;

/**
 * The same, of `@entries@`, where less than all of a payout may be taken for negatives: those beyond it are
 * `recovery_share`. Smallest first: entries cannot be cut, and one large negative should not keep the small ones from being
 * recovered. What debits took is no debt that is recovered: the share is of what they left.
 */
export const SHARED_ENTRIES = `
  select c.event_id, c.leg, c.wallet_id, c.amount_minor, c.taken,
    case when c.reason is null and c.amount_minor < 0 and not c.taken and c.net > 0 and s.share < 1000000
      and c.recovered > c.positive * s.share * 0.000001 then 'recovery_share' else c.reason end as reason
  from (
    select d.*, sum(d.amount_minor) filter (where d.reason is null) over wallet as net,
      sum(d.amount_minor) filter (where d.reason is null and (d.amount_minor > 0 or d.taken)) over wallet as positive,
      sum(-d.amount_minor) filter (where d.reason is null and d.amount_minor < 0 and not d.taken)
        over (wallet order by -d.amount_minor, d.event_id, d.leg) as recovered
    from (@entries@) d window wallet as (partition by d.wallet_id)
  ) c
  join (
    select a.id as wallet_id, (
      select trunc((s.value #>> '{}')::numeric) from settings s
      where s.name = 'recovery_share_ppm' and (s.instance_id = a.instance_id or s.instance_id is null)
        and s.retired_seq is null and s.valid @> $2
      order by s.instance_id nulls last limit 1) as share
    from ledger_accounts a where a.id in (select unnest($1))
  ) s on s.wallet_id = c.wallet_id`;
