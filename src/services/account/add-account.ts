import { accountByCode, insertAccount, type AccountRow } from '../../db/queries/accounts.ts';
import { formatAccountCode, type AccountCode } from '../../domain/codes.ts';
import { RefusedError, UsageError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { findAccount } from './find-account.ts';

export interface NewAccount extends AccountCode {
  readonly name?: string | undefined;
  /** ISO 3166-1, two capital letters. */
  readonly country?: string | undefined;
  readonly startsOn?: string | undefined;
  /** First day it is no customer any more. */
  readonly endsOn?: string | undefined;
}

/**
 * Adds an end customer to an instance; its code is unique there and nowhere else. Writes.
 * Throws NotFoundError `instance_not_found`, UsageError `country_invalid`, RefusedError `account_exists`, `account_dates`.
 */
export async function addAccount(ctx: Context, input: NewAccount): Promise<AccountRow> {
  const { instance, code, country = null, startsOn = null, endsOn = null } = input;
  if (country !== null && !/^[A-Z]{2}$/.test(country)) {
    throw new UsageError('country_invalid', `'${country}' is no country`, {
      hint: 'use the two capital letters of ISO 3166-1, for example DE',
    });
  }
  if (startsOn !== null && endsOn !== null && endsOn <= startsOn) {
    throw new RefusedError('account_dates', `an account that starts on ${startsOn} cannot end on ${endsOn}`);
  }
  return await ctx.write(async (tx) => {
    const instanceId = await findInstanceId(tx, instance);
    if ((await accountByCode(tx, instanceId, code)) !== null) {
      throw new RefusedError('account_exists', `there is already an account '${formatAccountCode(input)}'`);
    }
    await insertAccount(tx, { instanceId, code, name: input.name ?? null, country, startsOn, endsOn });
    return await findAccount(tx, { instance, code });
  });
}
