import { parseCode } from '../domain/codes.ts';
import { currency } from '../domain/currencies.ts';
import { parseDate } from '../domain/dates.ts';
import { UsageError } from '../domain/errors.ts';
import { parseRegion } from '../domain/prices.ts';
import { readNamedRows, said, type NamedRow, type NamedRows } from './named-rows.ts';

/** A row of metered usage. */
export interface MeteredRow {
  readonly externalId: string;
  readonly instance: string;
  readonly meter: string;
  /** A decimal number, below zero for a correction. */
  readonly quantity: string;
  readonly usedOn: string;
  /** What it is charged in; null: the partner's currency. */
  readonly currency: string | null;
  readonly region: string | null;
}

const COLUMNS = {
  required: ['external_id', 'instance', 'meter', 'quantity', 'date'],
  optional: ['currency', 'region'],
};

/** Reads metered usage. @param file name for messages. @throws UsageError for a file that cannot be read as it */
export function readUsageFile(file: string, bytes: Buffer): NamedRows<MeteredRow> {
  return readNamedRows(file, bytes, COLUMNS, meteredRow);
}

function meteredRow(row: NamedRow): MeteredRow {
  return {
    externalId: row.read('external_id', parseExternalId),
    instance: row.read('instance', (text) => parseCode(said(text))),
    meter: row.read('meter', (text) => parseCode(said(text))),
    quantity: row.read('quantity', parseMetered),
    usedOn: row.read('date', (text) => parseDate(said(text))),
    currency: row.maybe('currency', (text) => currency(text.toUpperCase()).code),
    region: row.maybe('region', parseRegion),
  };
}

const ID_LIMIT = 500;

function parseExternalId(text: string): string {
  if ([...said(text)].length <= ID_LIMIT) return text;
  throw new UsageError('text_too_long', `is longer than ${ID_LIMIT} characters`, { hint: 'shorten it' });
}

/** Without trailing zeros, so that equal quantities are equal texts. */
function parseMetered(text: string): string {
  const match = /^(-?)(\d{1,15})(?:\.(\d+))?$/.exec(said(text));
  const fraction = (match?.[3] ?? '').replace(/0+$/, '');
  const whole = (match?.[2] ?? '').replace(/^0+(?=\d)/, '');
  if (match === null || fraction.length > 10 || (whole === '0' && fraction === '')) {
    throw new UsageError('quantity_invalid', `'${text.slice(0, 40)}' is not a quantity`, {
      hint: 'write digits with at most ten decimals, not 0; a correction is below zero',
    });
  }
  return `${match[1]}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}
