import { instance, partner, without, type Corruption } from './corruptions.ts';

/** A plan, a meter and a subscription of acme-uk under numbers of its own, for what the books do not hold. */
const MADE = `
  insert into plans (id, code, name, created_by, recorded_at) overriding system value values (901, 'pro', 'Pro', 'x', now());
  insert into meters (id, code, created_by, recorded_at) overriding system value values (902, 'calls', 'x', now());
  insert into subscriptions (id, code, instance_id, plan_id, cycle, currency, created_by, recorded_at) overriding system value
  values (903, 'shop', ${instance('acme-uk')}, 901, 'monthly', 'EUR', 'x', now());`;
const BEGUN = `
  insert into subscription_states (subscription_id, ordinal, status, starts_on, known_seq, created_by, recorded_at)
  values (903, 1, 'active', '2026-01-01', 1, 'x', now());`;
const terms = (id: number) => `
  insert into subscription_terms (id, subscription_id, quantity, wholesale_minor, price_minor, valid, known_seq, created_by, recorded_at)
  overriding system value values (${id}, 903, 2, 600, 1000, '[2026-01-01,)', 1, 'x', now());`;
const price = (unit: string) => `
  insert into prices (meter_id, currency, unit_price, valid, known_seq, created_by, recorded_at)
  values (902, 'EUR', ${unit}, '[2026-01-01,)', 1, 'x', now());`;
const POSTING = `
  insert into postings (id, kind, created_by, recorded_at) overriding system value values (904, 'wholesale', 'x', now());
  insert into ledger_accounts (id, type, currency, partner_id, instance_id, created_by, recorded_at) overriding system value
  values (905, 'wholesale_receivable', 'EUR', ${partner('acme')}, ${instance('acme-uk')}, 'x', now());
  insert into ledger_accounts (id, type, currency, created_by, recorded_at) overriding system value
  values (906, 'wholesale_revenue', 'EUR', 'x', now());`;
const charge = (minor: number) => `
  insert into wholesale_charges (posting_id, instance_id, partner_id, subscription_id, terms_id, cycle, currency, quantity, amount_minor,
    charged_on, posting_date, created_by, recorded_at)
  values (904, ${instance('acme-uk')}, ${partner('acme')}, 903, 907, '[2026-10-01,2026-11-01)', 'EUR', 2, ${minor}, '2026-10-01', '2026-10-01', 'x', now());`;
const transfer = (debit: string, credit: string, minor: number) => `
  insert into transfers (posting_id, debit_id, credit_id, amount_minor, kind, posting_date, created_by, recorded_at)
  values (904, ${debit}, ${credit}, ${minor}, 'wholesale_subscription', '2026-10-01', 'x', now());`;

export const COMMERCE_CORRUPTIONS: readonly Corruption[] = [
  ['subscription_begun', MADE, /^subscription shop: 0 states, the last is number 0$/],
  [
    'subscription_begun',
    `${MADE}${BEGUN}update subscription_states set ordinal = 3`,
    /^subscription shop: 1 states, the last is number 3$/,
  ],
  [
    'subscription_terms_once',
    `${MADE}${BEGUN}${terms(907)}${without('subscription_terms')};${terms(908)}`,
    /^terms \[2026-01-01,\) of subscription shop: 1 others say it too$/,
  ],
  [
    'prices_once',
    `${MADE}${price('0.1')}${without('prices')};${price('0.2')}`,
    /^price \[2026-01-01,\) of calls in EUR: 1 others say it too$/,
  ],
  [
    'subscription_cost',
    `${MADE}${BEGUN}${terms(907)}
     insert into subscription_costs (event_id, chunk_id, subscription_id, terms_id, wholesale_net_minor)
     select n.event_id, n.chunk_id, 903, 907, 1300 from entries n join revenue_events e on e.id = n.event_id
     where e.sale_id is null and e.wholesale_net_minor is null order by e.id limit 1`,
    /^cost of .+: 13\.00 EUR from shop, it was (12\.00 EUR from shop|nothing from no subscription)$/,
  ],
  [
    'charge_amount',
    `${MADE}${BEGUN}${terms(907)}${POSTING}${charge(1300)}`,
    /^charge of 2026-10-01 for shop at acme-uk: 13\.00 EUR, it comes to 12\.00 EUR$/,
  ],
  [
    'charge_posted',
    `${MADE}${BEGUN}${terms(907)}${POSTING}${charge(1200)}${transfer('905', '906', 1100)}`,
    /^wholesale_subscription of posting 904, acme at acme-uk: 12\.00 EUR said, 11\.00 EUR posted$/,
  ],
  [
    'wholesale_apart',
    `${POSTING}${transfer(`(select id from ledger_accounts where type = 'wallet' and partner_id = ${partner('acme')} order by id limit 1)`, '906', 5)}`,
    /^transfer \d+ of 2026-10-01: from wallet to wholesale_revenue by a posting of kind wholesale$/,
  ],
];
