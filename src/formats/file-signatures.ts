import { unreadableFile } from './records.ts';

/**
 * Looks at the first bytes of a text file: a UTF-8 byte order mark is passed over, and what is plainly no text of ours
 * is refused by name instead of by a thousand rejected rows.
 * @returns how many bytes to pass over
 * @throws UsageError `encoding_utf16`, `file_not_text`
 */
export function assertReadableStart(file: string, bytes: Buffer): number {
  if (startsWith(bytes, [0xef, 0xbb, 0xbf])) return 3;
  const refuse = (code: string, reason: string, remedy: string): never => {
    throw unreadableFile(file, 1, { column: null, field: null, code, reason, remedy });
  };
  if (startsWith(bytes, [0xff, 0xfe]) || startsWith(bytes, [0xfe, 0xff])) {
    refuse('encoding_utf16', 'the file is UTF-16', 'save it as UTF-8 (in Excel: “CSV UTF-8”)');
  }
  if (startsWith(bytes, [0x50, 0x4b, 0x03, 0x04])) {
    refuse('file_not_text', 'this is a spreadsheet or a ZIP archive', 'export the sheet as CSV, or unpack the archive');
  }
  if (startsWith(bytes, [0x1f, 0x8b])) refuse('file_not_text', 'the file is gzipped', 'unpack it with gunzip');
  return 0;
}

function startsWith(bytes: Buffer, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}
