import { BILLING_CYCLES } from '../domain/billing-cycles.ts';
import { formatWalletCode } from '../domain/codes.ts';
import { currencies } from '../domain/currencies.ts';
import type { Context } from '../services/context.ts';
import type { Choice } from './asker.ts';

/**
 * What there is to choose from where a person is asked for a code: several nouns ask for another's. Each service is
 * loaded when somebody is asked: a command line that names everything has no need of them.
 */

/** More than this nobody looks through; the code is typed then. */
const MOST = 200;
const page = { limit: MOST + 1, offset: 0 };

function named(rows: readonly { readonly code: string; readonly name: string }[]): Choice[] {
  if (rows.length > MOST) return [];
  return rows.map(({ code, name }) => ({ value: code, name: `${code}  ${name}` }));
}

const partners = async () => await import('../services/partner/list-partners.ts');

export async function tenantChoices(ctx: Context): Promise<Choice[]> {
  const { listTenants } = await import('../services/tenant/list-tenants.ts');
  return named(await listTenants(ctx, page));
}

export async function partnerChoices(ctx: Context): Promise<Choice[]> {
  const { listPartners } = await partners();
  return named(await listPartners(ctx, {}, page));
}

export async function instanceChoices(ctx: Context): Promise<Choice[]> {
  const { listInstances } = await import('../services/instance/list-instances.ts');
  return named(await listInstances(ctx, {}, page));
}

/** Plans with each cycle, as PLAN/CYCLE. */
export async function planCycleChoices(ctx: Context): Promise<Choice[]> {
  const { listPlans } = await import('../services/plan/list-plans.ts');
  return named(await listPlans(ctx, page)).flatMap(({ value, name }) =>
    BILLING_CYCLES.map((cycle) => ({ value: `${value}/${cycle}`, name: `${name ?? value}, ${cycle}` })),
  );
}

export async function subscriptionChoices(ctx: Context): Promise<Choice[]> {
  const { listSubscriptions } = await import('../services/subscription/list-subscriptions.ts');
  return named(
    (await listSubscriptions(ctx, {}, page)).map(({ code, account, instance, plan }) => ({
      code,
      name: `${account ?? instance}, ${plan}`,
    })),
  );
}

export async function walletChoices(ctx: Context): Promise<Choice[]> {
  const { listWallets } = await import('../services/wallet/list-wallets.ts');
  return named(
    (await listWallets(ctx, {}, page)).map((wallet) => ({
      code: formatWalletCode(wallet),
      name: `${wallet.balance}, ${wallet.payable} payable`,
    })),
  );
}

export async function referralCodeChoices(ctx: Context): Promise<Choice[]> {
  const { listReferralCodes } = await import('../services/referral/referral-codes.ts');
  return named((await listReferralCodes(ctx, {}, page)).map(({ code, partner }) => ({ code, name: partner })));
}

export async function tierChoices(ctx: Context): Promise<Choice[]> {
  const { listTiers } = await partners();
  return named(await listTiers(ctx));
}

/** Currencies of today: those that partners are paid in first, then all others. */
export async function currencyChoices(ctx: Context): Promise<Choice[]> {
  const [{ today }, { listPartners }] = await Promise.all([import('../services/today.ts'), partners()]);
  const day = today(ctx);
  const known = new Set((await listPartners(ctx, {}, page)).map((partner) => partner.currency));
  return currencies()
    .filter(({ validFrom, validTo }) => (validFrom ?? day) <= day && day <= (validTo ?? day))
    .map(({ code, name }) => ({ value: code, name: `${code}  ${name}` }))
    .sort((a, b) => Number(known.has(b.value)) - Number(known.has(a.value)));
}
