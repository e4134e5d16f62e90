import { partnerAt } from '../../db/queries/instances.ts';
import {
  insertReceipt,
  isReceived,
  lockWholesale,
  openWholesalePosting,
  postWholesale,
  wholesaleRows,
} from '../../db/queries/wholesale.ts';
import { wholesaleOwed } from '../../db/queries/partner-terms.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor } from '../../domain/money.ts';
import { parsePrice } from '../../domain/prices.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { lineView, type WholesaleLine } from './wholesale-view.ts';

export interface WholesaleReceived {
  readonly instance: string;
  /** As typed. */
  readonly amount: string;
  readonly currency: string;
  readonly reference: string;
  /** Default today. */
  readonly on?: string | undefined;
  /** Who paid; default whoever earns there on the day. */
  readonly partner?: string | undefined;
}

/**
 * Records what a partner paid of what it owes at an instance: cash against its receivable, at most what is owed. A bank's
 * reference pays once. Writes. Throws NotFoundError for instance and partner, UsageError for amounts that cannot be and
 * `date_ahead`, RefusedError `no_agreement`, `more_than_owed`, `received_already`.
 */
export async function receiveWholesale(ctx: Context, asked: WholesaleReceived): Promise<WholesaleLine> {
  const { currency, reference, on = today(ctx) } = asked;
  const amountMinor = parsePrice(asked.amount, currency);
  if (amountMinor === 0n) throw new UsageError('amount_zero', 'nothing was received');
  if (on > today(ctx)) throw new UsageError('date_ahead', `${on} is to come`, { hint: 'give the day of the money' });
  return await ctx.write(async (tx) => {
    await lockWholesale(tx);
    const instanceId = await findInstanceId(tx, asked.instance);
    const payer =
      asked.partner === undefined ? await partnerAt(tx, instanceId, on) : await findPartner(tx, asked.partner, on);
    if (payer === null) {
      throw new RefusedError('no_agreement', `nobody earned at ${asked.instance} on ${on}`, { hint: 'give --partner' });
    }
    // Before what is owed: whoever types a payment again is told so, and not that it is too much.
    if (await isReceived(tx, payer.id, reference)) {
      throw new RefusedError('received_already', `${payer.code} paid '${reference}' already`, {
        hint: 'each payment has a reference of its own',
      });
    }
    const owed = await wholesaleOwed(tx, payer.id, currency, instanceId);
    if (amountMinor > owed) {
      const [said, most] = [amountMinor, owed].map((minor) => `${formatMinor(minor, currency)} ${currency}`);
      throw new RefusedError('more_than_owed', `${payer.code} owes ${most} at ${asked.instance}, not ${said}`, {
        hint: '`revshare wholesale statement --period …` shows what was charged',
      });
    }
    const posting = await openWholesalePosting(tx);
    const receipt = { instanceId, partnerId: payer.id, currency, amountMinor, reference, receivedOn: on };
    await insertReceipt(tx, posting, receipt);
    await postWholesale(tx, posting);
    const [row] = await wholesaleRows(tx, { postingId: posting }, { limit: 1, offset: 0 });
    return lineView(row!);
  });
}
