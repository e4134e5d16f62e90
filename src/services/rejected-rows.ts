import { PartialError, UsageError } from '../domain/errors.ts';
import { describeProblems, type RecordProblem } from '../formats/records.ts';

/** Rows of a file that cannot be, told by line and column: one spelling for every file that is read whole. */
export type RowProblem = RecordProblem & { readonly line: number };

const SHOWN = 20;

/** The refusal of a file of which nothing was imported. */
export function rowsRejected(file: string, read: number, problems: readonly RowProblem[]): UsageError {
  const count = `${problems.length} ${problems.length === 1 ? 'row' : 'rows'} cannot be imported, so nothing was`;
  return new UsageError('rows_rejected', listed(count, describeProblems(file, problems, true)), {
    hint: 'mend the file and import it again',
    details: { file, read, rejected: problems.length, problems },
  });
}

/** What ends an import of which a part was left out on purpose. */
export function rowsLeftOut(
  { file, read, problems }: { file: string; read: number; problems: readonly RowProblem[] },
  dryRun: boolean,
): PartialError {
  const count = `${problems.length} of ${read} rows were left out, ${dryRun ? 'the others would be' : 'the others are'} in`;
  return new PartialError('rows_rejected', listed(count, describeProblems(file, problems, true)), {
    hint: 'mend them and import the file again: what is in stays as it is',
    details: { file, read, rejected: problems.length, problems },
  });
}

/** A heading with the first of what it heads. */
export function listed(heading: string, lines: readonly string[]): string {
  const shown = lines.slice(0, SHOWN).map((line) => `  ${line}`);
  return [heading, ...shown, ...(lines.length > SHOWN ? ['  …'] : [])].join('\n');
}
