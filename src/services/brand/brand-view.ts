import { createHash } from 'node:crypto';
import type { BrandRow } from '../../db/queries/brands.ts';
import type { Brand } from '../../domain/brand.ts';

/** A brand without its picture. */
export interface BrandView {
  readonly partner: string;
  readonly name: string;
  readonly colour: string;
  /** 'png', 'jpeg'; null: its name stands in its place. */
  readonly logo: string | null;
  readonly logoBytes: number | null;
  readonly logoSha256: string | null;
  readonly setBy: string;
  readonly setAt: string;
}

export function brandView({ partner, name, colour, logo, logoType, createdBy, recordedAt }: BrandRow): BrandView {
  return {
    ...{ partner, name, colour },
    logo: logoType?.replace('image/', '') ?? null,
    logoBytes: logo?.length ?? null,
    logoSha256: logo === null ? null : createHash('sha256').update(logo).digest('hex'),
    ...{ setBy: createdBy, setAt: recordedAt },
  };
}

/** What papers bear of it. */
export function brandOf({ name, colour, logo, logoType }: BrandRow): Brand {
  return { name, colour, logo: logo === null || logoType === null ? null : { type: logoType, bytes: logo } };
}
