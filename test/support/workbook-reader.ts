import { inflateRawSync } from 'node:zlib';
import { SaxesParser } from 'saxes';

/** A cell as it stands in the file: what kind of value, its style's number format, and its text. */
export interface ReadCell {
  readonly type: 'number' | 'text';
  readonly format: string;
  readonly value: string;
}

export interface ReadSheet {
  readonly name: string;
  readonly frozen: boolean;
  readonly filter: string | null;
  /** Cells by place: 'B7'. */
  readonly cells: ReadonlyMap<string, ReadCell>;
}

/** Reads workbooks by the standards alone, ZIP's directory and ECMA-376, and shares nothing with what writes ours. */
export function readWorkbook(bytes: Buffer): ReadSheet[] {
  const parts = unzip(bytes);
  const part = (name: string) => {
    const found = parts.get(name);
    if (found === undefined) throw new Error(`there is no part ${name}`);
    return elements(found);
  };
  const types = part('[Content_Types].xml');
  const typeOf = (name: string) =>
    types.find(({ tag, with: { PartName } }) => tag === 'Override' && PartName === `/${name}`)?.with['ContentType'] ??
    types.find(({ tag, with: { Extension } }) => tag === 'Default' && name.endsWith(`.${Extension}`))?.with[
      'ContentType'
    ];
  for (const name of parts.keys()) if (typeOf(name) === undefined) throw new Error(`${name} has no content type`);

  const styles = part('xl/styles.xml');
  const codes = new Map(
    styles.filter(({ tag }) => tag === 'numFmt').map(({ with: a }) => [a['numFmtId']!, a['formatCode']!]),
  );
  const from = styles.findIndex(({ tag }) => tag === 'cellXfs');
  const formats = styles
    .slice(
      from,
      styles.findIndex(({ tag }) => tag === 'cellStyles'),
    )
    .filter(({ tag }) => tag === 'xf')
    .map(({ with: a }) => codes.get(a['numFmtId']!) ?? 'General');
  const targets = new Map(
    part('xl/_rels/workbook.xml.rels')
      .filter(({ tag }) => tag === 'Relationship')
      .map(({ with: a }) => [a['Id']!, `xl/${a['Target']!}`]),
  );
  return part('xl/workbook.xml')
    .filter(({ tag }) => tag === 'sheet')
    .map(({ with: a }) => {
      const path = targets.get(a['r:id']!)!;
      if (!typeOf(path)!.endsWith('worksheet+xml')) throw new Error(`${path} is no worksheet`);
      return readSheet(a['name']!, part(path), formats);
    });
}

function readSheet(name: string, sheet: readonly Element[], formats: readonly string[]): ReadSheet {
  const cells = new Map<string, ReadCell>();
  for (const { tag, with: a, text } of sheet.filter((one) => one.tag === 'c')) {
    const type = a['t'] === 'inlineStr' ? 'text' : 'number';
    // `_x0041_` stands for the character of that number.
    const value = text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
    if (tag === 'c') cells.set(a['r']!, { type, format: formats[Number(a['s'] ?? 0)]!, value });
  }
  return {
    name,
    frozen: sheet.some(({ tag, with: a }) => tag === 'pane' && a['state'] === 'frozen' && a['ySplit'] === '1'),
    filter: sheet.find(({ tag }) => tag === 'autoFilter')?.with['ref'] ?? null,
    cells,
  };
}

interface Element {
  readonly tag: string;
  readonly with: Readonly<Record<string, string>>;
  /** Of everything inside it. */
  readonly text: string;
}

/** Elements in the order in which they begin; not well-formed text throws. */
function elements(xml: string): Element[] {
  const found: { tag: string; with: Record<string, string>; text: string }[] = [];
  const open: { text: string }[] = [];
  const parser = new SaxesParser();
  parser.on('opentag', ({ name, attributes }) => {
    const element = { tag: name, with: attributes as Record<string, string>, text: '' };
    found.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    for (const element of open) element.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.on('error', (error) => {
    throw error;
  });
  parser.write(xml).close();
  return found;
}

/** The parts of a ZIP by the directory at its end. */
function unzip(bytes: Buffer): Map<string, string> {
  const end = bytes.lastIndexOf(Buffer.from('PK\x05\x06'));
  const parts = new Map<string, string>();
  let at = bytes.readUInt32LE(end + 16);
  for (let left = bytes.readUInt16LE(end + 10); left > 0; left -= 1) {
    const [method, packed] = [bytes.readUInt16LE(at + 10), bytes.readUInt32LE(at + 20)];
    const [name, extra, comment] = [28, 30, 32].map((place) => bytes.readUInt16LE(at + place)) as [
      number,
      number,
      number,
    ];
    const local = bytes.readUInt32LE(at + 42);
    const data = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(data, data + packed);
    parts.set(
      bytes.subarray(at + 46, at + 46 + name).toString('utf8'),
      (method === 0 ? content : inflateRawSync(content)).toString('utf8'),
    );
    at += 46 + name + extra + comment;
  }
  return parts;
}
