import { IntegrityError } from './errors.ts';

/** Something that is in force over `[from, to)`; null is an open end. */
export interface Interval<T> {
  readonly from: string | null;
  readonly to: string | null;
  readonly value: T;
}

/** Sorts before every date, so the stretch before the first known change needs no case of its own. */
const BEGINNING = '';

/**
 * A value over civil time: one value at every date, changing only at `starts`. Agreements, tiers, rule versions and
 * what follows from them are all kept like this. Immutable; a lookup is a binary search over strings.
 */
export class Timeline<T> {
  /** The first date of each stretch, ascending; the first one is the beginning of time. */
  readonly starts: readonly string[];
  readonly values: readonly T[];

  private constructor(starts: readonly string[], values: readonly T[]) {
    this.starts = starts;
    this.values = values;
  }

  /**
   * The timeline of intervals that must not overlap; `absent` is its value where none is in force.
   * @param what names the thing, for the error
   * @throws IntegrityError `overlap` or `empty_interval`: the database excludes both, so the books disagree
   */
  static of<T>(intervals: readonly Interval<T>[], absent: T, what: string): Timeline<T> {
    const sorted = [...intervals].sort((a, b) => ((a.from ?? BEGINNING) < (b.from ?? BEGINNING) ? -1 : 1));
    const starts: string[] = [BEGINNING];
    const values: T[] = [absent];
    let freeFrom: string | null = BEGINNING;
    for (const { from, to, value } of sorted) {
      const start = from ?? BEGINNING;
      if (to !== null && start >= to) throw new IntegrityError('empty_interval', `${what}: [${start}, ${to}) is empty`);
      if (freeFrom === null || start < freeFrom)
        throw new IntegrityError('overlap', `${what}: two in force on ${start}`);
      if (starts.at(-1) === start) {
        values[values.length - 1] = value;
      } else {
        starts.push(start);
        values.push(value);
      }
      if (to !== null) {
        starts.push(to);
        values.push(absent);
      }
      freeFrom = to;
    }
    return new Timeline(starts, values);
  }

  /** The timeline whose value is computed once for each stretch between the given dates. */
  static computed<T>(changes: Iterable<string>, valueOn: (date: string) => T): Timeline<T> {
    const starts = [...new Set([BEGINNING, ...changes])].sort();
    return new Timeline(
      starts,
      starts.map((start) => valueOn(start)),
    );
  }

  /** The value in force on a date. */
  at(date: string): T {
    const starts = this.starts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= date) low = middle;
      else high = middle - 1;
    }
    return this.values[low]!;
  }
}
