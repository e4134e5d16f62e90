/** A table as it is meant: words and figures, and nothing of where they stand. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  /** Where a table that goes on over pages says what it has come to: in this column, of the rows that have an amount. */
  readonly carried?: { readonly column: number; write(minor: bigint): string };
}

export interface Column {
  readonly title: string;
  /** Words are not broken, as text is. Figures stand to the right, amounts with their decimal points below one another. */
  readonly kind: 'text' | 'word' | 'count' | 'amount';
  /** It takes what room is left. */
  readonly grows?: boolean;
}

export interface Row {
  /** A group's name stands over its lines, a sum below what it sums. */
  readonly kind: 'line' | 'group' | 'sum';
  /** A group has one. */
  readonly cells: readonly string[];
  readonly minor?: bigint;
}

/** The table without columns that say nothing in any row. */
export function withoutEmptyColumns(table: Table): Table {
  const lines = table.rows.filter(({ kind }) => kind !== 'group');
  const said = table.columns.map((_, at) => lines.some(({ cells }) => (cells[at] ?? '') !== ''));
  if (said.every(Boolean)) return table;
  const only = <T>(list: readonly T[]) => list.filter((_, at) => said[at]);
  return {
    ...table,
    columns: only(table.columns),
    rows: table.rows.map((row) => (row.kind === 'group' ? row : { ...row, cells: only(row.cells) })),
    ...(table.carried === undefined
      ? {}
      : { carried: { ...table.carried, column: said.slice(0, table.carried.column).filter(Boolean).length } }),
  };
}
