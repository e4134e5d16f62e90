import type { WrittenTerms } from '../../../domain/written-terms.ts';
import { readCurrency } from '../../currency-reading.ts';
import { flag, listOf, option, type Input, wholeNumber } from '../../parameters.ts';

/** What a rule may say, as flags. */
export const termParameters = {
  percentage: option('--percentage <rate>', 'a share of the base, as 12.5%; with --flat both'),
  flat: option('--flat <amount>', 'an amount per sale'),
  tiered: option('--tiered <brackets>', 'rates by what the window holds: "0:4%,200:6%,400:8%"'),
  marginal: flag('--marginal', 'each bracket rates what lies inside it; a sale that straddles a bound is sliced'),
  whole: flag('--whole', 'the bracket reached rates the whole window, trued up when it has closed'),
  exclude: flag('--exclude', 'earn nothing, whatever a wider rule or rate says'),
  include: flag('--include', 'with a rate: earn in spite of an exclusion at a wider scope'),
  base: option('--base <base>', 'what a rate is taken of; default net', {
    choices: ['net', 'gross', 'margin'] as const,
  }),
  onRest: flag('--on-rest', 'of an override: of what the levels below it leave'),
  window: option('--window <time>', 'what brackets and --cap-window are counted over', {
    choices: ['month', 'quarter', 'year', 'lifetime'] as const,
  }),
  per: option('--per <owner>', "whose sales are counted; default the scope's instance or account, else the partner", {
    choices: ['partner', 'instance', 'account'] as const,
  }),
  onlyProducts: option('--only-products <codes>', 'sales of these products alone, as goods,support', {
    read: listOf('--only-products'),
  }),
  territory: option('--territory <countries>', 'sales in these countries alone, as DE,AT', {
    read: listOf('--territory'),
  }),
  minSale: option('--min-sale <amount>', 'sales of at least this much'),
  capSale: option('--cap-sale <amount>', 'at most this much a sale'),
  capWindow: option('--cap-window <amount>', 'at most this much in a --window'),
  firstSaleOnly: flag('--first-sale-only', "an account's first paid sale alone"),
  earningMonths: option('--earning-months <n>', "for so many months from an account's first paid sale", {
    read: wholeNumber('--earning-months', 1, 600),
  }),
  currency: option('--currency <code>', 'of every amount above, ISO 4217', { read: readCurrency }),
  paysIn: option('--pays-in <code>', "convert what is earned at the sale date's rate; default the sale's currency", {
    read: readCurrency,
  }),
  allowOver100: flag('--allow-over-100', 'a rate above 100% is meant'),
};

/** The flags as terms; of --marginal and --whole one word is left. */
export function termsOfFlags({ marginal, whole, ...terms }: Input<typeof termParameters>): WrittenTerms {
  return { ...terms, brackets: whole ? 'whole' : marginal ? 'marginal' : undefined };
}
