import { slotsOfAccount } from '../../db/queries/account-slots.ts';
import { decidedSalesOfAccount } from '../../db/queries/decided-sales.ts';
import { partnerAt } from '../../db/queries/instances.ts';
import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import {
  insertConversion,
  insertReferralStates,
  lockReferral,
  referralOfAccount,
  touchesOf,
  type TouchRow,
} from '../../db/queries/referrals.ts';
import type { Connection } from '../../db/connection.ts';
import { plainLeg, type Act } from '../../domain/acts.ts';
import { intersect } from '../../domain/date-ranges.ts';
import { daysBetween } from '../../domain/dates.ts';
import { formatAccountCode, type AccountCode } from '../../domain/codes.ts';
import { RefusedError } from '../../domain/errors.ts';
import { formatMinor, largestRemainder } from '../../domain/money.ts';
import {
  assertReferralTransition,
  attributeTouches,
  countsOn,
  type AttributionModel,
  type ReferralShare,
} from '../../domain/referrals.ts';
import { makeAccount } from '../account/add-account.ts';
import { findAccount } from '../account/find-account.ts';
import { askFor } from '../approval/request.ts';
import { applyReattribution } from '../attribution/reattribution.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findReferral } from './find-referral.ts';
import { referralView, type Referral } from './list-referrals.ts';
import { assertNotAhead } from './move-referral.ts';

export interface ReferralConversion {
  readonly referral: number;
  /** The customer it became: made with `create`, else there already. */
  readonly account: AccountCode;
  readonly create?: boolean | undefined;
  /** Of the account that is made; the name is the referral's by default. */
  readonly name?: string | undefined;
  readonly country?: string | undefined;
  /** Default last. */
  readonly model?: AttributionModel | undefined;
  /** First day it is a customer; default today. */
  readonly on?: string | undefined;
}

/**
 * Says that a referral became a customer: makes its account or links the one there is, gives it to the partners whose clicks
 * count on the day, and asks for the flat amount that the code which decided promised for a signup, once. What those
 * partners earn of the customer's sales, and from when its clock runs, the rules say. Writes.
 * Throws NotFoundError for what it names and is not there; RefusedError `referral_status`, `referral_unattributed`,
 * `account_referred`, `account_exists`, `partner_gone`, `sales_decided`. Source: SEMANTICS §1, §3.
 */
export async function convertReferral(ctx: Context, input: ReferralConversion): Promise<Referral> {
  const { referral: id, account: code, model = 'last', on = today(ctx) } = input;
  assertNotAhead(ctx, on);
  return await ctx.write(async (tx) => {
    await lockReferral(tx, id);
    const referral = await findReferral(tx, id);
    assertReferralTransition(id, referral.status, 'converted');
    const touches = (await touchesOf(tx, id, on, await latestKnownSeq(tx))).filter(({ touchedOn, cookieDays }) =>
      countsOn(daysBetween(touchedOn, on), cookieDays),
    );
    const shares = attributeTouches(touches, model);
    if (shares.length === 0) {
      throw new RefusedError('referral_unattributed', `no click of referral ${id} counts on ${on} any more`, {
        hint: `\`revshare referral expire\` closes it; \`partner-terms set --cookie-days\` says how long clicks count`,
      });
    }
    await assertEarning(ctx, tx, touches, shares);
    const accountId = await theAccount(ctx, tx, input, referral.name ?? referral.company);
    const instanceId = await findInstanceId(tx, code.instance);
    await giveAccount(ctx, tx, { accountId, instanceId, code, on, shares, referral: id });
    const requestId = await askForSignup(ctx, tx, { id, instanceId, code, shares, decisive: decisive(touches, model) });
    const knownSeq = await latestKnownSeq(tx);
    await insertConversion(tx, { referralId: id, accountId, convertedOn: on, model, knownSeq, requestId, shares });
    await insertReferralStates(tx, [id], { status: 'converted', on, reason: null });
    return referralView(await findReferral(tx, id));
  });
}

/** @throws RefusedError `partner_gone` */
async function assertEarning(
  ctx: Context,
  tx: Connection,
  touches: readonly TouchRow[],
  shares: readonly ReferralShare[],
): Promise<void> {
  const codes = new Map(touches.map(({ partnerId, partner }) => [partnerId, partner]));
  for (const { partnerId } of shares) {
    const { code, status } = await findPartner(tx, codes.get(partnerId)!, today(ctx));
    if (status === 'terminated' || status === 'archived') {
      throw new RefusedError('partner_gone', `partner ${code} is ${status} and earns no more`, {
        hint: '--model first, last or linear says whose the customer is',
      });
    }
  }
}

async function theAccount(
  ctx: Context,
  tx: Connection,
  { account, create, country, on, name }: ReferralConversion,
  itsName: string | null,
): Promise<number> {
  if (create === true) {
    const made = { ...account, name: name ?? itsName ?? undefined, country, startsOn: on ?? today(ctx) };
    return (await makeAccount(ctx, tx, made)).id;
  }
  const { id } = await findAccount(tx, account);
  const came = await referralOfAccount(tx, id);
  if (came === null) return id;
  throw new RefusedError('account_referred', `account ${formatAccountCode(account)} came by referral ${came} already`);
}

/** Gives the account to who it came by, unless it is theirs already: without shares it is the agreement's of its instance. */
async function giveAccount(
  ctx: Context,
  tx: Connection,
  given: {
    readonly accountId: number;
    readonly instanceId: number;
    readonly code: AccountCode;
    readonly on: string;
    readonly shares: readonly ReferralShare[];
    readonly referral: number;
  },
): Promise<void> {
  const { accountId, instanceId, code, on, shares, referral } = given;
  const { live } = await slotsOfAccount(tx, accountId);
  const shared = live.some(({ valid }) => intersect(valid, { from: on, to: null }) !== null);
  const alone = shares.length === 1 ? shares[0]!.partnerId : null;
  if (!shared && alone !== null && (await partnerAt(tx, instanceId, on))?.id === alone) return;
  if ((await decidedSalesOfAccount(tx, accountId, on)).length > 0) {
    throw new RefusedError('sales_decided', `sales of ${formatAccountCode(code)} since ${on} are decided for others`, {
      hint: '`revshare commission reattribute` changes whose they are, by two people; then convert from a later day',
    });
  }
  await applyReattribution(ctx, tx, {
    about: `account ${formatAccountCode(code)} came by referral ${referral}`,
    account_id: accountId,
    from: on,
    shares: shares.map(({ partnerId, sharePpm }) => ({ partner_id: partnerId, share_ppm: sharePpm })),
  });
}

/** The touch whose code says what a signup is worth: the first where the first decides, else the last. */
function decisive(touches: readonly TouchRow[], model: AttributionModel): TouchRow {
  return model === 'first' ? touches[0]! : touches.at(-1)!;
}

/** A bonus for who it came by, split as the customer is; waits for a second person as any bonus does. Null: none was promised. */
async function askForSignup(
  ctx: Context,
  tx: Connection,
  signup: {
    readonly id: number;
    readonly instanceId: number;
    readonly code: AccountCode;
    readonly shares: readonly ReferralShare[];
    readonly decisive: TouchRow;
  },
): Promise<number | null> {
  const { id, instanceId, code, shares } = signup;
  const { signupMinor, currency, code: promised } = signup.decisive;
  if (signupMinor === null || currency === null) return null;
  const amounts = largestRemainder(
    BigInt(signupMinor),
    shares.map(({ sharePpm }) => BigInt(sharePpm)),
  );
  const acts = shares.flatMap(({ partnerId }, at): Act[] =>
    amounts[at] === 0n
      ? []
      : [{ kind: 'bonus', instance_id: instanceId, currency, legs: [plainLeg(partnerId, amounts[at]!)] }],
  );
  const about = `signup of ${formatAccountCode(code)} by code ${promised}: ${formatMinor(BigInt(signupMinor), currency)} ${currency}`;
  const reason = `referral ${id} became a customer`;
  return (await askFor(ctx, tx, { kind: 'bonus', reason, terms: { about }, acts })).id;
}
