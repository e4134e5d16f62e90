import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Connection } from '../../db/connection.ts';
import { rejectedRecords } from '../../db/queries/revenue-intake.ts';
import { RefusedError } from '../../domain/errors.ts';
import { draftFile, type Draft } from '../../files/publish.ts';
import { writeCsv } from '../../formats/list-csv.ts';
import type { RecordFile } from './stage-file.ts';

/** The two files that --partial leaves of what it left out. */
export interface RejectsFiles {
  /** The header and the rejected records, byte for byte: to be mended and imported. */
  readonly records: string;
  /** Why, one line for each thing wrong. */
  readonly reasons: string;
}

export interface PendingRejects {
  readonly files: RejectsFiles;
  publish(): Promise<void>;
  discard(): Promise<void>;
}

/** Where rejects go: beside the file, unless a place is named. */
export function rejectsFiles(file: RecordFile, named: string | undefined): RejectsFiles {
  const records = named ?? `${file.path}.rejected.${file.format}`;
  return { records, reasons: `${records.replace(/\.(csv|ndjson|jsonl|txt)$/i, '')}.reasons.csv` };
}

/**
 * Writes both files to the disk, under names nobody looks for; publishing them waits for the commit, because a file of
 * rejects beside an import that never happened would lose every good row for the one who mends it.
 * @throws RefusedError `rejects_exist` where a file is in the way that says something else: somebody may be mending it
 */
export async function writeRejects(
  tx: Connection,
  file: RecordFile,
  headerEnd: number,
  files: RejectsFiles,
): Promise<PendingRejects> {
  const drafts: Draft[] = [];
  const discard = async (): Promise<void> => {
    for (const draft of drafts) await draft.discard();
  };
  try {
    const records = await draftFile(files.records);
    drafts.push(records);
    const reasons = await draftFile(files.reasons);
    drafts.push(reasons);
    await writeBoth(tx, file, headerEnd, records, reasons);
    await reasons.finish();
    const { sha256 } = await records.finish();
    if (await holdsOther(records.path, sha256)) {
      throw new RefusedError('rejects_exist', `${files.records} exists and says something else`, {
        hint: 'nothing was imported; import what was mended in it, move it away, or name another file with --rejects',
      });
    }
  } catch (error) {
    await discard();
    throw error;
  }
  return {
    files,
    async publish() {
      for (const draft of drafts) await draft.publish();
    },
    discard,
  };
}

const HEADING = ['line', 'column', 'field', 'code', 'reason', 'remedy', 'line_in_rejects'];

async function writeBoth(
  tx: Connection,
  file: RecordFile,
  headerEnd: number,
  records: Draft,
  reasons: Draft,
): Promise<void> {
  const copier = new RecordCopier(file, records);
  await copier.copy(0, headerEnd);
  await reasons.write(Buffer.from(writeCsv(HEADING, [])));
  for await (const some of rejectedRecords(tx)) {
    const told: string[][] = [];
    for (const record of some) {
      const problems = [...record.problems].sort((a, b) => (a.column ?? 0) - (b.column ?? 0));
      for (const { column, field, code, reason, remedy } of problems) {
        const cells = [record.line, column ?? '', field ?? '', code, reason, remedy, copier.lines + 1];
        told.push(cells.map((cell) => spreadsheetText(String(cell))));
      }
      await copier.copy(record.start, record.end);
    }
    await reasons.write(Buffer.from(writeCsv(told[0]!, told.slice(1))));
  }
  await copier.flush();
}

async function holdsOther(path: string, sha256: string): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  return hash.digest('hex') !== sha256;
}

/** Reasons quote the file, and people open them in a spreadsheet: what it would run as a formula stays text. */
function spreadsheetText(cell: string): string {
  return /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

const WINDOW_BYTES = 1024 * 1024;
const LF = 10;

/** Copies stretches of a file, in its order, through one window: rejected records are small and may be many. */
class RecordCopier {
  /** How many lines have been copied. */
  lines = 0;
  readonly #file: RecordFile;
  readonly #to: Draft;
  #window: Buffer = Buffer.alloc(0);
  #windowStart = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(file: RecordFile, to: Draft) {
    this.#file = file;
    this.#to = to;
  }

  /** Bytes [start, end), closed with a line end where they have none. */
  async copy(start: number, end: number): Promise<void> {
    let last = LF;
    for (let at = start; at < end;) {
      const bytes = (await this.#bytesAt(at)).subarray(0, end - at);
      if (bytes.length === 0) break;
      for (let found = bytes.indexOf(LF); found !== -1; found = bytes.indexOf(LF, found + 1)) this.lines += 1;
      last = bytes[bytes.length - 1]!;
      at += bytes.length;
      await this.#write(bytes);
    }
    if (last !== LF) {
      this.lines += 1;
      await this.#write(Buffer.from('\n'));
    }
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (bytes.length > 0) await this.#to.write(bytes);
  }

  async #write(bytes: Buffer): Promise<void> {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= WINDOW_BYTES) await this.flush();
  }

  /** Some bytes from there on; none at the end of the file. A window is never written over: slices of it wait. */
  async #bytesAt(at: number): Promise<Buffer> {
    if (at < this.#windowStart || at >= this.#windowStart + this.#window.length) {
      const { bytesRead, buffer } = await this.#file.handle.read(Buffer.allocUnsafe(WINDOW_BYTES), 0, WINDOW_BYTES, at);
      this.#window = buffer.subarray(0, bytesRead);
      this.#windowStart = at;
    }
    return this.#window.subarray(at - this.#windowStart);
  }
}
