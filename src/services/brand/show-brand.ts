import { brandRows } from '../../db/queries/brands.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { brandView, type BrandView } from './brand-view.ts';

export type { BrandView } from './brand-view.ts';

/** The brands there are, by partner. Reads only. */
export async function listBrands(ctx: Context): Promise<BrandView[]> {
  return (await brandRows(ctx.db)).map(brandView);
}

/** The brand of a partner as it is now. Reads only. Throws NotFoundError `partner_not_found`, RefusedError `brand_missing`. */
export async function showBrand(ctx: Context, code: string): Promise<BrandView> {
  const { id } = await findPartner(ctx.db, code, today(ctx));
  const [row] = await brandRows(ctx.db, id);
  if (row === undefined) {
    throw new RefusedError('brand_missing', `partner ${code} has no brand of its own`, {
      hint: `a white-label partner gets one: revshare brand set ${code} --colour '#1f4e79'`,
    });
  }
  return brandView(row);
}
