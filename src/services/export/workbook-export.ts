import type { AsOf } from '../../db/queries/as-of.ts';
import type { ExportColumn } from '../../db/queries/export-columns.ts';
import { Workbook, type Cell, type CellKind, type SummaryLine } from '../../formats/xlsx.ts';
import type { ExportFilter, ExportSchema, ExportSum } from './schema.ts';

/** What a workbook says of itself: what its manifest says, but for who made it and when, which a repetition has otherwise. */
export interface WorkbookFacts {
  readonly programme: string;
  readonly zone: string;
  readonly founded: string;
  readonly filter: ExportFilter;
  readonly asOf: AsOf;
  readonly ruleBook: string;
  readonly rows: number;
  readonly sums: readonly ExportSum[];
}

/** An export as a workbook: a sheet of rows behind a summary. */
export class WorkbookExport {
  readonly #schema: ExportSchema;
  readonly #workbook: Workbook;

  constructor(schema: ExportSchema) {
    this.#schema = schema;
    this.#workbook = new Workbook(
      schema.name,
      schema.columns.map((column) => ({ name: column.name, kind: kindOf(column) })),
    );
  }

  /** Takes rows as the database writes cells, a JSON object a line; returns what is to be written. */
  take(block: Buffer): Buffer {
    const lines = block.toString('utf8').split('\n');
    return this.#workbook.write(
      lines.filter((line) => line !== '').map((line) => Object.values(JSON.parse(line) as Record<string, Cell>)),
    );
  }

  /** The rest, once everything is counted. */
  end({ programme, zone, founded, filter, asOf, ruleBook, rows, sums }: WorkbookFacts): Buffer {
    const { name, version, summed } = this.#schema;
    const { period, partner, instance, status, currency } = filter;
    const told: readonly (readonly [label: string, value: Cell, kind?: CellKind])[] = [
      ['export', `${name} version ${version}`],
      ['programme', programme],
      ['books founded', founded, 'instant'],
      ['period', period.label],
      ['from', period.from, 'date'],
      ['up to, not including', period.to, 'date'],
      ['zone', zone],
      ...Object.entries({ partner, instance, status, currency })
        .filter(([, value]) => value !== null)
        .map(([label, value]) => [label, value] as const),
      ['as of', asOf.instant, 'instant'],
      ['snapshot', asOf.snapshot],
      ['hash of the rule book', ruleBook],
      ['rows', rows, 'integer'],
      ['numbers of more than 15 digits', this.#workbook.flagged, 'integer'],
    ];
    const lines: SummaryLine[] = [
      ...told.map(
        ([label, value, kind = 'text']) =>
          [
            { value: label, heading: true },
            { value, kind },
          ] as const,
      ),
      [],
      ['currency', 'rows', `${summed} above 0`, 'below 0', 'net'].map((value) => ({ value, heading: true })),
      ...sums.map(
        (sum) =>
          [
            { value: sum.currency },
            { value: sum.rows, kind: 'integer' },
            { value: sum.positive, kind: 'amount' },
            { value: sum.negative, kind: 'amount' },
            { value: sum.net, kind: 'amount' },
          ] as const,
      ),
      ...(this.#workbook.flagged === 0
        ? []
        : [[], [{ value: 'Numbers of more than 15 digits are text on yellow: a spreadsheet would round them.' }]]),
    ];
    return this.#workbook.end(lines);
  }
}

function kindOf({ kind, cell }: ExportColumn): CellKind {
  switch (kind) {
    case 'money':
      return 'amount';
    case 'percent':
      return 'decimal';
    case 'code':
      return cell ?? 'text';
    case 'integer':
    case 'text':
    case 'decimal':
    case 'date':
    case 'instant':
      return kind;
  }
}
