import { isUtf8 } from 'node:buffer';
import { repeatedKey } from './json-keys.ts';
import { jsonErrorAt } from './json-position.ts';
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

const LF = 10;
/** A double holds any decimal of fifteen digits so exactly that it prints as it was written; not so with sixteen. */
const EXACT_DIGITS = 15;

/**
 * Reads NDJSON: one object a line, blank lines passed over. Of each object the values at `keys` are taken as text, in
 * that order; a dot leads into an object inside ('customer.id'), unless a key is spelled with it. null and absent are
 * ''. A number is taken as text only when a double holds it exactly: amounts must not change on the way in.
 * @param file name for messages
 * @param others what becomes of a record with a key that is none of these
 * @throws UsageError `file_empty`, `encoding_utf16`, `file_not_text`, and what `sink.header` throws
 */
export function createNdjsonReader(
  file: string,
  keys: readonly string[],
  sink: RecordSink,
  others: 'passed_over' | 'refused' = 'passed_over',
): RecordReader {
  return new NdjsonReader(file, keys, sink, others === 'refused' ? new Set(keys) : null);
}

class NdjsonReader implements RecordReader {
  readonly #file: string;
  readonly #keys: readonly string[];
  readonly #paths: readonly (readonly string[])[];
  readonly #sink: RecordSink;
  /** The keys that a record may have; null: any. */
  readonly #known: ReadonlySet<string> | null;
  readonly #span = { line: 0, start: 0, end: 0 };
  readonly #fields: string[];
  /** The beginning of a line whose end has not come yet, and where it stands. */
  #held: Buffer[] = [];
  #heldBytes = 0;
  #overlong = false;
  #offset = 0;
  #line = 1;
  #begun = false;
  #objects = 0;

  constructor(file: string, keys: readonly string[], sink: RecordSink, known: ReadonlySet<string> | null) {
    this.#file = file;
    this.#keys = keys;
    this.#paths = keys.map((key) => key.split('.'));
    this.#sink = sink;
    this.#known = known;
    this.#fields = keys.map(() => '');
  }

  push(chunk: Buffer): void {
    if (chunk.length === 0) return;
    let bytes = chunk;
    if (!this.#begun) {
      this.#begun = true;
      this.#offset = assertReadableStart(this.#file, chunk);
      bytes = chunk.subarray(this.#offset);
      this.#sink.header(this.#keys, { line: 1, start: 0, end: 0 });
    }
    let pos = 0;
    for (let at = bytes.indexOf(LF); at !== -1; at = bytes.indexOf(LF, pos)) {
      this.#takeLine(bytes.subarray(pos, at), 1);
      pos = at + 1;
    }
    if (pos < bytes.length) this.#hold(bytes.subarray(pos));
  }

  end(): void {
    if (this.#heldBytes > 0) this.#takeLine(Buffer.alloc(0), 0);
    if (this.#objects === 0) {
      throw unreadableFile(this.#file, 1, {
        column: null,
        field: null,
        code: 'file_empty',
        reason: 'the file is empty',
        remedy: 'write one JSON object a line',
      });
    }
  }

  #hold(part: Buffer): void {
    this.#heldBytes += part.length;
    if (this.#heldBytes > RECORD_LIMIT) {
      this.#overlong = true;
      this.#held = [];
    } else {
      this.#held.push(part);
    }
  }

  #takeLine(rest: Buffer, lineEnd: 0 | 1): void {
    const length = this.#heldBytes + rest.length;
    const line = this.#overlong || this.#held.length === 0 ? rest : Buffer.concat([...this.#held, rest]);
    const overlong = this.#overlong || length > RECORD_LIMIT;
    this.#held = [];
    this.#heldBytes = 0;
    this.#overlong = false;

    const span = this.#span;
    span.line = this.#line;
    span.start = this.#offset;
    span.end = this.#offset + length + lineEnd;
    this.#line += 1;
    this.#offset = span.end;
    if (overlong) {
      this.#objects += 1;
      this.#reject(null, null, 'record_too_large', `the line is longer than ${RECORD_LIMIT} bytes`, 'shorten it');
      return;
    }
    this.#readLine(line);
  }

  #readLine(line: Buffer): void {
    if (!isUtf8(line)) {
      this.#objects += 1;
      this.#reject(null, null, 'invalid_encoding', 'the line is not valid utf-8', 'save the file as UTF-8');
      return;
    }
    const text = line.toString('utf8').trimEnd();
    if (text.trim() === '') return;
    this.#objects += 1;

    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      const column = jsonErrorAt(text) + 1;
      const reason = `is not JSON from character ${column} on`;
      this.#reject(column, null, 'json_invalid', reason, 'write one JSON object a line');
      return;
    }
    if (parsed === null || typeof parsed !== 'object' || Array.isArray(parsed)) {
      this.#reject(null, null, 'json_not_an_object', 'the line is not a JSON object', 'write one JSON object a line');
      return;
    }
    const repeated = repeatedKey(text);
    if (repeated !== null) {
      const { key, index } = repeated;
      this.#reject(index + 1, shorten(key), 'json_key_repeated', `the key '${shorten(key)}' stands there twice`, 'keep the one that is meant'); // prettier-ignore
      return;
    }
    const unknown = this.#known === null ? undefined : Object.keys(parsed).find((key) => !this.#known!.has(key));
    if (unknown !== undefined) {
      const remedy = `the keys are ${this.#keys.join(', ')}`;
      this.#reject(null, shorten(unknown), 'column_unknown', `nothing is known of a key '${shorten(unknown)}'`, remedy);
      return;
    }
    for (let index = 0; index < this.#keys.length; index += 1) {
      const value = valueAt(parsed as Readonly<Record<string, unknown>>, this.#keys[index]!, this.#paths[index]!);
      const taken = asText(value);
      if (typeof taken !== 'string') {
        this.#reject(null, this.#keys[index]!, taken.code, taken.reason, taken.remedy);
        return;
      }
      this.#fields[index] = taken;
    }
    this.#sink.record(this.#fields, this.#span);
  }

  #reject(column: number | null, field: string | null, code: string, reason: string, remedy: string): void {
    this.#sink.reject(this.#span, { column, field, code, reason, remedy });
  }
}

function valueAt(object: Readonly<Record<string, unknown>>, key: string, path: readonly string[]): unknown {
  if (Object.hasOwn(object, key)) return object[key];
  if (path.length === 1) return undefined;
  let at: unknown = object;
  for (const part of path) {
    if (at === null || typeof at !== 'object' || !Object.hasOwn(at, part)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[part];
  }
  return at;
}

function asText(value: unknown): string | Pick<RecordProblem, 'code' | 'reason' | 'remedy'> {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return numberAsText(value);
  if (typeof value !== 'string') {
    return {
      code: 'json_not_a_value',
      reason: 'is an object or a list',
      remedy: "name a value inside it, as 'customer.id'",
    };
  }
  if (value.length > FIELD_LIMIT || Buffer.byteLength(value) > FIELD_LIMIT) {
    return { code: 'field_too_large', reason: `is longer than ${FIELD_LIMIT} bytes`, remedy: 'shorten it' };
  }
  if (value.includes('\0')) return { code: 'nul_byte', reason: 'holds a NUL character', remedy: 'remove it' };
  // Half of a pair means nothing, and would be stored as a replacement character.
  if (/\p{Surrogate}/u.test(value)) {
    return { code: 'invalid_encoding', reason: 'holds half of a surrogate pair', remedy: 'write the whole character' };
  }
  return value;
}

function numberAsText(value: number): string | Pick<RecordProblem, 'code' | 'reason' | 'remedy'> {
  const text = String(value);
  const digits = text.replaceAll(/\D/g, '').replace(/^0+/, '').replace(/0+$/, '');
  if (text.includes('e') || digits.length > EXACT_DIGITS) {
    return {
      code: 'json_number_inexact',
      reason: `the number ${shorten(text)} has too many digits to be read exactly`,
      remedy: 'write it as a string',
    };
  }
  return text;
}
