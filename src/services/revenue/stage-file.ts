import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { WriteRows } from '../../db/copy.ts';
import { SECOND_EVENT, stagedEventRow, stagedProblemRow } from '../../db/queries/revenue-staging.ts';
import { dayNumber } from '../../domain/dates.ts';
import { UnavailableError, UsageError } from '../../domain/errors.ts';
import { createCsvReader } from '../../formats/csv-reader.ts';
import { EventReader } from '../../formats/event-rows.ts';
import type { EventDraft } from '../../formats/event-values.ts';
import {
  bindMapping,
  LAYOUT_HINT,
  mappedColumns,
  type Binding,
  type MappedFiles,
} from '../../formats/mapping-binding.ts';
import type { Mapping } from '../../formats/mapping.ts';
import { standingOf, type LayoutReading, type ReadLayout } from '../../formats/revenue-layouts.ts';
import { createNdjsonReader } from '../../formats/ndjson-reader.ts';
import {
  formatOfName,
  type RecordProblem,
  type RecordReader,
  type RecordSink,
  type RecordSpan,
} from '../../formats/records.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import type { Staged } from './intake.ts';

/** A file of records, open from its reading to the copying of what was rejected: the same bytes both times. */
export interface RecordFile {
  readonly path: string;
  /** As it was typed: what messages call it. */
  readonly label: string;
  readonly format: 'csv' | 'ndjson';
  readonly handle: FileHandle;
  readonly bytes: number;
}

const CHUNK_BYTES = 256 * 1024;

/**
 * Opens a file for import.
 * @throws UsageError `file_not_found`, `file_not_readable`, `file_not_regular`
 */
export async function openRecordFile(path: string, label: string, format: Mapping['format']): Promise<RecordFile> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new UsageError(
      missing ? 'file_not_found' : 'file_not_readable',
      missing ? `there is no file ${label}` : `cannot read ${label}: ${(cause as Error).message}`,
      { cause },
    );
  }
  const facts = await handle.stat();
  if (!facts.isFile()) {
    await handle.close();
    // What was rejected is copied out of the file a second time, which a pipe cannot give.
    throw new UsageError('file_not_regular', `${label} is not a regular file`, { hint: 'save it to a file first' });
  }
  return {
    path,
    label,
    format: formatOf(path, format),
    handle,
    bytes: facts.size,
  };
}

/** How the records of a file are written: as its mapping says, else by its name. */
export function formatOf(path: string, told: Mapping['format']): RecordFile['format'] {
  return told ?? formatOfName(path);
}

/** A reader of a file as its mapping has it written; of NDJSON it takes `keys`, of CSV all columns. */
export function recordReader(
  { label, format }: Pick<RecordFile, 'label' | 'format'>,
  mapping: Mapping,
  keys: readonly string[],
  sink: RecordSink,
): RecordReader {
  return format === 'csv' ? createCsvReader(label, mapping.csv, sink) : createNdjsonReader(label, keys, sink);
}

/** How the records of a file become events. */
export interface FileMapping {
  readonly mapping: Mapping;
  /** A built-in layout, whose mapping of payments that is. */
  readonly layout: LayoutReading | null;
  /** What messages call it. */
  readonly label: string;
}

/** What reading a file has shown, besides its rows. */
export interface FileFacts {
  readonly staged: Staged;
  /** Bytes of the file up to the end of its header; 0 where it has none. */
  readonly headerEnd: number;
  /** Records that are no money that arrived, by what their layout says. */
  readonly passedOver: number;
}

/**
 * Streams a file's records into the staging table: good ones as events, bad ones as what is wrong with them. Memory
 * stays flat; the database works on what it has while the next chunk is read.
 * @throws UsageError where the file as a whole cannot be read or does not fit the mapping
 */
export async function stageFile(
  ctx: Context,
  file: RecordFile,
  { mapping, layout, label }: FileMapping,
  write: WriteRows,
): Promise<FileFacts> {
  const stager = new Stager(ctx.zone, today(ctx), file, { mapping, layout, label });
  const before = await file.handle.stat();
  const sha256 = createHash('sha256');
  let done = 0;
  try {
    const stream = createReadStream('', { fd: file.handle, autoClose: false, start: 0, highWaterMark: CHUNK_BYTES });
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      sha256.update(chunk);
      stager.reader.push(chunk);
      const rows = stager.takeRows();
      if (rows !== '') await write(rows);
      done += chunk.length;
      ctx.progress.step(`reading ${file.label}`, done, file.bytes);
    }
    stager.reader.end();
    const rows = stager.takeRows();
    if (rows !== '') await write(rows);
  } finally {
    ctx.progress.done();
  }
  const after = await file.handle.stat();
  if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || done !== after.size) {
    throw new UnavailableError('file_changed', `${file.label} was changed while it was being read`, {
      hint: 'nothing was imported; run the command again once the file is complete',
    });
  }
  return {
    staged: stager.result(mapping.source, basename(file.path), sha256.digest('hex')),
    headerEnd: stager.headerEnd,
    passedOver: stager.passedOver,
  };
}

/** A kind of event that a record may be, bound to the columns of the file. */
interface BoundPart {
  readonly binding: Binding;
  readonly events: EventReader;
  readonly grows: boolean;
  /** Where its amount stands; null: every record is one. */
  readonly amountAt: number | null;
}

/** Turns records into staging rows, as a sink of a reader. */
class Stager implements RecordSink {
  readonly reader: RecordReader;
  headerEnd = 0;
  passedOver = 0;
  readonly #zone: string;
  readonly #today: string;
  readonly #mapping: Mapping;
  readonly #layout: LayoutReading | null;
  readonly #files: MappedFiles;
  readonly #numbered: boolean;
  #binding: Binding | null = null;
  #parts: readonly BoundPart[] = [];
  #layoutRead: ReadLayout | null = null;
  #columns: ReadonlyMap<string, number> = new Map();
  #rows = '';
  #read = 0;
  #damaged = 0;
  #hasSales = false;
  #namesSubscriptions = false;
  #defaulted = false;
  #grows = false;

  constructor(zone: string, today: string, file: RecordFile, { mapping, layout, label }: FileMapping) {
    this.#zone = zone;
    this.#today = today;
    this.#mapping = mapping;
    this.#layout = layout;
    this.#files = { mapping: label, data: file.label, isLayout: this.#layout !== null };
    this.#numbered = file.format === 'csv';
    this.reader = recordReader(file, mapping, mappedColumns(mapping), this);
  }

  header(names: readonly string[], span: RecordSpan): void {
    this.headerEnd = span.end;
    this.#layoutRead = this.#layout?.of(names, this.#today) ?? null;
    const derived = Object.keys(this.#layoutRead?.derived ?? {});
    this.#columns = new Map([...names, ...derived].map((name, at) => [name, at]));
    const parts = this.#layoutRead?.parts ?? [{ mapping: this.#mapping, amount: null, grows: false }];
    this.#parts = parts.map(({ mapping, amount, grows }) => {
      const binding = bindMapping(mapping, [...this.#columns.keys()], this.#files, this.#numbered);
      const events = new EventReader(mapping, binding, this.#zone, this.#today);
      return { binding, events, grows, amountAt: amount === null ? null : this.#columns.get(amount)! };
    });
    this.#binding = this.#parts[0]!.binding;
    this.#assertStanding();
  }

  record(given: readonly string[], span: RecordSpan): void {
    const fields = this.#layoutRead === null ? given : this.#withDerived(given, this.#layoutRead);
    const standing = this.#layoutRead === null || standingOf(this.#layoutRead.standing, this.#columns, fields);
    if (standing === false) {
      this.passedOver += 1;
      return;
    }
    if (standing !== true) return this.reject(span, standing);
    const problems: RecordProblem[] = [];
    let rows = '';
    let events = 0;
    for (const { events: reader, amountAt, grows } of this.#parts) {
      if (amountAt !== null && !/[1-9]/.test(fields[amountAt]!)) continue;
      const draft = reader.read(fields, problems);
      if (draft === null) break;
      if (draft.saleRef !== null) this.#hasSales = true;
      if (draft.subscription !== null) this.#namesSubscriptions = true;
      if (draft.instanceDefaulted) this.#defaulted = true;
      if (grows) this.#grows = true;
      rows += eventRow(draft, { ...span, line: span.line + events * SECOND_EVENT });
      events += 1;
    }
    if (problems.length === 0) {
      this.#read += events;
      this.#rows += rows;
      return;
    }
    this.#read += 1;
    this.#damaged += 1;
    for (const problem of problems) this.#rows += stagedProblemRow({ ...span, ...problem });
  }

  #withDerived(given: readonly string[], { derived }: ReadLayout): readonly string[] {
    const value = (column: string) => given[this.#columns.get(column) ?? -1] ?? '';
    return [...given, ...Object.values(derived).map((derive) => derive(value))];
  }

  /** What tells money that arrived from an attempt must be in the file: without it every attempt would be paid for. */
  #assertStanding(): void {
    const lacking = (this.#layoutRead?.standing ?? []).find(({ column }) => !this.#columns.has(column));
    if (lacking === undefined) return;
    throw new UsageError(
      'mapping_unknown_column',
      `${this.#files.mapping}: ${this.#files.data} has no column '${lacking.column}'`,
      { hint: LAYOUT_HINT },
    );
  }

  reject(span: RecordSpan, problem: RecordProblem): void {
    this.#read += 1;
    this.#damaged += 1;
    this.#rows += stagedProblemRow({ ...span, ...problem });
  }

  takeRows(): string {
    const rows = this.#rows;
    this.#rows = '';
    return rows;
  }

  result(source: string, fileName: string, fileSha256: string): Staged {
    const binding = this.#binding!;
    return {
      source,
      origin: 'import',
      fileName,
      fileSha256,
      read: this.#read,
      damaged: this.#damaged,
      hasSales: this.#hasSales,
      namesSubscriptions: this.#namesSubscriptions,
      defaulted: this.#defaulted,
      grows: this.#grows,
      place: (field) => binding.place(field),
    };
  }
}

/** The staging row of an event. */
export function eventRow(draft: EventDraft, { line, start, end }: RecordSpan): string {
  return stagedEventRow({
    line,
    start,
    end,
    externalId: draft.externalId,
    kind: draft.kind,
    instance: draft.instance,
    instanceDefaulted: draft.instanceDefaulted,
    account: draft.account,
    product: draft.product,
    saleRef: draft.saleRef,
    currency: draft.currency,
    net: draft.net,
    gross: draft.gross,
    tax: draft.tax,
    quantity: draft.quantity,
    country: draft.country,
    transactionType: draft.transactionType,
    occurredMs: draft.occurredAt,
    occurredDay: dayNumber(draft.occurredOn),
    wholesaleNet: draft.wholesaleNet,
    saleNet: draft.saleNet,
    saleGross: draft.saleGross,
    subscription: draft.subscription,
    saleDay: draft.saleDate === null ? null : dayNumber(draft.saleDate),
  });
}
