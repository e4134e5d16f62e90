-- Metrics of partners: what they turned over, their customers, subscriptions, earnings and referrals of a period, per currency.
-- They are computed by one function from insert-only facts as they were known at a moment; a snapshot keeps its moment beside
-- its figures, so that the same figures can be computed again whenever one looks.

-- A touch says which transaction made it, too, for it is read as of a moment (src/db/queries/as-of.ts).
alter table referral_touches add column transaction_id xid8 not null default pg_current_xact_id();
drop trigger stamp on referral_touches;
create trigger stamp before insert on referral_touches for each row execute function stamp_in_transaction();

create table metric_snapshots (
  id bigint generated always as identity primary key,
  -- half-open, in the programme's zone
  period_from date not null,
  period_to date not null,
  -- the moment: versions known at it, facts recorded by then in transactions that were seen
  known_seq bigint not null references known_changes,
  taken_at timestamptz not null,
  seen pg_snapshot not null,
  rows integer not null check (rows >= 0),
  content_hash text not null check (content_hash ~ '^[0-9a-f]{64}$'),
  created_by text not null,
  recorded_at timestamptz not null,
  check (period_to > period_from)
);
create index metric_snapshots_period on metric_snapshots (period_from, period_to);

-- Amounts in minor units. What is shared counts by its share.
create table partner_metrics (
  snapshot_id bigint not null references metric_snapshots,
  partner_id bigint not null references partners,
  currency text not null references currencies,
  -- on the last day
  tier text references tiers,
  -- by revenue among those of the tier who have figures in the currency
  rank integer not null check (rank >= 1),
  ranked integer not null check (ranked >= rank),
  -- of the evaluation at the period's end: how far to the next tier, of both measures the lesser
  next_tier text references tiers,
  next_tier_ppm integer check (next_tier_ppm between 0 and 1000000),
  -- payments less returns; payments alone, and how many
  revenue_minor bigint not null,
  paid_minor bigint not null,
  payments integer not null check (payments >= 0),
  -- payments less returns of all customers the partner has, until the end of the period
  lifetime_minor bigint not null,
  -- who ever paid; who paid in the period, in the one before, for the first time; who paid in the one before and not in it
  customers integer not null check (customers >= 0),
  active integer not null check (active >= 0),
  active_before integer not null check (active_before >= 0),
  new integer not null check (new >= 0),
  churned integer not null check (churned >= 0),
  -- a month of what is subscribed to on the last day
  mrr_minor bigint not null,
  subscriptions integer not null check (subscriptions >= 0),
  -- posted in the period and not taken back; completed payouts less returned ones, by value date
  earned_minor bigint not null,
  entries integer not null check (entries >= 0),
  paid_out_minor bigint not null,
  payouts integer not null check (payouts >= 0),
  -- brought in the period; converted in it, of whenever. Of all currencies
  referrals integer not null check (referrals >= 0),
  converted integer not null check (converted >= 0),
  primary key (snapshot_id, partner_id, currency)
);
create index partner_metrics_partner on partner_metrics (partner_id);

-- The period of the same length before: months before months, days before days.
create function period_before(starts date, ends date) returns date language sql immutable set search_path from current as $$
  select case when extract(day from starts) = 1 and extract(day from ends) = 1
    then (starts - make_interval(months => (extract(year from ends) * 12 + extract(month from ends) - extract(year from starts) * 12 - extract(month from starts))::int))::date
    else starts - (ends - starts) end $$;

-- The figures of all partners, of which one may be picked. No nested loops: the planner thinks that
-- agreements by range are few, and would look through all of them for each payment.
create function metrics_at(starts date, ends date, seq bigint, at timestamptz, seen pg_snapshot, only_partner bigint default null)
  returns table (partner_id bigint, currency text, tier text, rank int, ranked int, next_tier text, next_tier_ppm int, revenue_minor bigint, paid_minor bigint,
    payments int, lifetime_minor bigint, customers int, active int, active_before int, new int, churned int, mrr_minor bigint, subscriptions int,
    earned_minor bigint, entries int, paid_out_minor bigint, payouts int, referrals int, converted int)
  language sql stable set search_path from current set enable_nestloop = off set jit = off as $$
  with batches as materialized (
    select b.id, b.first_id, b.last_id from event_batches b where b.recorded_at <= at and pg_visible_in_snapshot(b.transaction_id, seen)
  ), live_agreements as materialized (
    select a.instance_id, a.partner_id, a.valid from agreements a where a.known_seq <= seq and (a.retired_seq is null or a.retired_seq > seq)
  ), live_slots as materialized (
    select s.account_id, s.partner_id, s.share_ppm, s.valid from account_slots s where s.known_seq <= seq and (s.retired_seq is null or s.retired_seq > seq)
  ), told as materialized (
    select e.id, e.instance_id, e.account_id, e.sale_id, e.currency, e.kind, e.net_minor, e.occurred_on, e.voids_id
    from revenue_events e join batches b on b.id = e.batch_id
    where e.kind in ('payment', 'refund', 'chargeback', 'chargeback_won', 'opening', 'void')
  ), voided as (
    select t.voids_id as id from told t where t.voids_id is not null
  ), known_sales as (
    -- its date is said for good with its first payment
    select s.id, s.sale_date from sales s join (select distinct t.sale_id from told t where t.kind in ('payment', 'opening')) k on k.sale_id = s.id
  ), cash as materialized (
    select t.instance_id, t.account_id, t.currency, t.kind, t.net_minor, t.occurred_on, coalesce(s.sale_date, t.occurred_on) as sold_on
    from told t left join known_sales s on s.id = t.sale_id left join voided v on v.id = t.id
    where t.kind not in ('opening', 'void') and v.id is null and t.occurred_on < ends
  ), revenue as (
    select coalesce(l.partner_id, a.partner_id) as partner_id, c.currency,
      round(sum(c.net_minor::numeric * coalesce(l.share_ppm, 1000000)) * 0.000001)::bigint as revenue,
      round(coalesce(sum(c.net_minor::numeric * coalesce(l.share_ppm, 1000000)) filter (where c.kind = 'payment'), 0) * 0.000001)::bigint as paid,
      count(*) filter (where c.kind = 'payment')::int as payments
    from cash c
    left join live_slots l on l.account_id = c.account_id and l.valid @> c.sold_on
    left join live_agreements a on l.partner_id is null and a.instance_id = c.instance_id and a.valid @> c.sold_on
    where c.occurred_on >= starts group by 1, 2
  ), paying as (
    select c.instance_id, c.account_id, c.currency, min(c.occurred_on) filter (where c.kind = 'payment') as first_on,
      bool_or(c.kind = 'payment' and c.occurred_on >= starts) as now,
      bool_or(c.kind = 'payment' and c.occurred_on >= period_before(starts, ends) and c.occurred_on < starts) as before, sum(c.net_minor) as minor
    from cash c where c.account_id is not null group by 1, 2, 3
  ), customers as (
    select coalesce(l.partner_id, a.partner_id) as partner_id, p.currency, count(*)::int as customers, count(*) filter (where p.now)::int as active,
      count(*) filter (where p.before)::int as active_before, count(*) filter (where p.first_on >= starts)::int as new,
      count(*) filter (where p.before and not p.now)::int as churned,
      round(sum(p.minor * coalesce(l.share_ppm, 1000000)) * 0.000001)::bigint as lifetime
    from paying p
    left join live_slots l on l.account_id = p.account_id and l.valid @> (ends - 1)
    left join live_agreements a on l.partner_id is null and a.instance_id = p.instance_id and a.valid @> (ends - 1)
    where p.first_on is not null group by 1, 2
  ), subscribed as (
    select coalesce(l.partner_id, a.partner_id) as partner_id, s.currency, count(*)::int as subscriptions,
      round(sum(t.price_minor::numeric * t.quantity * coalesce(l.share_ppm, 1000000)
        * case s.cycle when 'monthly' then 12 when 'quarterly' then 4 else 1 end) / 12000000)::bigint as mrr
    from subscriptions s
    join subscription_terms t on t.subscription_id = s.id and t.valid @> (ends - 1) and t.known_seq <= seq and (t.retired_seq is null or t.retired_seq > seq)
    left join live_slots l on l.account_id = s.account_id and l.valid @> (ends - 1)
    left join live_agreements a on l.partner_id is null and a.instance_id = s.instance_id and a.valid @> (ends - 1)
    where subscription_status(s.id, ends - 1, seq) = 'active' group by 1, 2
  ), removed as (
    select x.event_id, x.leg from entry_reviews x join review_batches b on b.id = x.batch_id
    where x.verdict <> 'approved' and b.recorded_at <= at and pg_visible_in_snapshot(b.transaction_id, seen)
  ), earned as (
    select w.partner_id, w.currency, sum(n.amount_minor)::bigint as earned, count(*) filter (where n.amount_minor > 0)::int as entries
    from entries n join ledger_accounts w on w.id = n.wallet_id
    join decision_chunks k on k.id = n.chunk_id and k.recorded_at <= at and pg_visible_in_snapshot(k.transaction_id, seen)
    left join removed x on x.event_id = n.event_id and x.leg = n.leg
    where n.amount_minor <> 0 and n.posting_date >= starts and n.posting_date < ends and x.event_id is null
      and n.chunk_id <= (select coalesce(max(g.chunk_to), 0) from postings g where g.recorded_at <= at and pg_visible_in_snapshot(g.transaction_id, seen))
    group by 1, 2
  ), paid_out as (
    select p.partner_id, p.currency, sum(case c.status when 'completed' then p.gross_minor else -p.gross_minor end)::bigint as paid_out,
      (count(*) filter (where c.status = 'completed') - count(*) filter (where c.status = 'returned'))::int as payouts
    from payout_status_changes c join payouts p on p.id = c.payout_id
    where (c.status = 'completed' or c.status = 'returned' and c.from_status = 'completed') and c.value_date >= starts and c.value_date < ends
      and c.recorded_at <= at and pg_visible_in_snapshot(c.transaction_id, seen)
    group by 1, 2
  ), brought as materialized (
    select distinct on (t.referral_id) t.referral_id, c.partner_id, t.touched_on from referral_touches t join referral_codes c on c.id = t.code_id
    where t.recorded_at <= at and pg_visible_in_snapshot(t.transaction_id, seen) order by t.referral_id, t.touched_at, t.id
  ), referred as (
    select b.partner_id, count(*) filter (where b.touched_on >= starts and b.touched_on < ends)::int as referrals,
      count(*) filter (where v.converted_on >= starts and v.converted_on < ends)::int as converted
    from brought b left join referral_conversions v on v.referral_id = b.referral_id and v.recorded_at <= at and pg_visible_in_snapshot(v.transaction_id, seen)
    group by 1
  ), keys as (
    select k.partner_id, k.currency from (
      select r.partner_id, r.currency from revenue r union select c.partner_id, c.currency from customers c union select s.partner_id, s.currency from subscribed s
      union select e.partner_id, e.currency from earned e union select o.partner_id, o.currency from paid_out o
    ) k join partners p on p.id = k.partner_id where not p.house
  ), figures as (
    select k.partner_id, k.currency, t.tier, coalesce(r.revenue, 0) as revenue, coalesce(r.paid, 0) as paid, coalesce(r.payments, 0) as payments,
      coalesce(c.lifetime, 0) as lifetime, coalesce(c.customers, 0) as customers, coalesce(c.active, 0) as active, coalesce(c.active_before, 0) as active_before,
      coalesce(c.new, 0) as new, coalesce(c.churned, 0) as churned, coalesce(s.mrr, 0) as mrr, coalesce(s.subscriptions, 0) as subscriptions,
      coalesce(e.earned, 0) as earned, coalesce(e.entries, 0) as entries, coalesce(o.paid_out, 0) as paid_out, coalesce(o.payouts, 0) as payouts,
      coalesce(f.referrals, 0) as referrals, coalesce(f.converted, 0) as converted
    from keys k
    left join revenue r on r.partner_id = k.partner_id and r.currency = k.currency
    left join customers c on c.partner_id = k.partner_id and c.currency = k.currency
    left join subscribed s on s.partner_id = k.partner_id and s.currency = k.currency
    left join earned e on e.partner_id = k.partner_id and e.currency = k.currency
    left join paid_out o on o.partner_id = k.partner_id and o.currency = k.currency
    left join referred f on f.partner_id = k.partner_id
    left join partner_tiers t on t.partner_id = k.partner_id and t.valid @> (ends - 1) and t.known_seq <= seq and (t.retired_seq is null or t.retired_seq > seq)
  ), ladder as (
    select i.code, i.rank, x.min_revenue_minor, x.min_customers from tiers i
    join tier_terms x on x.tier = i.code and x.valid @> (ends - 1) and x.known_seq <= seq and (x.retired_seq is null or x.retired_seq > seq)
  ), evaluated as (
    select v.partner_id, n.code as next_tier, trunc(least(1000000,
        case when n.min_revenue_minor = 0 then 1000000 else greatest(v.revenue_minor, 0)::numeric * 1000000 / (n.min_revenue_minor::numeric * v.window_months) end,
        case when n.min_customers = 0 then 1000000 else v.customers::numeric * 1000000 / n.min_customers end))::int as ppm
    from tier_evaluations v left join tiers i on i.code = v.tier_to join ladder n on n.rank = coalesce(i.rank, 0) + 1
    where v.evaluated_on = ends - 1 and v.recorded_at <= at and pg_visible_in_snapshot(v.transaction_id, seen)
  )
  select g.partner_id, g.currency, g.tier, g.rank, g.ranked, v.next_tier, v.ppm, g.revenue, g.paid, g.payments, g.lifetime, g.customers, g.active,
    g.active_before, g.new, g.churned, g.mrr, g.subscriptions, g.earned, g.entries, g.paid_out, g.payouts, g.referrals, g.converted
  from (select f.*, rank() over (partition by f.tier, f.currency order by f.revenue desc)::int as rank, count(*) over (partition by f.tier, f.currency)::int as ranked
        from figures f) g
  left join evaluated v on v.partner_id = g.partner_id
  where only_partner is null or g.partner_id = only_partner $$;

-- What came in and went back on some days, as the books say now: whose it is by the date of its sale, in millionths of a minor
-- unit where it is shared. A part of a payment that is shared counts as a payment of each.
create function partner_cash(starts date, ends date)
  returns table (partner_id bigint, instance_id bigint, account_id bigint, country text, currency text, kind event_kind, occurred_on date, millionths numeric)
  language sql stable set search_path from current set enable_nestloop = off set jit = off as $$
  select coalesce(l.partner_id, a.partner_id), m.instance_id, m.account_id, coalesce(m.country, c.country), m.currency, m.kind, m.occurred_on,
    m.net_minor::numeric * coalesce(l.share_ppm, 1000000)
  from (
    select e.instance_id, e.account_id, e.country, e.currency, e.kind, e.occurred_on, e.net_minor, coalesce(s.sale_date, e.occurred_on) as sold_on
    from event_batches b join revenue_events e on e.id between b.first_id and b.last_id left join sales s on s.id = e.sale_id
    where b.origin in ('import', 'record') and b.first_on < ends and b.last_on >= starts and e.occurred_on >= starts and e.occurred_on < ends
      and e.kind in ('payment', 'refund', 'chargeback', 'chargeback_won')
      and not exists (select from revenue_events v where v.voids_id = e.id and v.voids_id is not null)
  ) m
  left join accounts c on c.id = m.account_id
  left join account_slots l on l.account_id = m.account_id and l.valid @> m.sold_on and l.retired_seq is null
  left join agreements a on l.id is null and a.instance_id = m.instance_id and a.valid @> m.sold_on and a.retired_seq is null $$;

-- Takes a snapshot. Nobody writes figures but this function: SECURITY DEFINER.
create function take_metrics(starts date, ends date) returns bigint language plpgsql security definer set search_path from current as $$
declare
  made bigint; seq bigint; moment pg_snapshot; instant timestamptz; figures partner_metrics[];
begin
  if starts > business_today() then
    raise exception 'nothing has come in of a period that begins on %', starts using errcode = 'RV029';
  end if;
  -- the clock after the snapshot: whatever the one shows was stamped before the other
  select (select coalesce(max(k.known_seq), 0) from known_changes k), pg_current_snapshot() into seq, moment;
  instant := clock_timestamp();
  made := nextval(pg_get_serial_sequence(format('%I.metric_snapshots', current_schema()), 'id'));
  select array_agg(row(made, m.*)::partner_metrics order by m.partner_id, m.currency) into figures from metrics_at(starts, ends, seq, instant, moment) m;
  insert into metric_snapshots (id, period_from, period_to, known_seq, taken_at, seen, rows, content_hash)
  overriding system value select made, starts, ends, seq, instant, moment, count(f.*), metrics_hash(array_agg(f.* order by f.partner_id, f.currency) filter (where f.partner_id is not null))
  from unnest(figures) f;
  insert into partner_metrics select * from unnest(figures);
  return made;
end $$;

-- Of the figures, without the number of their snapshot.
create function metrics_hash(figures partner_metrics[]) returns text language sql stable set search_path from current as $$
  select encode(sha256(convert_to(coalesce(string_agg((to_jsonb(f) - 'snapshot_id')::text, E'\n' order by f.partner_id, f.currency), ''), 'UTF8')), 'hex') from unnest(figures) f $$;

do $$
declare
  kept text;
begin
  foreach kept in array array['metric_snapshots', 'partner_metrics'] loop
    execute format('create trigger insert_only before update or delete or truncate on %I for each statement execute function refuse_change()', kept);
    execute format('grant select on %I to @operator@, @auditor@', kept);
  end loop;
end $$;
create trigger stamp before insert on metric_snapshots for each row execute function stamp();
create trigger audit after insert on metric_snapshots for each row execute function audit();
revoke execute on function period_before(date, date), metrics_at(date, date, bigint, timestamptz, pg_snapshot, bigint), take_metrics(date, date),
  metrics_hash(partner_metrics[]), partner_cash(date, date) from public;
grant execute on function period_before(date, date), metrics_at(date, date, bigint, timestamptz, pg_snapshot, bigint), metrics_hash(partner_metrics[]),
  partner_cash(date, date) to @operator@, @auditor@;
grant execute on function take_metrics(date, date) to @operator@;
