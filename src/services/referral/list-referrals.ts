import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import type { Page } from '../../db/queries/order.ts';
import {
  referralStatesOf,
  selectReferrals,
  touchesOf,
  type ReferralRow,
  type ReferralStateRow,
  type TouchRow,
} from '../../db/queries/referrals.ts';
import { formatRate } from '../../domain/rates.ts';
import { countsOn, type ReferralStatus } from '../../domain/referrals.ts';
import { daysBetween } from '../../domain/dates.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findReferral } from './find-referral.ts';

export type { ReferralStateRow } from '../../db/queries/referrals.ts';

export interface Referral extends Omit<ReferralRow, 'shares'> {
  /** 'acme 60%', the largest first. */
  readonly shares: readonly string[];
}

export interface ReferralFilter {
  /** Who brought it. */
  readonly partner?: string | undefined;
  readonly code?: string | undefined;
  readonly status?: ReferralStatus | undefined;
  readonly source?: string | undefined;
  readonly campaign?: string | undefined;
}

/** Referrals by the date of their first touch, the latest first. Reads only. Throws NotFoundError `partner_not_found`. */
export async function listReferrals(
  ctx: Context,
  { partner, ...filter }: ReferralFilter,
  page: Page,
  window: { readonly from: string | null; readonly to: string | null },
): Promise<Referral[]> {
  const partnerId = partner === undefined ? undefined : (await findPartner(ctx.db, partner, today(ctx))).id;
  return (await selectReferrals(ctx.db, { ...filter, ...window, partnerId }, page)).map(referralView);
}

export interface ReferralTouch extends Omit<TouchRow, 'partnerId' | 'signupMinor' | 'currency'> {
  /** Whether it counts on the day of the conversion, or today. */
  readonly counts: boolean;
}

export interface ReferralDetails extends Referral {
  readonly clicks: readonly ReferralTouch[];
  readonly states: readonly ReferralStateRow[];
}

/** One referral, with its touches and what became of it. Reads only. Throws NotFoundError `referral_not_found`. */
export async function showReferral(ctx: Context, id: number): Promise<ReferralDetails> {
  const row = await findReferral(ctx.db, id);
  const day = row.status === 'converted' ? row.statusOn : today(ctx);
  const touches = await touchesOf(ctx.db, id, day, await latestKnownSeq(ctx.db));
  return {
    ...referralView(row),
    clicks: touches.map((touch) => ({
      ...touch,
      counts: countsOn(daysBetween(touch.touchedOn, day), touch.cookieDays),
    })),
    states: await referralStatesOf(ctx.db, id),
  };
}

export function referralView({ shares, ...row }: ReferralRow): Referral {
  return { ...row, shares: shares.map(({ partner, sharePpm }) => `${partner} ${formatRate(sharePpm)}`) };
}
