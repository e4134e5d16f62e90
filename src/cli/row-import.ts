import { ExitCode } from '../domain/errors.ts';
import { rowsLeftOut, type RowProblem } from '../services/rejected-rows.ts';
import type { Context } from '../services/context.ts';
import type { Command } from './command.ts';
import { mutation, type MutationDeclaration } from './mutation.ts';
import { columnsOf, type Column } from './output/columns.ts';
import { argument, flag } from './parameters.ts';

/** What the import of a file of named columns has read. */
interface RowsImported {
  readonly file: string;
  readonly read: number;
  readonly problems: readonly RowProblem[];
}

/** What such an import is asked for. */
interface RowImportRequest {
  readonly file: string;
  /** What messages call it. */
  readonly label: string;
  readonly partial: boolean;
}

interface RowImportDeclaration<R extends RowsImported> {
  /** The noun of the command, as it is typed. */
  readonly typed: string;
  /** What is imported, one and many. */
  readonly noun: string;
  readonly summary: string;
  /** Which columns the file has, up to the example: '… with these columns:' */
  readonly columnsTold: string;
  /** The rest of the description, but for what a wrong row does. */
  readonly told: string;
  readonly example: string;
  /** A row that is refused, to be seen with --partial. */
  readonly wrongRow: string;
  readonly setup: readonly string[];
  /** What it prints between `read` and `rejected`, and after that. */
  readonly counted: readonly Column<R>[];
  readonly besides: readonly Column<R>[];
  readonly id?: (row: R) => string;
  run(ctx: Context, request: RowImportRequest): Promise<R>;
  done(row: R): string;
}

/**
 * Makes the command that imports a file of named columns, all of it or, with --partial, its good rows: CSV, or NDJSON by
 * the ending of its name.
 */
export function rowImport<R extends RowsImported>(declaration: RowImportDeclaration<R>): Command {
  const { typed, noun, example, setup } = declaration;
  const c = columnsOf<R>();
  const [whole, mixed] = [`${noun}.csv`, 'mixed.csv'];
  const files = { [whole]: example, [mixed]: `${example}${declaration.wrongRow}\n` };
  const parameters = {
    file: argument('FILE', 'the file'),
    partial: flag('--partial', 'import the good rows and leave the others out'),
  };
  const command: MutationDeclaration<R, typeof parameters> = {
    rows: {
      noun,
      plural: noun,
      id: declaration.id ?? ((row) => row.file),
      columns: [
        c.text('file', (row) => row.file),
        c.number('read', (row) => row.read),
        ...declaration.counted,
        c.number('rejected', (row) => row.problems.length),
        ...declaration.besides,
      ],
    },
    verb: 'import',
    summary: declaration.summary,
    description: [
      `Imports a CSV, or a file .ndjson of objects, ${declaration.columnsTold}:`,
      example.trimEnd().replaceAll(/^(?=.)/gm, '  '),
      `${declaration.told} A wrong row refuses the file by line and column; --partial leaves it out instead (exit code 6).`,
    ].join('\n\n'),
    parameters,
    previews: true,
    examples: [
      { command: `${typed} import ${whole}`, setup, files },
      { command: `${typed} import ${whole} --dry-run`, setup, files },
      { command: `${typed} import ${mixed} --partial`, setup, files, exit: ExitCode.partial },
    ],
    run: async (ctx, { file, partial }, _say, path) =>
      await declaration.run(ctx, { file: path(file), label: file, partial }),
    done: (row) => declaration.done(row),
    partly: (row, dryRun) => (row.problems.length === 0 ? null : rowsLeftOut(row, dryRun)),
  };
  return mutation(command);
}
