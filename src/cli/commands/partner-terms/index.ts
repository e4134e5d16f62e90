import { parseCountry } from '../../../domain/codes.ts';
import { parseDate } from '../../../domain/dates.ts';
import { parseRate } from '../../../domain/rates.ts';
import { setPartnerTerms } from '../../../services/partner-terms/set-terms.ts';
import {
  showPartnerTerms,
  type PartnerTerms,
  type PartnerTermsDetails,
} from '../../../services/partner-terms/show-terms.ts';
import { partnerChoices } from '../../choices.ts';
import type { Command } from '../../command.ts';
import { readCurrency } from '../../currency-reading.ts';
import { showCommand, type NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { argument, listOf, option, orNone, readText, wholeNumber } from '../../parameters.ts';

const c = columnsOf<PartnerTerms>();

/** What a partner may agree by itself; what is blank is not limited. */
const termsRows: NounRows<PartnerTerms> = {
  noun: 'terms',
  plural: 'terms',
  id: (row) => row.partner,
  columns: [
    c.code('partner', (row) => row.partner),
    c.date('from', (row) => row.from),
    c.date('to', (row) => row.to),
    c.rate('max_discount', (row) => row.maxDiscountPpm),
    c.text('territory', (row) => row.territory),
    c.text('products', (row) => row.products),
    c.amounts('minimum_order', (row) => row.minimumOrder),
    c.amounts('credit_limit', (row) => row.creditLimit),
    c.number('cookie_days', (row) => row.cookieDays),
    c.flag('first_purchase_only', (row) => row.firstPurchaseOnly),
    c.number('recurring_months', (row) => row.recurringMonths),
    c.number('known_seq', (row) => row.knownSeq),
    c.number('retired_seq', (row) => row.retiredSeq, { detail: true }),
    c.actor('set_by', (row) => row.setBy),
    c.instant('set_at', (row) => row.setAt),
  ],
};

const setup = ['partner create acme --name "Acme Resale" --type reseller --currency EUR'];
const partner = argument<string>('PARTNER', 'the partner', { ask: { message: 'Partner:', choices: partnerChoices } });
const countries = (text: string) => listOf('--territory')(text).map((code) => parseCountry(code.toUpperCase()));
const on = option('--on <date>', 'as it is on this day (default today)', { read: parseDate });

const set = mutation({
  rows: termsRows,
  verb: 'set',
  summary: 'say what a partner may agree by itself from a day on',
  description:
    'Says over [--from, --to) within what a partner may sell: how far below the list price, to customers of which ' +
    'countries, which products, orders of at least how much a cycle, and how much wholesale it may owe. A new account, a ' +
    'new subscription or another price that passes a limit is refused, and says which. The days of a cookie and what of a ' +
    'customer’s purchases counts are kept as data. What is not given stays; none takes a limit away.',
  parameters: {
    partner,
    maxDiscountPpm: option('--max-discount <rate>', 'at most so far below the list price, as 15%', {
      read: orNone((text) => parseRate(text)),
    }),
    territory: option('--territory <countries>', 'customers of these countries alone, as DE,AT', {
      read: orNone(countries),
    }),
    products: option('--products <codes>', 'plans of these products alone', { read: orNone(listOf('--products')) }),
    minimumOrder: option('--minimum-order <amount>', 'a subscription asks at least this much a cycle', {
      read: orNone((text) => readText(text, '--minimum-order')),
    }),
    creditLimit: option('--credit-limit <amount>', 'it may owe at most this much wholesale', {
      read: orNone((text) => readText(text, '--credit-limit')),
    }),
    currency: option('--currency <code>', "of both amounts; default the partner's", { read: readCurrency }),
    cookieDays: option('--cookie-days <n>', 'how long a click counts', {
      read: orNone(wholeNumber('--cookie-days', 0, 3650)),
    }),
    firstPurchaseOnly: option('--first-purchase-only <yes|no>', 'whether only the first purchase counts', {
      choices: ['yes', 'no', 'none'],
    }),
    recurringMonths: option('--recurring-months <n>', 'for how many months purchases count', {
      read: orNone(wholeNumber('--recurring-months', 1, 1200)),
    }),
    from: option('--from <date>', "first day; default today in the programme's zone", { read: parseDate }),
    to: option('--to <date>', 'first day it is no longer so; default never', { read: parseDate }),
  },
  previews: true,
  examples: [
    { command: 'partner-terms set acme --max-discount 15% --territory DE,AT --from 2026-01-01', setup },
    { command: 'partner-terms set acme --minimum-order 50 --credit-limit 5000', setup },
    { command: 'partner-terms set acme --cookie-days 30 --recurring-months 12 --dry-run', setup },
  ],
  async run(ctx, { partner: code, firstPurchaseOnly: answer, ...input }, say) {
    const firstPurchaseOnly = answer === 'none' ? null : answer === undefined ? undefined : answer === 'yes';
    const { terms, changed } = await setPartnerTerms(ctx, code, { ...input, firstPurchaseOnly });
    if (!changed) say(`partner ${code} may agree exactly this already: nothing changed`);
    return terms;
  },
  done: (row) => `what partner ${row.partner} may agree holds from ${row.from ?? 'ever'} on`,
});

const show = showCommand<PartnerTermsDetails, { on: typeof on }>({
  ...termsRows,
  summary: 'show what a partner may agree by itself, and every version of it',
  argument: partner,
  options: { on },
  sections: [section('versions', termsRows.columns.slice(1), (row) => row.versions)],
  find: async (ctx, code, options) => await showPartnerTerms(ctx, code, options.on),
  examples: [
    { command: 'partner-terms show acme', setup },
    { command: 'partner-terms show acme --on 2026-10-31 --json', setup },
  ],
});

export const commands: readonly Command[] = [set, show];
