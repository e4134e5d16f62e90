/** Small drawings of numbers for a terminal, one line each. Pure; what they draw stands beside them in figures. */

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
const STEPS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A bar of at most so many cells, in eighths of a cell; nothing for what is not above zero. */
export function bar(value: bigint, most: bigint, width: number): string {
  if (value <= 0n || most <= 0n) return '';
  const eighths = Number((value * BigInt(width * 8)) / most);
  // What is there is seen, however little it is.
  const drawn = Math.min(width * 8, Math.max(1, eighths));
  return '█'.repeat(Math.floor(drawn / 8)) + EIGHTHS[drawn % 8]!;
}

/** One column a number, from the least of them, or zero, to the most; what is above the least is seen to be. */
export function sparkline(values: readonly bigint[]): string {
  const least = values.reduce((low, value) => (value < low ? value : low), 0n);
  const most = values.reduce((high, value) => (value > high ? value : high), 0n);
  const range = most - least;
  const step = (value: bigint): number =>
    value === least ? 0 : Math.max(1, Number(((value - least) * BigInt(STEPS.length - 1)) / range));
  return values.map((value) => STEPS[step(value)]!).join('');
}

/** How far something has come, in millionths: '██████░░░░'. */
export function progressBar(ppm: number, width: number): string {
  const full = Math.floor((Math.min(1_000_000, Math.max(0, ppm)) * width) / 1_000_000);
  return '█'.repeat(full) + '░'.repeat(width - full);
}
