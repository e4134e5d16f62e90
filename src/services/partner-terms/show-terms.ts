import { partnerTermsVersions } from '../../db/queries/partner-terms.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { versionOn } from '../versions/say-over.ts';
import { termsView, unlimited, type PartnerTerms } from './terms-view.ts';

export type { PartnerTerms } from './terms-view.ts';

export interface PartnerTermsDetails extends PartnerTerms {
  /** Everything that was ever said, in the order in which it became known. */
  readonly versions: readonly PartnerTerms[];
}

/** What a partner may agree on a day, by default today, and every version of it. Reads only. Throws NotFoundError `partner_not_found`. */
export async function showPartnerTerms(
  ctx: Context,
  code: string,
  on: string = today(ctx),
): Promise<PartnerTermsDetails> {
  const partner = await findPartner(ctx.db, code, on);
  const rows = await partnerTermsVersions(ctx.db, partner.id);
  const version = versionOn(rows, on);
  const versions: PartnerTerms[] = [];
  for (const row of rows) versions.push(await termsView(ctx.db, code, row));
  return { ...(version === undefined ? unlimited(code) : await termsView(ctx.db, code, version)), versions };
}
