import type { Connection } from '../../db/connection.ts';
import { partnerByCode, selectTiers, type PartnerRow } from '../../db/queries/partners.ts';
import { notFound } from '../not-found.ts';

/** The partner of a code, with tier and parent as they are on a day. Reads only. Throws NotFoundError `partner_not_found`. */
export async function findPartner(tx: Connection, code: string, day: string): Promise<PartnerRow> {
  const row = await partnerByCode(tx, code, day);
  if (row === null) throw await notFound(tx, 'partner', code);
  return row;
}

/** The code itself, once it is proved to be a tier. Reads only. Throws NotFoundError `tier_not_found`. */
export async function findTier(tx: Connection, code: string): Promise<string> {
  const tiers = await selectTiers(tx);
  if (!tiers.some((tier) => tier.code === code)) throw await notFound(tx, 'tier', code);
  return code;
}
