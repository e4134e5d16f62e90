import { instance, partner, rule, without, type Corruption } from './corruptions.ts';

/** Of who is who, of rules and of what was recorded (SEMANTICS §1–§3). */
export const TERMS_CORRUPTIONS: readonly Corruption[] = [
  [
    'agreements_apart',
    `${without('agreements')}; insert into agreements (instance_id, partner_id, valid, known_seq, created_by, recorded_at)
    values (${instance('acme-uk')}, ${partner('zenith')}, daterange('2027-01-01', null), 1, 'x', now())`,
    /^instance acme-uk: two versions on \[2027-01-01,\)/,
  ],
  [
    'rule_versions_apart',
    `${without('rule_versions')}; insert into rule_versions (rule_id, valid, known_seq, kind, rate_ppm, created_by, recorded_at)
    select rule_id, daterange('2026-05-01', null), known_seq, 'percentage', 1, 'x', now() from rule_versions where id = ${rule('tier')}`,
    /^rule of tier gold: two versions/,
  ],
  [
    'settings_apart',
    `alter table settings drop constraint settings_versions_overlap; insert into settings (name, value, valid, known_seq, created_by, recorded_at)
    values ('hold_days', '3', daterange('2027-05-01', null), 1, 'x', now())`,
    /^setting hold_days: two versions/,
  ],
  [
    'tiers_apart',
    `${without('partner_tiers')}; insert into partner_tiers (partner_id, tier, valid, known_seq, created_by, recorded_at)
    select partner_id, 'diamond', daterange('2027-01-01', null), known_seq, 'x', now() from partner_tiers where tier = 'gold'`,
    /^partner acme: two versions/,
  ],
  [
    'parents_apart',
    `${without('partner_parents')}; insert into partner_parents (partner_id, parent_id, valid, known_seq, created_by, recorded_at)
    select ${partner('acme')}, ${partner('zenith')}, daterange(null, null), 1, 'x', now() from generate_series(1, 2)`,
    /^partner acme: two versions/,
  ],
  [
    'slots_apart',
    `${without('account_slots')}; insert into account_slots (account_id, slot, partner_id, share_ppm, valid, known_seq, created_by, recorded_at)
    select account_id, slot, partner_id, share_ppm, valid, known_seq, 'x', now() from account_slots`,
    /^account zenith-de\/C1: two versions/,
  ],
  [
    'versions_known',
    `update rule_versions set known_seq = 999 where id = ${rule('tier')}`,
    /^rule of tier gold: made under change 999$/,
  ],
  [
    'versions_known',
    `update agreements set retired_seq = known_seq where instance_id = ${instance('acme-uk')}`,
    /^agreement of acme-uk: made under change \d+, retired under \d+$/,
  ],
  [
    'settings_placed',
    `alter table settings drop constraint setting_of_instance;
     insert into settings (name, instance_id, value, valid, known_seq, created_by, recorded_at)
     values ('minimum_payout', ${instance('acme-ie')}, '{"EUR": 1}', daterange(null, null), 1, 'x', now())`,
    /^setting minimum_payout of acme-ie: is said for an instance and read for none$/,
  ],
  ['changes_numbered', `delete from known_changes where known_seq = 3`, /^change 4: follows 2$/],
  [
    'instance_founded',
    `update instances set partner_id = ${partner('zenith')} where code = 'acme-ie'`,
    /^instance acme-ie: founded by zenith on the first day, its first agreement is with acme$/,
  ],
  [
    'instance_founded',
    `delete from agreements where instance_id = ${instance('acme-ie')}`,
    /its first agreement is with nobody$/,
  ],
  [
    'agreement_transferred',
    `with k as (insert into known_changes (known_seq, summary, created_by, recorded_at)
       select max(known_seq) + 1, 'by hand', 'x', now() from known_changes returning known_seq)
     update agreements a set valid = daterange(null, '2027-06-01') where instance_id = ${instance('acme-ie')};
     insert into agreements (instance_id, partner_id, valid, known_seq, created_by, recorded_at)
     select ${instance('acme-ie')}, ${partner('zenith')}, daterange('2027-06-01', null), max(known_seq), 'x', now() from known_changes`,
    /^agreement of acme-ie with zenith on \[2027-06-01,\): made under change \d+, with which no approved transfer was done$/,
  ],
  [
    'instance_status_dated',
    `update instances set status = 'suspended' where code = 'acme-ie'`,
    /^instance acme-ie: is suspended, its history ends with nothing$/,
  ],
  [
    'suspended_instance_held',
    `update instances set status = 'suspended' where code = 'acme-ie'`,
    /^instance acme-ie: is suspended with 0 open holds$/,
  ],
  [
    'suspended_instance_held',
    `insert into holds (instance_id, reason, held_from, created_by, recorded_at)
     values (${instance('acme-uk')}, 'instance_suspended', '2026-10-01', 'x', now())`,
    /^instance acme-uk: is active with 1 open holds from 2026-10-01$/,
  ],
  [
    'slots_sum',
    `update account_slots set share_ppm = 900000`,
    /^account zenith-de\/C1: the shares sum to 900000 ppm on the first day, as known at change \d+$/,
  ],
  [
    'partner_status_dated',
    `update partners set status = 'archived' where code = 'zenith'`,
    /^partner zenith: is archived, its history ends with active$/,
  ],
  ['suspended_held', `delete from holds`, /^partner frosty: is suspended with 0 open freezes$/],
  [
    'suspended_held',
    `insert into holds (partner_id, reason, created_by, recorded_at) values (${partner('acme')}, 'partner_frozen', 'x', now())`,
    /^partner acme: is active with 1 open freezes$/,
  ],
  [
    'currencies_known',
    `update currencies set minor_units = 0 where code = 'EUR'`,
    /^currency EUR: 0 decimals here, 2 in the tool$/,
  ],
  [
    'currencies_known',
    `delete from currencies where code = 'EUR'`,
    /^currency EUR: none decimals here, 2 in the tool$/,
  ],
];

export const REVENUE_CORRUPTIONS: readonly Corruption[] = [
  [
    'batch_whole',
    `delete from revenue_events where external_id = 'own-1'`,
    /^batch \d+: announces 16 events and holds 15$/,
  ],
  [
    'batch_dates',
    `update event_batches set last_on = '2026-12-05' where decided_to < last_id`,
    /^batch \d+: says 2026-12-01 to 2026-12-05, its events are of 2026-12-01 to 2026-12-02$/,
  ],
  [
    'batch_ordered',
    `update revenue_events set occurred_on = '2026-12-03' where external_id = 'later-1'`,
    /^event books\/later-2: of 2026-12-02 comes after one of 2026-12-03$/,
  ],
  [
    'event_batched',
    `update revenue_events set batch_id = (select max(id) from event_batches) where external_id = 'own-1'`,
    /^event books\/own-1: is event \d+ of batch \d+ \(/,
  ],
  [
    'event_placed',
    `update revenue_events set account_id = (select id from accounts where instance_id = ${instance('zenith-de')}) where external_id = 'own-1'`,
    /^event books\/own-1: at acme-uk, EUR, account C1 of zenith-de$/,
  ],
  ['event_placed', `update revenue_events set product_id = 999 where external_id = 'own-1'`, /an unknown product$/],
  [
    'event_signed',
    `alter table revenue_events drop constraint revenue_events_check; update revenue_events set net_minor = 100 where external_id = 'refund-1'`,
    /^event books\/refund-1: a refund of 1.00 EUR$/,
  ],
  [
    'event_dated',
    `update revenue_events set occurred_on = '2026-10-02' where external_id = 'own-1'`,
    /^event books\/own-1: happened on 2026-10-01 12:00:00 \(UTC\), its business date is 2026-10-02$/,
  ],
  [
    'event_dated_elsewhere',
    `update revenue_events set occurred_at = '2026-10-02 01:00Z' where external_id = 'own-1'`,
    /^event books\/own-1: happened on 2026-10-02 01:00:00 by this server, and was dated 2026-10-01$/,
  ],
  [
    'event_of_its_sale',
    `update sales set currency = 'USD' where sale_ref = 'S-1'`,
    /^event books\/\S+: at acme-uk in EUR, its sale S-1 at acme-uk in USD$/,
  ],
  [
    'event_of_its_sale',
    `update sales set product_id = (select id from products where code = 'goods') where sale_ref = 'S-1';
    update revenue_events set product_id = (select id from products where code = 'postage') where external_id = 'sale-1'`,
    /^event books\/sale-1: at acme-uk in EUR, its sale S-1 at acme-uk in EUR of another product$/,
  ],
  [
    'void_of_an_event',
    `alter table revenue_events drop constraint revenue_events_check1; update revenue_events set voids_id = 999999 where external_id = 'later-1'`,
    /^event books\/later-1: takes back nothing$/,
  ],
  [
    'one_version_live',
    `update revenue_events set version = 2, external_id = 'own-1' where external_id = 'later-1'`,
    /^event books\/own-1: has version 2 while version 1 is not void$/,
  ],
  [
    'sale_known',
    `update sales set first_payment_on = '2026-10-04' where sale_ref = 'S-1'`,
    /^sale books\/S-1: first paid on 2026-10-04, it has 1 payments, the first on 2026-10-03$/,
  ],
  [
    'sale_known',
    `update sales set first_payment_on = '2026-10-04' where sale_ref = 'S-2'`,
    /^sale books\/S-2: first paid on 2026-10-04, it has 0 payments$/,
  ],
  [
    'sale_placed',
    `update sales set account_id = (select id from accounts where instance_id = ${instance('zenith-de')}) where sale_ref = 'S-1'`,
    /^sale books\/S-1: at acme-uk, its account at zenith-de$/,
  ],
];
