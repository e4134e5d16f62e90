import { UsageError } from '../../domain/errors.ts';
import { commissionExportV1 } from '../commission/export-v1.ts';
import { disputeExportV1 } from '../dispute/export-v1.ts';
import { earningsExportV1 } from '../earnings/export-v1.ts';
import { invoiceExportV1 } from '../invoice/export-v1.ts';
import { ledgerExportV1 } from '../ledger/export-v1.ts';
import { payoutExportV1 } from '../payout/export-v1.ts';
import { revenueExportV1 } from '../revenue/export-v1.ts';
import { taxExportV1 } from '../tax/export-v1.ts';
import type { ExportColumn, ExportSchema } from './schema.ts';

/** Every version of every export that a manifest may name, oldest first. A new one is a line here; none is ever taken away. */
const SCHEMAS: readonly ExportSchema[] = [
  earningsExportV1,
  ledgerExportV1,
  payoutExportV1,
  commissionExportV1,
  revenueExportV1,
  disputeExportV1,
  taxExportV1,
  invoiceExportV1,
];

/** The version of an export, or its latest for null. Throws UsageError `export_schema_unknown`. */
export function exportSchema(name: string, version: number | null): ExportSchema {
  const found = SCHEMAS.findLast((schema) => schema.name === name && (version === null || schema.version === version));
  if (found === undefined) {
    const asked = version === null ? `'${name}'` : `'${name}' version ${version}`;
    throw new UsageError('export_schema_unknown', `this revshare knows no export ${asked}`, {
      hint: `it knows ${SCHEMAS.map((schema) => `${schema.name} version ${schema.version}`).join(', ')}; a later version may know more`,
    });
  }
  return found;
}

export interface DescribedColumn extends ExportColumn {
  /** From 1, left to right. */
  readonly place: number;
  readonly version: number;
}

/** What an export promises, column by column. Throws UsageError `export_schema_unknown`. */
export function describeSchema(name: string, version: number | null): DescribedColumn[] {
  const schema = exportSchema(name, version);
  return schema.columns.map((column, at) => ({ ...column, place: at + 1, version: schema.version }));
}
