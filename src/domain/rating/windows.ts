import { addMonthsClamped } from '../dates.ts';
import { divRoundHalfAwayFromZero } from '../money.ts';
import type { Bracket, FrozenShare, RuleVersion, ShareWindow, WindowKey, WindowMove, WindowUse } from './model.ts';
import { collected, standing, type SaleTerms, type Sums } from './sale.ts';

/**
 * Windows: what a rule's tiers and caps are counted over. A window is named by its rule, whom it counts per, the
 * currency and its first day; which window a sale falls into is decided by the sale's date, so that all of its events
 * fall into the same one. Source: SEMANTICS §3, §4.
 */

/** Answers what a window holds at this point in the order of decisions. */
export type WindowReader = (key: WindowKey) => WindowUse;

export const EMPTY_WINDOW: WindowUse = Object.freeze({ base: 0n, full: 0n });

/** Before every date: a lifetime has one window only. */
const BEGINNING = '0001-01-01';

/** The first day of the window of this kind that holds the date. */
export function windowStart(kind: NonNullable<RuleVersion['window']>['kind'], date: string): string {
  switch (kind) {
    case 'month':
      return `${date.slice(0, 7)}-01`;
    case 'quarter': {
      const month = Number(date.slice(5, 7));
      return `${date.slice(0, 5)}${String(month - ((month - 1) % 3)).padStart(2, '0')}-01`;
    }
    case 'year':
      return `${date.slice(0, 4)}-01-01`;
    case 'lifetime':
      return BEGINNING;
  }
}

/** The first day after the window of this kind that begins on `startsOn`; null for a lifetime, which never closes. */
export function windowEnd(kind: NonNullable<RuleVersion['window']>['kind'], startsOn: string): string | null {
  return kind === 'lifetime' ? null : addMonthsClamped(startsOn, { month: 1, quarter: 3, year: 12 }[kind]);
}

/** Who earns and where: what a window may be counted per. */
export interface WindowOwners {
  readonly partnerId: number;
  readonly instanceId: number;
  readonly accountId: number | null;
}

/** What a rule version says of its window, as far as a share needs it. */
export type WindowTerms = Pick<RuleVersion, 'ruleId' | 'window' | 'bracketMode'>;

/** The window of a share, or null: the rule has none, or counts per account and the sale has none. */
export function shareWindow(
  { ruleId, window, bracketMode }: WindowTerms,
  owners: WindowOwners,
  { currency, saleDate }: Pick<SaleTerms, 'currency' | 'saleDate'>,
): ShareWindow | null {
  if (window === null) return null;
  const ownerId =
    window.per === 'partner' ? owners.partnerId : window.per === 'instance' ? owners.instanceId : owners.accountId;
  if (ownerId === null) return null;
  return {
    key: { ruleId, ownerId, currency, startsOn: windowStart(window.kind, saleDate) },
    counts: bracketMode === 'whole' ? 'collected' : 'standing',
  };
}

/** Whether two keys name one window. */
export function sameWindow(a: WindowKey, b: WindowKey): boolean {
  return a.ruleId === b.ruleId && a.ownerId === b.ownerId && a.startsOn === b.startsOn && a.currency === b.currency;
}

/**
 * What a share occupies of its window: all of it from the first decision on, less what was taken back since. Under
 * whole brackets only what was collected counts, for that is what the window is trued up by.
 */
export function occupied(share: FrozenShare, sums: Sums, saleNet: bigint): WindowUse {
  if (share.window === null || saleNet === 0n) return EMPTY_WINDOW;
  const part = share.window.counts === 'collected' ? collected(sums, saleNet) : standing(sums, saleNet);
  return {
    base: divRoundHalfAwayFromZero(share.base * part, saleNet),
    // A rule that converts has no cap, so that nothing is ever counted in two currencies.
    full: share.fxRate === null ? divRoundHalfAwayFromZero(share.full * part, saleNet) : 0n,
  };
}

/** Adds to the moves what takes a share from one use of its window to another. */
export function move(moves: WindowMove[], share: FrozenShare, before: WindowUse, after: WindowUse): void {
  if (share.window === null) return;
  moves.push({
    key: share.window.key,
    leg: share.leg,
    base: after.base - before.base,
    full: after.full - before.full,
  });
}

// ── Brackets ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** The part of a sale that falls into one bracket. */
export interface Slice {
  readonly amount: bigint;
  readonly ratePpm: number;
}

/** Cuts a base that begins at `position` of its window at the brackets' bounds. Source: SEMANTICS §3, `marginal`. */
export function slices(brackets: readonly Bracket[], position: bigint, base: bigint): Slice[] {
  const end = position + base;
  return brackets.flatMap(({ from, ratePpm }, index) => {
    const to = brackets[index + 1]?.from ?? null;
    const low = from > position ? from : position;
    const high = to === null || to > end ? end : to;
    return high > low ? [{ amount: high - low, ratePpm }] : [];
  });
}
