import type { Connection } from '../../db/connection.ts';
import { disputeRows, type DisputeFilter, type DisputeRow } from '../../db/queries/disputes.ts';
import type { Page } from '../../db/queries/order.ts';
import { parseEntry } from '../../domain/entry-number.ts';
import { NotFoundError, RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import { readFilter } from '../commission/commission-filter.ts';
import type { Context } from '../context.ts';
import { within } from '../mutation.ts';
import { holdCommissions, releaseCommissions } from '../review/hold-commissions.ts';
import { reviewCommissions } from '../review/review-commissions.ts';

/** A dispute as people read it; the amount is a decimal string. Of a dry run it has no number. */
export interface Dispute extends Omit<DisputeRow, 'id'> {
  readonly id: number | null;
}

const disputeView = (row: DisputeRow): Dispute => ({ ...row, amount: formatMinor(BigInt(row.amount), row.currency) });

const ONE = { limit: 1, offset: 0 };

/** Disputes, the latest first. Reads only. Throws NotFoundError for codes that name nothing. */
export async function listDisputes(
  ctx: Context,
  filter: Pick<DisputeFilter, 'partner' | 'instance' | 'status'>,
  page: Page,
): Promise<Dispute[]> {
  await readFilter(ctx.db, { partner: filter.partner, instance: filter.instance });
  return (await disputeRows(ctx.db, filter, page)).map(disputeView);
}

/** One of them. Reads only. Throws NotFoundError `dispute_not_found`. */
export async function showDispute(ctx: Context, id: number): Promise<Dispute> {
  return disputeView(await findDispute(ctx.db, id));
}

async function findDispute(tx: Connection, id: number): Promise<DisputeRow> {
  const [row] = await disputeRows(tx, { id }, ONE);
  if (row === undefined) throw new NotFoundError('dispute', String(id), '`revshare dispute list` shows what there is');
  return row;
}

/**
 * Opens a dispute about an entry: a hold of its own, of that reason, which keeps it out of every payout until it is resolved.
 * Writes. Throws as `holdCommissions` does, and UsageError `entry_leg` where the number means several.
 */
export async function openDispute(
  ctx: Context,
  { entry, reason }: { readonly entry: string; readonly reason: string },
): Promise<Dispute> {
  const { eventId, leg } = parseEntry(entry);
  if (leg === null) {
    throw new UsageError('entry_leg', `event ${eventId} may have several shares, and one of them is disputed`, {
      hint: `name it, as ${eventId}.0; \`revshare commission list\` shows them`,
    });
  }
  return await ctx.write(async (tx) => {
    await holdCommissions(within(ctx, tx), { reason: 'dispute', note: reason, selection: { entries: [entry] } });
    const [row] = await disputeRows(tx, { openOn: { eventId, leg } }, ONE);
    return { ...disputeView(row!), id: ctx.dryRun ? null : row!.id };
  });
}

/**
 * Resolves a dispute: releases the entry, so that it is paid after all, or rejects it, which takes it back, its refunds with
 * it, and posts that. Both leave the dispute as it was said. Writes, in one transaction.
 * Throws NotFoundError `dispute_not_found`, RefusedError `dispute_resolved`, and as `reviewCommissions` does.
 */
export async function resolveDispute(
  ctx: Context,
  { id, outcome, note }: { readonly id: number; readonly outcome: 'released' | 'rejected'; readonly note: string },
): Promise<Dispute> {
  return await ctx.write(async (tx) => {
    const { entry, status, resolvedBy } = await findDispute(tx, id);
    if (status !== 'open') {
      throw new RefusedError('dispute_resolved', `dispute ${id} was ${status} by ${resolvedBy}`, {
        hint: 'what is disputed again is opened again: revshare dispute open',
      });
    }
    const selection = { entries: [entry] };
    if (outcome === 'rejected') {
      await reviewCommissions(within(ctx, tx), { verdict: 'rejected', reason: note, selection });
    }
    await releaseCommissions(within(ctx, tx), { reason: 'dispute', note, selection });
    return disputeView(await findDispute(tx, id));
  });
}
