import {
  insertNoticeAttempt,
  insertNoticeOutcome,
  lockNotice,
  noticeRows,
  unsentNotices,
  type NoticeRow,
} from '../../db/queries/notices.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { backOffSeconds, MOST_ATTEMPTS } from '../../domain/attempts.ts';
import { UnavailableError } from '../../domain/errors.ts';
import { openMailServer, type MailServer } from '../../mail/mail-server.ts';
import type { Context, Unit } from '../context.ts';
import { showNotice, writtenNotice } from './list-notices.ts';

const isDue = ({ status, attempts, attemptedSeconds }: NoticeRow): boolean =>
  status === 'pending' ||
  (status === 'deferred' && attempts < MOST_ATTEMPTS && attemptedSeconds! >= backOffSeconds(attempts));

/**
 * Sends what waits to be sent, and what the mail server did not take for now, when its time has come: a quarter of an hour
 * after the first attempt, then twice as long each time. Each is claimed, and the claim committed, before it is handed in:
 * two who send at once send it once, and what was claimed by somebody who died is not sent again by itself. On a dry run the
 * mail server is not called, and what would be sent is returned.
 *
 * Writes, two transactions a notice. Throws UnavailableError `mail_not_configured`, `mail_unreachable`.
 */
export async function sendNotices(ctx: Context): Promise<NoticeRow[]> {
  const due = (await unsentNotices(ctx.db)).filter(isDue);
  return ctx.dryRun ? due : await handIn(ctx, due, false);
}

/**
 * Sends one once more because a person asks: what was refused, what may have arrived, what waits. Never what was sent, or is
 * being sent. On a dry run the mail server is not called.
 *
 * Writes. Throws NotFoundError, RefusedError `notice`, and as `sendNotices` does.
 */
export async function resendNotice(ctx: Context, id: number): Promise<NoticeRow> {
  const row = await showNotice(ctx, id);
  if (ctx.dryRun) {
    await ctx.write(async (tx) => await insertNoticeAttempt(tx, { noticeId: id, asked: true }));
    return row;
  }
  return (await handIn(ctx, [row], true))[0]!;
}

/**
 * The job's share. What a person has to look at is told: what was refused, what may have arrived, what was deferred too
 * often. Writes; on a dry run the mail server is not called.
 */
export async function sendNoticesByNight(work: { ctx: Context; unit: Unit }): Promise<{
  readonly summary: Readonly<Record<string, unknown>>;
  readonly failures: readonly string[];
}> {
  // What is written is written under the job's claim.
  const ctx: Context = { ...work.ctx, write: work.unit };
  const worn = (await unsentNotices(ctx.db)).filter(({ attempts }) => attempts >= MOST_ATTEMPTS);
  const failures = worn.map((row) => `${noticeName(row)}: deferred ${row.attempts} times, ${row.message}`);
  let done: NoticeRow[] = [];
  try {
    done = await sendNotices(ctx);
  } catch (error) {
    if (!(error instanceof UnavailableError) || !error.code.startsWith('mail_')) throw error;
    failures.push(`${error.code}: ${error.message}`);
  }
  failures.push(...done.filter(isNotSent).map((row) => `${noticeName(row)}: ${row.status}, ${row.message}`));
  const sent = done.filter(({ status }) => status === 'sent').length;
  const unknown = await noticeRows(ctx.db, { status: 'unknown' }, ALL_ROWS);
  return { summary: { due: done.length, sent, unknown: unknown.length }, failures: ctx.dryRun ? [] : failures };
}

export const noticeName = ({ id, payout, kind }: NoticeRow): string => `notice ${id} of ${payout}, ${kind}`;
export const isNotSent = ({ status }: NoticeRow): boolean => status !== 'sent';

async function handIn(ctx: Context, rows: readonly NoticeRow[], asked: boolean): Promise<NoticeRow[]> {
  const told: NoticeRow[] = [];
  let server: MailServer | null = null;
  try {
    for (const { id } of rows) {
      server ??= await openMailServer(ctx.mail);
      const claimed = await claim(ctx, id, asked);
      if (claimed === null) continue;
      const { row, attempt } = claimed;
      const answer = await server.send({
        ...writtenNotice(row),
        messageId: `<${row.key}@notices.revshare>`,
        to: attempt.recipient,
        date: new Date(ctx.clock.now()),
      });
      await ctx.write(async (tx) => await insertNoticeOutcome(tx, { attemptId: attempt.id, ...answer }));
      told.push((await noticeRows(ctx.db, { id }, { limit: 1, offset: 0 }))[0]!);
      ctx.progress.step('notices', told.length, rows.length);
      if (answer.outcome !== 'sent') {
        server.close();
        server = null;
      }
    }
  } finally {
    server?.close();
    ctx.progress.done();
  }
  return told;
}

/** Null where another was faster. */
async function claim(
  ctx: Context,
  id: number,
  asked: boolean,
): Promise<{ readonly row: NoticeRow; readonly attempt: { readonly id: number; readonly recipient: string } } | null> {
  return await ctx.write(async (tx) => {
    await lockNotice(tx, id);
    const [row] = await noticeRows(tx, { id }, { limit: 1, offset: 0 });
    if (!asked && !isDue(row!)) return null;
    return { row: row!, attempt: await insertNoticeAttempt(tx, { noticeId: id, asked }) };
  });
}
