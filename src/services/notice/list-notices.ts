import {
  noticeAttemptRows,
  noticeRows,
  type NoticeAttempt,
  type NoticeFilter,
  type NoticeRow,
} from '../../db/queries/notices.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { noticeText } from '../../domain/notices.ts';
import type { Context } from '../context.ts';

export type { NoticeRow } from '../../db/queries/notices.ts';

/** Notices, the latest first. Reads only. */
export async function listNotices(
  ctx: Context,
  filter: NoticeFilter,
  page: { readonly limit: number; readonly offset: number },
): Promise<NoticeRow[]> {
  return await noticeRows(ctx.db, filter, page);
}

export interface NoticeDetails extends NoticeRow {
  readonly subject: string;
  readonly text: string;
  readonly tried: readonly NoticeAttempt[];
}

/** One notice as it would be written now, and each attempt at it. Reads only. Throws NotFoundError. */
export async function showNotice(ctx: Context, id: number): Promise<NoticeDetails> {
  const [row] = await noticeRows(ctx.db, { id }, { limit: 1, offset: 0 });
  if (row === undefined) throw new NotFoundError('notice', String(id), '`revshare notice list` shows the numbers');
  return { ...row, ...writtenNotice(row), tried: await noticeAttemptRows(ctx.db, id) };
}

export function writtenNotice(row: NoticeRow): { readonly subject: string; readonly text: string } {
  return noticeText({ ...row, amount: BigInt(row.amount) });
}
