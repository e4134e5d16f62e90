import { formatMinor } from './money.ts';
import { formatRate } from './rates.ts';

/**
 * What a version of a rule says, without where and when. Rates in ppm, amounts in minor units of `currency`; null is
 * unsaid. Products are codes, as people name them, or identities, as the database does. Source: SEMANTICS §3.
 */
export interface RuleTerms<Product extends string | number = string> {
  readonly kind: 'percentage' | 'flat' | 'tiered' | 'hybrid' | 'exclude';
  /** Beats an exclusion at a wider scope. */
  readonly includes: boolean;
  readonly base: 'net' | 'gross' | 'margin';
  /** Of an override: the base less what the levels below it earn. */
  readonly onRest: boolean;
  readonly ratePpm: number | null;
  readonly flatMinor: bigint | null;
  /** Bracket n holds from `bracketFrom[n]` on, at `bracketPpm[n]`; rising from 0. */
  readonly bracketFrom: readonly bigint[] | null;
  readonly bracketPpm: readonly number[] | null;
  readonly bracketMode: 'marginal' | 'whole' | null;
  /** What brackets and the window's cap are counted over. */
  readonly windowKind: 'month' | 'quarter' | 'year' | 'lifetime' | null;
  readonly windowPer: 'partner' | 'instance' | 'account' | null;
  /** Rising, as countries are: two versions that say the same look the same. */
  readonly limitProducts: readonly Product[] | null;
  readonly minSaleMinor: bigint | null;
  readonly capSaleMinor: bigint | null;
  readonly capWindowMinor: bigint | null;
  readonly firstSaleOnly: boolean;
  /** From the account's first paid sale on. */
  readonly earningMonths: number | null;
  /** ISO 3166 alpha-2. */
  readonly territory: readonly string[] | null;
  /** Of every amount the rule names. */
  readonly currency: string | null;
  /** What it earns is converted into; null: it pays in the sale's currency. */
  readonly paysIn: string | null;
  readonly note: string | null;
}

/** A version that says nothing yet: what is not said is this. */
export const UNSAID = {
  includes: false,
  base: 'net',
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
  note: null,
} as const satisfies Omit<RuleTerms, 'kind'>;

/** Terms as JSON holds them: what is unsaid left out, amounts as strings, for a JSON number would lose digits. */
export type WrittenDown = Readonly<Record<string, unknown>>;

export function writeDown<Product extends string | number>(terms: RuleTerms<Product>): WrittenDown {
  const unsaid: WrittenDown = UNSAID;
  const said = Object.entries(terms).filter(([name, value]) => value !== unsaid[name]);
  const digits = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
  return JSON.parse(JSON.stringify(Object.fromEntries(said), digits)) as WrittenDown;
}

/** The terms that `writeDown` wrote. */
export function readBack<Product extends string | number>(written: WrittenDown): RuleTerms<Product> {
  const terms = { ...UNSAID, ...(written as unknown as RuleTerms<Product>) };
  const minor = (digits: unknown) => (digits === null ? null : BigInt(digits as string));
  return {
    ...terms,
    flatMinor: minor(terms.flatMinor),
    bracketFrom: terms.bracketFrom?.map(BigInt) ?? null,
    minSaleMinor: minor(terms.minSaleMinor),
    capSaleMinor: minor(terms.capSaleMinor),
    capWindowMinor: minor(terms.capWindowMinor),
  };
}

/** Whether two versions say the same, to the last word. */
export function sayAlike(a: RuleTerms, b: RuleTerms): boolean {
  return TERMS.every((term) => wordOf(a[term]) === wordOf(b[term]));
}

const TERMS = ['kind', ...Object.keys(UNSAID)] as (keyof RuleTerms)[];

/** A list is one word, with what no code holds between its parts. */
function wordOf(value: RuleTerms[keyof RuleTerms]): string | null {
  if (value === null) return null;
  return Array.isArray(value) ? value.join('\0') : String(value);
}

/** Brackets as they are typed: ['0.00:4%', '200.00:6%']. */
export function writeBrackets({ bracketFrom, bracketPpm, currency }: RuleTerms): string[] | null {
  if (bracketFrom === null || bracketPpm === null || currency === null) return null;
  return bracketFrom.map((from, n) => `${formatMinor(from, currency)}:${formatRate(bracketPpm[n]!)}`);
}

/** Terms as a sentence: '4%, from 200.00 EUR 6%, marginal, per month and partner; at most 5.00 EUR a sale'. */
export function describeTerms(terms: RuleTerms): string {
  const { currency, windowKind, windowPer } = terms;
  const amount = (minor: bigint) => `${formatMinor(minor, currency!)} ${currency}`;
  const window =
    windowKind === null
      ? ''
      : windowKind === 'lifetime'
        ? `over a lifetime per ${windowPer}`
        : `per ${windowKind} and ${windowPer}`;
  const limits = [
    terms.includes ? 'in spite of exclusions' : null,
    terms.limitProducts === null ? null : `only ${terms.limitProducts.join(', ')}`,
    terms.territory === null ? null : `in ${terms.territory.join(', ')}`,
    terms.minSaleMinor === null ? null : `sales of ${amount(terms.minSaleMinor)} or more`,
    terms.capSaleMinor === null ? null : `at most ${amount(terms.capSaleMinor)} a sale`,
    terms.capWindowMinor === null ? null : `at most ${amount(terms.capWindowMinor)} ${window}`,
    terms.firstSaleOnly ? 'the first sale only' : null,
    terms.earningMonths === null
      ? null
      : `for ${terms.earningMonths} ${terms.earningMonths === 1 ? 'month' : 'months'}`,
    terms.paysIn === null ? null : `paid in ${terms.paysIn}`,
  ];
  return [whatIsEarned(terms, amount, window), ...limits].filter((part) => part !== null && part !== '').join('; ');
}

function whatIsEarned(terms: RuleTerms, amount: (minor: bigint) => string, window: string): string {
  if (terms.kind === 'exclude') return 'nothing';
  const flat = terms.flatMinor === null ? null : `${amount(terms.flatMinor)} a sale`;
  if (terms.kind === 'flat') return flat!;
  const of = `${terms.base === 'net' ? '' : ` of ${terms.base}`}${terms.onRest ? ' of the rest' : ''}`;
  if (terms.kind !== 'tiered')
    return [`${formatRate(terms.ratePpm!)}${of}`, flat].filter((part) => part !== null).join(' + ');
  const brackets = terms.bracketFrom!.map((from, n) => {
    const rate = formatRate(terms.bracketPpm![n]!);
    return n === 0 ? `${rate}${of}` : `from ${amount(from)} ${rate}`;
  });
  return [...brackets, terms.bracketMode, window].join(', ');
}
