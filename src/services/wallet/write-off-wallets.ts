import { dormantWallets } from '../../db/queries/corrections.ts';
import { plainLeg } from '../../domain/acts.ts';
import { addDays } from '../../domain/dates.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';

export interface WriteOff {
  readonly currency: string;
  /** Balances smaller than this, owed to a partner or by one. */
  readonly below: string;
  /** Days without a movement. */
  readonly olderThan: number;
  readonly partner?: string | undefined;
  readonly reason: string;
}

/**
 * Asks to write off small balances that nothing has moved for long: each wallet gets an entry that brings it to 0. What is
 * being paid is left alone. Writes. Throws UsageError for the amount, NotFoundError, RefusedError `nothing_dormant`.
 */
export async function askForWriteOff(ctx: Context, asked: WriteOff): Promise<Request> {
  const { currency, reason, olderThan, partner = null } = asked;
  const below = parseDecimal(asked.below, currency);
  if (below <= 0n) throw new UsageError('amount_sign', `no balance is smaller than ${asked.below}`);
  const since = addDays(today(ctx), -olderThan);
  return await ctx.write(async (tx) => {
    if (partner !== null) await findPartner(tx, partner, today(ctx));
    const wallets = await dormantWallets(tx, { currency, below, since, partner });
    if (wallets.length === 0) {
      throw new RefusedError(
        'nothing_dormant',
        `no wallet in ${currency} has less than ${formatMinor(below, currency)} and no movement since ${since}`,
        { hint: '`revshare wallet list` shows the balances' },
      );
    }
    const acts = wallets.map(({ partnerId, instanceId, balance }) => ({
      kind: 'write_off' as const,
      instance_id: instanceId,
      currency,
      legs: [plainLeg(partnerId, -BigInt(balance))],
    }));
    const count = wallets.length === 1 ? 'one balance' : `${wallets.length} balances`;
    const about = `write-off of ${count} below ${formatMinor(below, currency)} ${currency}, still since ${since}`;
    return requestView(await askFor(ctx, tx, { kind: 'write_off', reason, terms: { about }, acts }));
  });
}
