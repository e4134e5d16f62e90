import { amountOf, assertMessage, codeOf, dateOf, placeOf, required, type MessageKind } from './iso20022.ts';
import type { ReportedKind, ReportedPayment } from '../../domain/reported-payment.ts';
import { distinct, type PaymentReport, type SkippedRecord } from './payment-report.ts';
import { all, find, readXml, textAt, type XmlNode } from './xml-reader.ts';

export const PAIN_002: MessageKind = { name: 'pain.002', body: 'CstmrPmtStsRpt', firstVersion: 3, lastVersion: 14 };

/** What the statuses of ISO 20022 come to here; those that are not among them tell of no end yet. */
const STATUSES: Readonly<Record<string, ReportedKind>> = {
  ...{ RJCT: 'rejected', CANC: 'rejected', BLCK: 'rejected' },
  ...{ RCVD: 'accepted', ACCP: 'accepted', ACTC: 'accepted', ACFC: 'accepted', ACWC: 'accepted', ACWP: 'accepted' },
  ...{ ACSP: 'accepted', ACSC: 'accepted', ACCC: 'accepted', PATC: 'accepted' },
};

/**
 * Reads a payment status report, pain.002: what it says of each payment, and of whole orders where it says no more.
 * Statuses that mean neither yes nor no are passed over and told.
 * @param file name for messages
 * @throws UsageError naming line, column and path, for what is no such report
 */
export function readPain002(file: string, bytes: Buffer): PaymentReport {
  const payments: ReportedPayment[] = [];
  const skipped: SkippedRecord[] = [];
  const reportedOn = new Set<XmlNode>();
  const transactions: XmlNode[] = [];
  const { root } = readXml(file, bytes, {
    opened: (document) => assertMessage(file, document, PAIN_002),
    record: 'TxInfAndSts',
    take(node) {
      transactions.push(node);
      if (node.parent !== null) reportedOn.add(node.parent);
    },
  });
  const body = required(file, root, PAIN_002.body);
  const header = find(body, 'GrpHdr');
  const date = dateOf(file, header === null ? null : find(header, 'CreDtTm'));
  const group = find(body, 'OrgnlGrpInfAndSts');
  const message = textAt(group, 'OrgnlMsgId');
  const orders = all(body, 'OrgnlPmtInfAndSts');

  const take = (
    node: XmlNode,
    status: string | null,
    payment: Pick<ReportedPayment, 'orders' | 'payments'> & Partial<ReportedPayment>,
  ) => {
    const kind = status === null ? undefined : STATUSES[status];
    if (kind === undefined) {
      const reason = status === null ? 'no status is told' : `the status ${status} says neither yes nor no yet`;
      skipped.push({ ...placeOf(node), code: 'status_open', reason });
      return;
    }
    payments.push({
      ...placeOf(node),
      ...{ amount: null, currency: null, date, ids: [], bankReference: null, corrected: null, name: null },
      ...payment,
      kind,
      reason: reasonOf(node),
    });
  };
  for (const node of transactions) {
    const amount = find(node, 'OrgnlTxRef', 'Amt', 'InstdAmt');
    const creditor = find(node, 'OrgnlTxRef', 'Cdtr');
    take(node, textAt(node, 'TxSts') ?? textAt(node.parent, 'PmtInfSts') ?? textAt(group, 'GrpSts'), {
      ...(amount === null ? {} : amountOf(file, amount)),
      ids: distinct([textAt(node, 'OrgnlEndToEndId'), textAt(node, 'OrgnlInstrId')]),
      orders: distinct([message]),
      bankReference: textAt(node, 'AcctSvcrRef') ?? textAt(node, 'ClrSysRef'),
      payments: 1,
      name: textAt(creditor, 'Nm') ?? textAt(creditor, 'Pty', 'Nm'),
    });
  }
  for (const node of orders.filter((one) => !reportedOn.has(one))) {
    take(node, textAt(node, 'PmtInfSts') ?? textAt(group, 'GrpSts'), {
      orders: distinct([textAt(node, 'OrgnlPmtInfId'), message]),
      payments: countOf(textAt(node, 'OrgnlNbOfTxs')),
    });
  }
  if (group !== null && orders.length === 0 && transactions.length === 0) {
    take(group, textAt(group, 'GrpSts'), {
      orders: distinct([message]),
      payments: countOf(textAt(group, 'OrgnlNbOfTxs')),
    });
  }
  return { format: 'pain.002', reference: textAt(header, 'MsgId'), account: null, payments, skipped };
}

/** The first reason; where the payment has none, the order's. */
function reasonOf(node: XmlNode): ReportedPayment['reason'] {
  const said = all(node, 'StsRsnInf')[0] ?? null;
  if (said === null) return null;
  const texts = all(said, 'AddtlInf').map(({ text }) => text);
  return { code: codeOf(find(said, 'Rsn')) ?? 'NARR', text: texts.length === 0 ? null : texts.join(' ') };
}

function countOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
