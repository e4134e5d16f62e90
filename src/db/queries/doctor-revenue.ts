import { eventCalled, instanceCalled, money, sourceCalled, type DoctorCheck, type Scan } from './doctor.ts';

/** Events, batches and sales as recorded (SEMANTICS §2). */

const batchCalled = (b: string): string => `'batch ' || ${b}.id || coalesce(' (' || ${b}.file_name || ')', '')`;

const batches: Scan = {
  name: 'batches',
  rows: () => `from event_batches b
    left join (
      select batch_id, count(*) as events, min(id) as low, max(id) as high, min(occurred_on) as first_on, max(occurred_on) as last_on
      from revenue_events group by batch_id
    ) e on e.batch_id = b.id where true`,
  called: batchCalled('b'),
};

const events: Scan = {
  name: 'events',
  rows: () => `from revenue_events e
    cross join (select zone from programme) z
    left join event_batches b on b.id = e.batch_id
    left join instances i on i.id = e.instance_id
    left join accounts a on a.id = e.account_id
    left join sales s on s.id = e.sale_id
    left join currencies c on c.code = e.currency
    left join products p on p.id = e.product_id
    left join revenue_events o on o.id = e.voids_id and e.voids_id is not null where true`,
  called: `'event ' || ${eventCalled('e')}`,
};

// Ids follow each other within a batch, so an event's neighbour is its id plus one.
const neighbours: Scan = {
  name: 'neighbours',
  rows: () => `from revenue_events e join revenue_events n on n.id = e.id + 1 and n.batch_id = e.batch_id where true`,
  called: `'event ' || ${eventCalled('n')}`,
};

const later: Scan = {
  name: 'later versions',
  rows: () => `from revenue_events e where e.version > 1`,
  called: `'event ' || ${eventCalled('e')}`,
};

const sales: Scan = {
  name: 'sales',
  rows: () => `from sales s
    left join accounts a on a.id = s.account_id
    left join (
      select sale_id, count(*) as payments, array_agg(distinct occurred_on) as days
      from revenue_events where sale_id is not null and kind in ('payment', 'opening') group by sale_id
    ) p on p.sale_id = s.id where true`,
  called: `'sale ' || ${sourceCalled('s.source_id')} || '/' || s.sale_ref`,
};

const check = (one: Omit<DoctorCheck, 'group' | 'weight'> & { weight?: DoctorCheck['weight'] }): DoctorCheck => ({
  group: 'revenue',
  weight: 'difference',
  ...one,
});

/** Two tables of time zones agree on an instant's offset to within this. */
const ZONE_TABLES = `interval '2 hours'`;

export const revenueChecks: readonly DoctorCheck[] = [
  check({
    name: 'batch_whole',
    proves: 'a batch holds exactly the events it announced, with its contiguous ids (§2)',
    scan: batches,
    offends: `coalesce(e.events, 0) <> b.last_id - b.first_id + 1 or e.low <> b.first_id or e.high <> b.last_id`,
    says: `'announces ' || (b.last_id - b.first_id + 1) || ' events and holds ' || coalesce(e.events, 0)`,
  }),
  check({
    name: 'batch_dates',
    proves: 'a batch knows its first and last business date, by which its undecided events are found (§2)',
    scan: batches,
    offends: `e.first_on <> b.first_on or e.last_on <> b.last_on`,
    says: `'says ' || b.first_on || ' to ' || b.last_on || ', its events are of ' || e.first_on || ' to ' || e.last_on`,
  }),
  check({
    name: 'batch_ordered',
    proves: 'inside a batch ids ascend with business dates, so that what is decided is a beginning of it (§2)',
    scan: neighbours,
    offends: `n.occurred_on < e.occurred_on`,
    says: `'of ' || n.occurred_on || ' comes after one of ' || e.occurred_on`,
  }),
  check({
    name: 'event_batched',
    proves: 'every event belongs to a batch of its own source, within its ids (§2)',
    scan: events,
    offends: `b.id is null or e.id not between b.first_id and b.last_id or b.source_id <> e.source_id`,
    says: `'is event ' || e.id || ' of ' || coalesce('batch ' || b.id || ' (' || b.first_id || ' to ' || b.last_id || ')', 'no batch')`,
  }),
  check({
    name: 'event_placed',
    proves: 'every event has an instance, a currency and, if any, a product and an account of that instance (§2)',
    scan: events,
    offends: `i.id is null or c.code is null or (e.product_id is not null and p.id is null)
      or (e.account_id is not null and a.instance_id is distinct from e.instance_id)`,
    says: `'at ' || coalesce(i.code, 'no instance') || ', ' || coalesce(c.code, 'no currency')
      || case when e.account_id is null then '' else ', account ' || coalesce(a.code || ' of ' || ${instanceCalled('a.instance_id')}, 'unknown') end
      || case when e.product_id is null or p.id is not null then '' else ', an unknown product' end`,
  }),
  check({
    name: 'event_signed',
    proves: 'money that comes in is positive, money that goes back is negative (§2)',
    scan: events,
    offends: `case when e.kind in ('payment', 'chargeback_won') then e.net_minor < 0 or e.gross_minor < 0
      when e.kind in ('refund', 'chargeback', 'credit_note') then e.net_minor > 0 or e.gross_minor > 0
      when e.kind = 'signup' then e.net_minor <> 0 else false end`,
    says: `'a ' || e.kind || ' of ' || ${money('e.net_minor', 'e.currency')}`,
  }),
  check({
    name: 'event_dated',
    proves: 'the business date of an event is the date of its instant in the programme’s zone (§2)',
    scan: events,
    // Wider by what two tz databases may disagree about: the date was fixed at import so that they never have to (§2).
    offends: `e.occurred_on not between ((e.occurred_at - ${ZONE_TABLES}) at time zone z.zone)::date
      and ((e.occurred_at + ${ZONE_TABLES}) at time zone z.zone)::date`,
    says: `'happened on ' || (e.occurred_at at time zone z.zone)::text || ' (' || z.zone || '), its business date is ' || e.occurred_on`,
  }),
  check({
    name: 'event_dated_elsewhere',
    weight: 'information',
    proves: 'the server’s time zone tables agree with those the importer used (§2)',
    scan: events,
    offends: `e.occurred_on <> (e.occurred_at at time zone z.zone)::date`,
    says: `'happened on ' || (e.occurred_at at time zone z.zone)::text || ' by this server, and was dated ' || e.occurred_on`,
  }),
  check({
    name: 'event_of_its_sale',
    proves:
      'every event has its sale’s instance and currency, names no other account or product, and what billing reported has its source (§2)',
    scan: events,
    offends: `e.sale_id is not null and (s.id is null or s.instance_id <> e.instance_id or s.currency <> e.currency
      or (s.source_id <> e.source_id and e.kind not in ('void', 'rerate', 'reattribution', 'opening'))
      or s.account_id <> e.account_id or s.product_id <> e.product_id)`,
    says: `'at ' || ${instanceCalled('e.instance_id')} || ' in ' || e.currency || ', its sale '
      || coalesce(s.sale_ref || ' at ' || ${instanceCalled('s.instance_id')} || ' in ' || s.currency, 'is unknown')
      || case when s.account_id <> e.account_id then ' of another account' else '' end
      || case when s.product_id <> e.product_id then ' of another product' else '' end`,
  }),
  check({
    name: 'void_of_an_event',
    proves: 'a void takes back one event of the same instance and currency that is no void itself (§2)',
    scan: events,
    offends: `e.voids_id is not null and (o.id is null or o.kind = 'void' or o.instance_id <> e.instance_id or o.currency <> e.currency)`,
    says: `'takes back ' || coalesce(o.external_id || ', a ' || o.kind, 'nothing')`,
  }),
  check({
    name: 'one_version_live',
    proves: 'of the versions of an external id one at most is live: a later one follows a void (§2)',
    scan: later,
    offends: `not exists (select from revenue_events o join revenue_events v on v.voids_id = o.id
      where o.source_id = e.source_id and o.external_id = e.external_id and o.version = e.version - 1)`,
    says: `'has version ' || e.version || ' while version ' || (e.version - 1) || ' is not void'`,
  }),
  check({
    name: 'sale_known',
    proves: 'a sale is known by the day of one of its payments, or of the opening, and only when it has one (§2)',
    scan: sales,
    offends: `(s.first_payment_on is null) <> (p.payments is null) or not s.first_payment_on = any (p.days)`,
    says: `coalesce('first paid on ' || s.first_payment_on, 'never paid') || ', it has ' || coalesce(p.payments, 0) || ' payments'
      || coalesce(', the first on ' || p.days[1], '')`,
  }),
  check({
    name: 'sale_placed',
    proves: 'the account of a sale is one of its instance (§2)',
    scan: sales,
    offends: `s.account_id is not null and a.instance_id is distinct from s.instance_id`,
    says: `'at ' || ${instanceCalled('s.instance_id')} || ', its account at ' || ${instanceCalled('a.instance_id')}`,
  }),
];
