import { crc32, inflateSync } from 'node:zlib';
import type { BrandLogo } from '../domain/brand.ts';
import { UsageError } from '../domain/errors.ts';

/**
 * Pictures for letter heads. They are looked through when they are brought, to the last pixel where that is ours to do: a
 * paper that cannot be printed months later would be nobody's fault and everybody's trouble.
 */

export const LARGEST_LOGO_BYTES = 256 * 1024;
const MOST_PIXELS = 2000;
const PNG = Buffer.from('89504e470d0a1a0a', 'hex');
const JPEG = Buffer.from('ffd8ff', 'hex');

/**
 * Reads a PNG or a JPEG. @param label what messages call it.
 * @throws UsageError `logo_too_large`, `logo_unreadable`
 */
export function readLogo(bytes: Buffer, label: string): BrandLogo {
  if (bytes.length > LARGEST_LOGO_BYTES) {
    throw new UsageError(
      'logo_too_large',
      `${label} has ${bytes.length} bytes; a logo has ${LARGEST_LOGO_BYTES} at most`,
      {
        hint: 'a logo is printed 6 cm wide: 700 pixels are plenty',
      },
    );
  }
  const unreadable = (reason: string) =>
    new UsageError('logo_unreadable', `${label} cannot be a logo: ${reason}`, {
      hint: 'save it as PNG without interlacing, or as JPEG in RGB',
    });
  const isPng = bytes.subarray(0, PNG.length).equals(PNG);
  if (!isPng && !bytes.subarray(0, JPEG.length).equals(JPEG)) throw unreadable('it is neither PNG nor JPEG');
  let size: Size;
  try {
    size = isPng ? pngSize(bytes) : jpegSize(bytes);
  } catch (error) {
    throw unreadable(error instanceof Broken ? error.message : 'it ends too soon, or is damaged');
  }
  if (size.width < 1 || size.height < 1 || Math.max(size.width, size.height) > MOST_PIXELS) {
    throw unreadable(`it has ${size.width} × ${size.height} pixels; ${MOST_PIXELS} each way are the most`);
  }
  return { type: isPng ? 'image/png' : 'image/jpeg', bytes };
}

interface Size {
  readonly width: number;
  readonly height: number;
}
class Broken extends Error {}

/** Samples of a pixel, by colour type. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

function pngSize(bytes: Buffer): Size {
  const data: Buffer[] = [];
  let header: Buffer | null = null;
  for (let at = PNG.length; ;) {
    const length = bytes.readUInt32BE(at);
    const chunk = bytes.subarray(at + 4, at + 8 + length);
    if (crc32(chunk) !== bytes.readUInt32BE(at + 8 + length)) throw new Broken('it is damaged');
    const kind = chunk.toString('latin1', 0, 4);
    if (kind === 'IHDR') header = chunk.subarray(4);
    if (kind === 'IDAT') data.push(chunk.subarray(4));
    if (kind === 'IEND') break;
    at += 12 + length;
  }
  if (header === null) throw new Broken('it has no header');
  const [width, height, depth, colourType] = [header.readUInt32BE(0), header.readUInt32BE(4), header[8]!, header[9]!];
  if (header[12] !== 0) throw new Broken('it is interlaced');
  const row = Math.ceil((width * depth * (SAMPLES[colourType] ?? 0)) / 8) + 1;
  // No more is unpacked than its size asks for, whatever it says that it is.
  const most = Math.min(row * height, MOST_PIXELS * (MOST_PIXELS * 8 + 1));
  if (inflateSync(Buffer.concat(data), { maxOutputLength: most + 1 }).length !== row * height) {
    throw new Broken('its size is not that of its pixels');
  }
  return { width, height };
}

function jpegSize(bytes: Buffer): Size {
  if (bytes.readUInt16BE(bytes.length - 2) !== 0xffd9) throw new Broken('it ends too soon');
  for (let at = 2; ;) {
    if (bytes[at] !== 0xff) throw new Broken('it is damaged');
    const marker = bytes[at + 1]!;
    // Start of frame; C4, C8 and CC are something else.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      if (![1, 3].includes(bytes.readUInt8(at + 9))) throw new Broken('its colours are neither RGB nor grey');
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
}
