/**
 * Stored text belongs to whoever typed it into some billing system. Before a terminal or a line of TSV or CSV sees it,
 * line breaks and tabs become one space and what could move the cursor, start an escape sequence or turn the reading
 * direction is taken out. JSON keeps every character, escaped.
 */

/** C0 and C1 controls, DEL; zero-width and directional marks, embeddings, isolates; line separators; BOM; tags. */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
// Stripped as a whole, or `[31m` would be left behind. The last alternatives take sequences cut off at the end.
const ESCAPES =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;

/** The text as one harmless line. */
export function plainText(text: string): string {
  return text.replace(ESCAPES, '').replace(BREAKS, ' ').replace(UNSAFE, '');
}

/** The same value with every text in it as one harmless line. */
export function plainTexts<T>(value: T): T {
  if (typeof value === 'string') return plainText(value) as T;
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  if (Array.isArray(value)) return value.map(plainTexts) as T;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plainTexts(one as unknown)])) as T;
}

/** As `plainText`, keeping line breaks: for messages that are made of lines. */
export function plainLines(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}

/** JSON in which a terminal finds nothing to obey either: JSON.stringify itself leaves DEL, C1 and bidi as they are. */
export function plainJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\udb40[\udc00-\udc7f]/g,
    (found) => [...found.split('')].map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}
