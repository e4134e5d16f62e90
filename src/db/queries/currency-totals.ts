import type { Connection } from '../connection.ts';

/** How many rows of an export are in a currency, and what they come to. */
export interface CurrencyTotal {
  readonly currency: string;
  readonly rows: number;
  /** Minor units. */
  readonly positive: string;
  readonly negative: string;
}

/** Sums rows per currency. `rows`: a query of `currency` and `amount`, in minor units. */
export async function currencyTotals(sql: Connection['sql'], rows: string): Promise<CurrencyTotal[]> {
  return [
    ...(await sql.unsafe<CurrencyTotal[]>(`
      select currency, count(*)::float8 as rows, coalesce(sum(amount) filter (where amount > 0), 0)::text as positive,
        coalesce(sum(amount) filter (where amount < 0), 0)::text as negative
      from (${rows}) summed group by currency order by currency collate "C"`)),
  ];
}
