import { isRoutingNumber } from '../../domain/routing-number.ts';
import { shorten } from '../records.ts';
import { toAscii } from './latin-text.ts';
import {
  BATCH_CONTROL,
  BATCH_HEADER,
  BLOCKING_FACTOR,
  ENTRY,
  FILE_CONTROL,
  FILE_HEADER,
  FILLER,
  PAYMENT_ADDENDA,
  RECORD_LENGTH,
  writeRecord,
} from './nacha-records.ts';
import { mostOf, paymentFile, PaymentChecks, type PayeeKind, type Payment, type PaymentFiles } from './payment.ts';

/** Who pays by NACHA file, as the agreement with the bank has it. */
export interface NachaOriginator {
  /** The bank that takes the file in: its routing number, and its name. */
  readonly destination: { readonly routing: string; readonly name: string };
  /** Who hands it in: at most ten characters, mostly a 1 and the employer's number; and the name. */
  readonly origin: { readonly id: string; readonly name: string };
  /** Who pays: the bank's number for the company, at most ten characters, and the name that payees see, cut to 16. */
  readonly company: { readonly id: string; readonly name: string };
  /** Routing number of the bank whose customer pays (ODFI). */
  readonly odfi: string;
  /** What payees see of the purpose, at most ten characters: PAYOUT. */
  readonly description: string;
}

export interface NachaPayment extends Payment {
  readonly account: {
    readonly routing: string;
    readonly number: string;
    readonly kind: 'checking' | 'savings';
  };
  /** A person is paid as PPD, a company as CCD: a batch each. */
  readonly payee: PayeeKind;
  /** Where the payee lives, ISO 3166: to a payee abroad only an international entry (IAT) may be sent, which is none of these. */
  readonly country: string;
  /** What the payment is for, cut to 80 characters; null for none. */
  readonly remittance: string | null;
}

export interface NachaOrder {
  readonly originator: NachaOriginator;
  readonly payments: readonly NachaPayment[];
  /** Local time, like 2026-10-31T09:30:00. */
  readonly createdAt: string;
  /** When payees are to have it, YYYY-MM-DD: a banking day. */
  readonly effectiveDate: string;
  /** Tells the files of one day apart: A, then B, … Z, then 0 to 9. */
  readonly modifier: string;
}

/** Where a domestic entry may go: the states and the territories whose banks are of the Federal Reserve. */
const DOMESTIC = ['US', 'PR', 'GU', 'VI', 'AS', 'MP'];

/** Credits only. */
const CREDITS_ONLY = 220;
const CODES = { checking: 22, savings: 32 } as const;
const ENTRY_CLASSES = [
  ['PPD', 'person'],
  ['CCD', 'company'],
] as const;

/**
 * Writes a NACHA file of credits: a batch for persons and one for companies, each entry with the payout's number as its
 * individual id, all control records, filled to blocks of ten, lines ended by LF.
 * @throws RefusedError with every payout and field that cannot be: `payee_abroad`, `routing_number`, `account_number`,
 *   `letters_unknown`, `payment_amount`, `payment_currency`, …
 */
export function writeNacha(order: NachaOrder): PaymentFiles {
  const checks = new PaymentChecks();
  const { originator, payments, createdAt, effectiveDate, modifier } = checkedOrder(order, checks);
  checks.assertNone();

  const lines = [
    writeRecord(FILE_HEADER, {
      ...{ priority: 1, recordSize: RECORD_LENGTH, blocking: BLOCKING_FACTOR, format: 1, modifier },
      destination: originator.destination.routing,
      origin: originator.origin.id,
      date: shortDate(createdAt),
      time: createdAt.slice(11, 16).replace(':', ''),
      destinationName: originator.destination.name,
      originName: originator.origin.name,
    }),
  ];
  let entries = 0;
  const totals: BatchTotals[] = [];
  for (const [entryClass, kind] of ENTRY_CLASSES) {
    const paid = payments.filter(({ payee }) => payee === kind);
    if (paid.length === 0) continue;
    const batch = totals.length + 1;
    const odfi = originator.odfi.slice(0, 8);
    const company = { companyId: originator.company.id, odfi, batch };
    lines.push(
      writeRecord(BATCH_HEADER, {
        ...{ ...company, service: CREDITS_ONLY, entryClass, status: 1 },
        companyName: originator.company.name,
        description: originator.description,
        effectiveDate: shortDate(effectiveDate),
      }),
      ...paid.flatMap((payment) => entryLines(payment, odfi, (entries += 1))),
    );
    const total = totalsOf(paid);
    totals.push(total);
    lines.push(
      writeRecord(BATCH_CONTROL, {
        ...total,
        ...company,
        hash: shortHash(total.hash),
        service: CREDITS_ONLY,
        debits: 0,
      }),
    );
  }
  const blocks = Math.ceil((lines.length + 1) / BLOCKING_FACTOR);
  lines.push(
    writeRecord(FILE_CONTROL, {
      ...{ batches: totals.length, blocks, debits: 0 },
      entries: totals.reduce((sum, total) => sum + total.entries, 0),
      hash: shortHash(totals.reduce((sum, total) => sum + BigInt(shortHash(total.hash)), 0n)),
      credits: totals.reduce((sum, total) => sum + total.credits, 0n),
    }),
  );
  while (lines.length < blocks * BLOCKING_FACTOR) lines.push(FILLER);
  const inFile = ENTRY_CLASSES.flatMap(([, kind]) => payments.filter(({ payee }) => payee === kind));
  return { files: [paymentFile(`${lines.join('\n')}\n`, inFile, 'USD')], changes: checks.changes };
}

/** The order with its texts as they stand in the file. */
function checkedOrder(order: NachaOrder, checks: PaymentChecks): NachaOrder {
  const { originator, payments } = order;
  checks.payments(payments, { currency: 'USD', most: mostOf(10) });
  checks.moment({ payout: null, field: 'createdAt' }, order.createdAt);
  checks.date({ payout: null, field: 'effectiveDate' }, order.effectiveDate);
  checks.unless(
    /^[A-Z0-9]$/.test(order.modifier),
    { payout: null, field: 'modifier' },
    'file_modifier',
    `'${shorten(order.modifier)}' tells no file from another`,
    'use a letter from A to Z or a digit; a day has at most 36 files',
  );
  for (const { entries, credits } of ENTRY_CLASSES.map(([, kind]) =>
    totalsOf(payments.filter(({ payee }) => payee === kind)),
  )) {
    checks.unless(
      entries <= 999_999 && credits <= mostOf(12),
      { payout: null, field: 'payments' },
      'batch_full',
      `are more than a batch holds: ${entries} records, ${credits} cents`,
      'submit the run in parts',
    );
  }
  return {
    ...order,
    originator: checkedOriginator(originator, checks),
    payments: payments.map((one) => checkedPayment(one, checks)),
  };
}

function checkedOriginator(originator: NachaOriginator, checks: PaymentChecks): NachaOriginator {
  const { destination, origin, company, odfi, description } = originator;
  const text = (field: string, value: string, most: number) =>
    checks.text({ payout: null, field }, value, most, toAscii);
  for (const [field, routing] of [
    ['destination.routing', destination.routing],
    ['odfi', odfi],
  ] as const) {
    checkRouting(checks, null, field, routing);
  }
  for (const [field, id] of [
    ['origin.id', origin.id],
    ['company.id', company.id],
  ] as const) {
    checks.unless(
      /^[A-Za-z0-9][A-Za-z0-9 -]{0,9}$/.test(id),
      { payout: null, field },
      'company_id',
      `'${shorten(id)}' is no number of a company`,
      'write it as the bank has it, at most ten letters and digits',
    );
  }
  return {
    ...{ odfi, description: text('description', description, 10) },
    destination: { ...destination, name: text('destination.name', destination.name, 23) },
    origin: { ...origin, name: text('origin.name', origin.name, 23) },
    company: { ...company, name: text('company.name', company.name, 16) },
  };
}

function checkedPayment(payment: NachaPayment, checks: PaymentChecks): NachaPayment {
  const { number: payout, account, country } = payment;
  checks.unless(
    DOMESTIC.includes(country),
    { payout, field: 'country' },
    'payee_abroad',
    `is ${shorten(country)}: a payee outside the United States may be paid by an international entry (IAT) only`,
    'give the partner another instrument, or pay by the register',
  );
  checkRouting(checks, payout, 'account.routing', account.routing);
  checks.unless(
    /^[A-Za-z0-9-]{1,17}$/.test(account.number),
    { payout, field: 'account.number' },
    'account_number',
    'is no account number of at most 17 letters, digits and hyphens',
    'correct the instrument of the partner',
  );
  return {
    ...payment,
    name: checks.text({ payout, field: 'name' }, payment.name, 22, toAscii),
    remittance: checks.maybeText({ payout, field: 'remittance' }, payment.remittance, 80, toAscii),
  };
}

function checkRouting(checks: PaymentChecks, payout: string | null, field: string, routing: string): void {
  checks.unless(
    isRoutingNumber(routing),
    { payout, field },
    'routing_number',
    `'${shorten(routing)}' is no routing number: its check digit does not fit`,
    payout === null ? 'correct the profile of the rail' : 'correct the instrument of the partner',
  );
}

function entryLines(
  { number, account, amount, name, remittance }: NachaPayment,
  odfi: string,
  sequence: number,
): string[] {
  const entry = writeRecord(ENTRY, {
    ...{ amount, individualId: number, individualName: name },
    code: CODES[account.kind],
    receivingBank: account.routing,
    account: account.number,
    addenda: remittance === null ? 0 : 1,
    trace: `${odfi}${String(sequence).padStart(7, '0')}`,
  });
  if (remittance === null) return [entry];
  return [entry, writeRecord(PAYMENT_ADDENDA, { addendaType: 5, text: remittance, sequence: 1, entry: sequence })];
}

interface BatchTotals {
  /** Entries and addenda. */
  readonly entries: number;
  readonly hash: bigint;
  readonly credits: bigint;
}

function totalsOf(payments: readonly NachaPayment[]): BatchTotals {
  return {
    entries: payments.reduce(
      (sum, { remittance }) => sum + (remittance === null || remittance.trim() === '' ? 1 : 2),
      0,
    ),
    hash: payments.reduce((sum, { account }) => sum + BigInt(account.routing.slice(0, 8).replace(/\D/g, '')), 0n),
    credits: payments.reduce((sum, { amount }) => sum + amount, 0n),
  };
}

/** Of a sum of bank numbers only the last ten digits are told. */
function shortHash(hash: bigint): string {
  return String(hash % 10n ** 10n);
}

/** YYMMDD. */
function shortDate(date: string): string {
  return date.slice(2, 10).replaceAll('-', '');
}
