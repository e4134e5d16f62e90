import { FIELD_LIMIT, RECORD_LIMIT } from './records.ts';

/**
 * Splits CSV (RFC 4180) into records and fields, over text in which one character is one byte. It knows nothing of
 * headers and encodings. csv-parse was measured first: 220,000 rows a second once it is asked where a record stands,
 * and it cannot go on after damage; this does over a million.
 */
export interface ScanSink {
  /** `fields` is reused for the next record. */
  scanned(fields: readonly string[], line: number, start: number, end: number): void;
  /** One record is damaged; scanning goes on behind it. `column` counts from 1. */
  damaged(line: number, start: number, end: number, damage: Damage): void;
  /** A quote is never closed: the rest of the file is inside it. Must throw. */
  unclosed(line: number, column: number): never;
}

export interface Damage {
  readonly code:
    'text_after_quote' | 'quote_in_field' | 'stray_carriage_return' | 'field_too_large' | 'record_too_large';
  readonly column: number | null;
  /** Line on which the field at fault begins; differs from the record's when an earlier field has line breaks. */
  readonly fieldLine: number;
}

/** A record of usual size is never waited for. */
const PATIENCE = 512 * 1024;

const LF = 10;
const CR = 13;

/** An oversized record on its way past: nothing of it is kept but where its quotes opened. */
interface Passing {
  readonly line: number;
  readonly start: number;
  at: number;
  inQuotes: boolean;
  afterQuote: boolean;
  column: number;
  fieldLength: number;
  largeColumn: number | null;
  openLine: number;
  openColumn: number;
}

export class CsvScanner {
  readonly #sink: ScanSink;
  readonly #delimiter: string;
  /** '' where the file knows no quoting. */
  readonly #quote: string;
  readonly #quoteCode: number;
  readonly #fields: string[] = [];
  #text = '';
  /** Byte offset of `#text` in the file, and the line its first character is on. */
  #base: number;
  #line = 1;
  #passing: Passing | null = null;
  /** Not before so much is there is it worth looking whether the record being held has ended. */
  #scanAgainAt = 0;

  constructor(options: { delimiter: string; quote: string; offset: number }, sink: ScanSink) {
    this.#sink = sink;
    this.#delimiter = options.delimiter;
    this.#quote = options.quote;
    this.#quoteCode = options.quote === '' ? -1 : options.quote.charCodeAt(0);
    this.#base = options.offset;
  }

  /** Whether part of a record is still being held. */
  get holding(): boolean {
    return this.#text !== '' || this.#passing !== null;
  }

  push(text: string): void {
    let added = text;
    if (this.#passing !== null) {
      const rest = this.#pass(added);
      if (rest === null) return;
      added = rest;
    }
    this.#text = this.#text === '' ? added : this.#text + added;
    if (this.#text.length < this.#scanAgainAt) return;
    this.#scan(false);
    // A record that fills the whole buffer is read from its beginning each time: waiting for twice as much keeps the
    // work in proportion to its size.
    this.#scanAgainAt = this.#text.length > PATIENCE ? Math.min(2 * this.#text.length, RECORD_LIMIT) : 0;
    if (this.#text.length > RECORD_LIMIT) this.#beginPassing();
  }

  end(): void {
    if (this.#passing !== null) {
      if (this.#passing.inQuotes) this.#sink.unclosed(this.#passing.openLine, this.#passing.openColumn);
      this.#finishPassing();
    }
    this.#scan(true);
  }

  #scan(final: boolean): void {
    const text = this.#text;
    const length = text.length;
    // Where the next of each stands, at or after `pos`; looked for again only once passed, so no stretch is read twice.
    let delimiterAt = -1;
    let returnAt = -1;
    let quoteAt = this.#quote === '' ? Infinity : -1;
    let pos = 0;
    while (pos < length) {
      let newline = text.indexOf('\n', pos);
      if (newline === -1) {
        if (!final) break;
        newline = length;
      }
      if (quoteAt < pos) quoteAt = find(text, this.#quote, pos);
      if (quoteAt < newline) {
        const next = this.#scanQuoted(text, pos, final);
        if (next === -1) break;
        pos = next;
        continue;
      }

      const next = Math.min(newline + 1, length);
      const end = newline > pos && text.charCodeAt(newline - 1) === CR ? newline - 1 : newline;
      if (end > pos) {
        if (returnAt < pos) returnAt = find(text, '\r', pos);
        let count = 0;
        let from = pos;
        for (;;) {
          if (delimiterAt < from) delimiterAt = find(text, this.#delimiter, from);
          if (delimiterAt >= end) break;
          this.#fields[count] = text.slice(from, delimiterAt);
          count += 1;
          from = delimiterAt + 1;
        }
        this.#fields[count] = text.slice(from, end);
        count += 1;
        if (this.#fields.length !== count) this.#fields.length = count;
        if (returnAt < end) {
          const column = this.#fields.findIndex((field) => field.includes('\r')) + 1;
          this.#damaged(pos, next, { code: 'stray_carriage_return', column, fieldLine: this.#line });
        } else {
          this.#scanned(pos, next);
        }
      }
      this.#line += 1;
      pos = next;
    }
    this.#text = pos === 0 ? text : text.slice(pos);
    this.#base += pos;
  }

  /** One record that has a quote in it. Returns where the next one begins, or -1 when its end is not here yet. */
  #scanQuoted(text: string, start: number, final: boolean): number {
    const length = text.length;
    const quote = this.#quote;
    let count = 0;
    let pos = start;
    for (;;) {
      if (text.charCodeAt(pos) === this.#quoteCode) {
        const opened = pos;
        let value = '';
        let from = pos + 1;
        for (;;) {
          const close = text.indexOf(quote, from);
          if (close === -1) {
            if (!final) return -1;
            this.#sink.unclosed(this.#line + newlines(text, start, opened), count + 1);
          }
          // The character after a quote decides whether it was a doubled one, so it has to be here.
          if (close + 1 >= length && !final) return -1;
          value += text.slice(from, close);
          if (text.charCodeAt(close + 1) !== this.#quoteCode) {
            pos = close + 1;
            break;
          }
          value += quote;
          from = close + 2;
        }
        this.#fields[count] = value;
        count += 1;
        if (pos < length && text[pos] === this.#delimiter) {
          pos += 1;
          continue;
        }
        if (text.charCodeAt(pos) === CR && (pos + 1 < length || final)) pos += 1;
        else if (text.charCodeAt(pos) === CR) return -1;
        if (pos >= length || text.charCodeAt(pos) === LF) return this.#closeRecord(text, start, pos, count);
        const line = this.#line + newlines(text, start, opened);
        return this.#resume(text, start, pos, final, { code: 'text_after_quote', column: count, fieldLine: line });
      }

      const delimiter = find(text, this.#delimiter, pos);
      let newline = find(text, '\n', pos);
      if (newline === Infinity) {
        if (!final && delimiter === Infinity) return -1;
        newline = length;
      }
      const stop = Math.min(delimiter, newline);
      const last = stop === newline;
      const end = last && stop > pos && text.charCodeAt(stop - 1) === CR ? stop - 1 : stop;
      const value = text.slice(pos, end);
      this.#fields[count] = value;
      count += 1;
      const code = value.includes(quote) ? 'quote_in_field' : value.includes('\r') ? 'stray_carriage_return' : null;
      if (code !== null) {
        const line = this.#line + newlines(text, start, pos);
        return this.#resume(text, start, pos, final, { code, column: count, fieldLine: line });
      }
      if (last) return this.#closeRecord(text, start, stop, count);
      pos = stop + 1;
    }
  }

  #closeRecord(text: string, start: number, newline: number, count: number): number {
    const next = Math.min(newline + 1, text.length);
    if (this.#fields.length !== count) this.#fields.length = count;
    this.#scanned(start, next);
    this.#line += newlines(text, start, next);
    return next;
  }

  /** After damage the next line is taken to begin a record: any other guess could swallow good ones. */
  #resume(text: string, start: number, pos: number, final: boolean, damage: Damage): number {
    const newline = text.indexOf('\n', pos);
    if (newline === -1 && !final) return -1;
    const next = newline === -1 ? text.length : newline + 1;
    this.#damaged(start, next, damage);
    this.#line += newlines(text, start, next);
    return next;
  }

  #scanned(start: number, next: number): void {
    if (next - start > FIELD_LIMIT) {
      const large = this.#fields.findIndex((field) => field.length > FIELD_LIMIT);
      if (large !== -1) {
        this.#damaged(start, next, { code: 'field_too_large', column: large + 1, fieldLine: this.#line });
        return;
      }
    }
    this.#sink.scanned(this.#fields, this.#line, this.#base + start, this.#base + next);
  }

  #damaged(start: number, next: number, damage: Damage): void {
    this.#sink.damaged(this.#line, this.#base + start, this.#base + next, damage);
  }

  #beginPassing(): void {
    const text = this.#text;
    this.#text = '';
    this.#scanAgainAt = 0;
    this.#passing = {
      line: this.#line,
      start: this.#base,
      at: this.#base,
      inQuotes: false,
      afterQuote: false,
      column: 1,
      fieldLength: 0,
      largeColumn: null,
      openLine: this.#line,
      openColumn: 1,
    };
    const rest = this.#pass(text);
    if (rest !== null) {
      this.#text = rest;
      this.#scan(false);
    }
  }

  /** Follows quotes by parity to the record's end; what stands behind it is returned, null while it goes on. */
  #pass(text: string): string | null {
    const passing = this.#passing!;
    const delimiter = this.#delimiter.charCodeAt(0);
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code === this.#quoteCode) {
        passing.inQuotes = !passing.inQuotes;
        if (passing.inQuotes && !passing.afterQuote) {
          passing.openLine = this.#line;
          passing.openColumn = passing.column;
        }
        passing.afterQuote = !passing.inQuotes;
        continue;
      }
      passing.afterQuote = false;
      if (code === LF) {
        this.#line += 1;
        if (!passing.inQuotes) {
          passing.at += at + 1;
          this.#finishPassing();
          return text.slice(at + 1);
        }
      }
      if (code === delimiter && !passing.inQuotes) {
        passing.column += 1;
        passing.fieldLength = 0;
      } else {
        passing.fieldLength += 1;
        if (passing.fieldLength > FIELD_LIMIT) passing.largeColumn ??= passing.column;
      }
    }
    passing.at += text.length;
    return null;
  }

  #finishPassing(): void {
    const passing = this.#passing!;
    this.#passing = null;
    this.#base = passing.at;
    this.#sink.damaged(passing.line, passing.start, passing.at, {
      code: passing.largeColumn === null ? 'record_too_large' : 'field_too_large',
      column: passing.largeColumn,
      fieldLine: passing.line,
    });
  }
}

/** Like indexOf, but a miss is far away instead of before the beginning. */
function find(text: string, character: string, from: number): number {
  const at = text.indexOf(character, from);
  return at === -1 ? Infinity : at;
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at !== -1 && at < to; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
