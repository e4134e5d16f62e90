import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** One measured figure: a ratio of two things measured in the same run, and what it is held to. */
export interface Figure {
  readonly bench:
    | 'import'
    | 'accrue'
    | 'mixed'
    | 'history'
    | 'nights'
    | 'start'
    | 'payouts'
    | 'tiers'
    | 'wallets'
    | 'export'
    | 'workbook'
    | 'statements';
  readonly name: string;
  readonly value: number;
  /** What it is measured in; '' for a ratio. */
  readonly unit: string;
  readonly aim?: { readonly atLeast: number } | { readonly atMost: number };
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** 1,000,000 */
export const grouped = (count: number): string => count.toLocaleString('en-US');

export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

export const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** How time per row and peak memory grow from the smallest size that was measured to the largest; nothing for one size. */
export function growth(
  bench: Figure['bench'],
  measured: ReadonlyMap<number, { readonly seconds: number; readonly peakMb: number }>,
  row: string,
): Figure[] {
  const [small, large] = [Math.min(...measured.keys()), Math.max(...measured.keys())];
  if (small === large) {
    return [];
  }
  const [a, b] = [measured.get(small)!, measured.get(large)!];
  const name = (what: string) => `${what}, ${grouped(large)} / ${grouped(small)}`;
  return [
    { bench, name: name(`time per ${row}`), value: b.seconds / large / (a.seconds / small), unit: '', aim: { atMost: 1.15 } }, // prettier-ignore
    { bench, name: name('peak memory'), value: b.peakMb / a.peakMb, unit: '', aim: { atMost: 1.25 } },
    { bench, name: `peak memory at ${grouped(large)}`, value: b.peakMb, unit: 'MB' },
  ];
}

export function isMet({ value, aim }: Figure): boolean | null {
  return aim === undefined ? null : 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost;
}

/** Where and when: figures of another machine are other figures. */
export function circumstances(rounds: number): string {
  const cores = cpus();
  const memory = Math.round(totalmem() / 1024 ** 3);
  return (
    `${new Date().toISOString().slice(0, 10)}, ${cores.length} cores (${cores[0]?.model.trim() ?? '?'}), ${memory} GB, ` +
    `Node ${process.versions.node}, the embedded Postgres; medians of ${rounds} rounds.`
  );
}

export function print(figures: readonly Figure[], format: 'table' | 'json' | 'markdown'): string {
  if (format === 'json') {
    return `${JSON.stringify(figures.map((figure) => ({ ...figure, met: isMet(figure) })))}\n`;
  }
  const header = ['bench', 'figure', 'value', 'aim', 'met'];
  const rows = [header, ...figures.map(cells)];
  const widths = header.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) => row.map((cell, at) => cell.padEnd(widths[at]!)));
  if (format === 'markdown') {
    lines.splice(
      1,
      0,
      widths.map((width) => '-'.repeat(width)),
    );
    return lines.map((row) => `| ${row.join(' | ')} |\n`).join('');
  }
  return lines.map((row) => `${row.join('  ').trimEnd()}\n`).join('');
}

function cells(figure: Figure): string[] {
  const { bench, name, value, unit, aim } = figure;
  return [
    bench,
    name,
    `${written(value)}${unit === '' ? '' : ` ${unit}`}`,
    aim === undefined ? '' : 'atLeast' in aim ? `≥ ${aim.atLeast}` : `≤ ${aim.atMost}`,
    { true: 'yes', false: 'NO', null: '' }[String(isMet(figure))] ?? '',
  ];
}

function written(value: number): string {
  return value >= 1000 ? grouped(Math.round(value)) : value.toFixed(value >= 100 ? 0 : 2);
}

/** Puts the table where the README keeps it, in place of the last one. */
export function publish(readme: string, text: string): void {
  const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->'];
  const page = readFileSync(readme, 'utf8');
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) {
    throw new Error(`${readme} has no ${begin} … ${end}`);
  }
  writeFileSync(readme, `${page.slice(0, from + begin.length)}\n\n${text}\n${page.slice(to)}`);
}
