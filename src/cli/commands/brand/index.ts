import { parseColour } from '../../../domain/brand.ts';
import { UsageError } from '../../../domain/errors.ts';
import { setBrand, type BrandChange } from '../../../services/brand/set-brand.ts';
import { listBrands, showBrand, type BrandView } from '../../../services/brand/show-brand.ts';
import { partnerChoices } from '../../choices.ts';
import type { Command } from '../../command.ts';
import { listCommand, showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { argument, flag, option } from '../../parameters.ts';

const c = columnsOf<BrandView>();

/** How papers look. */
const brandRows: NounRows<BrandView> = {
  noun: 'brand',
  plural: 'brands',
  id: (row) => row.partner,
  columns: [
    c.code('partner', (row) => row.partner),
    c.text('name', (row) => row.name),
    c.code('colour', (row) => row.colour),
    c.code('logo', (row) => row.logo),
    c.number('logo_bytes', (row) => row.logoBytes, { detail: true }),
    c.code('logo_sha256', (row) => row.logoSha256, { detail: true }),
    c.actor('set_by', (row) => row.setBy),
    c.instant('set_at', (row) => row.setAt, { detail: true }),
  ],
};

const setup = ['partner create lumen --name "Lumen Media" --type white_label --currency EUR'];
const withBrand = [...setup, 'brand set lumen --colour "#7a1f5c"'];
const partner = argument<string>('PARTNER', 'the partner', { ask: { message: 'Partner:', choices: partnerChoices } });

const set = mutation({
  rows: brandRows,
  verb: 'set',
  summary: 'say how the papers of a white-label partner look',
  description:
    'The PDF of a statement bears the name or the logo, and the colour, of the partner it is for, or of the nearest ' +
    'white-label partner above it. At once, and for statements that were made before, too: what they say stays as it was. ' +
    'A logo is a PNG without interlacing or a JPEG, of 256 KiB and 2000 pixels each way at most; it is kept in the ' +
    'database. What is not given stays.',
  parameters: {
    partner,
    name: option('--name <text>', "what stands above; default the partner's name"),
    colour: option('--colour <hex>', 'as #1f4e79; text in it is darkened until it can be read', { read: parseColour }),
    logo: option('--logo <file>', 'a picture in place of the name: PNG or JPEG'),
    noLogo: flag('--no-logo', 'the name in place of a picture'),
  },
  examples: [
    { command: 'brand set lumen --name "Lumen" --colour "#7a1f5c"', setup },
    { command: 'brand set lumen --no-logo --dry-run', setup: withBrand },
  ],
  async prepare(invocation, input) {
    const { name, colour, logo, noLogo } = input;
    if (logo !== undefined && noLogo) throw new UsageError('logo_twice', '--logo and --no-logo exclude each other');
    if (name === undefined && colour === undefined && logo === undefined && !noLogo) {
      throw new UsageError('nothing_given', 'what is to change?', {
        hint: 'give --name, --colour, --logo or --no-logo',
      });
    }
    return logo === undefined ? input : { ...input, logo: invocation.path(logo) };
  },
  async run(ctx, { partner: code, name, colour, logo, noLogo }, say) {
    const change: BrandChange = {
      ...{ name, colour },
      logo: noLogo ? null : logo === undefined ? undefined : { path: logo, label: logo },
    };
    const { brand, changed } = await setBrand(ctx, code, change);
    if (!changed) say(`papers of ${code} look exactly like this already: nothing changed`);
    return brand;
  },
  done: (row) => `papers of ${row.partner} bear ${row.logo === null ? `the name ${row.name}` : 'its logo'}`,
});

const list = listCommand({
  ...brandRows,
  filters: {},
  paged: false,
  query: async (ctx) => await listBrands(ctx),
  whenEmpty: '`revshare brand set PARTNER --colour …` gives a white-label partner one',
  examples: [{ command: 'brand list', setup: withBrand }],
});

const show = showCommand({
  ...brandRows,
  summary: 'show how the papers of a white-label partner look',
  argument: partner,
  find: async (ctx, code) => await showBrand(ctx, code),
  examples: [
    { command: 'brand show lumen', setup: withBrand },
    { command: 'brand show lumen --json', setup: withBrand },
  ],
});

export const commands: readonly Command[] = [set, list, show];
