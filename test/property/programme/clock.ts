import { monthsAfter } from './arithmetic.ts';
import { isBilled, type Rule } from './words.ts';
import { soldOf, type History, type Sold } from './history.ts';

/**
 * Whether the account of a sale still earns. Its first paid sale, in the order of decisions, freezes what the rule that
 * decided it says about first sales and months; later rules change rates, never these. SEMANTICS §3.
 */
export function clockRefusal(history: History, sold: Sold): 'first_sale_only' | 'earning_ended' | null {
  const won = firstPaid(history, sold);
  if (won === null || won.key === sold.key) return null;
  if (won.rule.firstSaleOnly) return 'first_sale_only';
  if (won.rule.earningMonths === null) return null;
  return sold.date >= monthsAfter(won.date, won.rule.earningMonths) ? 'earning_ended' : null;
}

function firstPaid(history: History, { instance, account }: Sold): { key: string; date: string; rule: Rule } | null {
  if (account === null) return null;
  const { programme, decided } = history;
  for (const leg of decided) {
    const step = programme.steps.find(({ id }) => id === leg.step)!;
    if (!isBilled(step) || step.kind !== 'payment' || step.net <= 0n) continue;
    if (step.instance !== instance || step.account !== account) continue;
    if (leg.leg % 16 !== 0 || !leg.isRated) continue;
    const rule = programme.rules.find(({ version }) => version === leg.rule)!;
    return { key: leg.of, date: soldOf(history, leg.of)!.date, rule };
  }
  return null;
}
