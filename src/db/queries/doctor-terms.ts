import { currencies } from '../../domain/currencies.ts';
import { SETTING_KEYS, settingKind } from '../../domain/settings.ts';
import { quoteLiteral } from '../connection.ts';
import { instanceCalled, partnerCalled, type DoctorCheck, type Scan } from './doctor.ts';

/** Who is who and what was agreed (SEMANTICS §1, §3): small tables, each looked at as known at every moment. */

/** Two versions of `table` in force on one day and known at one moment, for things with the same `key`. */
export function overlaps(
  table: string,
  key: string,
  called: (row: string) => string,
  proves: string,
  name: string,
): DoctorCheck {
  const scan: Scan = {
    name,
    rows: () => `from ${table} a join ${table} b on b.id > a.id and ${key}
      where a.valid && b.valid and int8range(a.known_seq, a.retired_seq) && int8range(b.known_seq, b.retired_seq)`,
    called: called('a'),
  };
  const says = `'two versions on ' || (a.valid * b.valid)::text || ', known from change ' || greatest(a.known_seq, b.known_seq)`;
  return { name, group: 'terms', weight: 'difference', proves, scan, offends: 'true', says };
}

export const ruleCalled = (row: string): string => `(select 'rule of ' || r_.scope || coalesce(' ' || coalesce(
    (select i_.code || '/' || a_.code from accounts a_ join instances i_ on i_.id = a_.instance_id where a_.id = r_.account_id),
    (select i_.code from instances i_ where i_.id = r_.instance_id), (select p_.code from partners p_ where p_.id = r_.partner_id), r_.tier), '')
    || coalesce(' + ' || (select o_.code from products o_ where o_.id = r_.product_id), '')
  from rules r_ where r_.id = ${row}.rule_id)`;

/** Of one partner, or of whoever has none of its own. */
const whose = (row: string) => `coalesce((select p_.code from partners p_ where p_.id = ${row}.partner_id), 'all')`;
const deductionsCalled = (row: string): string => `'deductions of ' || ${whose(row)}`;
const thresholdCalled = (row: string): string =>
  `'tax threshold in ' || ${row}.currency || coalesce(' of ' || ${row}.form, '')`;
const scheduleCalled = (row: string): string => `'payout schedule of ' || ${whose(row)}`;

const accountCalled = (id: string): string =>
  `coalesce((select 'account ' || i_.code || '/' || a_.code from accounts a_ join instances i_ on i_.id = a_.instance_id where a_.id = ${id}), 'no account')`;

const versions: Scan = {
  name: 'versions',
  rows: () => `from (
      select 'agreement of ' || ${instanceCalled('instance_id')} as called, known_seq, retired_seq from agreements
      union all select ${ruleCalled('v')}, known_seq, retired_seq from rule_versions v
      union all select 'setting ' || name, known_seq, retired_seq from settings
      union all select ${deductionsCalled('d')}, known_seq, retired_seq from deduction_terms d
      union all select ${thresholdCalled('t')}, known_seq, retired_seq from tax_thresholds t
      union all select ${scheduleCalled('s')}, known_seq, retired_seq from payout_schedules s
      union all select 'tier of ' || ${partnerCalled('partner_id')}, known_seq, retired_seq from partner_tiers
      union all select 'terms of tier ' || tier, known_seq, retired_seq from tier_terms
      union all select 'parent of ' || ${partnerCalled('partner_id')}, known_seq, retired_seq from partner_parents
      union all select 'slot of ' || ${accountCalled('account_id')}, known_seq, retired_seq from account_slots
    ) v where true`,
  called: `v.called`,
};

const settings: Scan = {
  name: 'settings',
  rows: () => `from settings s left join instances i on i.id = s.instance_id where s.instance_id is not null`,
  called: `'setting ' || s.name || ' of ' || coalesce(i.code, 'no instance')`,
};

const changes: Scan = {
  name: 'changes',
  rows: () =>
    `from (select known_seq, lag(known_seq) over (order by known_seq) as before from known_changes) k where true`,
  called: `'change ' || k.known_seq`,
};

const instances: Scan = {
  name: 'instances',
  rows: () => `from instances i
    left join lateral (
      select a.partner_id, a.valid from agreements a where a.instance_id = i.id order by a.known_seq, a.id limit 1
    ) f on true where true`,
  called: `'instance ' || i.code`,
};

const suspensions: Scan = {
  name: 'suspensions',
  rows: () => `from instances i
    left join lateral (
      select c.status, c.effective_on from instance_status_changes c where c.instance_id = i.id order by c.id desc limit 1
    ) l on true
    left join lateral (
      select count(*) as holds, min(h.held_from) as held_from from open_holds h where h.instance_id = i.id and h.reason = 'instance_suspended'
    ) o on true where true`,
  called: `'instance ' || i.code`,
};

/** Agreements that came after the founding of their instance, each with the transfer that was done with it. */
const transfers: Scan = {
  name: 'transfers',
  rows: () => `from (
      select a.*, min(a.known_seq) over (partition by a.instance_id) as founded_seq from agreements a
    ) a
    left join known_changes k on k.known_seq = a.known_seq
    left join known_changes f on f.known_seq = a.founded_seq
    where k.transaction_id is distinct from f.transaction_id`,
  called: `'agreement of ' || ${instanceCalled('a.instance_id')} || ' with ' || ${partnerCalled('a.partner_id')} || ' on ' || a.valid::text`,
};

// On every day on which a slot begins or ends, as known at every change that touched the account's slots.
const slots: Scan = {
  name: 'slots',
  rows: () => `from (
      select s.account_id, k.seq, d.day, sum(s.share_ppm) as total
      from (select account_id, known_seq as seq from account_slots
            union select account_id, retired_seq from account_slots where retired_seq is not null) k
      join (select account_id, lower(valid) as day from account_slots
            union select account_id, upper(valid) from account_slots where not upper_inf(valid)) d on d.account_id = k.account_id
      join account_slots s on s.account_id = k.account_id and s.known_seq <= k.seq and (s.retired_seq is null or s.retired_seq > k.seq)
        and (case when d.day is null then lower_inf(s.valid) else s.valid @> d.day end)
      group by 1, 2, 3
    ) t where true`,
  called: accountCalled('t.account_id'),
};

const partners: Scan = {
  name: 'partners',
  rows: () => `from partners p
    left join lateral (
      select c.status from partner_status_changes c where c.partner_id = p.id order by c.id desc limit 1
    ) l on true
    left join lateral (
      select count(*) as frozen from open_holds h where h.partner_id = p.id and h.reason = 'partner_frozen'
    ) o on true where true`,
  called: `'partner ' || p.code`,
};

const currencyTable: Scan = {
  name: 'currencies',
  rows: () => `from currencies c
    full join (values ${currencies()
      .map(({ code, minorUnits }) => `(${quoteLiteral(code)}, ${minorUnits})`)
      .join(', ')}) d (code, minor_units) on d.code = c.code where true`,
  called: `'currency ' || coalesce(c.code, d.code)`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'>): DoctorCheck => ({
  group: 'terms',
  weight: 'difference',
  ...one,
});

export const termsChecks: readonly DoctorCheck[] = [
  overlaps(
    'agreements',
    'b.instance_id = a.instance_id',
    (row) => `'instance ' || ${instanceCalled(`${row}.instance_id`)}`,
    'one partner earns at an instance at any time (§1)',
    'agreements_apart',
  ),
  overlaps(
    'rule_versions',
    'b.rule_id = a.rule_id',
    ruleCalled,
    'a slot and scope has one rule at any time (§3)',
    'rule_versions_apart',
  ),
  overlaps(
    'settings',
    'b.name = a.name and b.instance_id is not distinct from a.instance_id',
    (row) => `'setting ' || ${row}.name`,
    'a setting has one value at any time (§1)',
    'settings_apart',
  ),
  overlaps(
    'partner_tiers',
    'b.partner_id = a.partner_id',
    (row) => `'partner ' || ${partnerCalled(`${row}.partner_id`)}`,
    'a partner has one tier at any time (§8)',
    'tiers_apart',
  ),
  overlaps(
    'partner_parents',
    'b.partner_id = a.partner_id',
    (row) => `'partner ' || ${partnerCalled(`${row}.partner_id`)}`,
    'a partner has one parent at any time (§1)',
    'parents_apart',
  ),
  overlaps(
    'account_slots',
    'b.account_id = a.account_id and b.slot = a.slot',
    (row) => accountCalled(`${row}.account_id`),
    'an attribution slot has one partner at any time (§1)',
    'slots_apart',
  ),
  overlaps(
    'deduction_terms',
    'b.partner_id is not distinct from a.partner_id',
    deductionsCalled,
    'what is taken off is said once at any time (§7)',
    'deductions_apart',
  ),
  overlaps(
    'tax_thresholds',
    'b.currency = a.currency and b.form is not distinct from a.form',
    thresholdCalled,
    'from which total partners are reported is said once for any year (§7)',
    'thresholds_apart',
  ),
  overlaps(
    'payout_schedules',
    'b.partner_id is not distinct from a.partner_id',
    scheduleCalled,
    'when partners are paid is said once at any time (§7)',
    'schedules_apart',
  ),
  check({
    name: 'versions_known',
    proves: 'every version was made under a numbered change and retired, if at all, under a later one (§3)',
    scan: versions,
    offends: `not exists (select from known_changes k where k.known_seq = v.known_seq)
      or (v.retired_seq is not null and (v.retired_seq <= v.known_seq or not exists (select from known_changes k where k.known_seq = v.retired_seq)))`,
    says: `'made under change ' || v.known_seq || coalesce(', retired under ' || v.retired_seq, '')`,
  }),
  check({
    name: 'settings_placed',
    proves: 'an instance has its own only of what is read per instance (§1)',
    scan: settings,
    offends: `i.id is null or s.name not in (${SETTING_KEYS.map(settingKind)
      .filter(({ perInstance }) => perInstance)
      .map(({ stored }) => quoteLiteral(stored))
      .join(', ')})`,
    says: `'is said for an instance and read for none'`,
  }),
  check({
    name: 'changes_numbered',
    proves: 'changes are numbered 1, 2, 3 … without a gap, so that one number says what was known (§3)',
    scan: changes,
    offends: `k.known_seq <> coalesce(k.before, 0) + 1`,
    says: `'follows ' || coalesce(k.before, 0)`,
  }),
  check({
    name: 'instance_founded',
    proves: 'every instance has a founding agreement with its founding partner from its founding day (§1)',
    scan: instances,
    offends: `f.partner_id is distinct from i.partner_id or lower(f.valid) is distinct from i.founded_on`,
    says: `'founded by ' || ${partnerCalled('i.partner_id')} || ' on ' || coalesce(i.founded_on::text, 'the first day')
      || ', its first agreement is with ' || ${partnerCalled('f.partner_id')} || coalesce(' from ' || lower(f.valid), '')`,
  }),
  check({
    name: 'agreement_transferred',
    proves: 'who earns at an instance changed by a transfer that two people agreed to (§1, §7)',
    scan: transfers,
    offends: `not exists (
      select from request_applications d join requests r on r.id = d.request_id join request_approvals v on v.request_id = r.id
      where d.transaction_id = k.transaction_id and r.kind = 'transfer' and (r.payload ->> 'instance_id')::bigint = a.instance_id
        and v.created_by <> r.created_by)`,
    says: `'made under change ' || a.known_seq || ', with which no approved transfer was done'`,
  }),
  check({
    name: 'instance_status_dated',
    proves: 'the status of an instance is the last one of its dated history (§1)',
    scan: suspensions,
    offends: `i.status <> coalesce(l.status, 'active')`,
    says: `'is ' || i.status || ', its history ends with ' || coalesce(l.status, 'nothing')`,
  }),
  check({
    name: 'suspended_instance_held',
    proves: 'a suspended instance is held once, from the day it was suspended on, and no other is (§1, §4)',
    scan: suspensions,
    offends: `o.holds <> case when i.status = 'suspended' then 1 else 0 end or (i.status = 'suspended' and o.held_from is distinct from l.effective_on)`,
    says: `'is ' || i.status || coalesce(' from ' || l.effective_on, '') || ' with ' || o.holds || ' open holds' || coalesce(' from ' || o.held_from, '')`,
  }),
  check({
    name: 'slots_sum',
    proves: 'the attribution slots of an account sum to 100 % on every day, as known at every moment (§1)',
    scan: slots,
    offends: `t.total <> 1000000`,
    says: `'the shares sum to ' || t.total || ' ppm on ' || coalesce(t.day::text, 'the first day') || ', as known at change ' || t.seq`,
  }),
  check({
    name: 'partner_status_dated',
    proves: 'the status of a partner is the last one of its dated history (§1)',
    scan: partners,
    offends: `l.status is distinct from p.status`,
    says: `'is ' || p.status || ', its history ends with ' || coalesce(l.status, 'nothing')`,
  }),
  check({
    name: 'suspended_held',
    proves: 'a suspended partner is held, once, and no other partner is held as frozen (§1, §4)',
    scan: partners,
    offends: `o.frozen <> case when p.status = 'suspended' then 1 else 0 end`,
    says: `'is ' || p.status || ' with ' || o.frozen || ' open freezes'`,
  }),
  check({
    name: 'currencies_known',
    proves: 'the currencies of the database are those of this version of the tool, with the same minor units (§5)',
    scan: currencyTable,
    offends: `c.minor_units is distinct from d.minor_units`,
    says: `coalesce(c.minor_units::text, 'none') || ' decimals here, ' || coalesce(d.minor_units::text, 'none') || ' in the tool'`,
  }),
];
