import type { Connection } from '../connection.ts';
import { knownAsOf, type AsOf } from './as-of.ts';

/**
 * What the books say, as one number. A section is a set of facts, each a JSON array of codes, amounts and dates: nothing a
 * database draws (numbers of rows, chunks, runs), no recorded times and nobody's name, so that two books that were made by
 * different runs, or on different servers, and say the same have the same hash. Texts that may be changed afterwards
 * (names, contacts) are no facts of this kind.
 */
interface Section {
  readonly name: string;
  /** One column `line`; only facts of the moment. */
  readonly lines: (known: (alias: string) => string) => string;
}

const EVENT = `jsonb_build_array(o.code, e.external_id, e.version)`;
const EVENT_JOIN = `join sources o on o.id = e.source_id`;
/** The versions of a table, each with the codes of whom it names; retired only if the moment knows it. */
const VERSION = (known: (alias: string) => string) => `
  join known_changes k on k.known_seq = x.known_seq and ${known('k')}
  left join known_changes q on q.known_seq = x.retired_seq and ${known('q')}`;
const ACCOUNT = (id: string) =>
  `(select jsonb_build_array(ai.code, aa.code) from accounts aa join instances ai on ai.id = aa.instance_id where aa.id = ${id})`;
const PARTNER = (id: string) => `(select code from partners where id = ${id})`;
const SUBSCRIPTION = (id: string) => `(select code from subscriptions where id = ${id})`;
const INSTANCE = (id: string) => `(select code from instances where id = ${id})`;

/** A payout's number is drawn; its run's cut-off, its partner, currency and attempt are not. */
const PAYOUT = `jsonb_build_array(u.cutoff, u.scope not like 'retry=%', ${PARTNER('p.partner_id')}, p.currency, right(p.number, 1))`;

const SECTIONS: readonly Section[] = [
  {
    name: 'agreements',
    lines: (known) => `
      select jsonb_build_array(${INSTANCE('x.instance_id')}, ${PARTNER('x.partner_id')}, x.valid, x.known_seq, q.known_seq) as line
      from agreements x ${VERSION(known)}`,
  },
  {
    name: 'attribution',
    lines: (known) => `
      select jsonb_build_array(${ACCOUNT('x.account_id')}, x.slot, ${PARTNER('x.partner_id')}, x.share_ppm, x.valid, x.known_seq, q.known_seq) as line
      from account_slots x ${VERSION(known)}`,
  },
  {
    name: 'tiers',
    lines: (known) => `
      select jsonb_build_array('tier', ${PARTNER('x.partner_id')}, x.tier, x.valid, x.known_seq, q.known_seq) as line from partner_tiers x ${VERSION(known)}
      union all
      select jsonb_build_array('parent', ${PARTNER('x.partner_id')}, ${PARTNER('x.parent_id')}, x.valid, x.known_seq, q.known_seq) from partner_parents x ${VERSION(known)}
      union all
      select jsonb_build_array('terms', x.tier, x.min_revenue_minor, x.min_customers, x.support, x.account_manager, x.api_calls_hour, x.benefits, x.valid,
        x.known_seq, q.known_seq) from tier_terms x ${VERSION(known)}
      union all
      select jsonb_build_array('evaluation', ${PARTNER('x.partner_id')}, x.evaluated_on, x.known_seq, x.amounts, x.revenue_minor, x.customers, x.tier_from, x.since,
        x.misses_before, x.effective_on, x.mode, x.window_months, x.grace, x.tenure_months, x.verdict, x.tier_to,
        (select a.effective_on from tier_approvals a where a.evaluation_id = x.id and ${known('a')}))
      from tier_evaluations x where ${known('x')}
      union all
      select jsonb_build_array('pin', ${PARTNER('x.partner_id')}, x.tier, x.starts_on, x.until, x.reason, r.reason)
      from tier_pins x left join tier_pin_releases r on r.pin_id = x.id and ${known('r')} where ${known('x')}`,
  },
  {
    name: 'settings',
    lines: (known) => `
      select jsonb_build_array(x.name, ${INSTANCE('x.instance_id')}, x.value, x.valid, x.known_seq, q.known_seq) as line from settings x ${VERSION(known)}
      union all
      select jsonb_build_array('deductions', ${PARTNER('x.partner_id')}, x.form, x.withholding_ppm, x.fees, x.valid, x.known_seq, q.known_seq)
      from deduction_terms x ${VERSION(known)}
      union all
      select jsonb_build_array('tax threshold', x.currency, x.form, x.report, x.amount_minor, x.valid, x.known_seq, q.known_seq)
      from tax_thresholds x ${VERSION(known)}
      union all
      select jsonb_build_array('schedule', ${PARTNER('x.partner_id')}, x.frequency, x.anchor, x.review_days, x.net_days, x.calendar, x.valid, x.known_seq,
        q.known_seq)
      from payout_schedules x ${VERSION(known)}`,
  },
  {
    name: 'fx_rates',
    lines: (known) => `
      select jsonb_build_array(x.rate_date, x.base, x.quote, trim_scale(x.rate), x.source, x.known_seq) as line
      from fx_rates x join known_changes k on k.known_seq = x.known_seq and ${known('k')}`,
  },
  {
    name: 'rules',
    lines: (known) => `
      select jsonb_build_array(r.slot, r.level, r.scope, ${ACCOUNT('r.account_id')}, ${INSTANCE('r.instance_id')}, ${PARTNER('r.partner_id')}, r.tier,
        (select code from products where id = r.product_id), x.valid, x.known_seq, q.known_seq, x.kind, x.includes, x.base, x.on_rest, x.rate_ppm, x.flat_minor,
        x.bracket_from, x.bracket_ppm, x.bracket_mode, x.window_kind, x.window_per,
        (select jsonb_agg(code order by code collate "C") from products where id = any (x.limit_products)),
        x.min_sale_minor, x.cap_sale_minor, x.cap_window_minor, x.first_sale_only, x.earning_months, x.territory, x.currency, x.pays_in) as line
      from rule_versions x join rules r on r.id = x.rule_id ${VERSION(known)}`,
  },
  {
    name: 'prices',
    lines: (known) => `
      select jsonb_build_array(n.code, m.code, x.cycle, x.region, x.currency, x.wholesale_minor, x.list_minor, trim_scale(x.unit_price), x.valid,
        x.known_seq, q.known_seq) as line
      from prices x left join plans n on n.id = x.plan_id left join meters m on m.id = x.meter_id ${VERSION(known)}`,
  },
  {
    name: 'subscriptions',
    lines: (known) => `
      select jsonb_build_array('subscription', s.code, ${INSTANCE('s.instance_id')}, ${ACCOUNT('s.account_id')}, n.code, s.cycle, s.currency, s.region,
        x.ordinal, x.status, x.starts_on, x.known_seq) as line
      from subscription_states x join known_changes k on k.known_seq = x.known_seq and ${known('k')}
      join subscriptions s on s.id = x.subscription_id join plans n on n.id = s.plan_id
      union all
      select jsonb_build_array('terms', ${SUBSCRIPTION('x.subscription_id')}, x.quantity, x.wholesale_minor, x.price_minor, x.valid, x.known_seq, q.known_seq)
      from subscription_terms x ${VERSION(known)}
      union all
      select jsonb_build_array('authority', ${PARTNER('x.partner_id')}, x.max_discount_ppm, x.territory,
        (select jsonb_agg(code order by code collate "C") from products where id = any (x.product_ids)), x.minimum_order, x.credit_limit,
        x.cookie_days, x.first_purchase_only, x.recurring_months, x.valid, x.known_seq, q.known_seq)
      from partner_terms x ${VERSION(known)}`,
  },
  {
    name: 'events',
    lines: (known) => `
      select jsonb_build_array(o.code, e.external_id, e.version, e.kind, i.code, a.code, d.code, s.sale_ref, s.sale_net_minor, s.sale_gross_minor,
        s.wholesale_net_minor, e.currency, e.net_minor, e.gross_minor, e.tax_minor, e.wholesale_net_minor, e.quantity, e.country, e.transaction_type, e.occurred_at, e.occurred_on,
        ${SUBSCRIPTION('e.subscription_id')}, case when e.voids_id is not null then (select jsonb_build_array(y.external_id, y.version) from revenue_events y where y.id = e.voids_id) end) as line
      from event_batches b join revenue_events e on e.batch_id = b.id ${EVENT_JOIN}
      join instances i on i.id = e.instance_id
      left join accounts a on a.id = e.account_id left join products d on d.id = e.product_id left join sales s on s.id = e.sale_id
      where ${known('b')}`,
  },
  {
    // What the books began with besides wallets and sales, which are events.
    name: 'opening',
    lines: (known) => `
      select jsonb_build_array('partner', ${PARTNER('x.partner_id')}, x.currency, x.paid_minor, x.withheld_minor, x.tier, x.missed_evaluations) as line
      from opening_partners x join request_applications d on d.request_id = x.request_id and ${known('d')}
      union all
      select jsonb_build_array('account', ${ACCOUNT('x.account_id')}, x.first_sale_on, x.first_sale_only, x.earning_months)
      from opening_accounts x join request_applications d on d.request_id = x.request_id and ${known('d')}`,
  },
  {
    name: 'entries',
    lines: (known) => `
      select jsonb_build_array(o.code, e.external_id, e.version, n.leg, p.code, i.code, e.currency, n.amount_minor, n.base_minor, n.full_minor,
        n.uncapped_minor, n.window_base_minor, n.window_full_minor, n.fx_rate, v.known_seq, n.known_seq, n.rate_ppm, n.posting_date, n.payable_on, n.kind, n.reason, n.tier) as line
      from decision_chunks k join entries n on n.chunk_id = k.id join revenue_events e on e.id = n.event_id ${EVENT_JOIN}
      join instances i on i.id = e.instance_id
      left join ledger_accounts w on w.id = n.wallet_id left join partners p on p.id = w.partner_id
      left join rule_versions v on v.id = n.rule_version_id
      where ${known('k')}`,
  },
  {
    name: 'costs',
    lines: (known) => `
      select jsonb_build_array(${EVENT}, ${SUBSCRIPTION('x.subscription_id')}, x.wholesale_net_minor) as line
      from decision_chunks k join subscription_costs x on x.chunk_id = k.id join revenue_events e on e.id = x.event_id ${EVENT_JOIN}
      where ${known('k')}`,
  },
  {
    name: 'wholesale',
    lines: (known) => `
      select jsonb_build_array('charge', ${INSTANCE('x.instance_id')}, ${PARTNER('x.partner_id')}, ${SUBSCRIPTION('x.subscription_id')}, x.cycle, m.code,
        x.currency, trim_scale(x.quantity), x.amount_minor, x.charged_on, x.posting_date) as line
      from wholesale_charges x join postings g on g.id = x.posting_id left join meters m on m.id = x.meter_id where ${known('g')}
      union all
      select jsonb_build_array('received', ${INSTANCE('x.instance_id')}, ${PARTNER('x.partner_id')}, x.currency, x.amount_minor, x.reference, x.received_on,
        x.posting_date)
      from wholesale_receipts x join postings g on g.id = x.posting_id where ${known('g')}
      union all
      select jsonb_build_array('usage', ${INSTANCE('u.instance_id')}, m.code, u.external_id, trim_scale(u.quantity), u.used_on, u.currency, u.region)
      from charged_usage x join wholesale_charges c on c.id = x.charge_id join postings g on g.id = c.posting_id
      join usage_records u on u.id = x.usage_id join meters m on m.id = u.meter_id where ${known('g')}`,
  },
  {
    // Summed, since how often a batch was interrupted is no fact of the books.
    name: 'transfers',
    lines: (known) => {
      const account = (id: string) =>
        `(select jsonb_build_array(l.type, l.currency, ${PARTNER('l.partner_id')}, ${INSTANCE('l.instance_id')}) from ledger_accounts l where l.id = ${id})`;
      return `
      select jsonb_build_array(${account('f.debit_id')}, ${account('f.credit_id')}, f.kind, f.posting_date, f.amount) as line
      from (select t.debit_id, t.credit_id, t.kind, t.posting_date, sum(t.amount_minor) as amount
            from transfers t join postings g on g.id = t.posting_id where ${known('g')} group by 1, 2, 3, 4) f`;
    },
  },
  {
    name: 'reviews',
    lines: (known) => `
      select jsonb_build_array(${EVENT}, x.leg, x.verdict, b.reason) as line
      from review_batches b join entry_reviews x on x.batch_id = b.id join revenue_events e on e.id = x.event_id ${EVENT_JOIN}
      where ${known('b')}`,
  },
  {
    name: 'holds',
    lines: (known) => `
      select jsonb_build_array(${PARTNER('h.partner_id')}, ${INSTANCE('h.instance_id')},
        (select ${EVENT} from revenue_events e ${EVENT_JOIN} where e.id = h.event_id), h.leg, h.reason, h.note, h.held_from, r.hold_id is not null, r.note) as line
      from holds h left join hold_releases r on r.hold_id = h.id and ${known('r')} where ${known('h')}`,
  },
  {
    name: 'payouts',
    lines: (known) => `
      select jsonb_build_array(${PAYOUT}, p.gross_minor, p.withheld_minor, p.fee_minor, p.sent_minor) as line
      from payouts p join payout_runs u on u.id = p.run_id where ${known('p')}
      union all
      select jsonb_build_array(${PAYOUT}, ${EVENT}, l.leg, l.amount_minor)
      from payouts p join payout_runs u on u.id = p.run_id join payout_lines l on l.payout_id = p.id
      join revenue_events e on e.id = l.event_id ${EVENT_JOIN} where ${known('p')}
      union all
      select jsonb_build_array(${PAYOUT}, c.from_status, c.status, c.reason, c.reference, c.value_date)
      from payout_status_changes c join payouts p on p.id = c.payout_id join payout_runs u on u.id = p.run_id where ${known('c')}`,
  },
];

export interface SectionHash {
  readonly section: string;
  readonly facts: number;
  readonly sha256: string;
}

/**
 * The hash of each section as of a moment. Each fact is hashed, the hashes are put into 256 blocks by their first byte and
 * sorted inside each, so that neither the order of rows on disk nor that of numbers drawn matters, and no more than one
 * block is held at a time; the section is the hash of its blocks. Wants a transaction that reads one moment.
 */
export async function sectionHashes(
  tx: Connection,
  asOf: AsOf,
  step: (done: number, total: number) => void = () => {},
): Promise<SectionHash[]> {
  const hashes: SectionHash[] = [];
  for (const section of SECTIONS) {
    hashes.push(await hashOf(tx, section, asOf));
    step(hashes.length, SECTIONS.length);
  }
  return hashes;
}

/** The hash of the rules alone: what `sectionHashes` says of them. */
export async function ruleBookHash(tx: Connection, asOf: AsOf): Promise<string> {
  const { sha256 } = await hashOf(
    tx,
    SECTIONS.find(({ name }) => name === 'rules')!,
    asOf,
  );
  return sha256;
}

async function hashOf({ sql }: Connection, { name, lines }: Section, asOf: AsOf): Promise<SectionHash> {
  const [row] = await sql.unsafe<{ facts: number; sha256: string }[]>(`
    select coalesce(sum(facts), 0)::float8 as facts,
      encode(sha256(coalesce(string_agg(block, ''::bytea order by first_byte), ''::bytea)), 'hex') as sha256
    from (
      select substr(fact, 1, 1) as first_byte, count(*) as facts, sha256(string_agg(fact, ''::bytea order by fact)) as block
      from (select sha256(convert_to(line::text, 'UTF8')) as fact from (${lines((alias) => knownAsOf(asOf, alias))}) l) f
      group by 1
    ) blocks`);
  return { section: name, ...row! };
}
