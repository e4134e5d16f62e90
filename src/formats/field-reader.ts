import { UsageError } from '../domain/errors.ts';
import type { RecordProblem } from './records.ts';

/** Reads a field of a record by its place, or tells what is wrong with it by its column. */
export type FieldReader = <T>(index: number, parse: (text: string) => T) => T;

/** Leaves a record at its first wrong field. */
export class WrongField extends Error {
  readonly problem: RecordProblem;
  constructor(problem: RecordProblem) {
    super(problem.reason);
    this.problem = problem;
  }
}

/** @throws WrongField from the reader, where `parse` throws a UsageError */
export function fieldReader(header: readonly string[], fields: readonly string[]): FieldReader {
  return (index, parse) => {
    try {
      return parse((fields[index] ?? '').trim());
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const { code, message, hint = '' } = error;
      throw new WrongField({ column: index + 1, field: header[index] ?? null, code, reason: message, remedy: hint });
    }
  };
}
