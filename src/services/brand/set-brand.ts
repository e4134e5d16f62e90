import { brandRows, insertBrand } from '../../db/queries/brands.ts';
import { OWN_COLOUR, type BrandLogo } from '../../domain/brand.ts';
import { parseName } from '../../domain/codes.ts';
import { readWhole } from '../../files/read-whole.ts';
import { readLogo } from '../../formats/logo.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { brandView, type BrandView } from './brand-view.ts';

export interface BrandChange {
  readonly name?: string | undefined;
  readonly colour?: string | undefined;
  /** A file; null takes the picture away. */
  readonly logo?: { readonly path: string; readonly label: string } | null | undefined;
}

/**
 * Says how papers of a white-label partner look from now on; what is not given stays as it is, and at first its name is the
 * partner's. Writes, unless nothing differs. Throws NotFoundError `partner_not_found`, RefusedError `not_white_label`, UsageError
 * `name_too_long`, `logo_too_large`, `logo_unreadable`, and what a file may be refused for.
 */
export async function setBrand(
  ctx: Context,
  code: string,
  change: BrandChange,
): Promise<{ readonly brand: BrandView; readonly changed: boolean }> {
  const logo = await logoOf(change);
  if (change.name !== undefined) parseName(change.name);
  return await ctx.write(async (tx) => {
    const partner = await findPartner(tx, code, today(ctx));
    const [before] = await brandRows(tx, partner.id);
    const after = {
      name: change.name ?? before?.name ?? partner.name,
      colour: change.colour ?? before?.colour ?? OWN_COLOUR,
      logo: logo === undefined ? (before?.logo ?? null) : logo === null ? null : Buffer.from(logo.bytes),
      logoType: logo === undefined ? (before?.logoType ?? null) : (logo?.type ?? null),
    };
    if (before !== undefined && isSame(before, after)) return { brand: brandView(before), changed: false };
    await insertBrand(tx, partner.id, after);
    const [row] = await brandRows(tx, partner.id);
    return { brand: brandView(row!), changed: true };
  });
}

async function logoOf({ logo }: BrandChange): Promise<BrandLogo | null | undefined> {
  return logo == null ? logo : readLogo(await readWhole(logo.path, logo.label), logo.label);
}

type Said = Parameters<typeof insertBrand>[2];
function isSame(before: Said, after: Said): boolean {
  const sameLogo =
    before.logo === null || after.logo === null ? before.logo === after.logo : before.logo.equals(after.logo);
  return before.name === after.name && before.colour === after.colour && sameLogo;
}
