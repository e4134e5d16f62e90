import { SaxesParser } from 'saxes';
import { UsageError } from '../../domain/errors.ts';
import { assertReadableStart } from '../file-signatures.ts';
import { FIELD_LIMIT, unreadableFile } from '../records.ts';
import { createFieldDecoder } from '../text-encodings.ts';

/** An element of a document, with where it begins. */
export interface XmlNode {
  readonly name: string;
  readonly parent: XmlNode | null;
  /** Which of its name it is in its parent, from 1. */
  readonly nth: number;
  readonly line: number;
  readonly column: number;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlNode[];
  /** Its own text, trimmed; '' where it has elements. */
  text: string;
}

export interface XmlDocument {
  readonly root: XmlNode;
  /** The namespace of the root; '' for none. */
  readonly namespace: string;
}

/** Deeper than any message of a bank; a file of nothing but openings would eat the memory. */
const DEPTH_LIMIT = 64;

/** What is told of a document while it is read. */
export interface XmlReading {
  /** The root has opened: the moment to refuse what is no message of this kind. */
  readonly opened: (document: XmlDocument) => void;
  /** The name of the elements to hand over, each when it ends. */
  readonly record: string;
  readonly take: (node: XmlNode) => void;
}

/**
 * Reads a well-formed XML document strictly. Document types are refused unread, and with them every entity but the five
 * of XML itself, so nothing expands and nothing is fetched. An element called `record` is let go of when it has
 * been handed over: a statement of any length takes the memory of its longest entry.
 * @param file name for messages
 * @throws UsageError `xml_malformed`, `xml_doctype`, `xml_too_deep`, `xml_encoding`, `file_empty`, and what is thrown by whom it is told
 */
export function readXml(file: string, bytes: Buffer, { opened, record, take }: XmlReading): XmlDocument {
  const text = decoded(file, bytes);
  const parser = new SaxesParser({ xmlns: true, position: false });
  const refuse = (code: string, reason: string, remedy: string): never => {
    throw unreadableFile(file, parser.line, { column: parser.column + 1, field: null, code, reason, remedy });
  };
  let root: XmlNode | null = null;
  let namespace = '';
  let open: XmlNode | null = null;
  let depth = 0;
  let start = { line: 1, column: 1 };
  /** How many of each name an element has had, those let go of included. */
  const counts = [new Map<string, number>()];

  parser.on('error', (error) =>
    refuse(
      'xml_malformed',
      `this is not well-formed XML: ${error.message}`,
      'ask for the file again: it may be cut off',
    ),
  );
  parser.on('doctype', () =>
    refuse(
      'xml_doctype',
      'the file declares a document type, which no bank message has',
      'ask for the file as the bank made it',
    ),
  );
  parser.on('opentagstart', ({ name }) => {
    // Here the parser stands behind the name and one character more; of a name that ends its line only the line is known.
    start =
      parser.column === 0
        ? { line: parser.line - 1, column: 1 }
        : { line: parser.line, column: Math.max(1, parser.column - [...name].length - 1) };
  });
  parser.on('opentag', ({ local, uri, attributes }) => {
    depth += 1;
    if (depth > DEPTH_LIMIT) {
      refuse(
        'xml_too_deep',
        `elements stand more than ${DEPTH_LIMIT} deep in each other`,
        'ask for the file as the bank made it',
      );
    }
    const nth = (counts[depth - 1]!.get(local) ?? 0) + 1;
    counts[depth - 1]!.set(local, nth);
    counts.length = depth;
    counts.push(new Map<string, number>());
    const said = Object.fromEntries(Object.values(attributes).map((one) => [one.local, one.value]));
    const node: XmlNode = { name: local, parent: open, nth, ...start, attributes: said, children: [], text: '' };
    if (open === null) {
      root = node;
      namespace = uri;
      opened({ root, namespace });
    } else {
      open.children.push(node);
    }
    open = node;
  });
  const addText = (added: string) => {
    if (open === null) return;
    open.text += added;
    if (open.text.length > FIELD_LIMIT)
      refuse('field_too_large', `${open.name} is longer than ${FIELD_LIMIT} characters`, '');
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const node = open!;
    node.text = node.children.length > 0 ? '' : node.text.trim();
    open = node.parent;
    depth -= 1;
    if (node.name !== record) return;
    take(node);
    open?.children.pop();
  });
  parser.write(text).close();
  return { root: root!, namespace };
}

/** The text of the bytes, in the encoding that the declaration names. */
function decoded(file: string, bytes: Buffer): string {
  const held = bytes.subarray(assertReadableStart(file, bytes)).toString('latin1');
  const refuse = (line: number, code: string, reason: string, remedy: string): never => {
    throw unreadableFile(file, line, { column: null, field: null, code, reason, remedy });
  };
  if (held.trim() === '') refuse(1, 'file_empty', 'the file is empty', 'ask for it again');
  const named = /^\s*<\?xml[^>]*\bencoding\s*=\s*["']([^"']*)["']/.exec(held)?.[1] ?? 'utf-8';
  try {
    const decoder = createFieldDecoder(named === 'us-ascii' || named === 'US-ASCII' ? 'utf-8' : named);
    const text = decoder.decode(held);
    if (text !== null) return text;
    const line = held.slice(0, decoder.firstInvalid(held)).split('\n').length;
    return refuse(
      line,
      'xml_encoding',
      `this line is not valid ${decoder.encoding}`,
      'ask for the file as the bank made it',
    );
  } catch (error) {
    if (!(error instanceof UsageError) || error.code !== 'encoding_unknown') throw error;
    return refuse(1, 'xml_encoding', error.message, error.hint ?? '');
  }
}

/** The element that the names lead to, first of each name; null where one is missing. */
export function find(node: XmlNode, ...names: readonly string[]): XmlNode | null {
  let at: XmlNode | undefined = node;
  for (const name of names) at = at?.children.find((child) => child.name === name);
  return at ?? null;
}

/** Every child of that name. */
export function all(node: XmlNode | null, name: string): XmlNode[] {
  return node?.children.filter((child) => child.name === name) ?? [];
}

/** What stands there; null where nothing does. */
export function textAt(node: XmlNode | null, ...names: readonly string[]): string | null {
  const found = node === null ? null : find(node, ...names);
  return found === null || found.text === '' ? null : found.text;
}

/** Where an element stands: 'Document/BkToCstmrStmt/Stmt[1]/Ntry[3]'. */
export function pathOf(node: XmlNode): string {
  const own = REPEATED.has(node.name) ? `${node.name}[${node.nth}]` : node.name;
  return node.parent === null ? own : `${pathOf(node.parent)}/${own}`;
}

/** What stands more than once beside itself, and is told by its number. */
const REPEATED = new Set(['Stmt', 'Ntry', 'NtryDtls', 'TxDtls', 'OrgnlPmtInfAndSts', 'TxInfAndSts', 'Ustrd']);
