import { UsageError } from '../domain/errors.ts';

/**
 * What the readers of record files have in common. A reader is fed bytes and calls a sink, synchronously; whoever
 * feeds it keeps the pace. So a file of any size passes through in constant memory, and the readers stay pure.
 */

/** Where a record stands: its first line, and its bytes `[start, end)` with the line end that closes it. */
export interface RecordSpan {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

/** Why a record, or a value in it, cannot be taken. `column` counts from 1; both are null where no column is to blame. */
export interface RecordProblem {
  readonly column: number | null;
  readonly field: string | null;
  /** Stable snake_case. */
  readonly code: string;
  readonly reason: string;
  /** What to do about it; '' where the reason says it all. */
  readonly remedy: string;
}

export interface RecordSink {
  /** The names of the columns, once, before any record. Throws to refuse the file. */
  header(names: readonly string[], span: RecordSpan): void;
  /** A well-formed record. `fields` is reused for the next one: take what you need now. */
  record(fields: readonly string[], span: RecordSpan): void;
  /** A record that cannot be read; the ones after it can. */
  reject(span: RecordSpan, problem: RecordProblem): void;
}

export interface RecordReader {
  /** @throws UsageError where the damage makes the rest of the file unreadable. */
  push(chunk: Buffer): void;
  /** No more bytes. @throws UsageError as `push` does, and for an empty file. */
  end(): void;
}

/** How the records of a file are written, by its name. */
export function formatOfName(name: string): 'csv' | 'ndjson' {
  return /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : 'csv';
}

/** One field may not be longer: nothing an invoice carries is, and one unclosed quote makes such a field. */
export const FIELD_LIMIT = 1024 * 1024;

/** Records are buffered whole up to here; a longer one is passed over without being kept. */
export const RECORD_LIMIT = 8 * FIELD_LIMIT;

/** `file:line:column (field) reason — remedy`, the one spelling of a place in a file. */
function describeProblem(file: string, line: number, problem: RecordProblem): string {
  const column = problem.column === null ? '' : `:${problem.column}`;
  const field = problem.field === null ? '' : ` (${problem.field})`;
  const remedy = problem.remedy === '' ? '' : ` — ${problem.remedy}`;
  return `${file}:${line}${column}${field} ${problem.reason}${remedy}`;
}

/** How many lines are named of what is wrong in the same way. */
const NAMED_LINES = 5;

/**
 * What is wrong with a file, a line for each kind: what is the same in many records is said once, with the first of their
 * lines, and what a record has wrong for two of its events once. `all`: whether these are all there are.
 */
export function describeProblems(
  file: string,
  problems: readonly (RecordProblem & { readonly line: number })[],
  all: boolean,
): string[] {
  const kinds = new Map<string, (RecordProblem & { readonly line: number })[]>();
  for (const problem of problems) {
    const kind = JSON.stringify([problem.column, problem.field, problem.reason, problem.remedy]);
    const known = kinds.get(kind);
    if (known === undefined) kinds.set(kind, [problem]);
    else if (known.at(-1)!.line !== problem.line) known.push(problem);
  }
  return [...kinds.values()].map(([first, ...others]) => {
    const told = describeProblem(file, first!.line, first!);
    if (others.length === 0) return told;
    const lines = others.slice(0, NAMED_LINES).map(({ line }) => line);
    const more = others.length > lines.length ? ' …' : '';
    return `${told}; so in ${others.length + 1}${all ? '' : ' or more'} records (lines ${[first!.line, ...lines].join(', ')}${more})`;
  });
}

/** The file as a whole cannot be read, and no part of it may be: not even with --partial. */
export function unreadableFile(file: string, line: number, problem: RecordProblem): UsageError {
  const { code, remedy, ...place } = problem;
  return new UsageError(code, describeProblem(file, line, { ...problem, remedy: '' }), {
    ...(remedy === '' ? {} : { hint: remedy }),
    details: { file, line, column: place.column, field: place.field, reason: place.reason },
  });
}

/** Cuts a value that goes into a message. */
export function shorten(text: string, limit = 40): string {
  return text.length <= limit ? text : `${text.slice(0, limit)}…`;
}
