import { isUtf8 } from 'node:buffer';
import { UsageError } from '../domain/errors.ts';

/**
 * Readers look at a file as latin1 text, one character a byte: offsets are byte offsets, splitting costs no decoding,
 * and the plain ASCII of most billing files is already its own meaning. Only a field with a byte above 0x7F is decoded.
 */
export interface FieldDecoder {
  readonly encoding: 'utf-8' | 'latin1' | 'windows-1252';
  /** The text that these bytes, held as latin1, mean; null when they mean nothing in this encoding. */
  decode(bytes: string): string | null;
  /** Where in the bytes the first meaningless one stands; -1 when there is none. */
  firstInvalid(bytes: string): number;
}

/**
 * The decoder of an encoding a mapping file may name.
 * @throws UsageError `encoding_unknown`
 */
export function createFieldDecoder(name: string): FieldDecoder {
  switch (name.toLowerCase()) {
    case 'utf-8':
    case 'utf8':
      return UTF8;
    case 'latin1':
    case 'iso-8859-1':
      return LATIN1;
    case 'windows-1252':
    case 'cp1252':
      return WINDOWS_1252;
    default:
      throw new UsageError('encoding_unknown', `'${name.slice(0, 40)}' is not an encoding that is read here`, {
        hint: 'use utf-8, latin1 or windows-1252, or convert the file to UTF-8',
      });
  }
}

const UTF8: FieldDecoder = {
  encoding: 'utf-8',
  decode(bytes) {
    const buffer = Buffer.from(bytes, 'latin1');
    return isUtf8(buffer) ? buffer.toString('utf8') : null;
  },
  firstInvalid(bytes) {
    const buffer = Buffer.from(bytes, 'latin1');
    for (let at = 0; at < buffer.length;) {
      const length = sequenceLength(buffer[at]!);
      if (length === 0 || at + length > buffer.length || !isUtf8(buffer.subarray(at, at + length))) return at;
      at += length;
    }
    return -1;
  },
};

/** How many bytes a UTF-8 sequence that begins with this one has; 0 for a byte that begins none. */
function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

const LATIN1: FieldDecoder = {
  encoding: 'latin1',
  decode: (bytes) => bytes,
  firstInvalid: () => -1,
};

// What Windows put where ISO 8859-1 has control characters; a space stands for the five bytes that mean nothing.
const FROM_0X80 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';
const UNDEFINED_1252 = /[\x81\x8d\x8f\x90\x9d]/;

const WINDOWS_1252: FieldDecoder = {
  encoding: 'windows-1252',
  decode: (bytes) =>
    UNDEFINED_1252.test(bytes)
      ? null
      : bytes.replaceAll(/[\x80-\x9f]/g, (byte) => FROM_0X80[byte.charCodeAt(0) - 0x80] ?? byte),
  firstInvalid: (bytes) => bytes.search(UNDEFINED_1252),
};
