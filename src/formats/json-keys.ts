const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|[{}]/g;

/**
 * The first key that stands twice in one object of a JSON text, and where; null when none does. JSON.parse keeps the last
 * of them in silence, and nobody can say which one was meant. Only for text that JSON.parse has taken.
 */
export function repeatedKey(text: string): { readonly key: string; readonly index: number } | null {
  const open: Set<string>[] = [];
  for (const token of text.matchAll(TOKEN)) {
    const [written, colon] = token;
    if (written === '{') {
      open.push(new Set());
    } else if (written === '}') {
      open.pop();
    } else if (colon !== undefined) {
      const quoted = written.slice(0, -colon.length);
      const key = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
      const keys = open.at(-1)!;
      if (keys.has(key)) return { key, index: token.index };
      keys.add(key);
    }
  }
  return null;
}
