import { crc32, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { LARGEST_LOGO_BYTES, readLogo } from '../../src/formats/logo.ts';
import { openStatementPrinter } from '../../src/formats/paper/statement-pdf.ts';
import { statementToPrint } from '../support/printed-statement.ts';

interface Picture {
  readonly width?: number;
  readonly height?: number;
  readonly interlaced?: boolean;
  /** Pixels that are there, whatever the header says. */
  readonly pixels?: number;
}

/** A picture that lets half of the paper shine through. */
function png({ width = 4, height = 3, interlaced = false, pixels = width * height }: Picture = {}): Buffer {
  const chunk = (kind: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6, 0, 0, interlaced ? 1 : 0], 8);
  const rows = Buffer.alloc((pixels / width) * (1 + 4 * width), 0x80);
  for (let at = 0; at < rows.length; at += 1 + 4 * width) rows[at] = 0;
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), ...parts]);
}

/** No more of a JPEG than says what it is. */
const jpeg = (colours: number) => Buffer.from(`ffd8ffe000041234ffc0000b08001000200${colours}1100ffd9`, 'hex');

const refused = (bytes: Buffer) => {
  try {
    readLogo(bytes, 'logo');
    return 'taken';
  } catch (error) {
    return `${(error as { code: string }).code}: ${(error as Error).message}`;
  }
};

describe('a logo', () => {
  it('is a PNG or a JPEG', () => {
    expect(readLogo(png(), 'logo').type).toBe('image/png');
    expect(refused(Buffer.from('<svg/>'))).toBe('logo_unreadable: logo cannot be a logo: it is neither PNG nor JPEG');
    expect(refused(Buffer.alloc(0))).toMatch(/neither PNG nor JPEG/);
  });

  it('is whole: what is damaged, cut off or lies about its size is refused before it is anywhere', () => {
    const damaged = png();
    damaged[damaged.length - 20]! ^= 1;
    expect(refused(damaged)).toMatch(/^logo_unreadable: .*damaged/);
    for (const length of [9, 20, 40, png().length - 1])
      expect(refused(png().subarray(0, length))).toMatch(/^logo_unreadable/);
    expect(refused(png({ pixels: 4 }))).toMatch(/its size is not that of its pixels/);
    expect(refused(png({ width: 100, height: 100, pixels: 200_000 }))).toMatch(/^logo_unreadable/);
  });

  it('is of a kind and size that is printed', () => {
    expect(refused(png({ interlaced: true }))).toMatch(/interlaced/);
    expect(refused(png({ width: 2001, height: 1 }))).toMatch(/2001 × 1 pixels/);
    expect(refused(Buffer.alloc(LARGEST_LOGO_BYTES + 1))).toMatch(/^logo_too_large/);
    for (const colours of [1, 3]) expect(readLogo(jpeg(colours), 'logo').type).toBe('image/jpeg');
    expect(refused(jpeg(4))).toMatch(/neither RGB nor grey/);
  });

  it('is printed as it is, the same each time', async () => {
    const print = await openStatementPrinter({ paper: 'a4', actorsClaimed: false });
    const brand = { name: 'Lumen', colour: '#ffee00', logo: readLogo(png({ width: 40, height: 10 }), 'logo') };
    const one = await print(statementToPrint(), brand);
    expect(one.equals(await print(statementToPrint(), brand))).toBe(true);
    expect(one.equals(await print(statementToPrint(), null))).toBe(false);
    expect(one.includes('/SMask')).toBe(true);
  });
});
