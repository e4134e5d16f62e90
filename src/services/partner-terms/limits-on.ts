import type { Connection } from '../../db/connection.ts';
import { partnerTermsVersions, productCodes } from '../../db/queries/partner-terms.ts';
import { partnerAt } from '../../db/queries/instances.ts';
import type { PartnerLimits } from '../../domain/partner-limits.ts';
import { versionOn } from '../versions/say-over.ts';

export interface LimitedPartner {
  readonly id: number;
  readonly code: string;
  readonly limits: PartnerLimits;
}

/** Who earns at an instance on a day, with what limits it then; null where nobody does or nothing limits it. Reads only. */
export async function limitsOn(tx: Connection, instanceId: number, day: string): Promise<LimitedPartner | null> {
  const partner = await partnerAt(tx, instanceId, day);
  const terms = partner === null ? undefined : versionOn(await partnerTermsVersions(tx, partner.id), day);
  if (partner === null || terms === undefined) return null;
  const { maxDiscountPpm, territory, productIds, minimumOrder, creditLimit } = terms;
  const products = productIds === null ? null : await productCodes(tx, productIds);
  return { ...partner, limits: { maxDiscountPpm, territory, products, minimumOrder, creditLimit } };
}
