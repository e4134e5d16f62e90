import type { DoctorCheck, Scan } from './doctor.ts';
import { partnerCalled } from './doctor.ts';

/** Where partners are paid, and that payouts went there (SEMANTICS §7). */
const instruments: Scan = {
  name: 'instruments',
  rows: () => `from instruments i
    left join instrument_verifications v on v.instrument_id = i.id
    cross join lateral (
      select count(*) as seals from instrument_seals s where s.instrument_id = i.id
    ) s
    cross join lateral (
      select count(*) as versions, max(o.version) as latest from instruments o where o.partner_id = i.partner_id and o.currency = i.currency
    ) o where true`,
  called: `'instrument ' || ${partnerCalled('i.partner_id')} || '/' || i.currency || '/' || i.version`,
};

const paid: Scan = {
  name: 'instruments of payouts',
  rows: () => `from payouts p
    left join instruments i on i.id = p.instrument_id
    left join instrument_verifications v on v.instrument_id = i.id and v.recorded_at <= p.recorded_at
    left join lateral (
      select o.id, o.version from instruments o
      where o.partner_id = p.partner_id and o.currency = p.currency and o.recorded_at <= p.recorded_at order by o.version desc limit 1
    ) o on true where true`,
  called: `'payout ' || p.number`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight' | 'scan'> & { scan?: Scan }): DoctorCheck => ({
  group: 'instruments',
  weight: 'difference',
  scan: instruments,
  ...one,
});

export const instrumentChecks: readonly DoctorCheck[] = [
  check({
    name: 'instrument_versions',
    proves: 'the versions of an instrument follow each other without a gap (§7)',
    offends: `o.versions <> o.latest`,
    says: `'there are ' || o.versions || ' versions, the latest is ' || o.latest`,
  }),
  check({
    name: 'instrument_second_person',
    proves: 'who verified an instrument did not add it (§7)',
    offends: `v.created_by = i.created_by`,
    says: `'added and verified by ' || i.created_by`,
  }),
  check({
    name: 'instrument_sealed',
    proves: 'an instrument has its account data sealed, and one that is paid by hand has none (§7)',
    offends: `(i.kind = 'manual') = (s.seals > 0)`,
    says: `'is of kind ' || i.kind || ' and has ' || s.seals || ' seals'`,
  }),
  check({
    name: 'payout_instrument',
    scan: paid,
    proves: 'a payout was made for the instrument that counted then, verified and past its cool-off (§7)',
    offends: `p.instrument_id is distinct from o.id
      or (i.id is not null and (v.instrument_id is null or i.usable_on > (p.recorded_at at time zone (select zone from programme))::date))`,
    says: `case when p.instrument_id is distinct from o.id
        then 'is for ' || coalesce('version ' || i.version, 'no instrument') || ', ' || coalesce('version ' || o.version, 'none') || ' counted then'
      when v.instrument_id is null then 'is for version ' || i.version || ', which nobody had verified'
      else 'is for version ' || i.version || ', which is usable from ' || i.usable_on || ' on' end`,
  }),
];
