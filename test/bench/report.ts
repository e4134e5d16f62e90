/** One measured figure: a ratio of two things measured in the same run, and what it is held to. */
export interface Figure {
  readonly bench: 'import' | 'accrue' | 'start';
  readonly name: string;
  readonly value: number;
  /** What it is measured in; '' for a ratio. */
  readonly unit: string;
  readonly aim?: { readonly atLeast: number } | { readonly atMost: number };
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

export function isMet({ value, aim }: Figure): boolean | null {
  return aim === undefined ? null : 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost;
}

export function print(figures: readonly Figure[], format: 'table' | 'json' | 'markdown'): string {
  if (format === 'json') {
    return `${JSON.stringify(figures.map((figure) => ({ ...figure, met: isMet(figure) })))}\n`;
  }
  const rows = figures.map((figure) => [
    figure.bench,
    figure.name,
    `${written(figure.value)}${figure.unit === '' ? '' : ` ${figure.unit}`}`,
    figure.aim === undefined ? '' : 'atLeast' in figure.aim ? `≥ ${figure.aim.atLeast}` : `≤ ${figure.aim.atMost}`,
    { true: 'yes', false: 'NO', null: '' }[String(isMet(figure))] ?? '',
  ]);
  const header = ['bench', 'figure', 'value', 'aim', 'met'];
  if (format === 'markdown') {
    const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
    return line(header) + line(['---', '---', '---:', '---:', '---']) + rows.map(line).join('');
  }
  const widths = header.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]!.length)));
  return [header, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, at) => cell.padEnd(widths[at]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function written(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en-US') : value.toFixed(value >= 100 ? 0 : 2);
}
