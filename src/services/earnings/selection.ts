import type { Connection } from '../../db/connection.ts';
import { earningsParties, type EarningsSelection } from '../../db/queries/earnings.ts';
import { NotFoundError } from '../../domain/errors.ts';

export interface EarningsFilter {
  /** Posting dates `[from, to)`; null is an open end. */
  readonly from: string | null;
  readonly to: string | null;
  readonly partner: string | null;
  readonly instance: string | null;
}

/** Looks the codes of a filter up. Throws NotFoundError, for a misspelt partner would make an empty file that looks right. */
export async function selectEarnings(tx: Connection, filter: EarningsFilter): Promise<EarningsSelection> {
  const { from, to, partner, instance } = filter;
  const { partnerId, instanceId } = await earningsParties(tx, { partner, instance });
  if (partner !== null && partnerId === null) {
    throw new NotFoundError('partner', partner, '`revshare partner list` shows them');
  }
  if (instance !== null && instanceId === null) {
    throw new NotFoundError('instance', instance, '`revshare instance list` shows them');
  }
  return { from, to, partnerId, instanceId };
}
