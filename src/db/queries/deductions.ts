import { asc, eq, isNull } from 'drizzle-orm';
import type { AmountsByCurrency } from '../../domain/partner-limits.ts';
import type { TaxForm } from '../../domain/tax-forms.ts';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import type { DateRange } from '../schema/column-types.ts';
import { deductionTerms } from '../schema/deductions.ts';

/** What a version says, as it is stored. */
export interface StoredDeductions {
  readonly form: TaxForm | null;
  readonly withholdingPpm: number | null;
  readonly fees: AmountsByCurrency;
}

export type DeductionRow = VersionRow & StoredDeductions;

/** Every version of a partner's deductions, or of the programme's for null, in the order in which it became known. */
export async function deductionVersions(tx: Connection, partnerId: number | null): Promise<DeductionRow[]> {
  return await tx.orm
    .select()
    .from(deductionTerms)
    .where(partnerId === null ? isNull(deductionTerms.partnerId) : eq(deductionTerms.partnerId, partnerId))
    .orderBy(asc(deductionTerms.knownSeq), asc(deductionTerms.valid));
}

export const retireDeductions = retiring(deductionTerms);

export async function insertDeductions(
  tx: Connection,
  partnerId: number | null,
  version: StoredDeductions & { readonly valid: DateRange; readonly knownSeq: number },
): Promise<void> {
  await tx.orm.insert(deductionTerms).values({ ...version, partnerId });
}

/** Whoever says anything on a day, the programme first: its code, or null. */
export async function deductionsInForce(
  tx: Connection,
  day: string,
): Promise<(DeductionRow & { readonly partner: string | null })[]> {
  return [
    ...(await tx.sql<(DeductionRow & { partner: string | null })[]>`
      select d.id::int, p.code as partner, d.form, d.withholding_ppm as "withholdingPpm", d.fees,
        json_build_object('from', lower(d.valid), 'to', upper(d.valid)) as valid, d.known_seq::int as "knownSeq",
        d.retired_seq::int as "retiredSeq", d.created_by as "createdBy", d.recorded_at as "recordedAt"
      from deduction_terms d left join partners p on p.id = d.partner_id
      where d.retired_seq is null and d.valid @> ${day}::date
      order by p.code collate "C" nulls first`),
  ];
}

/** What everybody may know by now. */
export async function knownNow(tx: Connection): Promise<number> {
  const [row] = await tx.sql<{ known: number }[]>`select coalesce(max(known_seq), 0)::int as known from known_changes`;
  return row!.known;
}
