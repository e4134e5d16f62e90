import { isDeepStrictEqual } from 'node:util';
import { termsOf, type RuleTerms } from '../../db/queries/rules.ts';
import { isCurrencyUsedOn } from '../../domain/currencies.ts';
import { UsageError } from '../../domain/errors.ts';
import { parseDecimal } from '../../domain/money.ts';
import { parseRate } from '../../domain/rates.ts';

export type { RuleTerms } from '../../db/queries/rules.ts';

/** What a rule is to say, as people write it: one of percentage, flat and exclude. */
export interface WrittenTerms {
  /** '12.5%': a bare number is refused. */
  readonly percentage?: string | undefined;
  /** A decimal amount per sale, in `currency`. */
  readonly flat?: string | undefined;
  readonly currency?: string | undefined;
  readonly exclude?: boolean | undefined;
  /** A rate that beats an exclusion at a wider scope. */
  readonly include?: boolean | undefined;
  readonly base?: 'net' | 'gross' | undefined;
  readonly note?: string | undefined;
}

/** Everything that a version may leave unsaid. */
const UNSAID = {
  onRest: false,
  ratePpm: null,
  flatMinor: null,
  bracketFrom: null,
  bracketPpm: null,
  bracketMode: null,
  windowKind: null,
  windowPer: null,
  limitProducts: null,
  minSaleMinor: null,
  capSaleMinor: null,
  capWindowMinor: null,
  firstSaleOnly: false,
  earningMonths: null,
  territory: null,
  currency: null,
  paysIn: null,
} as const;

/**
 * Reads terms. Source: SEMANTICS §3.
 * @throws UsageError `terms_missing`, `terms_twice`, `terms_mixed`, or what rates and amounts complain about
 */
export function readTerms(written: WrittenTerms, firstDay: string | null): RuleTerms {
  const { percentage, flat, currency, exclude = false, include = false, base, note = null } = written;
  const said = [percentage !== undefined, flat !== undefined, exclude].filter(Boolean).length;
  if (said === 0) {
    throw new UsageError('terms_missing', 'what is the rule to say?', {
      hint: 'give --percentage 12.5%, --flat 5.00 --currency EUR, or --exclude',
    });
  }
  if (said > 1) {
    throw new UsageError('terms_twice', '--percentage, --flat and --exclude exclude each other: a rule says one thing');
  }
  refuseMixture(written);
  const common = { ...UNSAID, includes: include, base: base ?? 'net', note } as const;
  if (percentage !== undefined) return { ...common, kind: 'percentage', ratePpm: parseRate(percentage) };
  if (flat === undefined) return { ...common, kind: 'exclude' };

  if (currency === undefined) {
    throw new UsageError('currency_missing', `in which currency is --flat ${flat}?`, { hint: 'give --currency EUR' });
  }
  const flatMinor = parseDecimal(flat, currency);
  if (flatMinor < 0n) throw new UsageError('amount_negative', `the amount '${flat}' is negative`);
  if (firstDay !== null && !isCurrencyUsedOn(currency, firstDay)) {
    throw new UsageError('currency_withdrawn', `${currency} is not in use on ${firstDay}`);
  }
  return { ...common, kind: 'flat', flatMinor, currency };
}

/** Words that mean nothing beside each other are a misunderstanding, not a default. */
function refuseMixture({ percentage, flat, currency, exclude, include, base }: WrittenTerms): void {
  const refuse = (message: string) => {
    throw new UsageError('terms_mixed', message);
  };
  if (currency !== undefined && flat === undefined)
    refuse('--currency belongs to --flat: a percentage pays in the currency of the sale');
  if (base !== undefined && percentage === undefined) refuse('--base belongs to --percentage: nothing else has a base');
  if (exclude === true && include === true) refuse('--exclude and --include contradict each other');
}

/** Whether two versions decide every sale alike; a note decides nothing. */
export function decideAlike(a: RuleTerms, b: RuleTerms): boolean {
  return isDeepStrictEqual({ ...termsOf(a), note: null }, { ...termsOf(b), note: null });
}
