import { list } from '../arrays.ts';
import type { Connection } from '../connection.ts';
import type { DateRange } from '../schema/column-types.ts';
import { parseDateRange } from '../schema/column-types.ts';
import { referralCodes } from '../schema/referrals.ts';
import type {
  AttributionModel,
  FunnelKey,
  ReferralShare,
  ReferralState,
  ReferralStatus,
} from '../../domain/referrals.ts';
import type { Page } from './order.ts';

// ── Codes ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ReferralCodeRow {
  readonly id: number;
  readonly code: string;
  readonly partnerId: number;
  readonly partner: string;
  readonly campaign: string | null;
  readonly landingUrl: string | null;
  readonly signupMinor: bigint | null;
  readonly currency: string | null;
  readonly valid: DateRange;
  /** Touches, and referrals that came by it first. */
  readonly clicks: number;
  readonly referrals: number;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface ReferralCodeFilter {
  readonly code?: string | undefined;
  readonly partnerId?: number | undefined;
  readonly campaign?: string | undefined;
}

/** Codes in their order. */
export async function selectReferralCodes(
  tx: Connection,
  filter: ReferralCodeFilter,
  page: Page,
): Promise<ReferralCodeRow[]> {
  const { code = null, partnerId = null, campaign = null } = filter;
  const rows = await tx.sql<
    (Omit<ReferralCodeRow, 'signupMinor' | 'valid'> & { signupMinor: string | null; valid: string })[]
  >`
    select c.id::int, c.code, c.partner_id::int as "partnerId", p.code as partner, c.campaign, c.landing_url as "landingUrl",
      c.signup_minor::text as "signupMinor", c.currency, c.valid::text,
      coalesce(n.clicks, 0) as clicks, coalesce(n.referrals, 0) as referrals,
      c.created_by as "createdBy", c.recorded_at as "recordedAt"
    from referral_codes c join partners p on p.id = c.partner_id
    left join (
      select t.code_id, count(*)::int as clicks, count(*) filter (where t.place = 1)::int as referrals
      from (select code_id, row_number() over (partition by referral_id order by touched_at, id) as place from referral_touches) t group by 1
    ) n on n.code_id = c.id
    where (${code}::text is null or c.code = ${code}) and (${partnerId}::bigint is null or c.partner_id = ${partnerId})
      and (${campaign}::text is null or c.campaign = ${campaign})
    order by c.code collate "C" limit ${page.limit} offset ${page.offset}`;
  return rows.map(({ signupMinor, valid, ...row }) => ({
    ...row,
    signupMinor: signupMinor === null ? null : BigInt(signupMinor),
    valid: parseDateRange(valid),
  }));
}

export interface NewReferralCode {
  readonly code: string;
  readonly partnerId: number;
  readonly campaign: string | null;
  readonly landingUrl: string | null;
  readonly signupMinor: bigint | null;
  readonly currency: string | null;
  readonly valid: DateRange;
}

export async function insertReferralCode(tx: Connection, code: NewReferralCode): Promise<void> {
  await tx.orm.insert(referralCodes).values(code);
}

// ── Clicks ────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** One intake of clicks at a time, to the end of the transaction: the second one then knows the visitors of the first. */
export async function lockClicks(tx: Connection): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.clicks', 0))`;
}

/** The keyed hashes of texts, in their order. What is hashed leaves no trace in the books. */
export async function hashesOf(tx: Connection, texts: readonly string[]): Promise<string[]> {
  const rows = await tx.sql<{ hash: string }[]>`
    select referral_hash(x) as hash from json_array_elements_text(${JSON.stringify(texts)}::json) with ordinality t (x, n) order by n`;
  return rows.map(({ hash }) => hash);
}

/** Which of these visitors is an open referral, by hash. */
export async function openVisitors(tx: Connection, hashes: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.sql<{ hash: string; id: number }[]>`
    select r.visitor_hash as hash, r.id::int from referrals r
    where r.visitor_hash = any (${list(hashes)}::text[]) and referral_status(r.id) in ('new', 'qualified')`;
  return new Map(rows.map(({ hash, id }) => [hash, id]));
}

/** Clicks on codes that these visitors made whenever: of whatever referral, open or not. By visitor, code and instant. */
export async function clicksOf(
  tx: Connection,
  hashes: readonly string[],
): Promise<{ hash: string; codeId: number; touchedOn: string; referralId: number }[]> {
  return [
    ...(await tx.sql<{ hash: string; codeId: number; touchedOn: string; referralId: number }[]>`
      select r.visitor_hash as hash, t.code_id::int as "codeId", t.touched_on as "touchedOn", r.id::int as "referralId"
      from referrals r join referral_touches t on t.referral_id = r.id where r.visitor_hash = any (${list(hashes)}::text[])`),
  ];
}

export interface NewReferral {
  readonly visitorHash: string | null;
  readonly email: string | null;
  readonly name: string | null;
  readonly company: string | null;
}

/** Makes referrals and returns their ids in their order. */
export async function insertReferrals(tx: Connection, made: readonly NewReferral[]): Promise<number[]> {
  if (made.length === 0) return [];
  const rows = await tx.sql<{ id: number }[]>`
    insert into referrals (visitor_hash, email, name, company)
    select x."visitorHash", x.email, x.name, x.company
    from rows from (json_to_recordset(${JSON.stringify(made)}::json) as ("visitorHash" text, email text, name text, company text)) with ordinality x
    order by x.ordinality returning id::int`;
  return rows.map(({ id }) => id);
}

export interface NewTouch {
  readonly referralId: number;
  readonly codeId: number;
  /** ISO 8601. */
  readonly touchedAt: string;
  readonly touchedOn: string;
  readonly source: string;
  readonly campaign: string | null;
  readonly landingUrl: string | null;
  readonly referrerUrl: string | null;
  readonly ipHash: string | null;
  readonly userAgent: string | null;
}

export async function insertTouches(tx: Connection, touches: readonly NewTouch[]): Promise<void> {
  await tx.sql`
    insert into referral_touches (referral_id, code_id, touched_at, touched_on, source, campaign, landing_url, referrer_url, ip_hash, user_agent)
    select x."referralId", x."codeId", x."touchedAt", x."touchedOn", x.source, x.campaign, x."landingUrl", x."referrerUrl", x."ipHash", x."userAgent"
    from rows from (json_to_recordset(${JSON.stringify(touches)}::json) as ("referralId" bigint, "codeId" bigint, "touchedAt" timestamptz, "touchedOn" date,
      source text, campaign text, "landingUrl" text, "referrerUrl" text, "ipHash" text, "userAgent" text)) with ordinality x
    order by x.ordinality`;
}

// ── Referrals ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface ReferralRow {
  readonly id: number;
  readonly status: ReferralStatus;
  /** Of its first touch. */
  readonly partner: string;
  readonly code: string;
  readonly source: string;
  readonly campaign: string | null;
  readonly touches: number;
  readonly firstOn: string;
  readonly lastOn: string;
  readonly name: string | null;
  readonly company: string | null;
  readonly email: string | null;
  /** When it became what it is. */
  readonly statusOn: string;
  readonly reason: string | null;
  readonly instance: string | null;
  readonly account: string | null;
  readonly model: AttributionModel | null;
  /** 'acme 60%' as millionths: partner and share, largest first. */
  readonly shares: readonly { readonly partner: string; readonly sharePpm: number }[];
  readonly request: number | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export interface ReferralFilter {
  readonly id?: number | undefined;
  /** Who brought it. */
  readonly partnerId?: number | undefined;
  readonly code?: string | undefined;
  readonly status?: ReferralStatus | undefined;
  readonly source?: string | undefined;
  readonly campaign?: string | undefined;
  /** Of its first touch. */
  readonly from?: string | null | undefined;
  readonly to?: string | null | undefined;
}

/** Referrals, the latest first. */
export async function selectReferrals(tx: Connection, filter: ReferralFilter, page: Page): Promise<ReferralRow[]> {
  const { id = null, partnerId = null, code = null, status = null, source = null, campaign = null } = filter;
  const { from = null, to = null } = filter;
  return [
    ...(await tx.sql<ReferralRow[]>`
      select r.id::int, coalesce(l.status, 'new') as status, p.code as partner, c.code, f.source, f.campaign, t.touches, f.touched_on as "firstOn",
        t.last_on as "lastOn", r.name, r.company, r.email, coalesce(l.effective_on, f.touched_on) as "statusOn", l.reason, i.code as instance,
        a.code as account, v.model, v.request_id::int as request, r.created_by as "createdBy", r.recorded_at as "recordedAt",
        coalesce((select json_agg(json_build_object('partner', q.code, 'sharePpm', s.share_ppm) order by s.share_ppm desc, q.code collate "C")
          from referral_shares s join partners q on q.id = s.partner_id where s.referral_id = r.id), '[]') as shares
      from referrals r
      cross join lateral (select * from referral_touches x where x.referral_id = r.id order by x.touched_at, x.id limit 1) f
      cross join lateral (select count(*)::int as touches, max(x.touched_on) as last_on from referral_touches x where x.referral_id = r.id) t
      join referral_codes c on c.id = f.code_id join partners p on p.id = c.partner_id
      left join lateral (select * from referral_states x where x.referral_id = r.id order by x.ordinal desc limit 1) l on true
      left join referral_conversions v on v.referral_id = r.id
      left join accounts a on a.id = v.account_id left join instances i on i.id = a.instance_id
      where (${id}::bigint is null or r.id = ${id}) and (${partnerId}::bigint is null or c.partner_id = ${partnerId})
        and (${code}::text is null or c.code = ${code}) and (${status}::text is null or coalesce(l.status, 'new') = ${status})
        and (${source}::text is null or f.source = ${source}) and (${campaign}::text is null or f.campaign = ${campaign})
        and (${from}::date is null or f.touched_on >= ${from}::date) and (${to}::date is null or f.touched_on < ${to}::date)
      order by f.touched_at desc, r.id desc limit ${page.limit} offset ${page.offset}`),
  ];
}

export interface TouchRow {
  readonly id: number;
  readonly code: string;
  readonly partnerId: number;
  readonly partner: string;
  readonly touchedAt: string;
  readonly touchedOn: string;
  readonly source: string;
  readonly campaign: string | null;
  readonly landingUrl: string | null;
  readonly referrerUrl: string | null;
  readonly ipHash: string | null;
  readonly userAgent: string | null;
  /** How long a click on its partner's codes counts, as known at a number, on a day. */
  readonly cookieDays: number;
  /** What its code promises for a signup. */
  readonly signupMinor: string | null;
  readonly currency: string | null;
}

/** Touches of a referral in their order. */
export async function touchesOf(
  tx: Connection,
  referralId: number,
  day: string,
  knownSeq: number,
): Promise<TouchRow[]> {
  return [
    ...(await tx.sql<TouchRow[]>`
      select t.id::int, c.code, c.partner_id::int as "partnerId", p.code as partner, t.touched_at as "touchedAt", t.touched_on as "touchedOn", t.source, t.campaign,
        t.landing_url as "landingUrl", t.referrer_url as "referrerUrl", t.ip_hash as "ipHash", t.user_agent as "userAgent",
        cookie_days(c.partner_id, ${day}, ${knownSeq}) as "cookieDays", c.signup_minor::text as "signupMinor", c.currency
      from referral_touches t join referral_codes c on c.id = t.code_id join partners p on p.id = c.partner_id
      where t.referral_id = ${referralId} order by t.touched_at, t.id`),
  ];
}

export interface ReferralStateRow {
  readonly status: ReferralState;
  readonly effectiveOn: string;
  readonly reason: string | null;
  readonly createdBy: string;
  readonly recordedAt: string;
}

export async function referralStatesOf(tx: Connection, referralId: number): Promise<ReferralStateRow[]> {
  return [
    ...(await tx.sql<ReferralStateRow[]>`
      select status, effective_on as "effectiveOn", reason, created_by as "createdBy", recorded_at as "recordedAt"
      from referral_states where referral_id = ${referralId} order by ordinal`),
  ];
}

/** Says what referrals become, one state after their last. */
export async function insertReferralStates(
  tx: Connection,
  referralIds: readonly number[],
  state: { readonly status: ReferralState; readonly on: string; readonly reason: string | null },
): Promise<void> {
  await tx.sql`
    insert into referral_states (referral_id, ordinal, status, effective_on, reason)
    select x.id, coalesce((select max(s.ordinal) from referral_states s where s.referral_id = x.id), 0) + 1, ${state.status}, ${state.on}, ${state.reason}
    from unnest(${list(referralIds)}::bigint[]) x (id) order by x.id`;
}

/** Open referrals of which no touch counts on a day any more, oldest first. */
export async function expiringReferrals(tx: Connection, day: string, partnerId: number | null): Promise<number[]> {
  const rows = await tx.sql<{ id: number }[]>`
    select r.id::int from referrals r
    where referral_status(r.id) in ('new', 'qualified')
      and (${partnerId}::bigint is null or (select c.partner_id from referral_touches t join referral_codes c on c.id = t.code_id
        where t.referral_id = r.id order by t.touched_at, t.id limit 1) = ${partnerId})
      and not exists (select from referral_attribution(r.id, 'linear', ${day}, (select max(k.known_seq) from known_changes k)))
      and not exists (select from referral_touches t where t.referral_id = r.id and t.touched_on > ${day})
    order by r.id`;
  return rows.map(({ id }) => id);
}

/** Takes the referral, so that what becomes of it is said once. Needs no right to update it. */
export async function lockReferral(tx: Connection, id: number): Promise<void> {
  await tx.sql`select lock_referral(${String(id)})`;
}

/** The referral that an account came by; null where none did. */
export async function referralOfAccount(tx: Connection, accountId: number): Promise<number | null> {
  const [row] = await tx.sql<{ id: number }[]>`
    select referral_id::int as id from referral_conversions where account_id = ${accountId}`;
  return row?.id ?? null;
}

export interface NewConversion {
  readonly referralId: number;
  readonly accountId: number;
  readonly convertedOn: string;
  readonly model: AttributionModel;
  readonly knownSeq: number;
  readonly requestId: number | null;
  readonly shares: readonly ReferralShare[];
}

export async function insertConversion(tx: Connection, made: NewConversion): Promise<void> {
  await tx.sql`
    insert into referral_conversions (referral_id, account_id, converted_on, model, known_seq, request_id)
    values (${made.referralId}, ${made.accountId}, ${made.convertedOn}, ${made.model}, ${made.knownSeq}, ${made.requestId})`;
  await tx.sql`
    insert into referral_shares (referral_id, partner_id, touches, share_ppm)
    select ${made.referralId}, x."partnerId", x.touches, x."sharePpm"
    from json_to_recordset(${JSON.stringify(made.shares)}::json) x ("partnerId" bigint, touches int, "sharePpm" int)`;
}

// ── Funnel ────────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface FunnelRow {
  readonly key: string | null;
  readonly clicks: number;
  readonly referrals: number;
  readonly qualified: number;
  readonly converted: number;
  /** Converted, and has paid. */
  readonly paying: number;
  readonly lost: number;
  readonly expired: number;
  readonly open: number;
  /** Payments less returns of those customers, by currency, in minor units. */
  readonly revenue: readonly { readonly currency: string; readonly minor: string }[];
}

/** How far referrals came, by where they came from first; clicks by where each came from. The most referrals first. */
export async function funnelRows(
  tx: Connection,
  by: FunnelKey,
  { from, to }: DateRange,
  partnerId: number | null,
): Promise<FunnelRow[]> {
  const key = tx.sql.unsafe({ source: 't.source', partner: 'p.code', campaign: 't.campaign' }[by]);
  const within = tx.sql`(${from}::date is null or t.touched_on >= ${from}::date) and (${to}::date is null or t.touched_on < ${to}::date)
    and (${partnerId}::bigint is null or c.partner_id = ${partnerId})`;
  return [
    ...(await tx.sql<FunnelRow[]>`
      with clicked as (
        select ${key} as key, count(*)::int as clicks
        from referral_touches t join referral_codes c on c.id = t.code_id join partners p on p.id = c.partner_id where ${within} group by 1
      ), came as (
        select distinct on (t.referral_id) t.referral_id, t.touched_on, c.partner_id, ${key} as key
        from referral_touches t join referral_codes c on c.id = t.code_id join partners p on p.id = c.partner_id
        order by t.referral_id, t.touched_at, t.id
      ), stood as (
        select t.key, t.referral_id, referral_status(t.referral_id) as status, v.account_id,
          exists (select from referral_states s where s.referral_id = t.referral_id and s.status = 'qualified') as was_qualified
        from came t cross join lateral (select t.partner_id) c left join referral_conversions v on v.referral_id = t.referral_id where ${within}
      ), paid as (
        select s.key, s.account_id, e.currency, sum(e.net_minor) as minor, bool_or(e.kind = 'payment') as paying
        from stood s join accounts a on a.id = s.account_id
        join revenue_events e on e.account_id = s.account_id and e.instance_id = a.instance_id
          and e.kind in ('payment', 'refund', 'chargeback', 'chargeback_won')
          and not exists (select from revenue_events v where v.voids_id = e.id and v.voids_id is not null)
        group by 1, 2, 3
      ), counted as (
        select key, count(*)::int as referrals, count(*) filter (where was_qualified or status = 'converted')::int as qualified,
          count(*) filter (where status = 'converted')::int as converted, count(*) filter (where status = 'lost')::int as lost,
          count(*) filter (where status = 'expired')::int as expired, count(*) filter (where status in ('new', 'qualified'))::int as open
        from stood group by 1
      ), money as (
        select key, json_agg(json_build_object('currency', currency, 'minor', minor::text) order by currency collate "C") as revenue
        from (select key, currency, sum(minor) as minor from paid group by 1, 2) x group by 1
      ), payers as (
        select key, count(distinct account_id) filter (where paying)::int as paying from paid group by 1
      )
      select k.key, coalesce(d.clicks, 0) as clicks, coalesce(n.referrals, 0) as referrals, coalesce(n.qualified, 0) as qualified,
        coalesce(n.converted, 0) as converted, coalesce(y.paying, 0) as paying, coalesce(n.lost, 0) as lost, coalesce(n.expired, 0) as expired,
        coalesce(n.open, 0) as open, coalesce(m.revenue, '[]'::json) as revenue
      from (select key from clicked union select key from counted) k
      left join clicked d on d.key is not distinct from k.key left join counted n on n.key is not distinct from k.key
      left join money m on m.key is not distinct from k.key left join payers y on y.key is not distinct from k.key
      order by referrals desc, clicks desc, k.key collate "C" nulls last`),
  ];
}
