import type { Connection } from '../../db/connection.ts';
import { giveFreezeReason, lockPartner, updatePartner, type PartnerRow } from '../../db/queries/partners.ts';
import { walletRows } from '../../db/queries/wallets.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
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

/**
 * Puts a partner away for good, once its wallets are empty: an archived partner is never paid, so that what it is owed
 * would be forfeited by one person alone. Writes. Throws as `freezePartner`, and RefusedError `partner_has_money`.
 */
export async function archivePartner(ctx: Context, code: string): Promise<PartnerRow> {
  return await changeStatus(ctx, code, 'archived', undefined, async (tx, day) => {
    const wallets = await walletRows(tx, { partner: code }, day, null, ALL_ROWS);
    const left = wallets.flatMap(({ instance, currency, balance, inTransit }) => [
      ...(balance === '0' ? [] : [`${formatMinor(BigInt(balance), currency)} ${currency} at ${instance}`]),
      ...(inTransit === '0' ? [] : [`${formatMinor(BigInt(inTransit), currency)} ${currency} in transit`]),
    ]);
    if (left.length === 0) return;
    throw new RefusedError('partner_has_money', `${code} still has ${left.join(', ')}`, {
      hint: `pay it, write it off or recover it first: \`revshare wallet list --partner ${code}\``,
    });
  });
}

async function changeStatus(
  ctx: Context,
  code: string,
  status: PartnerStatus,
  reason?: string,
  check?: (tx: Connection, day: string) => Promise<void>,
): Promise<PartnerRow> {
  const day = today(ctx);
  return await ctx.write(async (tx) => {
    const { id } = await findPartner(tx, code, day);
    // Two people at once: the second sees what the first did, and is told so by the state machine.
    await lockPartner(tx, id);
    const before = await findPartner(tx, code, day);
    assertPartnerTransition(before.status, status);
    await check?.(tx, day);
    if (reason !== undefined) await giveFreezeReason(tx, reason);
    await updatePartner(tx, id, { status });
    return await findPartner(tx, code, day);
  });
}
