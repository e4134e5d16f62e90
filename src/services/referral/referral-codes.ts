import type { Page } from '../../db/queries/order.ts';
import { insertReferralCode, selectReferralCodes, type ReferralCodeRow } from '../../db/queries/referrals.ts';
import { assertSomeDay } from '../../domain/date-ranges.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findReferralCode } from './find-referral.ts';

export interface ReferralCode extends Omit<ReferralCodeRow, 'signupMinor' | 'partnerId' | 'valid'> {
  /** Decimal string; null where it promises nothing. */
  readonly signup: string | null;
  readonly from: string | null;
  readonly to: string | null;
}

export interface NewReferralCode {
  readonly code: string;
  readonly partner: string;
  readonly campaign?: string | undefined;
  readonly landingUrl?: string | undefined;
  /** What a customer is worth to the partner, once; as typed. */
  readonly signup?: string | undefined;
  /** Of it; default the partner's. */
  readonly currency?: string | undefined;
  readonly from?: string | undefined;
  /** First day it counts no more. */
  readonly to?: string | undefined;
}

/**
 * Makes a code that a partner hands out. What it promises never changes: another offer is another code. Writes.
 * Throws NotFoundError `partner_not_found`; RefusedError `code_exists`, `partner_gone`, `house_refers`; UsageError for the amount.
 */
export async function createReferralCode(ctx: Context, input: NewReferralCode): Promise<ReferralCode> {
  const { code, campaign = null, landingUrl = null, signup } = input;
  const valid = { from: input.from ?? null, to: input.to ?? null };
  assertSomeDay(valid);
  if (input.currency !== undefined && signup === undefined) {
    throw new UsageError('currency_unasked', '--currency is that of --signup, which is not given');
  }
  return await ctx.write(async (tx) => {
    const partner = await findPartner(tx, input.partner, today(ctx));
    if (partner.status === 'terminated' || partner.status === 'archived') {
      throw new RefusedError('partner_gone', `partner ${partner.code} is ${partner.status} and refers nobody`);
    }
    if (partner.house) {
      throw new RefusedError('house_refers', `partner ${partner.code} is the house, which never earns`);
    }
    const [known] = await selectReferralCodes(tx, { code }, { limit: 1, offset: 0 });
    if (known !== undefined) {
      throw new RefusedError('code_exists', `there is already a code '${code}', of partner ${known.partner}`);
    }
    const currency = signup === undefined ? null : (input.currency ?? partner.currency);
    await insertReferralCode(tx, {
      ...{ code, partnerId: partner.id, campaign, landingUrl, currency, valid },
      signupMinor: currency === null ? null : signupAmount(signup!, currency),
    });
    return codeView(await findReferralCode(tx, code));
  });
}

function signupAmount(text: string, currency: string): bigint {
  const amount = parseDecimal(text, currency);
  if (amount > 0n) return amount;
  throw new UsageError('amount_sign', `a signup is worth more than 0, not ${text}`, {
    hint: 'leave --signup out where it is worth nothing',
  });
}

export interface ReferralCodeFilter {
  readonly partner?: string | undefined;
  readonly campaign?: string | undefined;
}

/** Codes in their order, with what came by them. Reads only. Throws NotFoundError `partner_not_found`. */
export async function listReferralCodes(ctx: Context, filter: ReferralCodeFilter, page: Page): Promise<ReferralCode[]> {
  const { partner, campaign } = filter;
  const partnerId = partner === undefined ? undefined : (await findPartner(ctx.db, partner, today(ctx))).id;
  return (await selectReferralCodes(ctx.db, { partnerId, campaign }, page)).map(codeView);
}

function codeView({ signupMinor, valid, partnerId: _, ...row }: ReferralCodeRow): ReferralCode {
  return { ...row, ...valid, signup: signupMinor === null ? null : formatMinor(signupMinor, row.currency!) };
}
