import { UsageError } from './errors.ts';

/** Days `[from, to)`; null is an open end, so `{ from: null, to: null }` is all of time. */
export interface Days {
  readonly from: string | null;
  readonly to: string | null;
}

/** Whether no day lies in the range. */
export function isEmptyRange({ from, to }: Days): boolean {
  return from !== null && to !== null && from >= to;
}

/** @throws UsageError `window_empty` where no day lies in the range */
export function assertSomeDay(range: Days): void {
  if (!isEmptyRange(range)) return;
  throw new UsageError('window_empty', `no day lies in [${range.from}, ${range.to})`, {
    hint: '--to is the first day it is no longer so',
  });
}

/** The days that both have, or null. */
export function intersect(a: Days, b: Days): Days | null {
  const from = a.from === null ? b.from : b.from === null || a.from > b.from ? a.from : b.from;
  const to = a.to === null ? b.to : b.to === null || a.to < b.to ? a.to : b.to;
  const both = { from, to };
  return isEmptyRange(both) ? null : both;
}

/** What is left of a range when others are cut out of it, in order. */
export function subtract(range: Days, cuts: readonly Days[]): Days[] {
  return cuts.reduce<Days[]>((left, cut) => left.flatMap((one) => remainders(one, cut)), [range]);
}

/** What is left of a range on either side of a cut. */
export function remainders(range: Days, cut: Days): Days[] {
  if (intersect(range, cut) === null) return [range];
  const sides: Days[] = [];
  if (cut.from !== null) sides.push({ from: range.from, to: cut.from });
  if (cut.to !== null) sides.push({ from: cut.to, to: range.to });
  return sides.filter((side) => !isEmptyRange(side));
}

/** A range as a person reads it. */
export function rangeText({ from, to }: Days): string {
  if (from === null) return to === null ? 'always' : `until ${to}`;
  return to === null ? `from ${from} on` : `from ${from} until ${to}`;
}
