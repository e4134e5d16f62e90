import { formatMinor } from '../../domain/money.ts';
import { formatRate } from '../../domain/rates.ts';

/** What a cell holds in JSON. Money and rates are strings, so that no reader makes floats of them. */
export type Cell = string | number | boolean | null | readonly string[] | Readonly<Record<string, unknown>>;

export type ColumnKind =
  'code' | 'actor' | 'text' | 'number' | 'money' | 'amounts' | 'rate' | 'date' | 'instant' | 'flag';

/** One column of a noun: the same declaration drives the table, TSV, JSON and CSV. */
export interface Column<R> {
  /** snake_case; the key in JSON and the heading of the CSV. */
  readonly name: string;
  readonly kind: ColumnKind;
  readonly cell: (row: R) => Cell;
  /** Left out of the table of a list, which has only so much room; everywhere else it is there. */
  readonly detail: boolean;
  /** The first to go where a terminal is too narrow for all. */
  readonly aside: boolean;
}

interface ColumnSettings {
  readonly detail?: boolean;
  readonly aside?: boolean;
}

/** An amount in minor units with the currency that says what they are. */
export interface Amount {
  readonly minor: bigint;
  readonly currency: string;
}

type Get<R, T> = (row: R) => T | null | undefined;

/** The constructors of the columns of rows of type R. */
export function columnsOf<R>() {
  const column =
    (kind: ColumnKind) =>
    (name: string, get: Get<R, Cell>, { detail = false, aside = false }: ColumnSettings = {}): Column<R> => ({
      name,
      kind,
      detail,
      aside,
      cell: (row) => get(row) ?? null,
    });
  const mapped =
    <T>(kind: ColumnKind, write: (value: T) => string) =>
    (name: string, get: Get<R, T>, settings: ColumnSettings = {}): Column<R> =>
      column(kind)(
        name,
        (row) => {
          const value = get(row);
          return value === null || value === undefined ? null : write(value);
        },
        settings,
      );
  return {
    /** What a person types to name the thing; never shortened. */
    code: column('code'),
    /** A login that did something. Where logins prove nobody, a report that has such a column says so. */
    actor: column('actor'),
    /** Text of people; shortened where a terminal is narrow, guarded against formulas in CSV. */
    text: column('text'),
    number: column('number') as (name: string, get: Get<R, number>, settings?: ColumnSettings) => Column<R>,
    /** A decimal string, or what makes one; put the currency beside it in a column of its own. */
    money: mapped<Amount | string>('money', (value) =>
      typeof value === 'string' ? value : formatMinor(value.minor, value.currency),
    ),
    /** Sums of several currencies, each written with its own: never shortened, since half an amount is a wrong one. */
    amounts: column('amounts') as (
      name: string,
      get: Get<R, readonly string[]>,
      settings?: ColumnSettings,
    ) => Column<R>,
    /** Parts per million, written as '12.5%'. */
    rate: mapped<number>('rate', formatRate),
    date: column('date') as (name: string, get: Get<R, string>, settings?: ColumnSettings) => Column<R>,
    /** A timestamp as Postgres wrote it, shown as ISO 8601. */
    instant: mapped<string>('instant', isoInstant),
    flag: column('flag') as (name: string, get: Get<R, boolean>, settings?: ColumnSettings) => Column<R>,
  };
}

/** '2026-11-21 06:34:00.123+00' as '2026-11-21T06:34:00.123Z'. */
export function isoInstant(text: string): string {
  return text.replace(' ', 'T').replace(/\+00(?::?00)?$/, 'Z');
}

/** A row as an object with every declared column, in their order. */
export function toRecord<R>(columns: readonly Column<R>[], row: R): Record<string, Cell> {
  return Object.fromEntries(columns.map(({ name, cell }) => [name, cell(row)]));
}

/** Whether a column's cells are digits that line up at the right. */
export function isNumeric(kind: ColumnKind): boolean {
  return kind === 'number' || kind === 'money' || kind === 'rate';
}
