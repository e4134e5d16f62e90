/**
 * The status of entries: derived from dated rows and never stored (SEMANTICS §4). One definition, as text, because a list,
 * a payout run and an export (whose COPY takes no parameters) all ask it.
 *
 * The set has one row per entry of `entries`, with
 * - `status`: rejected | cancelled, paid | recovered, processing, held, approved, pending, in this order of precedence;
 * - `posted`; `removed`, the verdict that took it back, or `kept`; `payout_id` and `payout_status` of its live payout, or
 *   `free`. Filter by `kept` and `free`: they are what the planner knows for an anti-join, and it guesses badly without;
 * - `approved` and `held`, which stand beside each other: no approval lifts a hold;
 * - `payable_from`: the first date on which it may be paid. A positive's own. A negative's, too, unless its sale still
 *   has positives outside any payout that cover it: then it waits for the latest of them, shares their holds and is
 *   approved when they are, so that a refund never eats other money while what it takes back has not been paid;
 * - `event_id, leg, wallet_id, kind, amount_minor, occurred_on, posting_date, partner_id, instance_id, currency`.
 *
 * @param entries condition on `n` (entries), `e` (its event) and `w` (its wallet, may be absent)
 * @param known condition that a dated row of an alias belongs to the moment that is read; by default the present. Holds,
 *   releases, reviews, postings, payouts and their changes have recorded_at and transaction_id; what a decision read it
 *   read at its own known_seq, whenever one looks.
 */
export function entryStates(entries: string, known?: (alias: string) => string): string {
  return `(
    select f.*, f.held_itself or coalesce(c.held, false) as held, f.approved_itself and coalesce(c.approved, true) as approved,
      case when c.event_id is null then f.payable_on else greatest(f.payable_on, c.payable_from) end as payable_from,
      case
        when f.removed is not null then f.removed::text
        when f.payout_status = 'completed' then case when f.amount_minor < 0 then 'recovered' else 'paid' end
        when f.payout_status is not null then 'processing'
        when f.held_itself or c.held then 'held'
        when f.approved_itself and coalesce(c.approved, true) then 'approved'
        else 'pending'
      end as status
    from (${facts(entries, known, 'left join revenue_events e on e.id = n.event_id')}) f
    left join (${covered(entries, known)}) c on c.event_id = f.event_id and c.leg = f.leg
  )`;
}

/**
 * What an event `e` belongs to: its sale by number; where it is its own sale, or takes back or moves one that is, that
 * event by its number below zero. With the wallet of an entry it is a share.
 */
export const SALE = 'coalesce(e.sale_id, -coalesce(e.voids_id, e.regards_id, e.id))';

/** The numbers of all events of some sales. `some`: a query of one column `sale`, which is `SALE`. */
export function eventsOfSales(some: string): string {
  return `(
    with sales_ as materialized (${some})
    select e.id from sales_ s cross join lateral ${eventsWhere('e.sale_id = s.sale')} e where s.sale > 0
    union all select -sale from sales_ where sale < 0
    union all select e.id from sales_ s cross join lateral ${eventsWhere('e.voids_id = -s.sale')} e where s.sale < 0
    union all select e.id from sales_ s cross join lateral ${eventsWhere('e.regards_id = -s.sale')} e where s.sale < 0)`;
}

/** Events looked up one by one: of few the planner, left to choose, reads the table of all. */
const eventsWhere = (condition: string) => `(select e.* from revenue_events e where ${condition} offset 0)`;
const EACH_EVENT = `cross join lateral ${eventsWhere('e.id = n.event_id')} e`;

/** What an entry `n` is paid in: its wallet's currency; where nobody earns, and it has no wallet, that of its event. */
export const PAID_IN = 'coalesce(w.currency, e.currency)';

/**
 * What is true of each entry by itself. The event is joined from the left, although it always exists, where there are many
 * entries: so the planner leaves a million of them unread where nobody asks for anything of theirs.
 * @param event how the event `e` is joined
 */
function facts(entries: string, known: ((alias: string) => string) | undefined, event: string): string {
  const and = (alias: string) => (known === undefined ? '' : ` and ${known(alias)}`);
  const open = `${known === undefined ? '' : `${known('h')} and `}not exists (select from hold_releases r where r.hold_id = h.id${and('r')})`;
  const review =
    known === undefined ? '' : ` and exists (select from review_batches b where b.id = x.batch_id and ${known('b')})`;
  return `
    select n.event_id, n.leg, n.wallet_id, n.kind, n.amount_minor, n.payable_on, n.posting_date, e.occurred_on, ${SALE} as sale, w.partner_id, w.instance_id, w.currency,
      x.verdict as removed, x.event_id is null as kept, l.payout_id, l.status as payout_status, l.event_id is null as free,
      n.chunk_id <= (select coalesce(max(chunk_to), 0) from postings g where true${and('g')}) as posted,
      n.amount_minor > 0 and (
        n.wallet_id in (select a.id from holds h join ledger_accounts a on a.partner_id = h.partner_id and a.type = 'wallet' where ${open})
        -- asked twice: without the day it is a hash of few wallets, and with it a look for each entry
        or (n.wallet_id in (select a.id from holds h join ledger_accounts a on a.instance_id = h.instance_id and a.type = 'wallet' where ${open})
          and exists (select from holds h where h.instance_id = ${ofWallet('instance_id')} and ${heldSince('h', OCCURRED_ON)} and ${open}))
        or exists (select from holds h where h.event_id = n.event_id and h.leg = n.leg and ${open})) as held_itself,
      n.chunk_id <= (select coalesce(max(chunk_to), 0) from postings g where true${and('g')}) and (
        n.amount_minor <= 0 or (${ALWAYS_AT_DECISION})
        -- before the settings, which cost ten times as much to ask
        or exists (select from entry_reviews x where x.event_id = n.event_id and x.leg = n.leg and x.verdict = 'approved'${review})
        or ${approvedAtDecision}) as approved_itself
    from entries n
    ${event}
    left join ledger_accounts w on w.id = n.wallet_id
    left join entry_reviews x on x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved'${review}
    left join (${livePayouts(known)}) l on l.event_id = n.event_id and l.leg = n.leg
    where ${entries}${known === undefined ? '' : ` and exists (select from decision_chunks k where k.id = n.chunk_id and ${known('k')})`}`;
}

/** Lines of payouts that are neither failed, returned nor cancelled. */
function livePayouts(known: ((alias: string) => string) | undefined): string {
  if (known === undefined) {
    return `select l.event_id, l.leg, l.payout_id, p.status from payout_lines l join payouts p on p.id = l.payout_id where l.release_id is null`;
  }
  return `
    select l.event_id, l.leg, l.payout_id, s.status
    from ${payoutStatesSql(known)} s
    join payout_lines l on l.payout_id = s.id
    where s.status not in ('failed', 'returned', 'cancelled')`;
}

/** Payouts with the `status` they have, or had in the moment that is read: `id, status`. */
export function payoutStatesSql(known: ((alias: string) => string) | undefined): string {
  return known === undefined
    ? 'payouts'
    : `(
    select p.id, coalesce((
      select c.status from payout_status_changes c where c.payout_id = p.id and ${known('c')} order by c.id desc limit 1), 'pending') as status
    from payouts p where ${known('p')})`;
}

// Where nobody ever set anything else, which is the default, no entry needs to be asked under which policy it was decided.
const ALWAYS_AT_DECISION = `select not exists (
  select from settings s where s.name = 'review_threshold' or (s.name = 'approval' and s.value <> '"at_decision"'))`;

// Asked only where something depends on it, for the same reason.
export const OCCURRED_ON = `(select e.occurred_on from revenue_events e where e.id = n.event_id)`;

// Of an entry that is asked by itself: where nobody asks for anything else of the wallet's, a million are not joined with it.
const ofWallet = (column: string) => `(select a.${column} from ledger_accounts a where a.id = n.wallet_id)`;

/** Whether a hold of an instance reaches what an event of a day earns. */
export function heldSince(hold: string, occurredOn: string): string {
  return `(${hold}.held_from is null or ${hold}.held_from <= ${occurredOn})`;
}

/** A setting of the entry's instance, or else of the programme, as it was known when the entry was decided. */
export function settingAtDecision(name: string): string {
  return `(
    select s.value from settings s
    where s.name = '${name}' and (s.instance_id = ${ofWallet('instance_id')} or s.instance_id is null)
      and s.known_seq <= n.known_seq and (s.retired_seq is null or s.retired_seq > n.known_seq) and s.valid @> ${OCCURRED_ON}
    order by s.instance_id nulls last limit 1)`;
}

/** A limit says its currency, or one amount per currency; of an unnamed currency it says nothing. In minor units, or null. */
export function limitIn(setting: string, currency: string): string {
  return `(select coalesce((v.value ->> ${currency})::numeric, case when v.value ->> 'currency' = ${currency} then (v.value ->> 'minor')::numeric end)
    from (select ${setting} as value) v)`;
}

/** The amount above which a person must look at an entry whatever the policy, as it was decided under; or null. */
export const THRESHOLD = limitIn(settingAtDecision('review_threshold'), ofWallet('currency'));

const approvedAtDecision = `(coalesce(${settingAtDecision('approval')} #>> '{}', 'at_decision') = 'at_decision' and not coalesce(n.amount_minor > ${THRESHOLD}, false))`;

/**
 * Negatives that their share's unallocated positives cover, counted in the order of the events, each with the latest date,
 * the holds and the approval of those positives. Only sales that have a negative among `entries` are looked at.
 */
function covered(entries: string, known: ((alias: string) => string) | undefined): string {
  // An array, so that the sales are found first: few of them have a negative, and a join would look at every entry.
  const ofSales = `n.event_id = any (array${eventsOfSales(`
    select distinct ${SALE} as sale
    from entries n left join ledger_accounts w on w.id = n.wallet_id ${EACH_EVENT}
    where n.amount_minor < 0 and num_nonnulls(e.sale_id, e.voids_id, e.regards_id) > 0 and (${entries})`)})`;
  return `
    select event_id, leg, payable_from, held, approved from (
      select g.event_id, g.leg, g.amount_minor,
        sum(g.amount_minor) filter (where g.amount_minor > 0) over share as positives,
        sum(-g.amount_minor) filter (where g.amount_minor < 0) over (share order by g.event_id, g.leg) as negatives,
        max(g.payable_on) filter (where g.amount_minor > 0) over share as payable_from,
        bool_or(g.held_itself) filter (where g.amount_minor > 0) over share as held,
        bool_and(g.approved_itself) filter (where g.amount_minor > 0) over share as approved
      from (${facts(ofSales, known, EACH_EVENT)}) g
      where g.posted and g.kept and g.free and g.amount_minor <> 0
      window share as (partition by g.sale, g.wallet_id)
    ) s where amount_minor < 0 and negatives <= positives`;
}
