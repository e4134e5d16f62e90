/** The rows of a CSV by the names of its heading. For files of ours only: nothing in a cell breaks a line. */
export function csvRows(text: string, delimiter = ','): Record<string, string>[] {
  const [heading, ...lines] = text.replace(/\r?\n$/, '').split(/\r?\n/);
  const names = heading!.split(delimiter);
  const cell = new RegExp(`("(?:[^"]|"")*"|[^${delimiter}]*)(?:${delimiter}|$)`, 'g');
  return lines.map((line) => {
    const cells = [...line.matchAll(cell)].map(([, one]) =>
      one!.startsWith('"') ? one!.slice(1, -1).replaceAll('""', '"') : one!,
    );
    return Object.fromEntries(names.map((name, at) => [name, cells[at]!]));
  });
}
