import type { StatementContent, StatementEntry } from '../../domain/statement.ts';
import { quoteLiteral, type Connection } from '../connection.ts';
import { instantLiteral, knownAsOf, snapshotLiteral, type AsOf } from './as-of.ts';
import { entryStates } from './entry-status.ts';
import type { Page } from './order.ts';
import { postedUntil, type PostingDay } from './posted-until.ts';

/** Posting dates of a statement, half-open, with the day and the instant at which the last was over. */
export interface StatementPeriod {
  readonly from: string;
  readonly to: string;
  readonly last: PostingDay;
}

/** What belongs to the end of the period, as the books say now or as they said at a moment. */
function knownAt({ last }: StatementPeriod, asOf: AsOf | null): (alias: string) => string {
  const until = postedUntil(last);
  return asOf === null ? until : (alias) => `(${until(alias)} and ${knownAsOf(asOf, alias)})`;
}

/** Sections as src/domain/statement.ts has them. What happened before the period and posts into it is told apart. */
const section = (from: string) => `case
    when e.occurred_on < ${quoteLiteral(from)}::date then 'prior_period'
    when n.kind in ('earning', 'override', 'true_up', 'restoration') then 'earnings'
    when n.kind = 'bonus' then 'bonuses'
    when n.kind in ('refund', 'credit', 'chargeback', 'void') then 'reversals'
    else 'adjustments' end`;

/** The entries of some wallets (`asked`) that post in the period: no customer is named but by the code of the account. */
function entriesOf({ from, to }: StatementPeriod, asOf: AsOf | null): string {
  const known = asOf === null ? '' : `and ${knownAsOf(asOf, 'k')}`;
  const posted = asOf === null ? '' : `where ${knownAsOf(asOf, 'g')}`;
  return `(
    select w.partner_id, w.currency, n.event_id, n.leg, ${section(from)} as section, n.event_id || '.' || n.leg as entry, n.posting_date as date,
      e.occurred_on as occurred, i.code as instance, a.code as account, a.name as account_name, d.code as product, coalesce(s.sale_ref, e.external_id) as reference, n.kind,
      n.rule_version_id as rule, n.rate_ppm, n.base_minor, e.currency as base_currency, n.amount_minor
    from asked q
    join ledger_accounts w on w.type = 'wallet' and w.partner_id = q.partner_id and w.currency = q.currency
    join entries n on n.wallet_id = w.id and n.amount_minor <> 0
      and n.posting_date >= ${quoteLiteral(from)}::date and n.posting_date < ${quoteLiteral(to)}::date
    join decision_chunks k on k.id = n.chunk_id ${known}
    join revenue_events e on e.id = n.event_id
    join instances i on i.id = w.instance_id
    left join accounts a on a.id = e.account_id
    left join products d on d.id = e.product_id
    left join sales s on s.id = e.sale_id
    where n.chunk_id <= (select coalesce(max(g.chunk_to), 0) from postings g ${posted}))`;
}

const SCOPE = `(select case r.scope when 'account' then 'account ' || (select i.code || '/' || a.code from accounts a join instances i on i.id = a.instance_id where a.id = r.account_id)
    when 'instance' then 'instance ' || (select i.code from instances i where i.id = r.instance_id)
    when 'tier' then 'tier ' || r.tier else r.scope end || coalesce(', ' || (select d.code from products d where d.id = r.product_id), '')
  from rule_versions v join rules r on r.id = v.rule_id where v.id = `;

/**
 * The common table expressions that end in `said`: what statements of a period say, one row a partner and currency of
 * `asked`. Part of one statement, so that all of it is of one snapshot; `asOf`: as it was at a moment, otherwise now.
 */
function saidOf(period: StatementPeriod, asOf: AsOf | null, note: string | null = null): string {
  const { from, to, last } = period;
  const [starts, ends] = [`${quoteLiteral(from)}::date`, `${quoteLiteral(to)}::date`];
  const moment =
    asOf === null ? 'clock_timestamp(), pg_current_snapshot()' : `${instantLiteral(asOf)}, ${snapshotLiteral(asOf)}`;
  const known = knownAt(period, asOf);
  const months = `(date_trunc('month', ${ends} - 1) - interval '11 months')::date`;
  const year = `least(date_trunc('year', ${ends} - 1)::date, ${starts})`;
  const rejected = asOf === null ? '' : `and ${knownAsOf(asOf, 'g')}`;
  const list = (rows: string, order: string) =>
    `coalesce((select jsonb_agg(to_jsonb(x) - '{partner_id,wallet_currency,change,hold}'::text[] order by ${order}) from ${rows} x where x.partner_id = q.partner_id and x.wallet_currency = q.currency), '[]')`;
  return `
    figures as materialized (
      select q.partner_id, q.currency, i.code as instance, i.name, f.* from asked q
      cross join lateral statement_figures(q.partner_id, q.currency, ${starts}, ${ends}, ${moment}) f
      join ledger_accounts w on w.id = f.wallet_id join instances i on i.id = w.instance_id
      where f.movements > 0 or f.opening <> 0 or f.in_transit <> 0
    ), told as materialized (select * from ${entriesOf(period, asOf)} t
    ), groups as (
      select t.partner_id, t.currency as wallet_currency, t.section, t.instance, t.kind, t.rule, ${SCOPE} t.rule) as scope, t.rate_ppm, count(*) as entries, sum(t.amount_minor)::text as amount
      from told t group by t.partner_id, t.currency, t.section, t.instance, t.kind, t.rule, t.rate_ppm
    ), details as (
      select t.partner_id, t.currency, count(*) as entries, encode(sha256(convert_to(string_agg(concat_ws('|', t.entry, t.section, t.date, t.occurred, t.instance,
        t.account, t.product, t.reference, t.kind, t.rule, t.rate_ppm, t.base_minor, t.base_currency, t.amount_minor), E'\\n' order by t.event_id, t.leg), 'UTF8')), 'hex') as sha256
      from told t group by 1, 2
    ), rejections as (
      select w.partner_id, w.currency as wallet_currency, d.on_date as date, i.code as instance, b.verdict, b.reason, count(*) as entries, sum(n.amount_minor)::text as amount
      from asked q
      join ledger_accounts w on w.type = 'wallet' and w.partner_id = q.partner_id and w.currency = q.currency
      join entries n on n.wallet_id = w.id and n.amount_minor <> 0
      join entry_reviews x on x.event_id = n.event_id and x.leg = n.leg and x.verdict <> 'approved'
      join review_batches b on b.id = x.batch_id
      join postings g on g.review_id = b.id ${rejected}
      cross join lateral (select min(t.posting_date) as on_date from transfers t where t.posting_id = g.id) d
      join instances i on i.id = w.instance_id
      where d.on_date >= ${starts} and d.on_date < ${ends}
      group by w.partner_id, w.currency, d.on_date, i.code, b.id
    ), moved as (
      select p.partner_id, p.currency as wallet_currency, d.on_date as date, p.number, p.run_id as run, r.created_by as made_by, a."by" as approved_by,
        to_char(a.at at time zone z.zone, 'YYYY-MM-DD') as approved_on, c.from_status as was, c.status, c.id as change, p.gross_minor::text as gross, p.withheld_minor::text as withheld,
        p.fee_minor::text as fees, p.sent_minor::text as sent, c.reason
      from asked q join payouts p on p.partner_id = q.partner_id and p.currency = q.currency
      cross join programme z
      join payout_runs r on r.id = p.run_id
      cross join lateral (
        select string_agg(v.created_by, ', ' order by v.recorded_at) as "by", max(v.recorded_at) as at from payout_approvals v where v.run_id = p.run_id) a
      join payout_status_changes c on c.payout_id = p.id
      join postings g on g.id = c.posting_id ${rejected}
      cross join lateral (select min(t.posting_date) as on_date from transfers t where t.posting_id = g.id) d
      where d.on_date >= ${starts} and d.on_date < ${ends}
    ), held as (
      select q.partner_id, q.currency as wallet_currency, h.id as hold, coalesce(h.event_id || '.' || h.leg, i.code, 'partner') as of, h.reason,
        (h.recorded_at at time zone g.zone)::date as from, case when ${known('r')} then (r.recorded_at at time zone g.zone)::date end as released
      from asked q cross join programme g
      join (
        select h.partner_id, null as currency, h.* from holds h where h.partner_id is not null
        union all
        select w.partner_id, w.currency, h.* from holds h join ledger_accounts w on w.type = 'wallet' and w.instance_id = h.instance_id
        union all
        select w.partner_id, w.currency, h.* from holds h join entries n on n.event_id = h.event_id and n.leg = h.leg join ledger_accounts w on w.id = n.wallet_id
      ) h (of_partner, of_currency, id, partner_id, instance_id, event_id, leg, reason, note, held_from, created_by, recorded_at, transaction_id)
        on h.of_partner = q.partner_id and coalesce(h.of_currency, q.currency) = q.currency
      left join instances i on i.id = h.instance_id
      left join hold_releases r on r.hold_id = h.id
      where ${known('h')} and (r.hold_id is null or not ${known('r')} or (r.recorded_at at time zone g.zone)::date >= ${starts})
    ), states as (
      select x.partner_id, x.currency as wallet_currency, x.amount_minor,
        case when x.payout_status in ('pending', 'ready') then 'in_payout' when x.status <> 'approved' then x.status
          when x.payable_from <= ${quoteLiteral(last.date)}::date or (x.amount_minor < 0 and x.kind = 'adjustment' and takes_what_is_there(x.event_id)) then 'payable'
          else 'waiting' end as status, x.payable_from
      from ${entryStates(
        `n.amount_minor <> 0 and n.wallet_id in (
          select a.id from asked q join ledger_accounts a on a.type = 'wallet' and a.partner_id = q.partner_id and a.currency = q.currency)`,
        known,
      )} x
      where x.posted and x.kept and (x.free or x.payout_status in ('pending', 'ready'))
    ), standing as (
      select s.partner_id, s.wallet_currency, s.status, case when s.status = 'waiting' then s.payable_from end as from, count(*) as entries, sum(s.amount_minor)::text as amount
      from states s group by 1, 2, 3, 4
    ), earned as (
      select w.partner_id, w.currency, date_trunc('month', t.posting_date)::date as month, sum(case when t.credit_id = w.id then t.amount_minor else -t.amount_minor end) as minor
      from asked q
      join ledger_accounts w on w.type = 'wallet' and w.partner_id = q.partner_id and w.currency = q.currency
      join transfers t on w.id in (t.credit_id, t.debit_id) and t.posting_date >= ${months} and t.posting_date < ${ends}
      join postings g on g.id = t.posting_id and g.kind in ('decision', 'review') ${rejected}
      group by 1, 2, 3
    ), said as (
    select q.partner_id, q.currency, exists (select from figures f where f.partner_id = q.partner_id and f.currency = q.currency) as anything,
      jsonb_build_object(
        'programme', jsonb_build_object('code', g.name, 'zone', g.zone),
        'partner', jsonb_build_object('code', p.code, 'type', p.type),
        'currency', q.currency,
        'period', jsonb_build_object('from', ${starts}, 'to', ${ends}),
        'totals', statement_totals(q.partner_id, q.currency, ${starts}, ${ends}, ${moment}),
        'instances', coalesce((select jsonb_agg(jsonb_build_object('instance', f.instance, 'opening', f.opening::text, 'entries', f.entries::text, 'rejected', f.rejected::text,
            'paid', f.paid::text, 'withheld', f.withheld::text, 'fees', f.fees::text, 'returned', f.returned::text, 'closing', f.closing::text,
            'wallet', f.wallet::text, 'in_transit', f.in_transit::text) order by f.instance collate "C")
          from figures f where f.partner_id = q.partner_id and f.currency = q.currency), '[]'),
        'groups', ${list('groups', `x.instance collate "C", x.section, x.kind, x.rule, x.rate_ppm`)},
        'rejections', ${list('rejections', `x.date, x.instance collate "C", x.amount`)},
        'payouts', ${list('moved', 'x.date, x.change')},
        'holds', ${list('held', 'x.from, x.hold')},
        'standing', ${list('standing', 'x.status, x.from')},
        'year', jsonb_build_object('from', ${year}, 'totals', statement_totals(q.partner_id, q.currency, ${year}, ${ends}, ${moment})),
        'months', (select jsonb_agg(jsonb_build_object('month', to_char(m, 'YYYY-MM'), 'earned', coalesce(e.minor, 0)::text) order by m)
          from generate_series(${months}::timestamp, ${ends} - 1, interval '1 month') m
          left join earned e on e.partner_id = q.partner_id and e.currency = q.currency and e.month = m::date),
        'details', coalesce((select jsonb_build_object('entries', d.entries, 'sha256', d.sha256) from details d where d.partner_id = q.partner_id and d.currency = q.currency),
          jsonb_build_object('entries', 0, 'sha256', encode(sha256(''), 'hex'))),
        'names', jsonb_build_object('programme', g.title, 'partner', p.name, 'instances', coalesce((select jsonb_object_agg(f.instance, f.name)
          from figures f where f.partner_id = q.partner_id and f.currency = q.currency), '{}'),
          'accounts', coalesce((select jsonb_object_agg(t.instance || '/' || t.account, t.account_name) from told t
            where t.partner_id = q.partner_id and t.currency = q.currency and t.account_name is not null and exists (
              select from settings s where s.name = 'customer_names' and s.value = '1' and s.retired_seq is null and s.valid @> business_today())), '{}'),
          'paid_to', (select jsonb_build_object('kind', n.kind, 'mask', n.mask) from instruments n
            where n.partner_id = q.partner_id and n.currency = q.currency and not exists (select from instrument_retirements r where r.instrument_id = n.id)
            order by n.version desc limit 1),
          'run', (select max(g.run_id) from postings g where g.kind = 'decision' ${rejected})),
        'note', ${note === null ? 'null::text' : quoteLiteral(note)}) as content
    from asked q join partners p on p.id = q.partner_id cross join programme g)`;
}

/**
 * Makes the statements of a period that are not there yet, of one partner or of all: of whatever currency had something in
 * it, or before it and not paid. Returns how many. The database writes figures, number and hash (drizzle/0032).
 */
export async function makeStatements(
  tx: Connection,
  period: StatementPeriod,
  partnerId: number | null,
  note: string | null,
): Promise<number> {
  const [from, to] = [quoteLiteral(period.from), quoteLiteral(period.to)];
  const made = await tx.sql.unsafe(
    `with asked as materialized (
      select distinct a.partner_id, a.currency from ledger_accounts a
      where a.type = 'wallet' and ($1::bigint is null or a.partner_id = $1) and not exists (
        select from statements s where s.partner_id = a.partner_id and s.currency = a.currency and not s.voided
          and s.period_from = ${from}::date and s.period_to = ${to}::date)
    ), ${saidOf(period, null, note)}
    insert into statements (partner_id, currency, period_from, period_to, seen, content)
    select c.partner_id, c.currency, ${from}, ${to}, pg_current_snapshot(), c.content
    from said c join partners p on p.id = c.partner_id where c.anything order by p.code collate "C", c.currency`,
    [partnerId],
  );
  return made.count;
}

/** What would be said of a period now, of one partner or of all; a preview, which draws no number. */
export interface StatementPreview extends AsOf {
  readonly partner: string;
  readonly partnerId: number;
  readonly currency: string;
  readonly content: StatementContent;
  readonly contentHash: string;
  readonly createdBy: string;
}

/** Reads what statements of a period would say, in the order in which they would be made. */
export async function previewStatements(
  tx: Connection,
  period: StatementPeriod,
  partnerId: number | null,
): Promise<StatementPreview[]> {
  return [
    ...(await tx.sql.unsafe<StatementPreview[]>(
      `with asked as materialized (
        select distinct a.partner_id, a.currency from ledger_accounts a where a.type = 'wallet' and ($1::bigint is null or a.partner_id = $1)
      ), ${saidOf(period, null)}
      select p.code as partner, p.id::int as "partnerId", c.currency, c.content, statement_hash(c.content) as "contentHash", session_user::text as "createdBy",
        to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as instant, pg_current_snapshot()::text as snapshot
      from said c join partners p on p.id = c.partner_id where c.anything order by p.code collate "C", c.currency`,
      [partnerId],
    )),
  ];
}

/** A statement without what it says. Amounts in minor units. */
export interface StatementRow {
  readonly id: number;
  readonly number: number;
  readonly partner: string;
  readonly partnerId: number;
  readonly currency: string;
  readonly periodFrom: string;
  readonly periodTo: string;
  readonly corrects: number | null;
  readonly correctedBy: number | null;
  readonly voided: boolean;
  /** Who closed its months, so that nothing posts into its days any more, and when; null: they are not. */
  readonly closedBy: string | null;
  readonly closedOn: string | null;
  readonly voidReason: string | null;
  readonly voidedBy: string | null;
  readonly opening: string;
  readonly entries: string;
  readonly rejected: string;
  readonly paid: string;
  readonly withheld: string;
  readonly fees: string;
  readonly returned: string;
  readonly closing: string;
  readonly wallet: string;
  readonly inTransit: string;
  readonly contentHash: string;
  /** Its moment of the books. */
  readonly instant: string;
  readonly snapshot: string;
  readonly createdBy: string;
}

export interface StatementFilter {
  readonly number?: number | undefined;
  readonly partner?: string | undefined;
  readonly currency?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** Only those that are not voided. */
  readonly live?: boolean | undefined;
}

/** Statements, the latest number last. */
export async function selectStatements(tx: Connection, filter: StatementFilter, page: Page): Promise<StatementRow[]> {
  const { number = null, partner = null, currency = null, from = null, to = null, live = false } = filter;
  return [
    ...(await tx.sql<StatementRow[]>`
      select s.id::int, s.number::int, p.code as partner, p.id::int as "partnerId", s.currency, s.period_from as "periodFrom", s.period_to as "periodTo",
        c.number::int as corrects, n.number::int as "correctedBy", s.voided, e.created_by as "closedBy", to_char(e.recorded_at at time zone g.zone, 'YYYY-MM-DD') as "closedOn", v.reason as "voidReason", v.created_by as "voidedBy",
        s.opening_minor::text as opening, s.entries_minor::text as entries, s.rejected_minor::text as rejected, s.paid_minor::text as paid,
        s.withheld_minor::text as withheld, s.fees_minor::text as fees, s.returned_minor::text as returned, s.closing_minor::text as closing,
        s.wallet_minor::text as wallet, s.in_transit_minor::text as "inTransit", s.content_hash as "contentHash",
        to_char(s.taken_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as instant, s.seen::text as snapshot, s.created_by as "createdBy"
      from statements s join partners p on p.id = s.partner_id cross join programme g
      left join lateral (
        select c.created_by, c.recorded_at from period_changes c join periods m on m.starts_on = c.starts_on and m.status = 'closed'
        where c.status = 'closed' and c.starts_on >= date_trunc('month', s.period_to - 1) order by c.starts_on, c.id desc limit 1) e on true
      left join statements c on c.id = s.corrects_id left join statements n on n.corrects_id = s.id
      left join statement_voids v on v.statement_id = s.id
      where (${number}::bigint is null or s.number = ${number}) and (${partner}::text is null or p.code = ${partner})
        and (${currency}::text is null or s.currency = ${currency}) and (${from}::date is null or s.period_from >= ${from})
        and (${to}::date is null or s.period_to <= ${to}) and (not ${live}::boolean or not s.voided)
      order by s.number limit ${page.limit} offset ${page.offset}`),
  ];
}

/** What a statement says, as it is kept. */
export async function statementContent(tx: Connection, id: number): Promise<StatementContent> {
  const [row] = await tx.sql<{ content: StatementContent }[]>`select content from statements where id = ${id}`;
  return row!.content;
}

const asked = ({ partnerId, currency }: Pick<StatementRow, 'partnerId' | 'currency'>) =>
  `asked as materialized (select ${partnerId}::bigint as partner_id, ${quoteLiteral(currency)}::text as currency)`;

/** The entries that a statement is about, as they were known at its moment. */
export async function statementEntries(
  tx: Connection,
  row: Pick<StatementRow, 'partnerId' | 'currency'> & AsOf,
  period: StatementPeriod,
): Promise<StatementEntry[]> {
  return [
    ...(await tx.sql.unsafe<StatementEntry[]>(`
      with ${asked(row)}
      select t.section, t.entry, t.date, t.occurred, t.instance, t.account, t.product, t.reference, t.kind, t.rule::int, t.rate_ppm,
        t.base_minor::text as base, t.base_currency, t.amount_minor::text as amount
      from ${entriesOf(period, row)} t order by t.event_id, t.leg`)),
  ];
}

/** Whether it comes out again: of the books as they were known at its moment, and as they are now. Names are of their time. */
export async function recomputeStatement(
  tx: Connection,
  row: StatementRow,
  period: StatementPeriod,
): Promise<{
  readonly kept: boolean;
  readonly proved: boolean;
  readonly current: StatementContent;
  readonly isCurrent: boolean;
}> {
  const again = async (asOf: AsOf | null) => {
    const [found] = await tx.sql.unsafe<{ same: boolean; kept: boolean; content: StatementContent }[]>(
      `with ${asked(row)}, ${saidOf(period, asOf)}
      select s.content - '{names,note}'::text[] = c.content - '{names,note}'::text[] as same, s.content_hash = statement_hash(s.content) as kept, c.content
      from statements s cross join said c where s.id = ${row.id}`,
    );
    return found!;
  };
  const [then, now] = [await again(row), await again(null)];
  return { kept: then.kept, proved: then.same, current: now.content, isCurrent: now.same };
}

/** Voids a statement. */
export async function voidStatement(tx: Connection, id: number, reason: string): Promise<void> {
  await tx.sql`insert into statement_voids (statement_id, reason) values (${id}, ${reason})`;
}
