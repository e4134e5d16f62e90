import { isRoutingNumber } from '../../domain/routing-number.ts';
import { addDays, isDate } from '../../domain/dates.ts';
import { assertReadableStart } from '../file-signatures.ts';
import { shorten } from '../records.ts';
import {
  BATCH_CONTROL,
  BATCH_HEADER,
  CHANGE_ADDENDA,
  columnOf,
  ENTRY,
  FILE_CONTROL,
  FILE_HEADER,
  FILLER,
  readRecord,
  RECORD_LENGTH,
  RETURN_ADDENDA,
  type RecordLayout,
} from './nacha-records.ts';
import type { CorrectedAccount, ReportedPayment } from '../../domain/reported-payment.ts';
import { distinct, refuseReport, type PaymentReport, type SkippedRecord } from './payment-report.ts';

/** A credit that came back, or was paid and is to be written otherwise: to checking, savings, a ledger, a loan. */
const CAME_BACK = ['21', '31', '41', '51'];

/** Disputes between the two banks about a return: nothing moves before they have settled it. */
const DISHONORED = ['R61', 'R62', 'R67', 'R68', 'R69', 'R70'];
const CONTESTED = ['R71', 'R72', 'R73', 'R74', 'R75', 'R76', 'R77'];

/**
 * Reads what a bank sends back in NACHA format: returns, and notifications of change (COR). Every count, hash and total is
 * added up again; a file that is cut off, or says something else than it holds, is refused. Entries that tell of no end,
 * or of debits, are passed over and told.
 * @param file name for messages
 * @throws UsageError naming line, column and field
 */
export function readNacha(file: string, bytes: Buffer): PaymentReport {
  return new NachaReading(file, linesOf(file, bytes)).report();
}

/** The lines of the file; from a mainframe it may come without line ends. Blanks at the end of a line may have been lost. */
function linesOf(file: string, bytes: Buffer): string[] {
  const text = bytes.subarray(assertReadableStart(file, bytes)).toString('latin1');
  const unbroken = !/[\r\n]/.test(text.trimEnd()) && text.trimEnd().length > RECORD_LENGTH;
  const lines = unbroken ? (text.trimEnd().match(/.{1,94}/g) ?? []) : text.split(/\r?\n/);
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  lines.forEach((line, index) => {
    if (line.length <= RECORD_LENGTH) return;
    refuseReport(
      file,
      { line: index + 1, column: RECORD_LENGTH + 1, path: null },
      {
        ...{ code: 'nacha_line', reason: `the line has ${line.length} characters, and a record has ${RECORD_LENGTH}` },
        remedy: 'ask the bank for the file again',
      },
    );
  });
  return lines.map((line) => line.padEnd(RECORD_LENGTH));
}

interface Sums {
  entries: number;
  hash: bigint;
  debits: bigint;
  credits: bigint;
}
const noSums = (): Sums => ({ entries: 0, hash: 0n, debits: 0n, credits: 0n });

class NachaReading {
  readonly #file: string;
  readonly #lines: readonly string[];
  readonly #payments: ReportedPayment[] = [];
  readonly #skipped: SkippedRecord[] = [];
  readonly #sums = noSums();
  #at = 0;
  #batches = 0;
  #created = '';

  constructor(file: string, lines: readonly string[]) {
    this.#file = file;
    this.#lines = lines;
  }

  report(): PaymentReport {
    const header = this.#expect(FILE_HEADER, 'a file header');
    if (header.format !== '1' || header.recordSize !== '094') {
      this.#refuse('nacha_header', FILE_HEADER, 'recordSize', 'this is no file of records of 94 characters');
    }
    this.#created = this.#date(FILE_HEADER, 'date', header.date);
    this.#at += 1;
    while (this.#line().startsWith('5')) this.#batch();
    this.#fileControl();
    return {
      ...{ format: 'nacha', payments: this.#payments, skipped: this.#skipped },
      reference: `${this.#created} ${header.modifier}`.trim(),
      account: header.destination.trim() === '' ? null : header.destination.trim(),
    };
  }

  #batch(): void {
    const header = readRecord(BATCH_HEADER, this.#line());
    if (header.entryClass === 'ADV') {
      this.#refuse('nacha_class', BATCH_HEADER, 'entryClass', 'accounting advices (ADV) are not read here');
    }
    const sums = noSums();
    const date = this.#settled(header.settlementDay);
    this.#batches += 1;
    this.#at += 1;
    while (/^[67]/.test(this.#line())) this.#entry(header.entryClass, date, sums);
    const control = this.#expect(BATCH_CONTROL, 'a batch control');
    this.#compare(BATCH_CONTROL, control, sums);
    this.#at += 1;
    for (const key of ['debits', 'credits', 'hash'] as const) this.#sums[key] += sums[key];
    this.#sums.entries += sums.entries;
  }

  #entry(entryClass: string, date: string, sums: Sums): void {
    if (!this.#line().startsWith('6')) this.#refuseLine('nacha_order', 'an addenda record stands behind no entry');
    const line = this.#at + 1;
    const entry = readRecord(ENTRY, this.#line());
    const code = this.#digits(ENTRY, 'code', entry.code);
    const amount = BigInt(this.#digits(ENTRY, 'amount', entry.amount));
    sums.hash += BigInt(this.#digits(ENTRY, 'receivingBank', entry.receivingBank).slice(0, 8));
    sums.entries += 1;
    sums[/[5-9]$/.test(code) ? 'debits' : 'credits'] += amount;
    this.#at += 1;

    const addenda: { readonly line: number; readonly text: string }[] = [];
    for (; this.#line().startsWith('7'); this.#at += 1) {
      addenda.push({ line: this.#at + 1, text: this.#line() });
      sums.entries += 1;
    }
    const skip = (reason: string, remark: string) =>
      this.#skipped.push({ line, column: null, path: null, code: reason, reason: remark });
    const told = addenda.find(({ text }) => /^7(98|99)/.test(text));
    if (told === undefined) return void skip('forward_entry', 'an entry that was sent, not what became of it');
    if (entryClass.startsWith('IAT')) return void skip('international', 'an international entry (IAT), none of ours');
    if (!CAME_BACK.includes(code))
      return void skip('debit', `of a debit (transaction code ${code}), and payouts are credits`);
    const reason = told.text.slice(3, 6);
    if (DISHONORED.includes(reason))
      return void skip('dishonored', `${reason}: a return that was not accepted; the banks dispute it`);
    if (CONTESTED.includes(reason))
      return void skip('contested', `${reason}: a dispute about a return; look at the account`);

    const payment = {
      ...{ line, column: columnOf(ENTRY, 'individualId'), path: null, currency: 'USD', orders: [], payments: 1 },
      ids: distinct([entry.individualId.trim()]),
      name: entry.individualName.trim() === '' ? null : entry.individualName.trim(),
      date,
    };
    if (told.text.startsWith('798')) {
      const { originalTrace, corrected } = readRecord(CHANGE_ADDENDA, told.text);
      this.#payments.push({
        ...{ ...payment, kind: 'corrected', amount: null, bankReference: originalTrace.trim() },
        reason: { code: reason, text: CHANGES[reason]?.meaning ?? null },
        corrected: correctedBy(reason, corrected),
      });
      return;
    }
    const { originalTrace, information } = readRecord(RETURN_ADDENDA, told.text);
    this.#payments.push({
      ...{ ...payment, kind: 'returned', amount, bankReference: originalTrace.trim(), corrected: null },
      reason: { code: reason, text: information.trim() === '' ? (RETURNS[reason] ?? null) : information.trim() },
    });
  }

  #fileControl(): void {
    const control = this.#expect(FILE_CONTROL, 'the file control');
    this.#compare(FILE_CONTROL, control, this.#sums);
    if (Number(this.#digits(FILE_CONTROL, 'batches', control.batches)) !== this.#batches) {
      this.#refuse(
        'nacha_control',
        FILE_CONTROL,
        'batches',
        `the file has ${this.#batches} batches, and its control says ${control.batches}`,
      );
    }
    for (this.#at += 1; this.#at < this.#lines.length; this.#at += 1) {
      if (this.#line() !== FILLER) this.#refuseLine('nacha_order', 'something stands behind the file control');
    }
  }

  /** What the control record says must be what there is. */
  #compare(
    layout: RecordLayout<'entries' | 'hash' | 'debits' | 'credits'> & RecordLayout<string>,
    control: Readonly<Record<'entries' | 'hash' | 'debits' | 'credits', string>>,
    sums: Sums,
  ): void {
    const found = { ...sums, entries: BigInt(sums.entries), hash: sums.hash % 10n ** 10n };
    for (const field of ['entries', 'hash', 'debits', 'credits'] as const) {
      if (BigInt(this.#digits(layout, field, control[field])) === found[field]) continue;
      this.#refuse(
        'nacha_control',
        layout,
        field,
        `the records come to ${found[field]}, and their control says ${control[field]}`,
      );
    }
  }

  /** The day of the year on which the banks settled; the day of the file where it is blank. */
  #settled(dayOfYear: string): string {
    const day = Number(dayOfYear);
    if (!/^\d{3}$/.test(dayOfYear) || day < 1 || day > 366) return this.#created;
    const year = Number(this.#created.slice(0, 4));
    const inYear = addDays(`${year}-01-01`, day - 1);
    // A file of January tells of days of December.
    return inYear <= addDays(this.#created, 7) ? inYear : addDays(`${year - 1}-01-01`, day - 1);
  }

  #line(): string {
    return this.#lines[this.#at] ?? '';
  }

  #expect<Name extends string>(layout: RecordLayout<Name>, what: string): Record<Name, string> {
    const line = this.#line();
    if (line.startsWith(layout.type)) return readRecord(layout, line);
    return this.#refuseLine(
      this.#at >= this.#lines.length ? 'nacha_cut_off' : 'nacha_order',
      this.#at >= this.#lines.length ? `the file ends where ${what} must stand` : `here must stand ${what}`,
    );
  }

  #digits<Name extends string>(layout: RecordLayout<Name>, field: Name, text: string): string {
    if (/^\d+$/.test(text)) return text;
    return this.#refuse('nacha_field', layout, field, `'${shorten(text)}' is not all digits`);
  }

  #date<Name extends string>(layout: RecordLayout<Name>, field: Name, text: string): string {
    const date = `20${text.slice(0, 2)}-${text.slice(2, 4)}-${text.slice(4)}`;
    if (isDate(date)) return date;
    return this.#refuse('nacha_field', layout, field, `'${shorten(text)}' is no date written YYMMDD`);
  }

  #refuse<Name extends string>(code: string, layout: RecordLayout<Name>, field: Name, reason: string): never {
    return refuseReport(
      this.#file,
      { line: this.#at + 1, column: columnOf(layout, field), path: field },
      {
        ...{ code, reason, remedy: 'ask the bank for the file again' },
      },
    );
  }

  #refuseLine(code: string, reason: string): never {
    return refuseReport(
      this.#file,
      { line: this.#at + 1, column: 1, path: null },
      {
        ...{ code, reason, remedy: 'ask the bank for the whole file again' },
      },
    );
  }
}

/** The commonest reasons for a return, in words. Source: Nacha Operating Rules, appendix four. */
const RETURNS: Readonly<Record<string, string>> = {
  R01: 'insufficient funds',
  R02: 'account closed',
  R03: 'no account, or unable to locate it',
  R04: 'invalid account number',
  R06: 'returned at the request of the sending bank',
  R12: 'account sold to another bank',
  R13: 'invalid routing number',
  R14: 'representative payee deceased',
  R15: 'beneficiary or account holder deceased',
  R16: 'account frozen',
  R17: 'file record edit criteria',
  R20: 'not a transaction account',
  R23: 'credit refused by the receiver',
  R31: 'permissible return (CCD)',
};

/** What is corrected, and where in the 29 characters each part stands. Source: the same, appendix five. */
const CHANGES: Readonly<
  Record<
    string,
    { readonly meaning: string; readonly parts: Partial<Record<'routing' | 'account' | 'code', [number, number]>> }
  >
> = {
  C01: { meaning: 'account number', parts: { account: [0, 17] } },
  C02: { meaning: 'routing number', parts: { routing: [0, 9] } },
  C03: { meaning: 'routing and account number', parts: { routing: [0, 9], account: [12, 29] } },
  C05: { meaning: 'kind of account', parts: { code: [0, 2] } },
  C06: { meaning: 'account number and kind of account', parts: { account: [0, 17], code: [20, 22] } },
  C07: {
    meaning: 'routing number, account number and kind of account',
    parts: { routing: [0, 9], account: [9, 26], code: [26, 28] },
  },
};

function correctedBy(code: string, text: string): CorrectedAccount {
  const parts = CHANGES[code]?.parts;
  if (parts === undefined) return { routing: null, account: null, kind: null, other: text.trim() };
  const part = (place: [number, number] | undefined) => (place === undefined ? null : text.slice(...place).trim());
  const kind = part(parts.code);
  const routing = part(parts.routing);
  const known = { '2': 'checking', '3': 'savings' } as const;
  return {
    routing: routing !== null && isRoutingNumber(routing) ? routing : null,
    account: part(parts.account),
    kind: kind === null ? null : (known[kind[0] as '2' | '3'] ?? null),
    other: routing !== null && !isRoutingNumber(routing) ? routing : null,
  };
}
