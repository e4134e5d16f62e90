import type { Connection } from '../../db/connection.ts';
import { accountByCode, type AccountRow } from '../../db/queries/accounts.ts';
import { accountCodesLike } from '../../db/queries/near-codes.ts';
import { formatAccountCode, type AccountCode } from '../../domain/codes.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { nearNames } from '../../domain/near-names.ts';
import { findInstanceId } from '../instance/find-instance.ts';

/** The account `INSTANCE/CODE`. Reads only. Throws NotFoundError `instance_not_found`, `account_not_found`. */
export async function findAccount(tx: Connection, { instance, code }: AccountCode): Promise<AccountRow> {
  const instanceId = await findInstanceId(tx, instance);
  const row = await accountByCode(tx, instanceId, code);
  if (row !== null) return row;
  const near = nearNames(code, await accountCodesLike(tx, instanceId, code));
  const meant = near.map((other) => `'${formatAccountCode({ instance, code: other })}'`).join(' or ');
  const hint =
    meant === '' ? `\`revshare account list --instance ${instance}\` shows what there is` : `did you mean ${meant}?`;
  throw new NotFoundError('account', formatAccountCode({ instance, code }), hint);
}
