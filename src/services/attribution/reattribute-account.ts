import type { Act } from '../../domain/acts.ts';
import { formatAccountCode, type AccountCode } from '../../domain/codes.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatRate, WHOLE_PPM } from '../../domain/rates.ts';
import { findAccount } from '../account/find-account.ts';
import { requestView, type Request } from '../approval/list-requests.ts';
import { askFor } from '../approval/request.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { actsOfReattribution, type Reattribution } from './reattribution.ts';

export interface NewAttribution {
  readonly account: AccountCode;
  readonly to: readonly { readonly partner: string; readonly sharePpm: number }[];
  /** First sale date that is theirs. */
  readonly from: string;
  readonly reason: string;
}

/**
 * Asks to give an account to other partners from a date on: sales to come are theirs, and what was decided since that date
 * is rated again, each difference an entry of its own. Writes.
 * Throws NotFoundError, UsageError `shares_sum`, `partner_repeated`. Source: SEMANTICS §1, §4.
 */
export async function askForReattribution(ctx: Context, wanted: NewAttribution): Promise<Request> {
  const { to, from, reason } = wanted;
  const sum = to.reduce((total, { sharePpm }) => total + sharePpm, 0);
  if (sum !== WHOLE_PPM) {
    throw new UsageError('shares_sum', `the shares come to ${formatRate(sum)}, not to 100%`, {
      hint: 'one partner alone needs no share; of several each names its own: --to acme=70%,zenith=30%',
    });
  }
  if (new Set(to.map(({ partner }) => partner)).size < to.length) {
    throw new UsageError('partner_repeated', 'a partner has one share of an account');
  }
  return await ctx.write(async (tx) => {
    const account = await findAccount(tx, wanted.account);
    const shares = [];
    for (const { partner, sharePpm } of to) {
      const { id, status } = await findPartner(tx, partner, today(ctx));
      if (status === 'terminated' || status === 'archived') {
        throw new RefusedError('partner_gone', `partner ${partner} is ${status} and earns no more`);
      }
      shares.push({ partner_id: id, share_ppm: sharePpm });
    }
    const names = to.map(({ partner, sharePpm }) => (to.length === 1 ? partner : `${partner} ${formatRate(sharePpm)}`));
    const about = `account ${formatAccountCode(wanted.account)} to ${names.join(', ')} from ${from}`;
    const terms: Reattribution = { about, account_id: account.id, from, shares };
    const acts: readonly Act[] = await actsOfReattribution(tx, { ...terms });
    return requestView(await askFor(ctx, tx, { kind: 'reattribution', reason, terms: { ...terms }, acts }));
  });
}
