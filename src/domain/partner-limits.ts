import { RefusedError } from './errors.ts';
import { formatMinor } from './money.ts';
import { formatRate, WHOLE_PPM } from './rates.ts';

/** Amounts in minor units by currency; a currency that is not named is not limited. */
export type AmountsByCurrency = Readonly<Record<string, number>>;

/** What a partner may agree by itself. What is null limits nothing. Source: SEMANTICS §1. */
export interface PartnerLimits {
  readonly maxDiscountPpm: number | null;
  /** Countries, sorted. */
  readonly territory: readonly string[] | null;
  /** Codes of products, sorted. */
  readonly products: readonly string[] | null;
  readonly minimumOrder: AmountsByCurrency;
  readonly creditLimit: AmountsByCurrency;
}

/** What is about to be agreed. Amounts of all units a cycle, in minor units. */
export interface AskedAgreement {
  readonly product: string | null;
  readonly currency: string;
  readonly price: bigint;
  readonly wholesale: bigint;
  /** What the book asks the customer; null where it says nothing. */
  readonly list: bigint | null;
  /** What the partner owes in that currency before it. */
  readonly owed: bigint;
}

/** A refusal that names the limit, its value and what was asked. */
function exceeded(partner: string, limit: string, value: string, asked: string): RefusedError {
  return new RefusedError(
    'terms_exceeded',
    `beyond what partner ${partner} may agree — ${limit}: ${value}; asked was ${asked}`,
    {
      hint: `\`revshare partner-terms show ${partner}\` shows what it may agree; \`partner-terms set\` changes it`,
      details: { partner, limit, value, asked },
    },
  );
}

/**
 * Returns when a customer of that country is the partner's to serve.
 * @throws RefusedError `terms_exceeded`
 */
export function assertTerritory(partner: string, limits: PartnerLimits, country: string | null): void {
  const { territory } = limits;
  if (territory === null || (country !== null && territory.includes(country))) return;
  throw exceeded(partner, 'territory', territory.join(', '), country ?? 'no country');
}

/**
 * Returns when the partner may agree this by itself: the product, the discount below the list price, the smallest order,
 * and what it may owe with it.
 * @throws RefusedError `terms_exceeded`
 */
export function assertAgreement(partner: string, limits: PartnerLimits, asked: AskedAgreement): void {
  const { product, currency, price, wholesale, list, owed } = asked;
  const money = (minor: bigint) => `${formatMinor(minor, currency)} ${currency}`;
  const { products, maxDiscountPpm, minimumOrder, creditLimit } = limits;
  if (products !== null && (product === null || !products.includes(product))) {
    throw exceeded(partner, 'products', products.join(', '), product ?? 'a plan of every product');
  }
  if (
    maxDiscountPpm !== null &&
    list !== null &&
    price * BigInt(WHOLE_PPM) < list * BigInt(WHOLE_PPM - maxDiscountPpm)
  ) {
    const most = `at most ${formatRate(maxDiscountPpm)} below the list price of ${money(list)}`;
    throw exceeded(partner, 'discount authority', most, money(price));
  }
  const least = minimumOrder[currency];
  if (least !== undefined && price < BigInt(least)) {
    throw exceeded(partner, 'minimum order', money(BigInt(least)), money(price));
  }
  const most = creditLimit[currency];
  if (most !== undefined && owed + wholesale > BigInt(most)) {
    const sum = `${money(wholesale)} beside ${money(owed)} that it owes`;
    throw exceeded(partner, 'credit limit', money(BigInt(most)), sum);
  }
}
