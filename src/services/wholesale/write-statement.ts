import { draftFile, type WrittenFile } from '../../files/publish.ts';
import { writeCsv } from '../../formats/list-csv.ts';

/** A statement as it is to be written: in one of two ways. */
export interface WrittenStatement {
  readonly format: 'csv' | 'json';
  readonly csv: { readonly heading: readonly string[]; readonly rows: readonly (readonly string[])[] };
  readonly json: string;
}

/** Writes a statement; the file appears whole or not at all. Throws UsageError `file_…`, UnavailableError `disk_full`. */
export async function writeStatement(path: string, { format, csv, json }: WrittenStatement): Promise<WrittenFile> {
  const text = format === 'csv' ? writeCsv(csv.heading, csv.rows) : `${json}\n`;
  const draft = await draftFile(path);
  try {
    await draft.write(Buffer.from(text));
    const written = await draft.finish();
    await draft.publish();
    return written;
  } catch (error) {
    await draft.discard();
    throw error;
  }
}
