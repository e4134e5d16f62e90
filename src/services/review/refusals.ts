import type { HoldReason, RefusedEntry, Verdict } from '../../db/queries/reviews.ts';
import { RefusedError, UsageError, type RevshareError } from '../../domain/errors.ts';

/** Where an entry was named in a file. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

/** A named entry that nothing was done to. */
export interface Refusal {
  readonly entry: string;
  readonly place: Place | null;
  readonly code: 'entry_number' | 'entry_not_found' | 'not_reviewable';
  readonly why: string;
  /** What to do about it; null where nothing is to be done. */
  readonly remedy: string | null;
}

/** What can be done to entries, as it is said of them. */
export type Act =
  | { readonly outcome: Verdict }
  | { readonly outcome: 'held'; readonly reason: HoldReason }
  | { readonly outcome: 'released'; readonly reason: HoldReason | null };

const MOST_LINES = 20;

/**
 * What is thrown of entries that are refused: each with why, the first few in the message and all in the details.
 * The code is of the first kind among those that cannot be read, that do not exist, that may not.
 */
export function refusalError(refused: readonly Refusal[], act: Act): RevshareError {
  const ranked = ['entry_number', 'entry_not_found', 'not_reviewable'] as const;
  const code = ranked.find((kind) => refused.some((one) => one.code === kind))!;
  const [only] = refused;
  const single = refused.length === 1 ? only : undefined;
  const message =
    single === undefined
      ? [`${refused.length} entries cannot be ${act.outcome}`, ...refusalLines(refused)].join('\n')
      : `${placeText(single)}${single.why}`;
  const hint = single === undefined ? 'nothing was done; --partial does the others' : single.remedy;
  const options = { ...(hint === null ? {} : { hint }), details: { entries: refused } };
  return code === 'entry_number' ? new UsageError(code, message, options) : new RefusedError(code, message, options);
}

/** The refused of a message, one a line. */
export function refusalLines(refused: readonly Refusal[]): string[] {
  const lines = refused
    .slice(0, MOST_LINES)
    .map((one) => `  ${placeText(one)}${one.why}${one.remedy === null ? '' : ` — ${one.remedy}`}`);
  return refused.length > lines.length ? [...lines, '  …'] : lines;
}

function placeText({ place }: Refusal): string {
  return place === null ? '' : `${place.file}:${place.line} `;
}

/** In the order in which they were named. */
export function inOrder(refused: readonly Refusal[]): Refusal[] {
  return [...refused].sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0));
}

/** Why an entry that stands like this was left alone. */
export function refusalOf(standing: RefusedEntry, act: Act, place: Place | null): Refusal {
  const what = `entry ${standing.entry} is ${standing.status} and cannot be ${act.outcome}`;
  return { entry: standing.entry, place, code: 'not_reviewable', ...told(standing, act, what) };
}

function told(
  { entry, status, approved, amount, holds, recovery }: RefusedEntry,
  act: Act,
  what: string,
): { why: string; remedy: string | null } {
  if (act.outcome === 'released') {
    if (act.reason !== null && holds.length > 0) {
      return { why: `entry ${entry} is held for ${holds.join(', ')}, not for ${act.reason}`, remedy: null };
    }
    return {
      why: `entry ${entry} has no hold of its own`,
      remedy: status === 'held' ? 'it is held with its partner or instance: `revshare commission why-not`' : null,
    };
  }
  if (amount === '0') return { why: `entry ${entry} is of nothing: there is nothing to review`, remedy: null };
  if (status === 'rejected' || status === 'cancelled') return { why: what, remedy: `${status} is final` };
  if (status === 'paid' || status === 'recovered') {
    return { why: what, remedy: 'what is paid is corrected by an adjustment' };
  }
  if (act.outcome === 'held') {
    if (holds.includes(act.reason)) return { why: `entry ${entry} is held for ${act.reason} already`, remedy: null };
    if (status === 'processing') return { why: what, remedy: 'it is on its way to the partner' };
    return { why: `entry ${entry} is a negative`, remedy: 'it shares the holds of what it takes back' };
  }
  if (status === 'processing') return { why: what, remedy: 'take its payout out first: `revshare payout cancel`' };
  if (act.outcome === 'approved' && approved) {
    return { why: what, remedy: 'it is approved already; a hold is lifted by `revshare commission release`' };
  }
  if (act.outcome === 'approved' && amount.startsWith('-')) {
    return { why: what, remedy: 'it is approved with what it takes back: approve that' };
  }
  if (recovery) {
    return {
      why: `entry ${entry} is one half of a recovery, which stands or falls whole`,
      remedy: 'ask for the opposite: `revshare wallet recover`, or `adjustment add` for each wallet',
    };
  }
  return { why: what, remedy: 'its run is not posted: `revshare job run accrue-commissions`' };
}
