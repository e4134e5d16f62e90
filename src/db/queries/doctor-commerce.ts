import { instanceCalled, money, partnerCalled, type DoctorCheck, type Scan } from './doctor.ts';

/** Subscriptions, what sales took from them, and what the operator charges the partner (SEMANTICS §1, §3, §6). */

const subscriptionCalled = (id: string): string =>
  `coalesce((select u_.code from subscriptions u_ where u_.id = ${id}), 'no subscription')`;

const subscriptions: Scan = {
  name: 'subscriptions',
  rows: () => `from subscriptions s
    left join accounts a on a.id = s.account_id
    left join (select x.subscription_id, count(*) as states, max(x.ordinal) as last,
      bool_or(x.ordinal = 1 and x.status not in ('trial', 'active')) as odd from subscription_states x group by 1) b on b.subscription_id = s.id
    where true`,
  called: `'subscription ' || s.code`,
};

/** Rows of a versioned table that are known together with another of the same thing and days. */
const saidTwice = (table: string, thing: string): string => `(
  select v.id, count(*) as others from ${table} v join ${table} o on (${thing.replaceAll('$', 'o')}) = (${thing.replaceAll('$', 'v')}) and o.id <> v.id
    and o.valid && v.valid and int8range(o.known_seq, o.retired_seq) && int8range(v.known_seq, v.retired_seq) group by v.id)`;

const terms: Scan = {
  name: 'terms of subscriptions',
  rows: () => `from subscription_terms t
    left join subscriptions s on s.id = t.subscription_id
    left join ${saidTwice('subscription_terms', '$.subscription_id')} o on o.id = t.id where true`,
  called: `'terms ' || t.valid || ' of subscription ' || coalesce(s.code, 'nobody')`,
};

const prices: Scan = {
  name: 'price book',
  rows: () => `from prices p
    left join ${saidTwice('prices', `coalesce($.plan_id, -$.meter_id), coalesce($.cycle, ''), coalesce($.region, ''), $.currency`)} o on o.id = p.id
    left join plans n on n.id = p.plan_id left join meters m on m.id = p.meter_id where true`,
  called: `'price ' || p.valid || ' of ' || coalesce(n.code || '/' || p.cycle, m.code, 'nothing') || ' in ' || p.currency`,
};

const costs: Scan = {
  name: 'costs from subscriptions',
  rows: () => `from subscription_costs k
    left join revenue_events e on e.id = k.event_id
    left join sales s on s.id = k.sale_id
    left join decision_chunks c on c.id = k.chunk_id
    left join (
      select f.*, g.known_seq from (
        select c.known_seq, array_agg(k.event_id) as events from subscription_costs k join decision_chunks c on c.id = k.chunk_id group by 1) g
      cross join lateral subscription_costs_of(g.events, g.known_seq) f
    ) f on f.event_id = k.event_id and f.known_seq = c.known_seq where true`,
  called: `'cost of ' || coalesce(e.external_id, 'unknown event ' || k.event_id)`,
};

const charges: Scan = {
  name: 'wholesale charges',
  rows: () => `from wholesale_charges c
    left join subscriptions s on s.id = c.subscription_id
    left join subscription_terms t on t.id = c.terms_id
    left join meters m on m.id = c.meter_id
    left join lateral (
      select sum(u.quantity) as quantity, round(sum(u.quantity * p.unit_price) * 10::numeric ^ min(y.minor_units)) as amount
      from charged_usage x join usage_records u on u.id = x.usage_id join currencies y on y.code = u.currency
      left join lateral (
        -- as it was known when it was charged
        select p.unit_price from prices p join known_changes k on k.known_seq = p.known_seq left join known_changes r on r.known_seq = p.retired_seq
        where p.meter_id = u.meter_id and p.currency = u.currency and (p.region is null or p.region = u.region) and p.valid @> u.used_on
          and k.recorded_at <= c.recorded_at and (r.known_seq is null or r.recorded_at > c.recorded_at)
        order by p.region nulls last limit 1) p on true
      where x.charge_id = c.id) u on c.meter_id is not null
    where true`,
  called: `'charge of ' || c.charged_on || ' for ' || coalesce(s.code, m.code, 'nothing') || ' at ' || ${instanceCalled('c.instance_id')}`,
};

/** What was charged and received against what was posted, per posting, account and kind. */
const posted: Scan = {
  name: 'wholesale postings',
  rows: () => `from (
      select posting_id, receivable, kind, sum(said) as said, sum(posted) as posted from (
        select c.posting_id, w.id as receivable, case when c.meter_id is null then 'wholesale_subscription' else 'wholesale_usage' end as kind,
          c.amount_minor as said, 0 as posted
        from wholesale_charges c left join ledger_accounts w on w.type = 'wholesale_receivable' and w.partner_id = c.partner_id
          and w.instance_id = c.instance_id and w.currency = c.currency
        union all
        select r.posting_id, w.id, 'wholesale_received', -r.amount_minor, 0
        from wholesale_receipts r left join ledger_accounts w on w.type = 'wholesale_receivable' and w.partner_id = r.partner_id
          and w.instance_id = r.instance_id and w.currency = r.currency
        union all
        select t.posting_id, case when d.type = 'wholesale_receivable' then d.id when x.type = 'wholesale_receivable' then x.id end, t.kind, 0,
          case when d.type = 'wholesale_receivable' then t.amount_minor else -t.amount_minor end
        from transfers t join postings g on g.id = t.posting_id and g.kind = 'wholesale'
        join ledger_accounts d on d.id = t.debit_id join ledger_accounts x on x.id = t.credit_id
      ) sides group by 1, 2, 3
    ) p left join ledger_accounts w on w.id = p.receivable where true`,
  called: `p.kind || ' of posting ' || p.posting_id || coalesce(', ' || ${partnerCalled('w.partner_id')} || ' at ' || ${instanceCalled('w.instance_id')}, '')`,
};

const receivables: Scan = {
  name: 'wholesale receivables',
  rows: () => `from transfers t join postings g on g.id = t.posting_id
    join ledger_accounts d on d.id = t.debit_id join ledger_accounts c on c.id = t.credit_id
    where d.type in ('wholesale_receivable', 'wholesale_revenue') or c.type in ('wholesale_receivable', 'wholesale_revenue')`,
  called: `'transfer ' || t.id || ' of ' || t.posting_date`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'>): DoctorCheck => ({
  group: 'commerce',
  weight: 'difference',
  ...one,
});

export const commerceChecks: readonly DoctorCheck[] = [
  check({
    name: 'subscription_begun',
    proves:
      'a subscription has states without a gap from its first on, begins on trial or active, and is of its instance’s account (§1)',
    scan: subscriptions,
    offends: `b.states is null or b.odd or b.states <> b.last or a.instance_id <> s.instance_id`,
    says: `coalesce(b.states, 0) || ' states, the last is number ' || coalesce(b.last, 0)`,
  }),
  check({
    name: 'subscription_terms_once',
    proves: 'on no day does a subscription cost two prices that are known together (§1)',
    scan: terms,
    offends: `o.others > 0`,
    says: `o.others || ' others say it too'`,
  }),
  check({
    name: 'prices_once',
    proves: 'on no day has an item two prices at a place that are known together (§1)',
    scan: prices,
    offends: `o.others > 0`,
    says: `o.others || ' others say it too'`,
  }),
  check({
    name: 'subscription_cost',
    proves:
      'what a sale took from a subscription is what the subscription cost on its date, as known at its decision (§3)',
    scan: costs,
    offends: `e.id is null or e.sale_id is distinct from k.sale_id or coalesce(s.wholesale_net_minor, e.wholesale_net_minor) is not null
      or f.subscription_id is distinct from k.subscription_id or f.terms_id is distinct from k.terms_id
      or f.wholesale_net_minor is distinct from k.wholesale_net_minor`,
    says: `${money('k.wholesale_net_minor', 'e.currency')} || ' from ' || ${subscriptionCalled('k.subscription_id')} || ', it was '
      || coalesce(${money('f.wholesale_net_minor', 'e.currency')}, 'nothing') || ' from ' || ${subscriptionCalled('f.subscription_id')}`,
  }),
  check({
    name: 'charge_amount',
    proves: 'a charge is what its cycle cost, or what its usage comes to by the prices that were known (§1)',
    scan: charges,
    offends: `case when c.meter_id is null then t.subscription_id is distinct from c.subscription_id or not t.valid @> lower(c.cycle)
        or t.wholesale_minor * t.quantity <> c.amount_minor
      else u.quantity is distinct from c.quantity or u.amount is distinct from c.amount_minor end`,
    says: `${money('c.amount_minor', 'c.currency')} || ', it comes to '
      || coalesce(${money('case when c.meter_id is null then t.wholesale_minor * t.quantity else u.amount end', 'c.currency')}, 'nothing')`,
  }),
  check({
    name: 'charge_posted',
    proves: 'what was charged and received is what was posted to the receivables, per posting and kind (§6)',
    scan: posted,
    offends: `p.receivable is null or p.said <> p.posted`,
    says: `${money('p.said', 'w.currency')} || ' said, ' || ${money('p.posted', 'w.currency')} || ' posted'`,
  }),
  check({
    name: 'wholesale_apart',
    proves: 'wholesale is posted by its own postings, and never against a wallet (§6)',
    scan: receivables,
    offends: `g.kind <> 'wholesale' or 'wallet' in (d.type, c.type)`,
    says: `'from ' || d.type || ' to ' || c.type || ' by a posting of kind ' || g.kind`,
  }),
];
