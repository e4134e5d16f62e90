import { holdsOn, isKnownAt, type Place, type Programme, type Rule } from './words.ts';

/** The rule with the last word at a place, for one partner on one date; a refusal says why that is no rate. */
export interface Standing {
  readonly rule: Rule | null;
  readonly refusal: 'excluded' | 'no_rule' | null;
}

/** Most specific wins inside the slot; an exclusion stands unless a narrower rate says include. SEMANTICS §3. */
export function standingFor(
  { rules, tiers }: Pick<Programme, 'rules' | 'tiers'>,
  level: number,
  place: Omit<Place, 'currency'>,
  partner: string,
  date: string,
  stage: number,
): Standing {
  const tier = tiers.find((one) => one.partner === partner && holdsOn(one, date))?.tier ?? null;
  const ranked = rules
    .filter((rule) => rule.level === level && isKnownAt(rule, stage) && holdsOn(rule, date))
    .map((rule) => ({ rule, rank: rankOf(rule, place, partner, tier) }))
    .filter((one): one is { rule: Rule; rank: number } => one.rank !== null)
    .sort((a, b) => a.rank - b.rank);
  const rates = ranked.filter(({ rule }) => rule.kind !== 'exclude');
  const exclusion = ranked.find(
    (one) => one.rule.kind === 'exclude' && !rates.some((rate) => rate.rule.includes && rate.rank < one.rank),
  );
  if (exclusion !== undefined) return { rule: exclusion.rule, refusal: 'excluded' };
  const rule = rates[0]?.rule ?? null;
  return { rule, refusal: rule === null ? 'no_rule' : null };
}

/** The ten places of the order of precedence, from 0 for account+product to 9 for the programme; null: elsewhere. */
function rankOf(rule: Rule, place: Omit<Place, 'currency'>, partner: string, tier: string | null): number | null {
  if (rule.product !== null && rule.product !== place.product) return null;
  const named =
    (rule.scope === 'account' && place.account !== null && rule.target === `${place.instance}/${place.account}`) ||
    (rule.scope === 'instance' && rule.target === place.instance) ||
    (rule.scope === 'partner' && rule.target === partner) ||
    (rule.scope === 'tier' && tier !== null && rule.target === tier) ||
    rule.scope === 'programme';
  if (!named) return null;
  const scope = ['account', 'instance', 'partner', 'tier', 'programme'].indexOf(rule.scope);
  return 2 * scope + (rule.product === null ? 1 : 0);
}
