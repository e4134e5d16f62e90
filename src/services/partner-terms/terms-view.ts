import type { Connection } from '../../db/connection.ts';
import { productCodes, type PartnerTermsRow } from '../../db/queries/partner-terms.ts';
import type { AmountsByCurrency } from '../../domain/partner-limits.ts';
import { formatMinor } from '../../domain/money.ts';
import { stampOf, UNSAID, type VersionStamp } from '../versions/version-stamp.ts';

/** What a partner may agree over some days, and who said so. */
export interface PartnerTerms extends VersionStamp {
  readonly partner: string;
  readonly maxDiscountPpm: number | null;
  readonly territory: readonly string[] | null;
  readonly products: readonly string[] | null;
  /** '50.00 EUR', by currency. */
  readonly minimumOrder: readonly string[];
  readonly creditLimit: readonly string[];
  readonly cookieDays: number | null;
  readonly firstPurchaseOnly: boolean | null;
  readonly recurringMonths: number | null;
}

export async function termsView(tx: Connection, partner: string, row: PartnerTermsRow): Promise<PartnerTerms> {
  const { maxDiscountPpm, territory, productIds, cookieDays, firstPurchaseOnly, recurringMonths } = row;
  return {
    ...{ partner, maxDiscountPpm, territory, cookieDays, firstPurchaseOnly, recurringMonths },
    products: productIds === null ? null : await productCodes(tx, productIds),
    minimumOrder: amounts(row.minimumOrder),
    creditLimit: amounts(row.creditLimit),
    ...stampOf(row),
  };
}

/** A partner of whom nothing is said: it may agree what it likes. */
export function unlimited(partner: string): PartnerTerms {
  return {
    ...{ partner, maxDiscountPpm: null, territory: null, products: null, minimumOrder: [], creditLimit: [] },
    ...{ cookieDays: null, firstPurchaseOnly: null, recurringMonths: null, ...UNSAID },
  };
}

function amounts(byCurrency: AmountsByCurrency): string[] {
  return Object.entries(byCurrency)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, minor]) => `${formatMinor(BigInt(minor), code)} ${code}`);
}
