import type { OutputFormat } from '../../config.ts';
import { csvCell, tsvLine, cellText } from './cells.ts';
import type { Paint } from './color.ts';
import { toRecord, type Column } from './columns.ts';
import { plainJson } from './plain-text.ts';
import type { TableText } from './table.ts';
import type { Writer } from './writer.ts';

/** Loaded when a table is drawn: a pipe never draws one. */
const tables = async () => await import('./table.ts');

/** How rows are to be printed, and where to. */
export interface PrintSettings {
  readonly out: Writer;
  readonly paint: Paint;
  /** What was asked for; null: a table on a terminal, TSV in a pipe. */
  readonly format: OutputFormat | null;
  readonly isTTY: boolean;
  /** Width to fit a table to; null where nothing is cut. */
  readonly columns: number | null;
  /** Logins prove nobody: on the embedded server anyone at the machine can use any. */
  readonly actorsClaimed: boolean;
  /** Says something beside what was asked for, on stderr. */
  note(text: string): Promise<void>;
}

/** Whether a table is drawn: for people, who would rather look than read. */
export function drawsTable({ format, isTTY }: PrintSettings): boolean {
  return format === 'table' || (format === null && isTTY);
}

/** Rows that belong to one row: the versions of a rule, the agreements of an instance. */
export interface Section<R> {
  /** snake_case; the key in JSON, the title elsewhere. */
  readonly name: string;
  /** Whether it names who did something. */
  readonly actors: boolean;
  /** The table below its title; null where there are no rows. */
  table(paint: Paint, columns: number | null, row: R): Promise<TableText | null>;
  records(row: R): Record<string, unknown>[];
}

/** Declares a section of a `show`: its columns and where its rows are found. */
export function section<R, S>(
  name: string,
  columns: readonly Column<S>[],
  rowsOf: (row: R) => readonly S[],
): Section<R> {
  return {
    name,
    actors: namesActors(columns),
    async table(paint, width, row) {
      const rows = rowsOf(row);
      const shown = columns.filter(({ detail }) => !detail);
      return rows.length === 0 ? null : await (await tables()).tableText(shown, rows, paint, width);
    },
    records: (row) => rowsOf(row).map((one) => toRecord(columns, one)),
  };
}

/** Prints the rows of a list in the format asked for. */
export async function printList<R>(
  settings: PrintSettings,
  columns: readonly Column<R>[],
  rows: readonly R[],
  id: (row: R) => string,
): Promise<void> {
  const { out } = settings;
  const format = settings.format ?? (settings.isTTY ? 'table' : 'tsv');
  switch (format) {
    case 'table': {
      if (rows.length === 0) return;
      const shown = columns.filter(({ detail }) => !detail);
      const { tableText } = await tables();
      const { text, hidden } = await tableText(shown, rows, settings.paint, settings.columns);
      await out.write(text);
      await noteHidden(settings, hidden);
      return await noteActors(settings, namesActors(shown));
    }
    case 'json':
      return await out.write(
        `${plainJson(
          rows.map((row) => withActors(settings, toRecord(columns, row), namesActors(columns))),
          2,
        )}\n`,
      );
    case 'ndjson':
      return await out.write(
        rows
          .map((row) => `${plainJson(withActors(settings, toRecord(columns, row), namesActors(columns)))}\n`)
          .join(''),
      );
    case 'csv':
      return await out.write(await csvText(columns, rows));
    case 'tsv':
      await out.write(rows.map((row) => tsvLine(columns, row)).join(''));
      return await noteActors(settings, rows.length > 0 && namesActors(columns));
    case 'id':
      return await out.write(rows.map((row) => `${cellText(id(row))}\n`).join(''));
  }
}

/** Prints one row: fields on a terminal, `field<TAB>value` lines in a pipe, otherwise what its list would print. */
export async function printRow<R>(
  settings: PrintSettings,
  columns: readonly Column<R>[],
  row: R,
  id: (row: R) => string,
  sections: readonly Section<R>[] = [],
): Promise<void> {
  const { out, paint } = settings;
  const actors = namesActors(columns) || sections.some((one) => one.actors);
  switch (settings.format) {
    case 'json':
    case 'ndjson': {
      const record = withActors(settings, rowRecord(columns, row, sections), actors);
      return await out.write(`${plainJson(record, settings.format === 'json' ? 2 : undefined)}\n`);
    }
    case 'csv':
    case 'tsv':
    case 'id':
      return await printList(settings, columns, [row], id);
    case null:
    case 'table':
      if (settings.format === null && !settings.isTTY) {
        await out.write(columns.map(({ name, cell }) => `${name}\t${cellText(cell(row))}\n`).join(''));
        return await noteActors(settings, namesActors(columns));
      }
      await out.write((await tables()).fieldsText(columns, row, paint));
      await printSections(settings, row, sections);
      await noteActors(settings, actors);
  }
}

const namesActors = <R>(columns: readonly Column<R>[]): boolean => columns.some(({ kind }) => kind === 'actor');

/** In JSON it stands beside the names themselves, where a reader of them cannot miss it. */
function withActors<T extends object>({ actorsClaimed }: PrintSettings, record: T, actors: boolean): T {
  return actorsClaimed && actors ? { ...record, actors: 'claimed' } : record;
}

/** SEMANTICS §7: on the embedded server reports call the actors claimed. */
async function noteActors({ actorsClaimed, note }: PrintSettings, actors: boolean): Promise<void> {
  if (actorsClaimed && actors) await note('actors are claimed: at this machine anyone can use any login');
}

async function printSections<R>(settings: PrintSettings, row: R, sections: readonly Section<R>[]): Promise<void> {
  const { out, paint } = settings;
  const hidden: string[] = [];
  for (const { name, table } of sections) {
    const made = await table(paint, settings.columns, row);
    if (made === null) continue;
    await out.write(`\n${paint('bold', name.replaceAll('_', ' '))}\n${made.text}`);
    hidden.push(...made.hidden);
  }
  await noteHidden(settings, hidden);
}

async function noteHidden(settings: PrintSettings, hidden: readonly string[]): Promise<void> {
  if (hidden.length === 0) return;
  const columns = hidden.length === 1 ? '1 column' : `${hidden.length} columns`;
  const names = hidden.map((name) => name.replaceAll('_', ' ')).join(', ');
  await settings.note(`${columns} hidden (${names}); -o json shows all`);
}

/** A row as JSON shows it: its columns, then its sections. */
export function rowRecord<R>(
  columns: readonly Column<R>[],
  row: R,
  sections: readonly Section<R>[] = [],
): Record<string, unknown> {
  return {
    ...toRecord(columns, row),
    ...Object.fromEntries(sections.map((one) => [one.name, one.records(row)])),
  };
}

async function csvText<R>(columns: readonly Column<R>[], rows: readonly R[]): Promise<string> {
  const { writeCsv } = await import('../../formats/list-csv.ts');
  return writeCsv(
    columns.map(({ name }) => name),
    rows.map((row) => columns.map(({ kind, cell }) => csvCell(kind, cell(row)))),
  );
}
