import { UsageError } from '../../domain/errors.ts';
import { earningsExportV1 } from '../earnings/export-v1.ts';
import type { ExportSchema } from './schema.ts';

/** Every version of every export that a manifest may name. A new one is a line here; none is ever taken away. */
const SCHEMAS: readonly ExportSchema[] = [earningsExportV1];

/** Throws UsageError `export_schema_unknown`. */
export function exportSchema(name: string, version: number): ExportSchema {
  const found = SCHEMAS.find((schema) => schema.name === name && schema.version === version);
  if (found === undefined) {
    throw new UsageError('export_schema_unknown', `this revshare knows no export '${name}' version ${version}`, {
      hint: `it knows ${SCHEMAS.map((schema) => `${schema.name} version ${schema.version}`).join(', ')}; a later version may know more`,
    });
  }
  return found;
}
