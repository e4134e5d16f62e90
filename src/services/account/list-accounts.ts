import { sharesOfAccount, type AccountShare } from '../../db/queries/account-slots.ts';
import { revenueOfAccounts, selectAccounts, type AccountRow } from '../../db/queries/accounts.ts';
import type { Page } from '../../db/queries/order.ts';
import type { AccountCode } from '../../domain/codes.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findAccount } from './find-account.ts';

export type { AccountRow } from '../../db/queries/accounts.ts';

export interface AccountFilter {
  readonly instance?: string | undefined;
  /** Who earns now at the account's instance. */
  readonly partner?: string | undefined;
  readonly country?: string | undefined;
}

/** Accounts by instance and code. Reads only. Throws NotFoundError for an unknown instance or partner. */
export async function listAccounts(ctx: Context, filter: AccountFilter, page: Page): Promise<AccountRow[]> {
  const day = today(ctx);
  const instanceId = filter.instance === undefined ? undefined : await findInstanceId(ctx.db, filter.instance);
  const partner = filter.partner === undefined ? undefined : await findPartner(ctx.db, filter.partner, day);
  return await selectAccounts(ctx.db, { instanceId, partnerId: partner?.id, country: filter.country }, day, page);
}

export interface AccountWithRevenue extends AccountRow {
  readonly payments: number;
  readonly lastPaidOn: string | null;
  /** Payments less returns so far, '120.00 EUR' by currency. */
  readonly revenue: readonly string[];
}

/** The same, each with what it paid so far. Reads only. Throws as `listAccounts`. */
export async function listAccountRevenue(
  ctx: Context,
  filter: AccountFilter,
  page: Page,
): Promise<AccountWithRevenue[]> {
  const accounts = await listAccounts(ctx, filter, page);
  const paid = await revenueOfAccounts(
    ctx.db,
    accounts.map(({ id }) => id),
  );
  return accounts.map((account) => {
    const rows = paid.filter(({ accountId }) => accountId === account.id);
    return {
      ...account,
      payments: rows.reduce((sum, { payments }) => sum + payments, 0),
      lastPaidOn:
        rows
          .map(({ lastPaidOn }) => lastPaidOn)
          .sort()
          .at(-1) ?? null,
      revenue: rows.map(({ revenue, currency }) => `${formatMinor(BigInt(revenue), currency)} ${currency}`),
    };
  });
}

export interface AccountDetails extends AccountRow {
  /** Who shares it, over time; none while all of it is the agreement's of the instance. */
  readonly attribution: readonly AccountShare[];
}

/** One account and who shares it. Reads only. Throws NotFoundError `instance_not_found`, `account_not_found`. */
export async function showAccount(ctx: Context, account: AccountCode): Promise<AccountDetails> {
  const found = await findAccount(ctx.db, account);
  return { ...found, attribution: await sharesOfAccount(ctx.db, account.instance, account.code) };
}
