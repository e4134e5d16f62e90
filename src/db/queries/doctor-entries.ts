import {
  eventCalled,
  eventsInScope,
  inScope,
  instanceCalled,
  money,
  ofMillionths,
  partnerCalled,
  salesInScope,
  type DoctorCheck,
  type Scan,
} from './doctor.ts';

/**
 * Entry by entry: who earns, by which rule, how much (SEMANTICS §1, §3, §4, §5). What rating decided is computed here a
 * second time, from what the entry froze, by SQL that shares no code with it.
 */

/** base × rate in ppm, rounded half away from zero. Integers where they cannot overflow: numeric is ten times slower. */
const share = (base: string, ratePpm: string): string => `case
  when abs(${base}) < 1000000000000 and ${ratePpm} <= 1000000
  then sign(${base})::bigint * ((abs(${base}) * ${ratePpm} + 500000) / 1000000)
  else least(round(${ofMillionths(`${base}::numeric * ${ratePpm}`)}), 9223372036854775807)::bigint end`;

/** What the marginal brackets of `v` pay for a base that begins where the entry found its window, in millionths. */
const SLICED = `(select sum(greatest(0, least(b.next, n.window_base_minor + n.base_minor) - greatest(b."from", n.window_base_minor)) * b.ppm)
  from (select f."from", f.ppm::numeric, lead(f."from") over (order by f."from") as next
        from unnest(v.bracket_from, v.bracket_ppm) f ("from", ppm)) b where n.window_base_minor is not null)`;

/** Known at `seq`: made under it or before, and not retired under it or before. */
export const known = (version: string, seq: string): string =>
  `${version}.known_seq <= ${seq} and (${version}.retired_seq is null or ${version}.retired_seq > ${seq})`;

/**
 * `t` is what the event is rated by: its sale's terms and date, or its own where it has none. `unknown`: decided before
 * its sale was known, so by nothing at all.
 */
export const TERMS = `left join (select distinct event_id from event_legs) g on g.event_id = n.event_id
  -- of what the books began with the rules of another system decided
  left join (select distinct o.sale_id from event_legs l join revenue_events o on o.id = l.event_id and o.kind = 'opening') opened
    on opened.sale_id = e.sale_id
  left join subscription_costs cost_s on cost_s.sale_id = e.sale_id
  left join subscription_costs cost_e on cost_e.event_id = e.id and cost_e.sale_id is null
  cross join lateral (select
    coalesce(n.reason = 'sale_unknown', false) as unknown,
    case when e.sale_id is null then e.occurred_on
         when s.first_payment_on is not null then coalesce(s.sale_date, s.first_payment_on) end as rated_on,
    -- decided by a rule, and not by what an act itself says
    (e.sale_id is not null or e.kind in ('payment', 'refund', 'chargeback', 'chargeback_won', 'credit_note', 'signup', 'adjustment'))
      and g.event_id is null and opened.sale_id is null as rated,
    e.sale_id is null and e.kind not in ('payment', 'signup') as unlinked,
    case when e.sale_id is null then e.net_minor else s.sale_net_minor end as net,
    case when e.sale_id is null then e.gross_minor else s.sale_gross_minor end as gross,
    case when e.sale_id is null then coalesce(e.wholesale_net_minor, cost_e.wholesale_net_minor)
      else coalesce(s.wholesale_net_minor, cost_s.wholesale_net_minor) end as wholesale,
    case when e.sale_id is null then e.account_id else s.account_id end as account_id,
    case when e.sale_id is null then e.product_id else s.product_id end as product_id
  ) t`;

// No subquery refers to a row of it, or Postgres would not read it with several workers.
const entries: Scan = {
  name: 'entries',
  rows: (scope) => `from entries n
    left join revenue_events e on e.id = n.event_id and ${eventsInScope(scope, 'e')}
    left join ${salesInScope(scope)} s on s.id = e.sale_id ${TERMS}
    left join decision_chunks c on c.id = n.chunk_id
    left join ledger_accounts w on w.id = n.wallet_id
    left join partners p on p.id = w.partner_id
    left join rule_versions v on v.id = n.rule_version_id
    left join rules r on r.id = v.rule_id
    left join account_slots x on x.account_id = t.account_id and x.slot = n.leg / 16 and x.valid @> t.rated_on and ${known('x', 'n.known_seq')}
    left join agreements a on a.instance_id = e.instance_id and a.valid @> t.rated_on and ${known('a', 'n.known_seq')}
    where ${inScope(scope, 'n')}`,
  called: `'entry of ' || coalesce(${eventCalled('e')}, 'unknown event ' || n.event_id) || case when n.leg = 0 then '' else ', leg ' || n.leg end`,
};

const tiers: Scan = {
  name: 'tiers of entries',
  rows: (scope) => `from entries n
    join revenue_events e on e.id = n.event_id and ${eventsInScope(scope, 'e')}
    left join ${salesInScope(scope)} s on s.id = e.sale_id ${TERMS}
    left join ledger_accounts w on w.id = n.wallet_id
    left join partner_tiers pt on pt.partner_id = w.partner_id and pt.valid @> t.rated_on and ${known('pt', 'n.known_seq')}
    where ${inScope(scope, 'n')}`,
  called: `'entry of ' || ${eventCalled('e')}`,
};

// When it may be paid reads the settings, which the rest does not: apart, and not part of every posting.
const payable: Scan = {
  name: 'payable dates',
  rows: (scope) => `from entries n
    join revenue_events e on e.id = n.event_id and ${eventsInScope(scope, 'e')}
    join decision_chunks c on c.id = n.chunk_id
    left join (select instance_id, valid, known_seq, retired_seq, (value #>> '{}')::int as days from settings where name = 'hold_days') hi
      on hi.instance_id = e.instance_id and hi.valid @> e.occurred_on and ${known('hi', 'c.known_seq')}
    left join (select valid, known_seq, retired_seq, (value #>> '{}')::int as days from settings where name = 'hold_days' and instance_id is null) hp
      on hp.valid @> e.occurred_on and ${known('hp', 'c.known_seq')}
    where ${inScope(scope, 'n')}`,
  called: `'entry of ' || ${eventCalled('e')}`,
};

// What was converted is rare, and what it asks is dear: apart from the others.
const converted: Scan = {
  name: 'converted entries',
  rows: (scope) => `from entries n
    join revenue_events e on e.id = n.event_id and ${eventsInScope(scope, 'e')}
    left join ${salesInScope(scope)} s on s.id = e.sale_id ${TERMS}
    left join rule_versions v on v.id = n.rule_version_id
    left join account_slots x on x.account_id = t.account_id and x.slot = n.leg / 16 and x.valid @> t.rated_on and ${known('x', 'n.known_seq')}
    left join ledger_accounts w on w.id = n.wallet_id
    left join currencies ce on ce.code = e.currency left join currencies cw on cw.code = w.currency
    where n.fx_rate is not null and t.rated and ${inScope(scope, 'n')}`,
  called: `'entry of ' || ${eventCalled('e')} || case when n.leg = 0 then '' else ', leg ' || n.leg end`,
};

// A signup is worth nothing to anybody, and is an earning of everybody who would share it.
const EXPECTED_KIND = `case e.kind when 'payment' then case when n.leg % 16 = 0 then 'earning'::entry_kind else 'override' end
  when 'signup' then case when n.leg % 16 = 0 or e.sale_id is not null then 'earning'::entry_kind else 'override' end when 'refund' then 'refund'
  when 'credit_note' then 'credit' when 'chargeback' then 'chargeback' when 'chargeback_won' then 'restoration' when 'adjustment' then 'adjustment'
  else e.kind::text::entry_kind end`;

/** The amount that the rule takes its share of, all attribution slots together. */
const WHOLE_BASE = `case when t.unknown then 0 when v.base = 'gross' then t.gross
  when v.base = 'margin' then sign(t.net)::bigint * greatest(0, abs(t.net) - abs(coalesce(t.wholesale, t.net))) else t.net end`;

/** What of the whole an attribution slot holds; to the minor unit only where it holds all of it. */
const SLOT_BASE = `case when x.share_ppm is null or x.share_ppm = 1000000 then ${WHOLE_BASE} else trunc(${ofMillionths(`(${WHOLE_BASE})::numeric * x.share_ppm`)})::bigint end`;

const FLAT = `v.flat_minor * coalesce(x.share_ppm, 1000000)::numeric`;

/** What the rule earns of a sale collected in full before caps, or of an event that names none; nothing where it earns nothing. */
const EXPECTED_FULL = `case
  when t.unknown or t.net = 0 or v.id is null or p.house or v.kind = 'exclude' then 0
  -- the percentage of a credit that names no sale asks for no currency: limits are ignored, and nothing else names one
  when v.currency <> e.currency and not (t.unlinked and v.kind = 'percentage') then 0
  when v.kind = 'percentage' then ${share('n.base_minor', 'v.rate_ppm')}
  when v.kind = 'flat' then case when t.unlinked then 0 else round(${ofMillionths(FLAT)})::bigint end
  when v.kind = 'hybrid' then round(${ofMillionths(`n.base_minor::numeric * v.rate_ppm + case when t.unlinked then 0 else ${FLAT} end`)})::bigint
  when v.bracket_mode = 'whole' or t.unlinked then ${share('n.base_minor', 'v.bracket_ppm[1]')}
  else round(${ofMillionths(SLICED)})::bigint end`;

/** Minor units of the currency that is paid for one of the sale's. */
const UNITS = `('1e' || cw.minor_units - ce.minor_units)::numeric`;

/** The same for a rule that converts, in the currency that it pays in: multiplied first and rounded once. */
const EXPECTED_CONVERTED = `round(case
    when v.kind = 'percentage' then n.base_minor::numeric * v.rate_ppm
    when v.kind = 'flat' then ${FLAT}
    when v.kind = 'hybrid' then n.base_minor::numeric * v.rate_ppm + case when t.unlinked then 0 else ${FLAT} end
    when t.unlinked then n.base_minor::numeric * v.bracket_ppm[1]
    else ${SLICED} end
  * n.fx_rate * 1e-6 * ${UNITS})::bigint`;

/** The rule has won, and the sale or its account is not what it pays for, or is no longer the partner's. */
const LIMITED = `('first_sale_only', 'earning_ended', 'no_account', 'no_base', 'product_limit', 'territory', 'below_minimum_sale', 'self_referral',
  'reattributed')`;

const amount = (minor: string): string => money(minor, 'e.currency');

const check = (one: Omit<DoctorCheck, 'group' | 'weight' | 'scan'> & { scan?: Scan }): DoctorCheck => ({
  group: 'entries',
  weight: 'difference',
  scan: entries,
  perPosting: true,
  ...one,
});

export const entryChecks: readonly DoctorCheck[] = [
  check({
    name: 'entry_caused',
    perPosting: false,
    proves: 'every entry has an event and the chunk that decided it (§4)',
    offends: `e.id is null or c.id is null`,
    says: `case when e.id is null then 'no such event' else 'no such chunk' end`,
  }),
  check({
    name: 'entry_wallet',
    perPosting: false,
    proves:
      'an entry’s wallet is of its event’s instance, and of its currency or the one its rule pays in; without one it is zero, and has a reason for that (§4, §6)',
    offends: `case when n.wallet_id is null then n.amount_minor <> 0 or n.reason not in ('sale_unknown', 'no_agreement', 'zero_sale', 'over_collected')
      else w.type is distinct from 'wallet' or w.instance_id <> e.instance_id
        -- what was rated again to nothing gives back in the currency it had posted
        or w.currency is distinct from case when n.fx_rate is null then e.currency
          when n.full_minor = 0 and n.reason is distinct from 'rounds_to_zero' then w.currency else v.pays_in end end`,
    says: `coalesce('in the ' || w.type || ' of ' || ${partnerCalled('w.partner_id')} || ' at ' || ${instanceCalled('w.instance_id')} || ' in ' || w.currency,
      'without a wallet') || ', the event at ' || ${instanceCalled('e.instance_id')} || ' in ' || e.currency`,
  }),
  check({
    name: 'entry_partner',
    proves:
      'an own leg earns for the partner of the account’s slot, or of the agreement, in force on the sale’s date, as known then (§1, §2)',
    offends: `n.leg % 16 = 0 and t.rated and not t.unknown and n.kind not in ('rerate', 'reattribution') and n.reason is distinct from 'reattributed'
      and w.partner_id is distinct from case when a.partner_id is not null then coalesce(x.partner_id, case when n.leg = 0 then a.partner_id end) end`,
    says: `'earns for ' || ${partnerCalled('w.partner_id')} || case when x.partner_id is null
      then ', the agreement on ' || t.rated_on || ' is with ' || ${partnerCalled('a.partner_id')}
      else ', the slot on ' || t.rated_on || ' is that of ' || ${partnerCalled('x.partner_id')} end`,
  }),
  check({
    name: 'entry_reasoned',
    perPosting: false,
    proves:
      'every zero has its reason, and no amount but an unlinked one has any, or one that takes back all that the share had (§4)',
    offends: `case when n.amount_minor = 0 then n.reason is null
      when n.kind in ('rerate', 'reattribution') and n.full_minor = 0 then n.reason is null
      else n.reason is not null and n.reason <> 'unlinked_credit' end`,
    says: `${amount('n.amount_minor')} || ' with ' || coalesce('reason ' || n.reason, 'no reason')`,
  }),
  check({
    name: 'entry_kind',
    perPosting: false,
    proves: 'an entry is of the kind its event brings about (§4)',
    offends: `n.kind <> ${EXPECTED_KIND}`,
    says: `'is ' || n.kind || ', the event is a ' || e.kind`,
  }),
  check({
    name: 'entry_rule_in_force',
    proves: 'an entry’s rule version was in force on the sale’s date and known at its known_seq (§2, §3)',
    offends: `t.rated and n.rule_version_id is not null and (v.id is null or not v.valid @> t.rated_on or not (${known('v', 'n.known_seq')}))`,
    says: `coalesce('its rule is valid ' || v.valid || ' from change ' || v.known_seq || coalesce(' to ' || v.retired_seq, ''), 'its rule does not exist')
      || '; the sale is of ' || coalesce(t.rated_on::text, 'no date') || ', decided at change ' || n.known_seq`,
  }),
  check({
    name: 'entry_rule_applies',
    perPosting: false,
    proves: 'an entry’s rule is one of its own slot whose scope contains the sale (§3)',
    offends: `r.instance_id <> e.instance_id or r.partner_id <> w.partner_id or (t.rated and (r.level <> n.leg % 16
      or (r.tier is not null and r.tier is distinct from n.tier)
      or (r.account_id is not null and r.account_id is distinct from t.account_id)
      or (r.product_id is not null and r.product_id is distinct from t.product_id)))`,
    says: `'decided by a rule of ' || r.scope || case when r.level = 0 then '' else ' above, level ' || r.level || ',' end || ' that does not contain it'`,
  }),
  check({
    name: 'entry_rate',
    proves: 'an entry froze the rate of its rule version, or of the one bracket it lies in (§3)',
    offends: `case when v.kind = 'tiered' then not n.rate_ppm = any (v.bracket_ppm) else n.rate_ppm is distinct from v.rate_ppm end`,
    says: `coalesce(n.rate_ppm::text, 'no') || ' ppm, its rule says ' || coalesce(v.rate_ppm::text, v.bracket_ppm::text, 'none')`,
  }),
  check({
    name: 'entry_tier',
    scan: tiers,
    perPosting: false,
    proves: 'an entry froze the tier its partner had on the sale’s date, as known then (§8)',
    offends: `t.rated and n.tier is distinct from pt.tier`,
    says: `coalesce(n.tier, 'no tier') || ', the partner had ' || coalesce(pt.tier, 'none')`,
  }),
  check({
    name: 'entry_base',
    proves:
      'an entry’s base is the sale’s net, gross or margin, as its rule says, or its own where it has no sale; less what is below it where the rule says so (§3)',
    // A slot's part may be a minor unit more: where the remainder goes is said by all slots together. What went to others
    // keeps the base that it had.
    offends: `t.rated and n.reason is distinct from 'reattributed' and case when v.on_rest then abs(n.base_minor) > abs(${SLOT_BASE}) + 1
      when x.share_ppm < 1000000 then abs(n.base_minor - (${SLOT_BASE})) > 1
      else n.base_minor <> ${SLOT_BASE} end`,
    says: `${amount('n.base_minor')} || ', recomputed ' || ${amount(SLOT_BASE)}`,
  }),
  check({
    name: 'entry_full',
    proves:
      'what a share earns of a sale collected in full is what its rule says of the base, rounded half away from zero, once, but for caps and limits (§3 to §5)',
    offends: `t.rated and n.fx_rate is null and coalesce(n.uncapped_minor, n.full_minor) <> ${EXPECTED_FULL}
      and (n.full_minor <> 0 or coalesce(n.reason not in ${LIMITED} and n.kind not in ('rerate', 'reattribution'), true))`,
    says: `${amount('coalesce(n.uncapped_minor, n.full_minor)')} || ', recomputed ' || ${amount(EXPECTED_FULL)}`,
  }),
  check({
    name: 'entry_fx_rate',
    scan: converted,
    proves:
      'an entry was converted at the rate of the sale’s date that was known when it was decided, and names the rates it comes from (§5)',
    // What went to somebody else keeps the rate that it was converted at, and earns nothing by it.
    offends: `n.full_minor <> 0 and (select n.fx_rate is distinct from f.rate or n.fx_rate_ids is distinct from f.ids
      from fx_rate_found(e.currency, v.pays_in, t.rated_on, n.known_seq) f)`,
    says: `'converted at ' || n.fx_rate || coalesce(' by rate ' || array_to_string(n.fx_rate_ids, ' and '), '') || ', known was '
      || coalesce((select f.rate || ' by rate ' || array_to_string(f.ids, ' and ') from fx_rate_found(e.currency, v.pays_in, t.rated_on, n.known_seq) f), 'none')`,
  }),
  check({
    name: 'entry_converted',
    scan: converted,
    proves: 'what a converting rule pays is converted before it is rounded, once; so is its cap (§3, §5)',
    offends: `n.full_minor <> 0 and (coalesce(n.uncapped_minor, n.full_minor) <> ${EXPECTED_CONVERTED}
      or not t.unlinked and n.full_minor > round(v.cap_sale_minor * coalesce(x.share_ppm, 1000000) * n.fx_rate * 1e-6 * ${UNITS}))`,
    says: `${money('coalesce(n.uncapped_minor, n.full_minor)', 'w.currency')} || ', recomputed ' || ${money(EXPECTED_CONVERTED, 'w.currency')}`,
  }),
  check({
    name: 'entry_cap',
    proves: 'no share comes to more than its rule’s cap for a sale, nor than its window had room for (§3)',
    offends: `n.full_minor > 0 and n.fx_rate is null and not t.unlinked and (n.full_minor > round(${ofMillionths('v.cap_sale_minor * coalesce(x.share_ppm, 1000000)::numeric')})
      or (n.full_minor > v.cap_window_minor - n.window_full_minor))`,
    says: `${amount('n.full_minor')} || ', its rule caps a sale at ' || coalesce(${amount('v.cap_sale_minor')}, 'nothing')
      || ', a window at ' || coalesce(${amount('v.cap_window_minor')} || ' of which ' || ${amount('n.window_full_minor')} || ' was used', 'nothing')`,
  }),
  check({
    name: 'entry_amount',
    proves: 'an event that is its own sale, or names none, posts its full share at once (§4)',
    offends: `e.sale_id is null and e.kind <> 'void' and t.rated and n.amount_minor <> n.full_minor`,
    says: `${amount('n.amount_minor')} || ', its full share is ' || ${amount('n.full_minor')}`,
  }),
  check({
    name: 'entry_known',
    perPosting: false,
    proves: 'an entry read what its run knew, or what its sale’s first decision knew before it (§3)',
    offends: `n.known_seq > c.known_seq or (e.sale_id is null and e.kind <> 'void' and n.known_seq <> c.known_seq)`,
    says: `'decided at change ' || n.known_seq || ' by a run that read ' || c.known_seq`,
  }),
  check({
    name: 'entry_posting_date',
    perPosting: false,
    proves: 'an entry posts on its business date, or on the first day of a later month where that one was closed (§5)',
    offends: `n.posting_date <> e.occurred_on and (n.posting_date < e.occurred_on or extract(day from n.posting_date) <> 1)`,
    says: `'posts on ' || n.posting_date || ', the event is of ' || e.occurred_on`,
  }),
  check({
    name: 'entry_payable',
    proves:
      'an entry may be paid from its business date plus the hold in force on it; a negative waits for nothing of its own (§4)',
    scan: payable,
    perPosting: false,
    offends: `case when n.kind = 'opening' then not exists (
        select from event_legs l where l.event_id = n.event_id and l.leg = n.leg and coalesce(l.payable_on, e.occurred_on) = n.payable_on)
      when n.amount_minor < 0 then n.payable_on < e.occurred_on
      else n.payable_on <> e.occurred_on + coalesce(hi.days, hp.days, 0) end`,
    says: `'payable on ' || n.payable_on || ', the event is of ' || e.occurred_on || ' and is held ' || coalesce(hi.days, hp.days, 0) || ' days'`,
  }),
];
