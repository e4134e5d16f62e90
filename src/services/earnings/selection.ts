import type { Connection } from '../../db/connection.ts';
import type { EarningsSelection } from '../../db/queries/earnings.ts';
import { filterParties } from '../export/parties.ts';

export interface EarningsFilter {
  /** Dates `[from, to)`; null is an open end. */
  readonly from: string | null;
  readonly to: string | null;
  readonly partner: string | null;
  readonly instance: string | null;
  /** As of the moment that is read. */
  readonly status?: string | null;
  readonly currency?: string | null;
}

/** Looks the codes of a filter up. Throws NotFoundError as `filterParties` does. */
export async function selectEarnings(tx: Connection, filter: EarningsFilter): Promise<EarningsSelection> {
  const { from, to, status = null, currency = null } = filter;
  return { from, to, ...(await filterParties(tx, filter)), status, currency };
}
