import type { ExportedFile } from '../services/export/export-file.ts';
import { columnsOf } from './output/columns.ts';

const c = columnsOf<ExportedFile>();

/** What an export prints of the file it wrote. */
export const exportedColumns = [
  c.text('file', (row) => row.path),
  c.text('manifest', (row) => row.manifestPath),
  c.number('rows', (row) => row.manifest.rows),
  c.amounts('sums', (row) => row.manifest.sums.map((sum) => `${sum.net} ${sum.currency}`)),
  c.code('as_of', (row) => row.manifest.as_of.instant),
  c.code('sha256', (row) => row.manifest.file.sha256),
];
