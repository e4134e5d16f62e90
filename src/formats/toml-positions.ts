/** Where a word of a TOML file stands, from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Finds the keys of a file of one array of tables, which the parser does not tell. */
export interface TomlPositions {
  /** A key before the first table. */
  top(key: string): Position;
  /** A key of the n-th table, else its heading. */
  entry(n: number, key?: string): Position;
}

const KEY = /^(\s*)(?:"([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+))\s*=\s*(.*)$/;

/**
 * Walks over the lines of a file that the parser took. A text of several lines may hold what looks like a key, so it is
 * passed over; what is written inline has the position of its key.
 */
export function tomlPositions(text: string, table: string): TomlPositions {
  const top = new Map<string, Position>();
  const entries: { heading: Position; keys: Map<string, Position> }[] = [];
  let closing: string | null = null;
  text.split('\n').forEach((content, index) => {
    const line = index + 1;
    if (closing !== null) {
      if (content.includes(closing)) closing = null;
      return;
    }
    const heading = /^(\s*)\[\[\s*(.*?)\s*\]\]/.exec(content);
    if (heading?.[2] === table) {
      entries.push({ heading: { line, column: heading[1]!.length + 1 }, keys: new Map() });
      return;
    }
    const match = KEY.exec(content);
    if (match === null) return;
    const [, indent = '', quoted, single, bare, value = ''] = match;
    const keys = entries.at(-1)?.keys ?? top;
    keys.set(quoted ?? single ?? bare ?? '', { line, column: indent.length + 1 });
    const opening = /^("""|''')/.exec(value)?.[1];
    if (opening !== undefined && !value.slice(3).includes(opening)) closing = opening;
  });
  const start: Position = { line: 1, column: 1 };
  return {
    top: (key) => top.get(key) ?? start,
    entry: (n, key) => {
      const entry = entries[n];
      if (entry === undefined) return top.get(table) ?? start;
      return (key === undefined ? undefined : entry.keys.get(key)) ?? entry.heading;
    },
  };
}
