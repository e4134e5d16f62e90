/**
 * The records of a NACHA file: 94 characters a line, each field in its columns. Declared once; the writer fills them and
 * the reader takes them apart. Source: Nacha Operating Rules, appendix three.
 */
export const RECORD_LENGTH = 94;

/** Records a block: the file ends with a whole one. */
export const BLOCKING_FACTOR = 10;

interface Field {
  readonly width: number;
  /** Numbers stand to the right, behind zeros; text to the left, or to the right, among spaces. */
  readonly fill: 'number' | 'text' | 'right';
}
const number = (width: number): Field => ({ width, fill: 'number' });
const text = (width: number): Field => ({ width, fill: 'text' });
const right = (width: number): Field => ({ width, fill: 'right' });

/** A record's fields, after its type, in their order. */
export interface RecordLayout<Name extends string> {
  readonly type: string;
  readonly fields: Readonly<Record<Name, Field>>;
}
const layout = <Name extends string>(type: string, fields: Record<Name, Field>): RecordLayout<Name> => ({
  type,
  fields,
});

export const FILE_HEADER = layout('1', {
  priority: number(2),
  destination: right(10),
  origin: right(10),
  date: text(6),
  time: text(4),
  modifier: text(1),
  recordSize: number(3),
  blocking: number(2),
  format: text(1),
  destinationName: text(23),
  originName: text(23),
  reference: text(8),
});

export const BATCH_HEADER = layout('5', {
  service: number(3),
  companyName: text(16),
  discretionary: text(20),
  companyId: text(10),
  entryClass: text(3),
  description: text(10),
  descriptiveDate: text(6),
  effectiveDate: text(6),
  settlementDay: text(3),
  status: text(1),
  odfi: number(8),
  batch: number(7),
});

export const ENTRY = layout('6', {
  code: number(2),
  receivingBank: number(9),
  account: text(17),
  amount: number(10),
  individualId: text(15),
  individualName: text(22),
  discretionary: text(2),
  addenda: number(1),
  trace: number(15),
});

/** 05: what the payment is for. */
export const PAYMENT_ADDENDA = layout('7', {
  addendaType: number(2),
  text: text(80),
  sequence: number(4),
  entry: number(7),
});

/** 99: why an entry came back, and which it was; dishonored and contested returns say more in the field `information`. */
export const RETURN_ADDENDA = layout('7', {
  addendaType: number(2),
  reason: text(3),
  originalTrace: text(15),
  dateOfDeath: text(6),
  originalBank: text(8),
  information: text(44),
  trace: text(15),
});

/** 98: what was wrong with an entry that was paid all the same. */
export const CHANGE_ADDENDA = layout('7', {
  addendaType: number(2),
  reason: text(3),
  originalTrace: text(15),
  reserved: text(6),
  originalBank: text(8),
  corrected: text(29),
  rest: text(15),
  trace: text(15),
});

export const BATCH_CONTROL = layout('8', {
  service: number(3),
  entries: number(6),
  hash: number(10),
  debits: number(12),
  credits: number(12),
  companyId: text(10),
  authentication: text(19),
  reserved: text(6),
  odfi: number(8),
  batch: number(7),
});

export const FILE_CONTROL = layout('9', {
  batches: number(6),
  blocks: number(6),
  entries: number(8),
  hash: number(10),
  debits: number(12),
  credits: number(12),
  reserved: text(39),
});

/** What the last block is filled up with. */
export const FILLER = '9'.repeat(RECORD_LENGTH);

/** A line; values fit their fields, that is checked before. */
export function writeRecord<Name extends string>(
  { type, fields }: RecordLayout<Name>,
  values: Readonly<Partial<Record<Name, string | number | bigint>>>,
): string {
  const written = Object.entries<Field>(fields).map(([name, { width, fill }]) => {
    const value = String(values[name as Name] ?? '');
    if (value.length > width) throw new RangeError(`${name} of a NACHA record holds ${width} characters`);
    return fill === 'number'
      ? value.padStart(width, '0')
      : fill === 'right'
        ? value.padStart(width)
        : value.padEnd(width);
  });
  return type + written.join('');
}

/** The fields of a line, as they stand there. */
export function readRecord<Name extends string>({ fields }: RecordLayout<Name>, line: string): Record<Name, string> {
  let at = 1;
  const read = Object.entries<Field>(fields).map(([name, { width }]) => {
    at += width;
    return [name, line.slice(at - width, at)] as const;
  });
  return Object.fromEntries(read) as Record<Name, string>;
}

/** Where a field begins, from 1. */
export function columnOf<Name extends string>({ fields }: RecordLayout<Name>, name: Name): number {
  let column = 2;
  for (const [field, { width }] of Object.entries<Field>(fields)) {
    if (field === name) return column;
    column += width;
  }
  throw new RangeError(`a NACHA record has no ${name}`);
}
