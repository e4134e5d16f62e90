import { BILLING_CYCLES, type BillingCycle } from './billing-cycles.ts';
import { parseCode } from './codes.ts';
import { UsageError } from './errors.ts';
import { formatMinor, parseDecimal } from './money.ts';
import { didYouMean } from './near-names.ts';

/** Prices as people write them. An amount is of the currency's minor unit; a unit of a meter may cost less than that. */

const LARGEST = 1_000_000_000_000_000n;

/**
 * Reads a price in minor units of its currency: not below zero.
 * @throws UsageError `price_negative`, `amount_out_of_range`, and what `parseDecimal` says
 */
export function parsePrice(text: string, currency: string): bigint {
  const minor = parseDecimal(text, currency);
  if (minor < 0n) throw new UsageError('price_negative', `the price ${text.trim()} is below zero`);
  assertInRange(minor, currency, `'${text.trim().slice(0, 40)}'`);
  return minor;
}

/**
 * Returns when the books can hold an amount.
 * @param called the amount in the message
 * @throws UsageError `amount_out_of_range`
 */
export function assertInRange(minor: bigint, currency: string, called: string): void {
  if (minor <= LARGEST && minor >= -LARGEST) return;
  throw new UsageError('amount_out_of_range', `${called} is too large`, {
    hint: `at most ${formatMinor(LARGEST, currency)} ${currency}`,
  });
}

const UNIT_DECIMALS = 12;

/**
 * Reads the price of one unit of a meter, a decimal number without trailing zeros afterwards.
 * @throws UsageError `unit_price_invalid`
 */
export function parseUnitPrice(text: string): string {
  const match = /^(\d{1,12})(?:\.(\d+))?$/.exec(text.trim());
  const fraction = (match?.[2] ?? '').replace(/0+$/, '');
  if (match === null || fraction.length > UNIT_DECIMALS) {
    throw new UsageError('unit_price_invalid', `'${text.trim().slice(0, 40)}' is not the price of a unit`, {
      hint: `write it as 0.0004, with at most ${UNIT_DECIMALS} decimals`,
    });
  }
  const whole = match[1]!.replace(/^0+(?=\d)/, '');
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/**
 * Reads a region: a country as accounts have it, or a word of the programme's own, EMEA for instance.
 * @throws UsageError `region_invalid`
 */
export function parseRegion(text: string): string {
  const region = text.trim().toUpperCase();
  if (/^[A-Z][A-Z0-9]{1,7}$/.test(region)) return region;
  throw new UsageError('region_invalid', `'${text.trim().slice(0, 40)}' is no region`, {
    hint: 'write a country as DE, or a word of your own of 2–8 letters and digits, as EMEA',
  });
}

/** @throws UsageError `cycle_unknown` */
export function parseCycle(text: string): BillingCycle {
  const cycle = BILLING_CYCLES.find((one) => one === text.trim().toLowerCase());
  if (cycle !== undefined) return cycle;
  throw new UsageError('cycle_unknown', `'${text.trim().slice(0, 40)}' is no cycle`, {
    hint: didYouMean(text, BILLING_CYCLES) ?? `write ${BILLING_CYCLES.join(', ')}`,
  });
}

/** A plan with how often it is paid for, as people type it: `PLAN/CYCLE`. */
export interface PlanCycle {
  readonly plan: string;
  readonly cycle: BillingCycle;
}

/** Reads `PLAN/CYCLE`. @throws UsageError `plan_cycle_invalid`, `code_invalid`, `cycle_unknown` */
export function parsePlanCycle(text: string): PlanCycle {
  const [plan = '', cycle, ...more] = text.trim().split('/');
  if (cycle === undefined || more.length > 0) {
    throw new UsageError('plan_cycle_invalid', `'${text.trim().slice(0, 80)}' says no plan and cycle`, {
      hint: `write PLAN/CYCLE, for example pro/monthly; a cycle is ${BILLING_CYCLES.join(', ')}`,
    });
  }
  return { plan: parseCode(plan), cycle: parseCycle(cycle) };
}

/** What has a price, as people type it: a plan a cycle, `PLAN/CYCLE`, or a unit of a `METER`. */
export type PricedName = PlanCycle | { readonly meter: string };

/** Reads `PLAN/CYCLE` or `METER`. @throws UsageError as `parsePlanCycle` and `parseCode` do */
export function parsePricedName(text: string): PricedName {
  return text.includes('/') ? parsePlanCycle(text) : { meter: parseCode(text) };
}
