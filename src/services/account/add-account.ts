import type { Connection } from '../../db/connection.ts';
import { accountByCode, insertAccount, type AccountRow } from '../../db/queries/accounts.ts';
import { formatAccountCode, parseCountry, type AccountCode } from '../../domain/codes.ts';
import { RefusedError } from '../../domain/errors.ts';
import { assertTerritory } from '../../domain/partner-limits.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { limitsOn } from '../partner-terms/limits-on.ts';
import { today } from '../today.ts';
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
 * Throws NotFoundError `instance_not_found`, UsageError `country_invalid`, RefusedError `account_exists`, `account_dates`,
 * `terms_exceeded`.
 */
export async function addAccount(ctx: Context, input: NewAccount): Promise<AccountRow> {
  return await ctx.write(async (tx) => await makeAccount(ctx, tx, input));
}

/** The same within a transaction. */
export async function makeAccount(
  ctx: Pick<Context, 'clock' | 'zone'>,
  tx: Connection,
  input: NewAccount,
): Promise<AccountRow> {
  const { instance, code, country = null, startsOn = null, endsOn = null } = input;
  if (country !== null) parseCountry(country);
  if (startsOn !== null && endsOn !== null && endsOn <= startsOn) {
    throw new RefusedError('account_dates', `an account that starts on ${startsOn} cannot end on ${endsOn}`);
  }
  const instanceId = await findInstanceId(tx, instance);
  if ((await accountByCode(tx, instanceId, code)) !== null) {
    throw new RefusedError('account_exists', `there is already an account '${formatAccountCode(input)}'`);
  }
  const limited = await limitsOn(tx, instanceId, startsOn ?? today(ctx));
  if (limited !== null) assertTerritory(limited.code, limited.limits, country);
  await insertAccount(tx, { instanceId, code, name: input.name ?? null, country, startsOn, endsOn });
  return await findAccount(tx, { instance, code });
}
