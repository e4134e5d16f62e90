import { and, asc, eq, isNull } from 'drizzle-orm';
import type { TaxForm } from '../../domain/tax-forms.ts';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import type { DateRange } from '../schema/column-types.ts';
import { taxThresholds } from '../schema/tax.ts';

/** Whom a threshold is for: payments in a currency to who has a form on file; null: to whoever no threshold names. */
export interface TaxedPayments {
  readonly currency: string;
  readonly form: TaxForm | null;
}

/** What a version says, as it is stored. */
export interface StoredThreshold {
  readonly report: string;
  readonly amountMinor: bigint;
}

export type ThresholdRow = VersionRow & TaxedPayments & StoredThreshold;

/** Every version of a threshold, in the order in which it became known. */
export async function thresholdVersions(tx: Connection, { currency, form }: TaxedPayments): Promise<ThresholdRow[]> {
  return await tx.orm
    .select()
    .from(taxThresholds)
    .where(
      and(
        eq(taxThresholds.currency, currency),
        form === null ? isNull(taxThresholds.form) : eq(taxThresholds.form, form),
      ),
    )
    .orderBy(asc(taxThresholds.knownSeq), asc(taxThresholds.valid));
}

/** Every threshold that is said now, by currency, form and year. */
export async function liveThresholds(tx: Connection): Promise<ThresholdRow[]> {
  return await tx.orm
    .select()
    .from(taxThresholds)
    .where(isNull(taxThresholds.retiredSeq))
    .orderBy(asc(taxThresholds.currency), asc(taxThresholds.form), asc(taxThresholds.valid));
}

export const retireThresholds = retiring(taxThresholds);

export async function insertThreshold(
  tx: Connection,
  version: TaxedPayments & StoredThreshold & { readonly valid: DateRange; readonly knownSeq: number },
): Promise<void> {
  await tx.orm.insert(taxThresholds).values(version);
}
