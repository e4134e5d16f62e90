import { NO_LIMITS, type Decision, type RuleBookContent, type RuleVersion } from '../../src/domain/rating/model.ts';
import { isDeferred, rateEvent, type RatingInput } from '../../src/domain/rating/rate.ts';
import { EMPTY_WINDOW } from '../../src/domain/rating/windows.ts';

/** 10 % of net for everybody, always: what a test changes to say what it means. */
export const PLAIN_RULE: RuleVersion = {
  id: 1,
  ruleId: 1,
  knownSeq: 1,
  level: 0,
  scope: 'programme',
  scopeId: null,
  productId: null,
  from: null,
  to: null,
  kind: 'percentage',
  includes: false,
  base: 'net',
  onRest: false,
  ratePpm: 100_000,
  flatMinor: null,
  brackets: null,
  bracketMode: null,
  window: null,
  limits: NO_LIMITS,
  currency: null,
  paysIn: null,
};

/** A book without rules, in which nobody earns anywhere. */
export const EMPTY_BOOK: RuleBookContent = {
  knownSeq: 1,
  rules: [],
  agreements: [],
  tiers: [],
  parents: [],
  accountSlots: [],
  housePartnerIds: [],
  shareCaps: [],
  keepsClocks: false,
  fxRate: () => null,
};

/** Rates where no window, clock or exchange rate is in play. */
export function ratePlainly(
  input: Pick<RatingInput, 'event' | 'sale' | 'state' | 'book'>,
  trace?: Parameters<typeof rateEvent>[1],
): Decision {
  const outcome = rateEvent({ ...input, windows: () => EMPTY_WINDOW, clock: null }, trace);
  if (isDeferred(outcome)) throw new Error('nothing to wait for in a plain book');
  return outcome;
}
