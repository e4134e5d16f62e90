/** What billing's own counts and sums may be told by, besides the currency, which they always are. */
export const CONTROL_KEYS = ['source', 'instance', 'kind'] as const;
export type ControlKey = (typeof CONTROL_KEYS)[number];

/** What may be summed; the net always is. */
export const CONTROL_SUMS = ['net', 'gross', 'tax'] as const;
export type ControlSum = (typeof CONTROL_SUMS)[number];

/** Events that have the same keys, null where they are not told apart by one. */
export type ControlGroup = Readonly<Record<ControlKey, string | null>> & { readonly currency: string };

/** What billing says of a group; amounts in minor units, null where it says nothing. */
export interface ExpectedGroup extends ControlGroup {
  readonly count: number | null;
  readonly sums: Readonly<Record<ControlSum, bigint | null>>;
}

/** What the books say of it: all that was imported, and of that what is decided. */
export interface RecordedGroup extends ControlGroup {
  readonly imported: number;
  readonly decided: number;
  readonly sums: Readonly<Record<ControlSum, bigint>>;
  readonly decidedNet: bigint;
}

/**
 * `not_imported`: billing has it and the books nothing of it; `unexpected`: the books have it and billing does not say so;
 * `differs`: a count or a sum; `undecided`: all of it was imported, and some has not been decided.
 */
export type Verdict = 'equal' | 'undecided' | 'differs' | 'not_imported' | 'unexpected';

export interface ControlledGroup extends ControlGroup {
  readonly verdict: Verdict;
  readonly expected: ExpectedGroup | null;
  readonly recorded: RecordedGroup | null;
}

/** Names a group among others; the same for both sides. */
export function groupName(group: ControlGroup): string {
  return [...CONTROL_KEYS.map((key) => group[key]), group.currency].filter((part) => part !== null).join(' ');
}

/** Both sides of every group that either knows: those that differ first, each in the order of their names. */
export function controlRevenue(
  expected: readonly ExpectedGroup[],
  recorded: readonly RecordedGroup[],
): ControlledGroup[] {
  const theirs = new Map(expected.map((group) => [groupName(group), group]));
  const ours = new Map(recorded.map((group) => [groupName(group), group]));
  const names = [...new Set([...theirs.keys(), ...ours.keys()])].sort();
  const groups = names.map((name) => {
    const [told, found] = [theirs.get(name) ?? null, ours.get(name) ?? null];
    return { ...(told ?? found)!, verdict: verdictOf(told, found), expected: told, recorded: found };
  });
  return [
    ...groups.filter(({ verdict }) => verdict !== 'equal'),
    ...groups.filter(({ verdict }) => verdict === 'equal'),
  ];
}

function verdictOf(expected: ExpectedGroup | null, recorded: RecordedGroup | null): Verdict {
  if (expected === null) return 'unexpected';
  // A group of nothing is told by billing and not by the books.
  const found = recorded ?? { imported: 0, decided: 0, sums: { net: 0n, gross: 0n, tax: 0n } };
  const agrees =
    (expected.count ?? found.imported) === found.imported &&
    CONTROL_SUMS.every((sum) => (expected.sums[sum] ?? found.sums[sum]) === found.sums[sum]);
  if (!agrees) return recorded === null ? 'not_imported' : 'differs';
  return found.decided === found.imported ? 'equal' : 'undecided';
}
