import { BILLING_CYCLES } from '../domain/billing-cycles.ts';
import { formatWalletCode } from '../domain/codes.ts';
import { currencies } from '../domain/currencies.ts';
import { listInstances } from '../services/instance/list-instances.ts';
import { listPartners, listTiers } from '../services/partner/list-partners.ts';
import { listPlans } from '../services/plan/list-plans.ts';
import { listReferralCodes } from '../services/referral/referral-codes.ts';
import { listSubscriptions } from '../services/subscription/list-subscriptions.ts';
import { listTenants } from '../services/tenant/list-tenants.ts';
import { listWallets } from '../services/wallet/list-wallets.ts';
import type { Context } from '../services/context.ts';
import { today } from '../services/today.ts';
import type { Choice } from './asker.ts';

/** What there is to choose from where a person is asked for a code: several nouns ask for another's. */

/** More than this nobody looks through; the code is typed then. */
const MOST = 200;
const page = { limit: MOST + 1, offset: 0 };

function named(rows: readonly { readonly code: string; readonly name: string }[]): Choice[] {
  if (rows.length > MOST) return [];
  return rows.map(({ code, name }) => ({ value: code, name: `${code}  ${name}` }));
}

export const tenantChoices = async (ctx: Context) => named(await listTenants(ctx, page));
export const partnerChoices = async (ctx: Context) => named(await listPartners(ctx, {}, page));
export const instanceChoices = async (ctx: Context) => named(await listInstances(ctx, {}, page));
/** Plans with each cycle, as PLAN/CYCLE. */
export const planCycleChoices = async (ctx: Context): Promise<Choice[]> =>
  named(await listPlans(ctx, page)).flatMap(({ value, name }) =>
    BILLING_CYCLES.map((cycle) => ({ value: `${value}/${cycle}`, name: `${name ?? value}, ${cycle}` })),
  );
export const subscriptionChoices = async (ctx: Context) =>
  named(
    (await listSubscriptions(ctx, {}, page)).map(({ code, account, instance, plan }) => ({
      code,
      name: `${account ?? instance}, ${plan}`,
    })),
  );
export const walletChoices = async (ctx: Context) =>
  named(
    (await listWallets(ctx, {}, page)).map((wallet) => ({
      code: formatWalletCode(wallet),
      name: `${wallet.balance}, ${wallet.payable} payable`,
    })),
  );
export const referralCodeChoices = async (ctx: Context) =>
  named((await listReferralCodes(ctx, {}, page)).map(({ code, partner }) => ({ code, name: partner })));
export const tierChoices = async (ctx: Context) => named(await listTiers(ctx));

/** Currencies of today: those that partners are paid in first, then all others. */
export async function currencyChoices(ctx: Context): Promise<Choice[]> {
  const day = today(ctx);
  const known = new Set((await listPartners(ctx, {}, page)).map((partner) => partner.currency));
  return currencies()
    .filter(({ validFrom, validTo }) => (validFrom ?? day) <= day && day <= (validTo ?? day))
    .map(({ code, name }) => ({ value: code, name: `${code}  ${name}` }))
    .sort((a, b) => Number(known.has(b.value)) - Number(known.has(a.value)));
}
