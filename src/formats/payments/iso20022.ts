import type { ReportPlace } from '../../domain/reported-payment.ts';
import { refuseReport, reportedAmount, reportedDate } from './payment-report.ts';
import { find, pathOf, textAt, type XmlDocument, type XmlNode } from './xml-reader.ts';

/** What the messages of ISO 20022 have in common. */
export interface MessageKind {
  /** 'camt.053' */
  readonly name: string;
  /** The element inside of Document. */
  readonly body: string;
  readonly firstVersion: number;
  readonly lastVersion: number;
}

const NAMESPACE = /^urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3})\.\d{3}\.(\d{2})$/;

/** The message that a namespace is of: { name: 'camt.053', version: 8 }; null for another namespace. */
export function messageOf(namespace: string): { readonly name: string; readonly version: number } | null {
  const [, name, version] = NAMESPACE.exec(namespace) ?? [];
  return name === undefined ? null : { name, version: Number(version) };
}

/** Refuses what is no message of this kind. @throws UsageError `report_format`, `report_version` */
export function assertMessage(file: string, { root, namespace }: XmlDocument, kind: MessageKind): void {
  const message = messageOf(namespace);
  const known = `${kind.name} in the versions ${kind.firstVersion} to ${kind.lastVersion}`;
  if (root.name !== 'Document' || message?.name !== kind.name) {
    const found = message === null ? `its namespace is '${namespace.slice(0, 80)}'` : `it is a ${message.name}`;
    refuseReport(file, placeOf(root), {
      ...{ code: 'report_format', reason: `this is no ${kind.name}: ${found}` },
      remedy: `ask the bank for ${known}`,
    });
  }
  if (message.version < kind.firstVersion || message.version > kind.lastVersion) {
    refuseReport(file, placeOf(root), {
      ...{ code: 'report_version', reason: `version ${message.version} of ${kind.name} is not known here` },
      remedy: `ask the bank for ${known}`,
    });
  }
}

/** An element that must be there. @throws UsageError `report_incomplete` */
export function required(file: string, node: XmlNode, name: string): XmlNode {
  return (
    find(node, name) ??
    refuseReport(file, placeOf(node), {
      ...{ code: 'report_incomplete', reason: `${name} is missing` },
      remedy: 'ask the bank for the file again',
    })
  );
}

export function placeOf(node: XmlNode): ReportPlace {
  return { line: node.line, column: node.column, path: pathOf(node) };
}

/** An amount with its currency. @throws UsageError naming the place */
export function amountOf(file: string, node: XmlNode): { readonly amount: bigint; readonly currency: string } {
  const currency = node.attributes['Ccy'];
  if (currency === undefined) {
    return refuseReport(file, placeOf(node), {
      ...{ code: 'report_currency', reason: 'the amount has no currency' },
      remedy: 'ask the bank for the file again: Ccy is missing',
    });
  }
  return { amount: reportedAmount(file, placeOf(node), node.text, currency), currency };
}

/** A date that is given as a day or as a moment. */
export function dateOf(file: string, node: XmlNode | null): string | null {
  if (node === null) return null;
  const text = textAt(node, 'Dt') ?? textAt(node, 'DtTm') ?? (node.text === '' ? null : node.text);
  return text === null ? null : reportedDate(file, placeOf(node), text);
}

/** A code, of ISO or the bank's own. */
export function codeOf(node: XmlNode | null): string | null {
  return textAt(node, 'Cd') ?? textAt(node, 'Prtry') ?? textAt(node, 'Prtry', 'Cd');
}
