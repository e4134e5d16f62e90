import type { Connection } from '../../db/connection.ts';
import {
  insertPartnerTerms,
  partnerTermsVersions,
  retirePartnerTerms,
  type StoredTerms,
} from '../../db/queries/partner-terms.ts';
import { assertSomeDay, rangeText } from '../../domain/date-ranges.ts';
import { UsageError } from '../../domain/errors.ts';
import type { AmountsByCurrency } from '../../domain/partner-limits.ts';
import { parsePrice } from '../../domain/prices.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { findProductId } from '../rule/resolve-rule.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver, versionOn, type VersionStore } from '../versions/say-over.ts';
import { termsView, unlimited, type PartnerTerms } from './terms-view.ts';

/** What is to be said; undefined leaves what was, null takes a limit away. */
export interface NewPartnerTerms {
  readonly maxDiscountPpm?: number | null | undefined;
  readonly territory?: readonly string[] | null | undefined;
  readonly products?: readonly string[] | null | undefined;
  /** Of `currency`, as typed; the other currencies stay. */
  readonly minimumOrder?: string | null | undefined;
  readonly creditLimit?: string | null | undefined;
  /** Default the partner's. */
  readonly currency?: string | undefined;
  readonly cookieDays?: number | null | undefined;
  readonly firstPurchaseOnly?: boolean | null | undefined;
  readonly recurringMonths?: number | null | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const NOTHING: StoredTerms = {
  ...{ maxDiscountPpm: null, territory: null, productIds: null, minimumOrder: {}, creditLimit: {} },
  ...{ cookieDays: null, firstPurchaseOnly: null, recurringMonths: null },
};

/**
 * Says what a partner may agree by itself over `[from, to)`: what is not given stays, what was said on those days is
 * retired and kept. What was agreed before stays as it is. Writes, unless it says exactly this already.
 * Throws NotFoundError `partner_not_found`, `product_not_found`, UsageError `nothing_to_change`, `window_empty` and for amounts that cannot be.
 */
export async function setPartnerTerms(
  ctx: Context,
  code: string,
  input: NewPartnerTerms,
): Promise<{ terms: PartnerTerms; changed: boolean }> {
  const { from = today(ctx), to = null, currency: _currency, ...said } = input;
  if (Object.values(said).every((value) => value === undefined)) {
    throw new UsageError('nothing_to_change', `nothing is said of what partner ${code} may agree`, {
      hint: 'give a limit; none takes one away',
    });
  }
  const days = { from, to };
  assertSomeDay(days);
  return await ctx.write(async (tx) => {
    const partner = await findPartner(tx, code, from);
    const change = await changeOf(tx, input, partner.currency);
    const draw = drawOnce(tx, `terms of partner ${code} ${rangeText(days)}`);
    const changed = await sayOver(termsStore(tx, partner.id), days, change, draw);
    const version = versionOn(await partnerTermsVersions(tx, partner.id), from);
    return { terms: version === undefined ? unlimited(code) : await termsView(tx, code, version), changed };
  });
}

async function changeOf(
  tx: Connection,
  input: NewPartnerTerms,
  partnersCurrency: string,
): Promise<(was: StoredTerms | null) => StoredTerms> {
  const { maxDiscountPpm, territory, products, cookieDays, firstPurchaseOnly, recurringMonths } = input;
  const { currency = partnersCurrency } = input;
  const productIds = products == null ? products : await identitiesOf(tx, products);
  const given = {
    ...(maxDiscountPpm === undefined ? {} : { maxDiscountPpm }),
    ...(territory === undefined ? {} : { territory: territory === null ? null : [...new Set(territory)].sort() }),
    ...(productIds === undefined ? {} : { productIds }),
    ...(cookieDays === undefined ? {} : { cookieDays }),
    ...(firstPurchaseOnly === undefined ? {} : { firstPurchaseOnly }),
    ...(recurringMonths === undefined ? {} : { recurringMonths }),
  };
  const minimumOrder = amountChange(input.minimumOrder, currency);
  const creditLimit = amountChange(input.creditLimit, currency);
  return (was) => {
    const before = was ?? NOTHING;
    return {
      ...{ ...before, ...given },
      minimumOrder: minimumOrder(before.minimumOrder),
      creditLimit: creditLimit(before.creditLimit),
    };
  };
}

/** Throws NotFoundError `product_not_found`: a limit to what nobody ever sold would let nothing through. */
async function identitiesOf(tx: Connection, products: readonly string[]): Promise<number[]> {
  const ids = new Set<number>();
  for (const product of products) ids.add(await findProductId(tx, product));
  return [...ids].sort((a, b) => a - b);
}

/** What an amount that was typed makes of those in force, one currency at a time. */
function amountChange(
  text: string | null | undefined,
  currency: string,
): (was: AmountsByCurrency) => AmountsByCurrency {
  if (text === undefined) return (was) => was;
  // It travels as a number of JSON; what parsePrice lets through is exact as one.
  const minor = text === null ? null : Number(parsePrice(text, currency));
  return (was) => {
    const { [currency]: _, ...others } = was;
    return minor === null ? others : { ...others, [currency]: minor };
  };
}

function termsStore(tx: Connection, partnerId: number): VersionStore<StoredTerms> {
  return {
    read: async () =>
      (await partnerTermsVersions(tx, partnerId)).map((row) => ({
        ...{ id: row.id, valid: row.valid, retiredSeq: row.retiredSeq },
        says: storedTerms(row),
      })),
    retire: async (ids, knownSeq) => await retirePartnerTerms(tx, ids, knownSeq),
    insert: async ({ valid, says, knownSeq }) => await insertPartnerTerms(tx, partnerId, { ...says, valid, knownSeq }),
    text: (says) =>
      JSON.stringify({ ...says, minimumOrder: sorted(says.minimumOrder), creditLimit: sorted(says.creditLimit) }),
  };
}

const sorted = (amounts: AmountsByCurrency) => Object.entries(amounts).sort(([a], [b]) => (a < b ? -1 : 1));

/** In one order, so that equal terms are equal texts. */
function storedTerms(row: StoredTerms): StoredTerms {
  const { maxDiscountPpm, territory, productIds, minimumOrder, creditLimit } = row;
  const { cookieDays, firstPurchaseOnly, recurringMonths } = row;
  return {
    ...{ maxDiscountPpm, territory, productIds, minimumOrder, creditLimit },
    ...{ cookieDays, firstPurchaseOnly, recurringMonths },
  };
}
