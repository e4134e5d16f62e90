import type { NoticeKind, NoticeStatus } from '../../domain/notices.ts';
import type { Connection } from '../connection.ts';

/** A notice as it stands, with what writing it wants to know. */
export interface NoticeRow {
  readonly id: number;
  readonly key: string;
  readonly kind: NoticeKind;
  readonly status: NoticeStatus;
  readonly payout: string;
  readonly partner: string;
  readonly partnerName: string;
  readonly currency: string;
  /** Minor units. */
  readonly amount: string;
  /** The mask of the account; null: paid by hand. */
  readonly account: string | null;
  /** Where the last attempt went, or before it the first one would; null: the partner has no address any more. */
  readonly recipient: string | null;
  readonly attempts: number;
  readonly message: string | null;
  readonly attemptedAt: string | null;
  /** Seconds since the last attempt, or since its answer; null before it. */
  readonly attemptedSeconds: number | null;
  readonly recordedAt: string;
}

export interface NoticeFilter {
  readonly id?: number | undefined;
  readonly status?: NoticeStatus | undefined;
  readonly partner?: string | undefined;
}

/** Notices, the latest first. */
export async function noticeRows(
  tx: Connection,
  filter: NoticeFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<NoticeRow[]> {
  return await selected(
    tx,
    tx.sql`where (${filter.id ?? null}::bigint is null or n.id = ${filter.id ?? null})
      and (${filter.status ?? null}::text is null or n.status = ${filter.status ?? null})
      and (${filter.partner ?? null}::text is null or a.code = ${filter.partner ?? null})
      order by n.id desc limit ${page.limit} offset ${page.offset}`,
  );
}

/** What nobody has tried, or the mail server may take by now, in the order of what it tells. */
export async function unsentNotices(tx: Connection): Promise<NoticeRow[]> {
  return await selected(tx, tx.sql`where n.status in ('pending', 'deferred') and a.email is not null order by n.id`);
}

async function selected(tx: Connection, rest: ReturnType<Connection['sql']>): Promise<NoticeRow[]> {
  return [
    ...(await tx.sql<NoticeRow[]>`
      select n.id::int, n.key, n.kind, n.status, p.number as payout, a.code as partner, a.name as "partnerName", p.currency, p.sent_minor::text as amount,
        i.mask as account, coalesce(n.recipient, a.email) as recipient, n.attempts, n.message, n.attempted_at as "attemptedAt",
        extract(epoch from clock_timestamp() - n.attempted_at)::float8 as "attemptedSeconds", n.recorded_at as "recordedAt"
      from notice_standings n join payouts p on p.id = n.payout_id join partners a on a.id = p.partner_id
      left join instruments i on i.id = p.instrument_id ${rest}`),
  ];
}

/** Held to the end of the transaction: of two who send the same notice the second sees what the first has claimed. */
export async function lockNotice(tx: Connection, id: number): Promise<void> {
  await tx.sql`select pg_advisory_xact_lock(hashtextextended(current_schema() || '.notices.' || ${id}::text, 0))`;
}

/** Claims a notice; number, address and time are the database's, which also refuses what is not to be sent. */
export async function insertNoticeAttempt(
  tx: Connection,
  claim: { readonly noticeId: number; readonly asked: boolean },
): Promise<{ readonly id: number; readonly recipient: string }> {
  const [made] = await tx.sql<{ id: number; recipient: string }[]>`
    insert into notice_attempts (notice_id, asked) values (${claim.noticeId}, ${claim.asked}) returning id::int, recipient`;
  return made!;
}

export async function insertNoticeOutcome(
  tx: Connection,
  said: { readonly attemptId: number; readonly outcome: string; readonly message: string | null },
): Promise<void> {
  await tx.sql`insert into notice_outcomes (attempt_id, outcome, message) values (${said.attemptId}, ${said.outcome}, ${said.message})`;
}

/** One attempt at sending a notice; `outcome` null: nobody answered. */
export interface NoticeAttempt {
  readonly nth: number;
  readonly recipient: string;
  readonly outcome: string | null;
  readonly message: string | null;
  readonly attemptedAt: string;
  readonly createdBy: string;
}

export async function noticeAttemptRows(tx: Connection, noticeId: number): Promise<NoticeAttempt[]> {
  return [
    ...(await tx.sql<NoticeAttempt[]>`
      select t.nth, t.recipient, o.outcome, o.message, t.recorded_at as "attemptedAt", t.created_by as "createdBy"
      from notice_attempts t left join notice_outcomes o on o.attempt_id = t.id where t.notice_id = ${noticeId} order by t.nth`),
  ];
}
