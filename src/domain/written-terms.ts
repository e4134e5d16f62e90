import { isCountry } from './codes.ts';
import { currency, isCurrencyUsedOn } from './currencies.ts';
import { UsageError } from './errors.ts';
import { formatMinor, parseDecimal } from './money.ts';
import { formatRate, parseRate, WHOLE_PPM } from './rates.ts';
import type { RuleScope } from './rule-scope.ts';
import { UNSAID, writeBrackets, type RuleTerms } from './rule-terms.ts';

/** What a rule is to say, as people write it: on the command line, or in a file of the rule book. */
export interface WrittenTerms {
  /** '12.5%': a bare number is refused. With `flat`: both, a hybrid. */
  readonly percentage?: string | undefined;
  /** A decimal amount per sale, in `currency`, as are all amounts. */
  readonly flat?: string | undefined;
  /** '0:4%,200:6%': from each amount on, its rate. */
  readonly tiered?: string | undefined;
  readonly brackets?: 'marginal' | 'whole' | undefined;
  readonly exclude?: boolean | undefined;
  /** A rate that beats an exclusion at a wider scope. */
  readonly include?: boolean | undefined;
  readonly base?: 'net' | 'gross' | 'margin' | undefined;
  readonly onRest?: boolean | undefined;
  readonly window?: 'month' | 'quarter' | 'year' | 'lifetime' | undefined;
  readonly per?: 'partner' | 'instance' | 'account' | undefined;
  readonly onlyProducts?: readonly string[] | undefined;
  readonly territory?: readonly string[] | undefined;
  readonly minSale?: string | undefined;
  readonly capSale?: string | undefined;
  readonly capWindow?: string | undefined;
  readonly firstSaleOnly?: boolean | undefined;
  readonly earningMonths?: number | undefined;
  readonly currency?: string | undefined;
  readonly paysIn?: string | undefined;
  readonly allowOver100?: boolean | undefined;
  readonly note?: string | undefined;
}
export type WrittenTerm = keyof WrittenTerms;

/** Where and when the terms are to hold, and how their words are called where they were written. */
export interface TermsPlace {
  readonly scope: RuleScope['kind'];
  /** 0: the own slot. */
  readonly level: number;
  readonly product?: string | undefined;
  readonly firstDay: string | null;
  readonly call: (term: WrittenTerm) => string;
}

/** A term by its flag. */
export const asFlag = (term: WrittenTerm): string =>
  term === 'brackets' ? '--marginal or --whole' : `--${parted(term, '-')}`;
/** A term by its key in a file. */
export const asKey = (term: WrittenTerm): string => parted(term, '_');
const parted = (term: string, by: string) => term.replace(/[A-Z]|\d+/g, (start) => by + start.toLowerCase());

/** What is wrong with terms, and with which of them: a file shows where that one stands. */
const wrong = (term: WrittenTerm, code: string, message: string, hint?: string) =>
  new UsageError(code, message, { ...(hint === undefined ? {} : { hint }), details: { term } });

/**
 * Reads terms; what words mean beside each other is checked here, once for the command line and for files.
 * Source: SEMANTICS §3.
 * @throws UsageError `terms_missing`, `terms_twice`, `terms_mixed`, `brackets_*`, `window_missing`, `currency_*`, or what
 *   rates and amounts complain about; its details name the `term`
 */
export function readTerms(written: WrittenTerms, place: TermsPlace): RuleTerms {
  const kind = kindOf(written, place);
  refuseMixture(kind, written, place);
  const at = reading(place);
  const code = readCurrency(written, place);
  const { percentage, tiered, base, window } = written;
  const rate = (text: string) => parseRate(text, { allowOver100: written.allowOver100 === true });
  const amount = (term: 'flat' | 'minSale' | 'capSale' | 'capWindow', least: bigint) => {
    const text = written[term];
    return text === undefined ? null : at(term, () => readAmount(text, code!, least));
  };
  const brackets = tiered === undefined ? [] : at('tiered', () => readBrackets(tiered, code!, rate));
  return {
    ...UNSAID,
    kind,
    includes: written.include === true,
    base: base ?? 'net',
    onRest: written.onRest === true,
    ratePpm: percentage === undefined ? null : at('percentage', () => rate(percentage)),
    flatMinor: amount('flat', 0n),
    bracketFrom: tiered === undefined ? null : brackets.map(({ from }) => from),
    bracketPpm: tiered === undefined ? null : brackets.map(({ ratePpm }) => ratePpm),
    bracketMode: written.brackets ?? null,
    windowKind: window ?? null,
    windowPer: window === undefined ? null : (written.per ?? ownerOf(place.scope)),
    limitProducts: written.onlyProducts === undefined ? null : rising(written.onlyProducts),
    minSaleMinor: amount('minSale', 1n),
    capSaleMinor: amount('capSale', 1n),
    capWindowMinor: amount('capWindow', 1n),
    firstSaleOnly: written.firstSaleOnly === true,
    earningMonths: written.earningMonths ?? null,
    territory: written.territory === undefined ? null : rising(written.territory.map(readCountry)),
    currency: code,
    paysIn: written.paysIn ?? null,
    note: written.note ?? null,
  };
}

/** Terms as they are written: read again, they are the same. */
export function writeTerms(terms: RuleTerms): WrittenTerms {
  const { currency } = terms;
  const amount = (minor: bigint | null) => (minor === null ? undefined : formatMinor(minor, currency!));
  const said = <T>(value: T | null) => value ?? undefined;
  const isOver100 = (ppm: number | null) => ppm !== null && ppm > WHOLE_PPM;
  return {
    percentage: terms.ratePpm === null ? undefined : formatRate(terms.ratePpm),
    flat: amount(terms.flatMinor),
    tiered: said(writeBrackets(terms))?.join(', '),
    brackets: said(terms.bracketMode),
    exclude: terms.kind === 'exclude' || undefined,
    include: terms.includes || undefined,
    base: terms.base === 'net' ? undefined : terms.base,
    onRest: terms.onRest || undefined,
    window: said(terms.windowKind),
    per: said(terms.windowPer),
    onlyProducts: said(terms.limitProducts),
    territory: said(terms.territory),
    minSale: amount(terms.minSaleMinor),
    capSale: amount(terms.capSaleMinor),
    capWindow: amount(terms.capWindowMinor),
    firstSaleOnly: terms.firstSaleOnly || undefined,
    earningMonths: said(terms.earningMonths),
    currency: said(currency),
    paysIn: said(terms.paysIn),
    allowOver100: isOver100(terms.ratePpm) || terms.bracketPpm?.some(isOver100) === true || undefined,
    note: said(terms.note),
  };
}

// ── Words beside each other ───────────────────────────────────────────────────────────────────────────────────────

function kindOf(written: WrittenTerms, { call }: TermsPlace): RuleTerms['kind'] {
  const { percentage, flat, tiered } = written;
  const earns = (['percentage', 'flat', 'tiered'] as const).filter((term) => written[term] !== undefined);
  if (written.exclude === true) {
    if (earns.length === 0) return 'exclude';
    throw wrong(
      'exclude',
      'terms_twice',
      `${call('exclude')} and ${call(earns[0]!)} exclude each other: a rule says one thing`,
    );
  }
  if (tiered !== undefined) {
    if (earns.length === 1) return 'tiered';
    throw wrong(
      'tiered',
      'terms_twice',
      `${call('tiered')} has rates of its own: ${call(earns[0]!)} cannot stand beside it`,
    );
  }
  if (percentage !== undefined) return flat === undefined ? 'percentage' : 'hybrid';
  if (flat !== undefined) return 'flat';
  throw new UsageError('terms_missing', 'what is the rule to say?', {
    hint: `give ${call('percentage')} 12.5%, ${call('flat')} 5.00 ${call('currency')} EUR, both, ${call('tiered')} "0:4%,200:6%", or ${call('exclude')}`,
  });
}

const AMOUNTS = ['flat', 'tiered', 'minSale', 'capSale', 'capWindow'] as const;
const LIMITS = [
  'onlyProducts',
  'territory',
  'minSale',
  'capSale',
  'capWindow',
  'firstSaleOnly',
  'earningMonths',
  'paysIn',
] as const;

/** Words that mean nothing beside each other are a misunderstanding, not a default. */
function refuseMixture(kind: RuleTerms['kind'], written: WrittenTerms, { level, product, call }: TermsPlace): void {
  const has = (term: WrittenTerm) => written[term] !== undefined && written[term] !== false;
  const refuse = (unless: boolean, term: WrittenTerm, why: string) => {
    if (has(term) && !unless) throw wrong(term, 'terms_mixed', `${call(term)} ${why}`);
  };
  const takesShare = kind === 'percentage' || kind === 'hybrid' || kind === 'tiered';
  refuse(takesShare, 'base', 'belongs to a rate: nothing else has a base');
  refuse(takesShare && level > 0, 'onRest', 'belongs to a rate of an override: only that has levels below it');
  refuse(kind !== 'exclude', 'include', `and ${call('exclude')} contradict each other`);
  for (const limit of LIMITS)
    refuse(kind !== 'exclude', limit, `limits what is earned, and ${call('exclude')} earns nothing`);
  for (const clock of ['firstSaleOnly', 'earningMonths'] as const) {
    refuse(
      level === 0,
      clock,
      'belongs to the own slot: an override follows the earning clock of the rule that won the account',
    );
  }
  refuse(product === undefined, 'onlyProducts', `cannot narrow a rule of product '${product}' any further`);

  refuse(kind === 'tiered', 'brackets', `belongs to ${call('tiered')}`);
  if (kind === 'tiered' && !has('brackets')) {
    throw wrong(
      'tiered',
      'brackets_mode_missing',
      `what does a bracket's rate apply to? say ${call('brackets')}`,
      'marginal: to the part of the window inside the bracket; whole: to all of it, trued up when the window has closed',
    );
  }
  const counts = kind === 'tiered' || has('capWindow');
  refuse(counts, 'window', `belongs to ${call('tiered')} or ${call('capWindow')}: nothing else is counted`);
  refuse(counts, 'per', `belongs to ${call('tiered')} or ${call('capWindow')}: nothing else is counted`);
  if (counts && !has('window')) {
    const counted = kind === 'tiered' ? 'tiered' : 'capWindow';
    throw wrong(
      counted,
      'window_missing',
      `over what time is ${call(counted)} counted?`,
      `give ${call('window')} month, quarter, year or lifetime`,
    );
  }
  if (written.brackets === 'whole') {
    refuse(
      written.window !== 'lifetime',
      'window',
      'lifetime never closes, and whole brackets are trued up when it does',
    );
    for (const term of ['capSale', 'capWindow', 'paysIn'] as const) {
      refuse(false, term, 'cannot stand beside whole brackets: their true-up could not honour it');
    }
  }
  refuse(
    !has('capWindow'),
    'paysIn',
    `cannot stand beside ${call('capWindow')}: a window is counted in the currency of its sales`,
  );
  refuse(AMOUNTS.some(has), 'currency', 'belongs to an amount: a percentage pays in the currency of the sale');
}

function readCurrency(written: WrittenTerms, place: TermsPlace): string | null {
  const { firstDay, call } = place;
  for (const term of ['currency', 'paysIn'] as const) {
    const code = written[term];
    if (code === undefined) continue;
    reading(place)(term, () => currency(code));
    if (firstDay !== null && !isCurrencyUsedOn(code, firstDay)) {
      throw wrong(term, 'currency_withdrawn', `${code} is not in use on ${firstDay}`);
    }
  }
  const named = AMOUNTS.find((term) => written[term] !== undefined);
  if (named !== undefined && written.currency === undefined) {
    throw wrong(
      named,
      'currency_missing',
      `in which currency is ${call(named)} ${written[named]}?`,
      `give ${call('currency')} EUR`,
    );
  }
  return written.currency ?? null;
}

// ── Values ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** Whose window it is where nobody says: the scope's own, or the earning partner's. */
function ownerOf(scope: RuleScope['kind']): NonNullable<RuleTerms['windowPer']> {
  return scope === 'instance' || scope === 'account' ? scope : 'partner';
}

function readAmount(text: string, currency: string, least: bigint): bigint {
  const minor = parseDecimal(text, currency);
  if (minor < 0n) throw new UsageError('amount_negative', `the amount '${text}' is negative`);
  if (minor < least) throw new UsageError('amount_zero', `the amount '${text}' is nothing: leave it out, or exclude`);
  return minor;
}

interface Bracket {
  readonly from: bigint;
  readonly ratePpm: number;
}

function readBrackets(text: string, currency: string, rate: (text: string) => number): Bracket[] {
  const brackets = text.split(',').map((part): Bracket => {
    const match = /^\s*([^:]+):([^:]+)$/.exec(part);
    if (match === null) {
      throw new UsageError('brackets_syntax', `'${part.trim().slice(0, 40)}' is no bracket`, {
        hint: 'write FROM:RATE for each, as 0:4%,200:6%,400:8%',
      });
    }
    return { from: readAmount(match[1]!, currency, 0n), ratePpm: rate(match[2]!) };
  });
  if (brackets[0]!.from !== 0n) {
    throw new UsageError(
      'brackets_first',
      `the first bracket begins at ${formatMinor(brackets[0]!.from, currency)}, and what lies below it has no rate`,
      {
        hint: 'begin with 0:RATE; 0:0% where nothing is earned there',
      },
    );
  }
  brackets.slice(1).forEach(({ from }, n) => {
    const before = brackets[n]!.from;
    if (from > before) return;
    throw new UsageError(
      'brackets_rise',
      `a bracket from ${formatMinor(from, currency)} follows one from ${formatMinor(before, currency)}`,
      {
        hint: 'write brackets from the lowest to the highest, each bound once',
      },
    );
  });
  return brackets;
}

/** Reads a country, ISO 3166 alpha-2, as events have them. @throws UsageError `country_invalid` */
function readCountry(text: string): string {
  const code = text.trim().toUpperCase();
  const { known, instead } = isCountry(code);
  if (known) return code;
  throw wrong(
    'territory',
    'country_invalid',
    `'${text.slice(0, 40)}' is no country code`,
    instead === null ? 'write the two letters of ISO 3166-1 each, as DE,AT' : `did you mean ${instead}?`,
  );
}

/** Each once, in one order: what says the same looks the same. */
function rising(list: readonly string[]): string[] {
  return [...new Set(list)].sort();
}

/** Names the term that a reader of rates or amounts complains about. */
function reading({ call }: TermsPlace): <T>(term: WrittenTerm, read: () => T) => T {
  return (term, read) => {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { code, message } = error;
      const hint = code === 'rate_over_100' ? `say ${call('allowOver100')} if that is meant` : error.hint;
      throw wrong(term, code, message, hint);
    }
  };
}
