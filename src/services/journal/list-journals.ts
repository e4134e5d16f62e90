import { selectJournals } from '../../db/queries/journals.ts';
import type { Page } from '../../db/queries/order.ts';
import type { JournalTarget } from '../../domain/accounting.ts';
import type { Context } from '../context.ts';
import { parseMonth } from '../period/list-periods.ts';
import { findJournal, journalView, type JournalView } from './journal-view.ts';

/** Journals that were handed over, the latest first. Reads only. Throws UsageError `period_no_month`. */
export async function listJournals(
  ctx: Context,
  filter: { readonly period?: string | undefined; readonly format?: JournalTarget | undefined; readonly live: boolean },
  page: Page,
): Promise<JournalView[]> {
  const { period, format, live } = filter;
  const startsOn = period === undefined ? undefined : parseMonth(ctx, period).from;
  return (await selectJournals(ctx.db, { startsOn, format, live }, page)).map(journalView);
}

/** One journal. Reads only. Throws NotFoundError `journal_not_found`. */
export async function showJournal(ctx: Context, number: number): Promise<JournalView> {
  return journalView(await findJournal(ctx.db, number));
}
