import { codesLike } from '../../db/queries/near-codes.ts';
import {
  selectReferralCodes,
  selectReferrals,
  type ReferralCodeRow,
  type ReferralRow,
} from '../../db/queries/referrals.ts';
import type { Connection } from '../../db/connection.ts';
import { NotFoundError } from '../../domain/errors.ts';
import { didYouMean } from '../../domain/near-names.ts';

const one = { limit: 1, offset: 0 };

/** The code that a partner hands out. Reads only. Throws NotFoundError `code_not_found`. */
export async function findReferralCode(tx: Connection, code: string): Promise<ReferralCodeRow> {
  const [row] = await selectReferralCodes(tx, { code }, one);
  if (row !== undefined) return row;
  const near = didYouMean(code, await codesLike(tx, 'referral_codes', code));
  throw new NotFoundError('code', code, near ?? '`revshare referral-code list` shows what there is');
}

/** Reads only. Throws NotFoundError `referral_not_found`. */
export async function findReferral(tx: Connection, id: number): Promise<ReferralRow> {
  const [row] = await selectReferrals(tx, { id }, one);
  if (row === undefined) throw new NotFoundError('referral', String(id), '`revshare referral list` shows them');
  return row;
}
