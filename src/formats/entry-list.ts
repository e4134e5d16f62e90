import { parseEntry } from '../domain/entry-number.ts';
import { UsageError } from '../domain/errors.ts';
import { createCsvReader } from './csv-reader.ts';
import { assertReadableStart } from './file-signatures.ts';
import { shorten, unreadableFile, type RecordProblem } from './records.ts';

/** An entry that a file names, and the line it stands on. */
export interface ListedEntry {
  readonly line: number;
  /** As it is written. */
  readonly entry: string;
}

const COLUMN = 'entry';

/**
 * Reads the entries of a file: a plain list, one number a line, or a CSV that has a column `entry`, as `commission list`
 * writes them. Blank lines are passed over. What a number names is nobody's business here; that it is one, is asked.
 * @param file name for messages
 * @throws UsageError `file_empty`, `entry_column_missing`, and what a CSV may be unreadable for
 */
export function readEntryList(file: string, bytes: Buffer): ListedEntry[] {
  const text = bytes.subarray(assertReadableStart(file, bytes)).toString('utf8');
  const lines = text.split(/\r?\n/).map((line, index) => ({ line: index + 1, entry: line.trim() }));
  const plain = lines.filter(({ entry }) => entry !== '');
  const [first] = plain;
  if (first === undefined) throw new UsageError('file_empty', `${file} names no entry`);
  return isNumber(first.entry) || !/[,"]|^entry$/.test(first.entry) ? plain : readColumn(file, bytes);
}

function isNumber(text: string): boolean {
  try {
    parseEntry(text);
    return true;
  } catch {
    return false;
  }
}

function readColumn(file: string, bytes: Buffer): ListedEntry[] {
  const found: ListedEntry[] = [];
  let at = -1;
  const reader = createCsvReader(
    file,
    {},
    {
      header(names, { line }) {
        at = names.indexOf(COLUMN);
        if (at !== -1) return;
        throw unreadableFile(file, line, {
          ...{ column: null, field: null, code: 'entry_column_missing' },
          reason: `there is no column '${COLUMN}' among ${shorten(names.join(', '), 200)}`,
          remedy: 'write one entry a line, or a CSV as `revshare commission list -o csv` does',
        });
      },
      record: (fields, { line }) => found.push({ line, entry: (fields[at] ?? '').trim() }),
      reject(span, problem: RecordProblem) {
        throw unreadableFile(file, span.line, problem);
      },
    },
  );
  reader.push(bytes);
  reader.end();
  return found;
}
