import type { Connection } from '../../db/connection.ts';
import { partyNumbers } from '../../db/queries/parties.ts';
import { NotFoundError } from '../../domain/errors.ts';

/** Looks the codes of a filter up. Throws NotFoundError, for a misspelt partner would make an empty file that looks right. */
export async function filterParties(
  tx: Connection,
  codes: { readonly partner: string | null; readonly instance: string | null },
): Promise<{ partnerId: number | null; instanceId: number | null }> {
  const { partner, instance } = codes;
  const { partnerId, instanceId } = await partyNumbers(tx, codes);
  if (partner !== null && partnerId === null) {
    throw new NotFoundError('partner', partner, '`revshare partner list` shows them');
  }
  if (instance !== null && instanceId === null) {
    throw new NotFoundError('instance', instance, '`revshare instance list` shows them');
  }
  return { partnerId, instanceId };
}
