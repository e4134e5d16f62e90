import type { Programme, Rule } from './words.ts';

/** 10 % of net for everybody, always: what is changed to say what is meant. */
export const PLAIN_RULE: Rule = {
  version: 1,
  rule: 1,
  level: 0,
  scope: 'programme',
  target: null,
  product: null,
  from: null,
  to: null,
  knownFrom: 0,
  knownUntil: null,
  kind: 'percentage',
  includes: false,
  base: 'net',
  onRest: false,
  ratePpm: 100_000,
  flat: null,
  brackets: null,
  mode: null,
  window: null,
  products: null,
  minSale: null,
  capSale: null,
  capWindow: null,
  firstSaleOnly: false,
  earningMonths: null,
  territory: null,
  currency: null,
  paysIn: null,
};

/** One instance of one partner, another partner beside it, and nothing has happened yet. */
export const ONE_PARTNER: Programme = {
  seed: 0,
  partners: [
    { code: 'partner-1', house: false },
    { code: 'partner-2', house: false },
  ],
  instances: ['inst-1'],
  products: [],
  accounts: [],
  agreements: [{ instance: 'inst-1', partner: 'partner-1', from: null, to: null }],
  tiers: [],
  parents: [],
  slots: [],
  shareCaps: [],
  rules: [],
  rates: [],
  sales: [],
  steps: [],
};
