import { asc, eq } from 'drizzle-orm';
import type { TaxMode } from '../../domain/invoices.ts';
import type { Connection } from '../connection.ts';
import { retiring, type VersionRow } from './dated-versions.ts';
import type { DateRange } from '../schema/column-types.ts';
import { taxModes } from '../schema/invoices.ts';

/** What a version says, as it is stored. */
export interface StoredTaxMode {
  readonly mode: TaxMode;
  readonly vatPpm: number;
  readonly taxId: string;
}

export type TaxModeRow = VersionRow & StoredTaxMode;

/** Every version of a partner's tax mode, in the order in which it became known. */
export async function taxModeVersions(tx: Connection, partnerId: number): Promise<TaxModeRow[]> {
  return await tx.orm
    .select()
    .from(taxModes)
    .where(eq(taxModes.partnerId, partnerId))
    .orderBy(asc(taxModes.knownSeq), asc(taxModes.valid));
}

export const retireTaxModes = retiring(taxModes);

export async function insertTaxMode(
  tx: Connection,
  partnerId: number,
  version: StoredTaxMode & { readonly valid: DateRange; readonly knownSeq: number },
): Promise<void> {
  await tx.orm.insert(taxModes).values({ ...version, partnerId });
}

/** Partners with a tax mode on a day, by their codes. */
export async function taxModesOn(tx: Connection, day: string): Promise<(TaxModeRow & { readonly partner: string })[]> {
  return [
    ...(await tx.sql<(TaxModeRow & { partner: string })[]>`
      select m.id::int, p.code as partner, m.mode, m.vat_ppm as "vatPpm", m.tax_id as "taxId",
        json_build_object('from', lower(m.valid), 'to', upper(m.valid)) as valid, m.known_seq::int as "knownSeq",
        m.retired_seq::int as "retiredSeq", m.created_by as "createdBy", m.recorded_at as "recordedAt"
      from tax_modes m join partners p on p.id = m.partner_id
      where m.retired_seq is null and m.valid @> ${day}::date order by p.code collate "C"`),
  ];
}
