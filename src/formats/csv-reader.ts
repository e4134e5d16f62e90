import { isAscii } from 'node:buffer';
import { CsvScanner, type Damage, type ScanSink } from './csv-scanner.ts';
import { assertReadableStart } from './file-signatures.ts';
import {
  FIELD_LIMIT,
  RECORD_LIMIT,
  shorten,
  unreadableFile,
  type RecordProblem,
  type RecordReader,
  type RecordSink,
} from './records.ts';
import { createFieldDecoder, type FieldDecoder } from './text-encodings.ts';

export interface CsvOptions {
  /** One character; ',' unless told. */
  readonly delimiter?: string;
  /** One character, '"' unless told; '' for files that know no quoting. */
  readonly quote?: string;
  /** 'utf-8' (with or without a byte order mark), 'latin1' or 'windows-1252'. */
  readonly encoding?: string;
}

const NON_ASCII = /[\x80-\xff]/;

/**
 * Reads CSV as RFC 4180 writes it, strictly, LF and CRLF alike; blank lines are passed over. The first record names
 * the columns. Each record comes with the line it begins on and its bytes in the file. Damage that ends with its
 * record is handed to `sink.reject`; what makes the rest unreadable throws.
 * @param file name for messages
 * @throws UsageError `file_empty`, `header_blank`, `header_duplicate`, `header_damaged`, `quote_unclosed`,
 *   `encoding_utf16`, `file_not_text`, and what `sink.header` throws
 */
export function createCsvReader(file: string, options: CsvOptions, sink: RecordSink): RecordReader {
  return new CsvReader(file, options, sink);
}

class CsvReader implements RecordReader, ScanSink {
  readonly #file: string;
  readonly #sink: RecordSink;
  readonly #decoder: FieldDecoder;
  readonly #delimiter: string;
  readonly #quote: string;
  #scanner: CsvScanner | null = null;
  #header: readonly string[] | null = null;
  /** Reused for every record, as the sink is told. */
  readonly #span = { line: 0, start: 0, end: 0 };
  readonly #decoded: string[] = [];
  /** What the bytes now being scanned may hold; what they do not hold is not looked for in each record. */
  #mayHoldNul = false;
  #mayHoldNonAscii = false;

  constructor(file: string, options: CsvOptions, sink: RecordSink) {
    this.#file = file;
    this.#sink = sink;
    this.#delimiter = options.delimiter ?? ',';
    this.#quote = options.quote ?? '"';
    this.#decoder = createFieldDecoder(options.encoding ?? 'utf-8');
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    let bytes = chunk;
    if (this.#scanner === null) {
      const offset = assertReadableStart(this.#file, chunk);
      bytes = chunk.subarray(offset);
      this.#scanner = new CsvScanner({ delimiter: this.#delimiter, quote: this.#quote, offset }, this);
    }
    const held = this.#scanner.holding;
    this.#mayHoldNul = (held && this.#mayHoldNul) || bytes.includes(0);
    this.#mayHoldNonAscii = (held && this.#mayHoldNonAscii) || !isAscii(bytes);
    this.#scanner.push(bytes.toString('latin1'));
  }

  end(): void {
    this.#scanner?.end();
    if (this.#header === null) {
      throw unreadableFile(this.#file, 1, {
        column: null,
        field: null,
        code: 'file_empty',
        reason: 'the file is empty',
        remedy: 'its first line must name the columns',
      });
    }
  }

  scanned(fields: readonly string[], line: number, start: number, end: number): void {
    const span = this.#span;
    span.line = line;
    span.start = start;
    span.end = end;
    const header = this.#header;
    if (header === null) {
      this.#readHeader(fields);
      return;
    }
    if (fields.length !== header.length) {
      this.#sink.reject(span, wrongFieldCount(fields.length, header));
      return;
    }
    if (this.#mayHoldNul) {
      const index = fields.findIndex((field) => field.includes('\0'));
      if (index !== -1) {
        this.#sink.reject(span, this.#problem(index + 1, 'nul_byte', 'holds a NUL byte', 'remove it'));
        return;
      }
    }
    if (!this.#mayHoldNonAscii) {
      this.#sink.record(fields, span);
      return;
    }
    const decoded = this.#decode(fields);
    if (decoded !== null) this.#sink.record(decoded, span);
  }

  damaged(line: number, start: number, end: number, damage: Damage): void {
    const span = this.#span;
    span.line = line;
    span.start = start;
    span.end = end;
    const problem = this.#describe(damage);
    if (this.#header === null) {
      throw unreadableFile(this.#file, line, { ...problem, code: 'header_damaged' });
    }
    this.#sink.reject(span, problem);
  }

  unclosed(line: number, column: number): never {
    throw unreadableFile(
      this.#file,
      line,
      this.#problem(
        column,
        'quote_unclosed',
        'opens a quote that is never closed, so the rest of the file cannot be read',
        'close the quote, or double it where it is part of the text',
      ),
    );
  }

  #readHeader(fields: readonly string[]): void {
    const refuse = (column: number, field: string | null, code: string, reason: string, remedy: string): never => {
      throw unreadableFile(this.#file, this.#span.line, { column, field, code, reason, remedy });
    };
    const names: string[] = [];
    const seen = new Map<string, number>();
    for (const [index, bytes] of fields.entries()) {
      const column = index + 1;
      const text = this.#decoder.decode(bytes);
      if (text === null) {
        return refuse(
          column,
          null,
          'header_damaged',
          `the header is not valid ${this.#decoder.encoding}`,
          ENCODING_REMEDY,
        );
      }
      const name = text.trim();
      if (name.includes('\0')) refuse(column, null, 'header_damaged', 'the header holds a NUL byte', 'remove it');
      if (name === '')
        refuse(column, null, 'header_blank', 'this column has no name', 'name every column in the first line');
      const first = seen.get(name);
      if (first !== undefined) {
        refuse(column, name, 'header_duplicate', `column ${first} has this name already`, 'rename one of the two');
      }
      seen.set(name, column);
      names.push(name);
    }
    this.#sink.header(names, this.#span);
    this.#header = names;
  }

  /** The fields as text, or null after rejecting the record. */
  #decode(fields: readonly string[]): readonly string[] | null {
    const decoded = this.#decoded;
    decoded.length = fields.length;
    for (let index = 0; index < fields.length; index += 1) {
      const bytes = fields[index]!;
      if (!NON_ASCII.test(bytes)) {
        decoded[index] = bytes;
        continue;
      }
      const text = this.#decoder.decode(bytes);
      if (text === null) {
        const at = this.#decoder.firstInvalid(bytes);
        const byte = bytes.charCodeAt(at).toString(16).toUpperCase().padStart(2, '0');
        const reason = `is not valid ${this.#decoder.encoding}: byte ${at + 1} of the field is 0x${byte} (the record begins at byte ${this.#span.start} of the file)`;
        this.#sink.reject(this.#span, this.#problem(index + 1, 'invalid_encoding', reason, ENCODING_REMEDY));
        return null;
      }
      decoded[index] = text;
    }
    return decoded;
  }

  #describe(damage: Damage): RecordProblem {
    const { code, column, fieldLine } = damage;
    const where = fieldLine === this.#span.line ? '' : ` (the field begins on line ${fieldLine})`;
    switch (code) {
      case 'text_after_quote':
        return this.#problem(
          column,
          code,
          `has text after its closing quote${where}`,
          'double every quote inside a quoted field, and close it once',
        );
      case 'quote_in_field':
        return this.#problem(
          column,
          code,
          `has a quote and is not quoted itself${where}`,
          'put the field in quotes and double the quote inside it',
        );
      case 'stray_carriage_return':
        return this.#problem(
          column,
          code,
          `has a carriage return that ends no line${where}`,
          'end lines with LF or CRLF, and quote fields with line breaks',
        );
      case 'field_too_large':
        return this.#problem(
          column,
          code,
          `is longer than ${FIELD_LIMIT} bytes`,
          'shorten it; look for a quote that is not closed',
        );
      case 'record_too_large':
        return this.#problem(
          column,
          code,
          `the record is longer than ${RECORD_LIMIT} bytes`,
          'shorten it; look for a missing line end',
        );
    }
  }

  #problem(column: number | null, code: string, reason: string, remedy: string): RecordProblem {
    return { column, field: column === null ? null : (this.#header?.[column - 1] ?? null), code, reason, remedy };
  }
}

const ENCODING_REMEDY = 'save the file as UTF-8, or name its encoding in the mapping: [csv] encoding = "windows-1252"';

function wrongFieldCount(count: number, header: readonly string[]): RecordProblem {
  const column = Math.min(count, header.length) + 1;
  return {
    column,
    field: header[column - 1] ?? null,
    code: 'field_count',
    reason: `has ${count} ${count === 1 ? 'field' : 'fields'}, the header has ${header.length}`,
    remedy:
      count > header.length
        ? 'quote the fields that hold the delimiter'
        : `fill in what is missing, from ${shorten(header[column - 1] ?? '')} on`,
  };
}
