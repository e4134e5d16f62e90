import { nearest, split, sum } from './arithmetic.ts';
import { occupantsOf, postedOf, type History, type OracleLeg, type Share, type WindowOf } from './history.ts';
import { isKnownAt, type Closing, type Programme, type Rule } from './words.ts';

/**
 * Whole brackets, after their window has closed: what all it collected earns at the one rate that holds it, less what
 * was posted, over the partners and instances by their part of the base. SEMANTICS §4.
 */
export function trueUps(history: History, step: Closing): OracleLeg[] {
  const windows = new Map<string, WindowOf>();
  for (const { window } of history.decided) {
    if (window === null || !window.whole || window.lastDay === null) continue;
    if (window.lastDay <= step.on) windows.set(window.key, window);
  }
  return [...windows.values()].flatMap((window) => trueUp(history, step, window));
}

function trueUp(history: History, step: Closing, window: WindowOf): OracleLeg[] {
  const occupants = occupantsOf(history, window);
  const nameOf = (partner: string | null, instance: string): string => `${partner} ${instance}`;
  const earlier = history.decided.filter(({ of }) => of === window.key);
  const names = [
    ...occupants.map(({ share, sold }) => nameOf(share.partner, sold.instance)),
    ...earlier.map(({ partner, instance }) => nameOf(partner, instance)),
  ];
  const pieces = [...new Set(names)].sort().map((name) => {
    const inside = occupants.filter(({ share, sold }) => nameOf(share.partner, sold.instance) === name);
    const before = earlier.filter(({ partner, instance }) => nameOf(partner, instance) === name);
    const [partner = '', instance = ''] = name.split(' ');
    return {
      partner,
      instance,
      base: sum(inside.map(({ base }) => base)),
      posted:
        sum(inside.map(({ sold, share }) => postedOf(history, sold.key, share.leg))) +
        sum(before.map(({ amount }) => amount)),
    };
  });
  const total = sum(pieces.map(({ base }) => base));
  const rule = lastVersion(history.programme, window, history.stage);
  if (rule === null) return [];
  const bracket = rule.brackets!.filter(({ from }) => from <= total).at(-1)!;
  const targets = split(
    nearest(total * BigInt(bracket.ratePpm), 1_000_000n),
    pieces.map(({ base }) => base),
  );
  return pieces.flatMap(({ partner, instance, base, posted }, index): OracleLeg[] => {
    const amount = targets[index]! - posted;
    if (amount === 0n) return [];
    const share: Share = {
      leg: 0,
      partner,
      rule: rule.version,
      isRated: false,
      base,
      full: amount,
      currency: window.currency,
      window: null,
      position: null,
      zero: null,
    };
    return [{ ...share, step: step.id, of: window.key, instance, amount, reason: null }];
  });
}

/** The version in force on the window's last day, else the last that was before; of those in the window's currency. */
export function lastVersion(
  { rules }: Pick<Programme, 'rules'>,
  { rule, currency, lastDay }: Pick<WindowOf, 'rule' | 'currency' | 'lastDay'>,
  stage: number,
): Rule | null {
  const versions = rules
    .filter((one) => one.rule === rule && one.mode === 'whole' && one.currency === currency && isKnownAt(one, stage))
    .filter(({ from }) => from === null || from <= lastDay!)
    .sort((a, b) => ((a.from ?? '') < (b.from ?? '') ? -1 : 1));
  return versions.at(-1) ?? null;
}
