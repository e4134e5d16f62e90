import { payoutNumbersIn } from '../../domain/payout-number.ts';
import { formatMinor } from '../../domain/money.ts';
import { amountOf, assertMessage, codeOf, dateOf, placeOf, required, type MessageKind } from './iso20022.ts';
import type { ReportedKind, ReportedPayment } from '../../domain/reported-payment.ts';
import { distinct, refuseReport, type PaymentReport, type SkippedRecord } from './payment-report.ts';
import { all, find, readXml, textAt, type XmlNode } from './xml-reader.ts';

/** What a bank tells of an account: all three have the same entries. */
const CAMT = {
  // during the day
  'camt.052': { body: 'BkToCstmrAcctRpt', each: 'Rpt' },
  // at its end
  'camt.053': { body: 'BkToCstmrStmt', each: 'Stmt' },
  // of single bookings, and of what is in a batch
  'camt.054': { body: 'BkToCstmrDbtCdtNtfctn', each: 'Ntfctn' },
} as const;
export type CamtName = keyof typeof CAMT;

export const CAMT_NAMES = Object.keys(CAMT) as CamtName[];

/** Families of bank transaction codes that say: what was sent came back. */
const RETURN_FAMILIES = ['RRTN', 'RPCR', 'RRCT'];

/**
 * Reads what a bank tells of an account, in any version: every booked entry, and where an entry has details, each of them. What
 * is not booked, such as what is pending in the course of a day, is passed over and told; so is what the details do not add
 * up to.
 * @param file name for messages
 * @throws UsageError naming line, column and path, for what is no such message
 */
export function readCamt(file: string, bytes: Buffer, name: CamtName): PaymentReport {
  const { body: bodyName, each } = CAMT[name];
  const kind: MessageKind = { name, body: bodyName, firstVersion: 2, lastVersion: 13 };
  const payments: ReportedPayment[] = [];
  const skipped: SkippedRecord[] = [];
  const { root } = readXml(file, bytes, {
    opened: (document) => assertMessage(file, document, kind),
    record: 'Ntry',
    take: (entry) => readEntry(file, entry, payments, skipped),
  });
  const body = required(file, root, kind.body);
  const statements = all(body, each);
  if (statements.length === 0) required(file, body, each);
  const accounts = distinct(statements.map((one) => accountOf(one)));
  return {
    ...{ format: name, payments, skipped },
    reference: distinct(statements.map((one) => textAt(one, 'Id'))).join(', ') || null,
    account: accounts.length === 0 ? null : accounts.join(', '),
  };
}

function accountOf(statement: XmlNode): string | null {
  const id = find(statement, 'Acct', 'Id');
  return textAt(id, 'IBAN') ?? textAt(id, 'Othr', 'Id') ?? textAt(id, 'PrtryAcct', 'Id');
}

function readEntry(file: string, entry: XmlNode, payments: ReportedPayment[], skipped: SkippedRecord[]): void {
  const place = placeOf(entry);
  const status = textAt(entry, 'Sts', 'Cd') ?? textAt(entry, 'Sts');
  if (status !== 'BOOK') {
    const reason =
      status === null ? 'the entry does not say whether it is booked' : `the entry is ${status}, not booked`;
    skipped.push({ ...place, code: 'not_booked', reason });
    return;
  }
  const whole = amountOf(file, required(file, entry, 'Amt'));
  const booked: Booked = {
    direction: directionOf(file, entry, required(file, entry, 'CdtDbtInd').text),
    reversal: textAt(entry, 'RvslInd') === 'true' || textAt(entry, 'RvslInd') === '1',
    date: dateOf(file, find(entry, 'ValDt')) ?? dateOf(file, find(entry, 'BookgDt')),
    family: textAt(entry, 'BkTxCd', 'Domn', 'Fmly', 'SubFmlyCd'),
    reference: textAt(entry, 'AcctSvcrRef') ?? textAt(entry, 'NtryRef'),
  };
  const batches = all(entry, 'NtryDtls');
  const details = batches.flatMap((one) => all(one, 'TxDtls'));
  const told = details.map((detail) => ({ detail, money: detailMoney(file, detail) }));
  const byThemselves = told.filter(({ money }) => money !== null);

  if (details.length > 1 && byThemselves.length === details.length) {
    const read = told.map(({ detail, money }) => reported(file, detail, money!, booked, 1));
    payments.push(...read);
    const apart = differenceOf(read, whole, booked.direction);
    if (apart !== null) skipped.push({ ...place, code: 'details_differ', reason: apart });
    return;
  }
  // One payment, or a booking whose parts are not told: the entry's own amount is what was moved.
  const count = details.length > 1 ? details.length : countOf(batches);
  payments.push(together(file, entry, details, whole, booked, count));
}

type Direction = 'CRDT' | 'DBIT';
interface Booked {
  readonly direction: Direction;
  readonly reversal: boolean;
  readonly date: string | null;
  readonly family: string | null;
  readonly reference: string | null;
}
interface Money {
  readonly amount: bigint;
  readonly currency: string;
}

/** Older versions have it under AmtDtls only. */
function detailMoney(file: string, detail: XmlNode): Money | null {
  const node =
    find(detail, 'Amt') ?? find(detail, 'AmtDtls', 'TxAmt', 'Amt') ?? find(detail, 'AmtDtls', 'InstdAmt', 'Amt');
  return node === null ? null : amountOf(file, node);
}

/** How many payments a booking says that it is; 1 without a word about it. */
function countOf(batches: readonly XmlNode[]): number | null {
  const said = batches.map((one) => find(one, 'Btch')).filter((one) => one !== null);
  if (said.length === 0) return 1;
  const counts = said.map((one) => textAt(one, 'NbOfTxs'));
  return counts.every((count) => count !== null && /^\d{1,15}$/.test(count))
    ? counts.reduce((sum, count) => sum + Number(count), 0)
    : null;
}

function reported(file: string, detail: XmlNode, money: Money, booked: Booked, count: number): ReportedPayment {
  const direction = find(detail, 'CdtDbtInd');
  const own: Booked = {
    ...booked,
    direction: direction === null ? booked.direction : directionOf(file, direction, direction.text),
    family: textAt(detail, 'BkTxCd', 'Domn', 'Fmly', 'SubFmlyCd') ?? booked.family,
  };
  const reason = reasonOf(detail);
  return {
    ...placeOf(detail),
    ...money,
    kind: kindOf(own, reason !== null),
    date: booked.date,
    ids: idsOf(detail),
    orders: ordersOf(find(detail, 'Refs')),
    bankReference: referenceOf(detail) ?? (count === 1 ? null : booked.reference),
    payments: count,
    reason,
    corrected: null,
    name: nameOf(detail, own.direction),
  };
}

function together(
  file: string,
  entry: XmlNode,
  details: readonly XmlNode[],
  whole: Money,
  booked: Booked,
  count: number | null,
): ReportedPayment {
  const [only] = details;
  if (only !== undefined && details.length === 1) {
    const read = reported(file, only, whole, booked, 1);
    return {
      ...read,
      ...(count === 1 ? {} : { payments: count }),
      bankReference: read.bankReference ?? booked.reference,
    };
  }
  const batches = all(entry, 'NtryDtls').map((one) => find(one, 'Btch'));
  const refs = details.map((detail) => find(detail, 'Refs'));
  const reasons = details.map(reasonOf).filter((reason) => reason !== null);
  return {
    ...placeOf(entry),
    ...whole,
    kind: kindOf(booked, reasons.length > 0),
    date: booked.date,
    ids: distinct([...details.flatMap(idsOf), ...payoutNumbersIn(textAt(entry, 'AddtlNtryInf') ?? '')]),
    orders: distinct([...batches, ...refs].flatMap(ordersOf)),
    bankReference: booked.reference,
    payments: count,
    reason: reasons[0] ?? null,
    corrected: null,
    name: null,
  };
}

function kindOf({ direction, reversal, family }: Booked, saysWhy: boolean): ReportedKind {
  if (direction === 'DBIT') return 'debited';
  return reversal || saysWhy || (family !== null && RETURN_FAMILIES.includes(family)) ? 'returned' : 'credited';
}

/** What we named the payment, then what a text mentions. */
function idsOf(detail: XmlNode): string[] {
  const refs = find(detail, 'Refs');
  const texts = [...all(find(detail, 'RmtInf'), 'Ustrd').map(({ text }) => text), textAt(detail, 'AddtlTxInf') ?? ''];
  const ours = ['EndToEndId', 'InstrId'].map((name) => textAt(refs, name));
  return distinct([...ours, ...texts.flatMap(payoutNumbersIn)]).filter((id) => id !== 'NOTPROVIDED');
}

/** What the order was called that the payment was part of. */
function ordersOf(refs: XmlNode | null): string[] {
  return distinct([textAt(refs, 'PmtInfId'), textAt(refs, 'MsgId')]).filter((id) => id !== 'NOTPROVIDED');
}

function referenceOf(detail: XmlNode): string | null {
  const refs = find(detail, 'Refs');
  return textAt(refs, 'AcctSvcrRef') ?? textAt(refs, 'TxId') ?? textAt(refs, 'ClrSysRef') ?? textAt(refs, 'UETR');
}

function reasonOf(detail: XmlNode): ReportedPayment['reason'] {
  const returned = find(detail, 'RtrInf');
  if (returned === null) return null;
  const texts = all(returned, 'AddtlInf').map(({ text }) => text);
  const code = codeOf(find(returned, 'Rsn')) ?? codeOf(returned);
  return { code: code ?? 'NARR', text: texts.length === 0 ? null : texts.join(' ') };
}

function nameOf(detail: XmlNode, direction: Direction): string | null {
  const party = find(detail, 'RltdPties', direction === 'DBIT' ? 'Cdtr' : 'Dbtr');
  return textAt(party, 'Nm') ?? textAt(party, 'Pty', 'Nm');
}

function directionOf(file: string, node: XmlNode, text: string): Direction {
  if (text === 'CRDT' || text === 'DBIT') return text;
  return refuseReport(file, placeOf(node), {
    ...{ code: 'report_direction', reason: `'${text.slice(0, 40)}' is neither CRDT nor DBIT` },
    remedy: 'ask the bank for the file again',
  });
}

/** What the details of a booking are short of it, or beyond it; null where they are it, or cannot be added up. */
function differenceOf(read: readonly ReportedPayment[], whole: Money, direction: Direction): string | null {
  if (read.some(({ currency }) => currency !== whole.currency)) return null;
  const sum = read.reduce((soFar, { kind, amount }) => {
    return (kind === 'debited') === (direction === 'DBIT') ? soFar + amount! : soFar - amount!;
  }, 0n);
  if (sum === whole.amount) return null;
  const say = (minor: bigint) => `${formatMinor(minor, whole.currency)} ${whole.currency}`;
  return `the details come to ${say(sum)} and the entry to ${say(whole.amount)}: what is between them is not told`;
}
