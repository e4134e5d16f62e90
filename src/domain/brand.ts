import { UsageError } from './errors.ts';

/** How papers look: those of a white-label partner and of the partners under it. */
export interface Brand {
  readonly name: string;
  /** '#1f4e79' */
  readonly colour: string;
  readonly logo: BrandLogo | null;
}

export interface BrandLogo {
  readonly type: 'image/png' | 'image/jpeg';
  readonly bytes: Uint8Array;
}

/** Of papers that no brand says otherwise of. */
export const OWN_COLOUR = '#1f4e79';

/** Reads '#1F4E79', with the mark or without it. @throws UsageError `colour_invalid` */
export function parseColour(text: string): string {
  const match = /^#?([0-9a-f]{6})$/i.exec(text.trim());
  if (match !== null) return `#${match[1]!.toLowerCase()}`;
  throw new UsageError('colour_invalid', `'${text.slice(0, 40)}' is no colour`, {
    hint: 'red, green and blue in two hex digits each, as #1f4e79; in a shell with quotes',
  });
}
