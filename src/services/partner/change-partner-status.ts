import { giveFreezeReason, lockPartner, updatePartner, type PartnerRow } from '../../db/queries/partners.ts';
import { assertPartnerTransition, type PartnerStatus } from '../../domain/partner-status.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { findPartner } from './find-partner.ts';

/**
 * Freezes a partner: it goes on earning, as held, and is paid nothing until it is activated. The hold is made by the
 * database with the change of status, and carries the reason. Writes.
 * Throws NotFoundError, RefusedError `partner_status_unchanged`, `partner_transition`.
 */
export async function freezePartner(ctx: Context, code: string, reason: string | undefined): Promise<PartnerRow> {
  return await changeStatus(ctx, code, 'suspended', reason);
}

/** Makes a pending, inactive or frozen partner active; a freeze's hold is released with it. Writes. Throws as `freezePartner`. */
export async function activatePartner(ctx: Context, code: string): Promise<PartnerRow> {
  return await changeStatus(ctx, code, 'active');
}

/** Puts a partner away for good. Writes. Throws as `freezePartner`. */
export async function archivePartner(ctx: Context, code: string): Promise<PartnerRow> {
  return await changeStatus(ctx, code, 'archived');
}

async function changeStatus(ctx: Context, code: string, status: PartnerStatus, reason?: string): Promise<PartnerRow> {
  const day = today(ctx);
  return await ctx.write(async (tx) => {
    const { id } = await findPartner(tx, code, day);
    // Two people at once: the second sees what the first did, and is told so by the state machine.
    await lockPartner(tx, id);
    const before = await findPartner(tx, code, day);
    assertPartnerTransition(before.status, status);
    if (reason !== undefined) await giveFreezeReason(tx, reason);
    await updatePartner(tx, id, { status });
    return await findPartner(tx, code, day);
  });
}
