import { UsageError } from '../../domain/errors.ts';
import { assertReadableStart } from '../file-signatures.ts';
import { readBankCsv } from './bank-csv-reader.ts';
import type { BankProfile } from './bank-profile.ts';
import { CAMT_NAMES, readCamt } from './camt-reader.ts';
import { messageOf } from './iso20022.ts';
import { readNacha } from './nacha-reader.ts';
import { readPain002 } from './pain002-reader.ts';
import { refuseReport, type PaymentReport, type FileFormat } from './payment-report.ts';
import { looksLikePayPal, readPayPalReport } from './paypal-report.ts';

/**
 * Reads a report of payments in any of the formats.
 * @param file name for messages
 * @param format what it is; null to look
 * @param profile how the bank writes its CSV; needed for one
 * @throws UsageError `report_format`, `profile_missing`, `profile_unused`, and what its reader throws
 */
export function readPaymentReport(
  file: string,
  bytes: Buffer,
  format: FileFormat | null,
  profile: BankProfile | null,
): PaymentReport {
  const found = format ?? (profile === null ? formatOf(file, bytes) : 'bank-csv');
  if (profile !== null && found !== 'bank-csv') {
    throw new UsageError('profile_unused', `a profile describes a bank's CSV, and ${file} is read as ${found}`, {
      hint: 'leave --profile out, or --format',
    });
  }
  switch (found) {
    case 'camt.052':
    case 'camt.053':
    case 'camt.054':
      return readCamt(file, bytes, found);
    case 'pain.002':
      return readPain002(file, bytes);
    case 'nacha':
      return readNacha(file, bytes);
    case 'paypal':
      return readPayPalReport(file, bytes);
    case 'bank-csv':
      if (profile !== null) return readBankCsv(file, bytes, profile);
      throw new UsageError('profile_missing', `how ${file} is written is not known`, {
        hint: 'describe the CSV of the bank in a profile: --profile FILE.toml; the help shows one',
      });
  }
}

/** What the first bytes say. @throws UsageError `report_format` */
function formatOf(file: string, bytes: Buffer): FileFormat {
  const start = bytes.subarray(assertReadableStart(file, bytes)).subarray(0, 4096).toString('latin1').trimStart();
  if (start.startsWith('<')) {
    const name = messageOf(/\bxmlns(?::\w+)?\s*=\s*["'](urn:iso:[^"']*)["']/.exec(start)?.[1] ?? '')?.name;
    const read = [...CAMT_NAMES, 'pain.002' as const].find((one) => one === name);
    if (read !== undefined) return read;
    return refuseReport(
      file,
      { line: 1, column: null, path: null },
      {
        ...{
          code: 'report_format',
          reason: name === undefined ? 'this XML is no message of ISO 20022' : `${name} is not read here`,
        },
        remedy:
          'give a bank statement (camt.053), notification (camt.054), report of a day (camt.052) or status report (pain.002)',
      },
    );
  }
  if (/^101[ \d]\d{9}.{10}\d{6}/.test(start)) return 'nacha';
  if (looksLikePayPal(bytes)) return 'paypal';
  return 'bank-csv';
}
