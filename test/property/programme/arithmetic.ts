/** The oracle's own sums and calendar: a second hand at everything that rounds, splits or counts months. */

/** The nearest integer, halves away from zero. */
export function nearest(numerator: bigint, denominator: bigint): bigint {
  const negative = numerator < 0n;
  const size = negative ? -numerator : numerator;
  const whole = size / denominator;
  const rest = size - whole * denominator;
  const rounded = rest + rest >= denominator ? whole + 1n : whole;
  return negative ? -rounded : rounded;
}

export function sum(amounts: readonly bigint[]): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}

export function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

export function between(low: bigint, value: bigint, high: bigint): bigint {
  if (value < low) return low;
  return value > high ? high : value;
}

/** An amount split by weights: what whole units leave over goes to the largest remainders, ties to the first. */
export function split(amount: bigint, weights: readonly bigint[]): bigint[] {
  const total = sum(weights);
  if (total === 0n) return weights.map(() => 0n);
  const size = amount < 0n ? -amount : amount;
  const parts = weights.map((weight) => (size * weight) / total);
  const remainders = weights.map((weight) => (size * weight) % total);
  for (let left = size - sum(parts); left > 0n; left -= 1n) {
    let best = 0;
    for (const [index, remainder] of remainders.entries()) {
      if (remainder > remainders[best]!) best = index;
    }
    parts[best]! += 1n;
    remainders[best] = -1n;
  }
  return parts.map((part) => (amount < 0n ? -part : part));
}

/** The same day `count` months on, or the last of a month that has no such day. */
export function monthsAfter(date: string, count: number): string {
  const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
  const months = year * 12 + (month - 1) + count;
  const daysOfMonth = new Date(Date.UTC(Math.floor(months / 12), (months % 12) + 1, 0)).getUTCDate();
  return written(Math.floor(months / 12), (months % 12) + 1, Math.min(day, daysOfMonth));
}

/** First and last day of the window that holds a date; a lifetime has no last one. */
export function windowAround(date: string, kind: 'month' | 'quarter' | 'year' | 'lifetime'): [string, string | null] {
  if (kind === 'lifetime') return ['0001-01-01', null];
  const months = { month: 1, quarter: 3, year: 12 }[kind];
  const [year = 0, month = 0] = date.split('-').map(Number);
  const start = written(year, Math.floor((month - 1) / months) * months + 1, 1);
  const next = Date.parse(monthsAfter(start, months));
  return [start, new Date(next - 86_400_000).toISOString().slice(0, 10)];
}

function written(year: number, month: number, day: number): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Minor units of the currencies that random programmes use. */
export function decimalsOf(currency: string): number {
  return { JPY: 0, KWD: 3 }[currency] ?? 2;
}
