import type { Connection } from '../../db/connection.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { intersect, remainders, subtract, type Days } from '../../domain/date-ranges.ts';

/** What was said of something over some days; retired once it is known otherwise. */
export interface DatedVersion<T> {
  readonly id: number;
  readonly valid: Days;
  readonly retiredSeq: number | null;
  readonly says: T;
}

/** Where the versions of one thing are kept. */
export interface VersionStore<T> {
  /** Every version it ever had. */
  read(): Promise<readonly DatedVersion<T>[]>;
  retire(ids: readonly number[], knownSeq: number): Promise<void>;
  insert(version: { readonly valid: Days; readonly says: T; readonly knownSeq: number }): Promise<void>;
  /** Equal texts say the same. */
  text(says: T): string;
}

/** What is to be said over some days; what was said there before tells what of it stays. Null: nothing. */
export type Change<T> = (was: T | null) => T | null;

interface Piece<T> {
  readonly valid: Days;
  readonly says: T | null;
}

/**
 * Says something over `[from, to)`: new versions under one number; what was said on those days is retired, what was said
 * outside them goes on. Returns false, and writes nothing, where exactly this is said already.
 * @param draw draws the number, once for all that is said together
 */
export async function sayOver<T>(
  store: VersionStore<T>,
  days: Days,
  change: Change<T>,
  draw: () => Promise<number>,
): Promise<boolean> {
  const text = (says: T | null) => (says === null ? '' : store.text(says));
  if (saidOn(await store.read(), days).every(({ says }) => text(says) === text(change(says)))) return false;
  const knownSeq = await draw();
  // Read again under the number's lock: whoever drew before us is committed and seen.
  const before = await store.read();
  const overlapping = before.filter(({ retiredSeq, valid }) => retiredSeq === null && intersect(valid, days) !== null);
  // Retired first: the exclusion constraint looks at each row as it comes.
  await store.retire(
    overlapping.map(({ id }) => id),
    knownSeq,
  );
  const kept = overlapping.flatMap(({ valid, says }) => remainders(valid, days).map((rest) => ({ valid: rest, says })));
  const changed = saidOn(before, days).map(({ valid, says }) => ({ valid, says: change(says) }));
  for (const { valid, says } of [...kept, ...joined(changed, text)]) {
    if (says !== null) await store.insert({ valid, says, knownSeq });
  }
  return true;
}

/** Draws a number when it is first asked for, and then says that one. */
export function drawOnce(tx: Connection, summary: string): () => Promise<number> {
  let drawn: Promise<number> | null = null;
  return async () => await (drawn ??= drawKnownSeq(tx, summary));
}

/** Of the versions that live, the one that speaks on a day. */
export function versionOn<V extends Pick<DatedVersion<unknown>, 'valid' | 'retiredSeq'>>(
  versions: readonly V[],
  day: string,
): V | undefined {
  return versions.find(
    ({ retiredSeq, valid: { from, to } }) =>
      retiredSeq === null && (from === null || from <= day) && (to === null || day < to),
  );
}

/** What is said over the days, stretch by stretch, with null where nothing is; in order. */
function saidOn<T>(versions: readonly DatedVersion<T>[], days: Days): Piece<T>[] {
  const said = versions.flatMap(({ retiredSeq, valid, says }) => {
    const both = intersect(valid, days);
    return both === null || retiredSeq !== null ? [] : [{ valid: both, says }];
  });
  const unsaid = subtract(
    days,
    said.map(({ valid }) => valid),
  ).map((valid) => ({ valid, says: null }));
  return [...said, ...unsaid].sort((a, b) => ((a.valid.from ?? '') < (b.valid.from ?? '') ? -1 : 1));
}

/** Neighbours that say the same are one version. */
function joined<T>(all: readonly Piece<T>[], text: (says: T | null) => string): Piece<T>[] {
  return all.reduce<Piece<T>[]>((soFar, piece) => {
    const last = soFar.at(-1);
    if (last === undefined || text(last.says) !== text(piece.says)) return [...soFar, piece];
    return [...soFar.slice(0, -1), { ...last, valid: { from: last.valid.from, to: piece.valid.to } }];
  }, []);
}
