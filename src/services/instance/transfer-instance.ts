import { transferScope, type TransferScope } from '../../db/queries/instances.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findInstance } from './find-instance.ts';
import { assertTransferable, type Transfer } from './transfer.ts';

export interface NewTransfer {
  readonly code: string;
  /** Who is to earn there. */
  readonly to: string;
  /** First sale date that is theirs. */
  readonly from: string;
  readonly reason: string;
}

/**
 * Asks to hand an instance to another partner from a date on: sales dated before stay with the old one, their refunds
 * too, and the founding partner stays who it was. It always waits for a second person. Writes.
 * Throws NotFoundError, and what `assertTransferable` refuses. Source: SEMANTICS §1, §7.
 */
export async function askForTransfer(ctx: Context, { code, to, from, reason }: NewTransfer): Promise<Request> {
  return await ctx.write(async (tx) => {
    const instance = await findInstance(tx, code, from);
    const partner = await findPartner(tx, to, today(ctx));
    const what = { instance_id: instance.id, instance: instance.code, partner: partner.code, from };
    const { partner: old } = await assertTransferable(ctx, tx, what);
    const about = `instance ${code} from ${old} to ${to} from ${from} on, ${moves(await transferScope(tx, instance.id, from))}`;
    const terms: Transfer = { about, ...what, partner_id: partner.id };
    return requestView(await askFor(ctx, tx, { kind: 'transfer', reason, terms: { ...terms }, acts: [] }));
  });
}

/** What goes along, and what stays where it is. */
function moves({ accounts, sharedAccounts, subscriptions, wallets }: TransferScope): string {
  const goes = [counted(accounts, 'account'), counted(subscriptions, 'subscription')].join(' and ');
  const stays = [
    ...(sharedAccounts === 0 ? [] : [`${counted(sharedAccounts, 'account')} shared by name`]),
    counted(wallets, 'wallet'),
  ];
  return `taking ${goes}, leaving ${stays.join(' and ')}`;
}

function counted(count: number, one: string): string {
  return `${count === 0 ? 'no' : count} ${one}${count === 1 ? '' : 's'}`;
}
