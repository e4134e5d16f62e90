import { addMonthsClamped } from '../dates.ts';
import type { AccountClock, ClockTerms, RuleVersion, ZeroReason } from './model.ts';
import type { SaleTerms } from './sale.ts';

/**
 * What a winning rule wants of a sale. A sale that misses something earns nothing, and no wider rule steps in: the
 * narrowest rule has spoken. Source: SEMANTICS §3.
 */

/** What the rule wants and the sale has not; null where nothing is missing. */
export function unmetLimit(rule: RuleVersion, terms: SaleTerms, country: string | null): ZeroReason | null {
  const { products, minSale, territory } = rule.limits;
  if (rule.currency !== null && rule.currency !== terms.currency) return 'rule_currency';
  if (products !== null && (terms.productId === null || !products.includes(terms.productId))) return 'product_limit';
  if (territory !== null && (country === null || !territory.includes(country))) return 'territory';
  if (minSale !== null && terms.saleNet < minSale) return 'below_minimum_sale';
  return null;
}

/** Whether a rule limits the accounts that are won under it. */
export function limitsAccounts({ firstSaleOnly, earningMonths }: ClockTerms): boolean {
  return firstSaleOnly || earningMonths !== null;
}

/**
 * Why an account earns nothing any more: it is won once, by its first paid sale and the rule that decided it, and a
 * later rule neither shortens nor revives it. So the clock speaks, and the rule at hand only while there is none.
 * @param clock null where none has been started, and for the sale that started it
 */
export function clockRefusal(
  limits: ClockTerms,
  clock: AccountClock | null,
  accountId: number | null,
  date: string,
): ZeroReason | null {
  if (accountId === null) return limitsAccounts(limits) ? 'no_account' : null;
  if (clock === null) return null;
  if (clock.firstSaleOnly) return 'first_sale_only';
  const end = earningEnd(clock);
  return end !== null && date >= end ? 'earning_ended' : null;
}

/** The first date that no longer earns: so many months after the first paid sale, clamped. Golden: SEMANTICS §5. */
export function earningEnd({ firstSaleOn, earningMonths }: AccountClock): string | null {
  return earningMonths === null ? null : addMonthsClamped(firstSaleOn, earningMonths);
}
