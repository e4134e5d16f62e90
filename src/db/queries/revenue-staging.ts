import type { Connection } from '../connection.ts';
import { copyInteger, copyText } from '../copy.ts';

/**
 * Where a file of events waits until it is judged as a whole: temporary tables of one transaction, gone with it. Text
 * and bigint only, nothing that could refuse a row (DESIGN, ground truth 4). Amounts are minor units, days count from
 * 1970-01-01, account and product are '' where there is none: then they can be joined.
 */

/**
 * A line is the key of an event until it has one. What a record says besides its first event has the line and this; no
 * file has as many lines, and both fit an integer.
 */
export const SECOND_EVENT = 1_000_000_000;

/** Where a record stands in its file. */
export interface StagedRow {
  readonly line: number;
  /** Bytes of the record in the file. */
  readonly start: number;
  readonly end: number;
}

export interface StagedEvent extends StagedRow {
  readonly externalId: string;
  readonly kind: string;
  readonly instance: string;
  readonly instanceDefaulted: boolean;
  readonly account: string | null;
  readonly product: string | null;
  readonly saleRef: string | null;
  readonly currency: string;
  readonly net: bigint;
  readonly gross: bigint;
  readonly tax: bigint;
  readonly quantity: string | null;
  readonly country: string | null;
  readonly transactionType: string | null;
  readonly occurredMs: number;
  readonly occurredDay: number;
  /** Of the sale; without `saleRef` the event's own. */
  readonly wholesaleNet: bigint | null;
  readonly saleNet: bigint | null;
  readonly saleGross: bigint | null;
  readonly saleDay: number | null;
  readonly subscription: string | null;
}

export interface StagedProblem extends StagedRow {
  readonly column: number | null;
  readonly field: string | null;
  readonly code: string;
  readonly reason: string;
  readonly remedy: string;
}

/** Where a field stands in the file. */
export interface StagedPlace {
  readonly column: number | null;
  readonly field: string;
}

export const STAGING_TABLE = 'pg_temp.staged_events';

/** In the order in which `stagedEventRow` and `stagedProblemRow` write them. */
export const STAGING_COLUMNS = [
  'line',
  'start_at',
  'end_at',
  'external_id',
  'kind',
  'instance',
  'account',
  'product',
  'sale_ref',
  'currency',
  'net',
  'gross',
  'tax',
  'quantity',
  'country',
  'transaction_type',
  'occurred_ms',
  'occurred_day',
  'wholesale_net',
  'sale_net',
  'sale_gross',
  'sale_day',
  'subscription',
  'defaulted',
  'problem_column',
  'problem_field',
  'problem_code',
  'problem_reason',
  'problem_remedy',
] as const;

/** What the event of a staged row costs wholesale by itself; with a sale_ref the amount is its sale's. */
export const OWN_WHOLESALE_NET = (row: string) => `(case when ${row}.sale_ref is null then ${row}.wholesale_net end)`;

const NO_EVENT = '\t\\N'.repeat(21);
const NO_PROBLEM = '\t\\N'.repeat(5);

/** A staging row of an event, in COPY's text format. */
export function stagedEventRow(event: StagedEvent): string {
  const sale =
    event.saleRef === null
      ? '\t\\N\t\\N\t\\N'
      : `\t${copyInteger(event.saleNet)}\t${copyInteger(event.saleGross)}\t${copyInteger(event.saleDay)}`;
  return (
    `${event.line}\t${event.start}\t${event.end}\t${copyText(event.externalId)}\t${event.kind}\t${copyText(event.instance)}` +
    `\t${copyText(event.account ?? '')}\t${copyText(event.product ?? '')}\t${copyText(event.saleRef)}\t${event.currency}` +
    `\t${event.net}\t${event.gross}\t${event.tax}\t${copyText(event.quantity)}\t${copyText(event.country)}` +
    `\t${copyText(event.transactionType)}\t${event.occurredMs}\t${event.occurredDay}\t${copyInteger(event.wholesaleNet)}${sale}\t${copyText(event.subscription)}\t${event.instanceDefaulted ? 1 : 0}${NO_PROBLEM}\n`
  );
}

/** A staging row of a problem, in COPY's text format. */
export function stagedProblemRow(problem: StagedProblem): string {
  return (
    `${problem.line}\t${problem.start}\t${problem.end}${NO_EVENT}` +
    `\t${copyInteger(problem.column)}\t${copyText(problem.field)}\t${copyText(problem.code)}` +
    `\t${copyText(problem.reason)}\t${copyText(problem.remedy)}\n`
  );
}

/**
 * The staging tables of one transaction. `staged_problems` has one row for each thing wrong with a record;
 * `staged_fates` says of a line with an event that it is not to be written all the same: `known` or `rejected`. What is
 * left of the events is live.
 */
export class Staging {
  readonly tx: Connection;
  #fated = 0;

  private constructor(tx: Connection) {
    this.tx = tx;
  }

  static async create(tx: Connection): Promise<Staging> {
    const columns = STAGING_COLUMNS.map((column) => `${column} ${TEXT_COLUMNS.has(column) ? 'text' : 'bigint'}`);
    // The sorts and hashes to come are over the whole file; the server's default of 4 MB would spill each to disk.
    await tx.sql`set local work_mem = '64MB'`;
    await tx.sql.unsafe(`create temporary table staged_events (${columns.join(', ')}) on commit drop`);
    await tx.sql`create temporary table staged_problems (
      line bigint, column_number bigint, field text, code text, reason text, remedy text) on commit drop`;
    await tx.sql`create temporary table staged_fates (line bigint, fate text) on commit drop`;
    return new Staging(tx);
  }

  /** SQL that is true of a row `s` of staged_events that is to be written. Without fates it is no join at all. */
  get live(): string {
    return this.#fated === 0
      ? 's.problem_code is null'
      : 's.problem_code is null and not exists (select from staged_fates f where f.line = s.line)';
  }

  /** Whether every event of the file is still live. */
  get untouched(): boolean {
    return this.#fated === 0;
  }

  /** Takes what the file itself got wrong out of the events, and lets the planner see how many there are. */
  async settle(damaged: number): Promise<void> {
    const { sql } = this.tx;
    if (damaged > 0) {
      await sql`
        insert into staged_problems (line, column_number, field, code, reason, remedy)
        select line, problem_column, problem_field, problem_code, problem_reason, problem_remedy
        from staged_events where problem_code is not null`;
    }
    await sql`analyze staged_events (line, external_id, kind, instance, account, product, sale_ref, currency, occurred_day)`;
  }

  /**
   * Rejects the lines that `found` selects as (line, reason), once each; returns how many.
   * @param found SQL without parameters
   */
  async reject(found: string, problem: { place: StagedPlace; code: string; remedy: string }): Promise<number> {
    const [row] = await this.tx.sql.unsafe<{ rejected: number }[]>(
      `with found as materialized (${found}),
        noted as (
          insert into staged_problems (line, column_number, field, code, reason, remedy)
          select line, $1::bigint, $2::text, $3::text, reason, $4::text from found),
        fated as (insert into staged_fates (line, fate) select line, 'rejected' from found)
      select count(*)::int as rejected from found`,
      [problem.place.column, problem.place.field, problem.code, problem.remedy],
    );
    return await this.#noteFated(row?.rejected ?? 0);
  }

  /** Marks the lines that `found` selects as stored already; returns how many. */
  async know(found: string): Promise<number> {
    const { count } = await this.tx.sql.unsafe(
      `insert into staged_fates (line, fate) select line, 'known' from (${found}) k`,
    );
    return await this.#noteFated(count);
  }

  async #noteFated(count: number): Promise<number> {
    this.#fated += count;
    if (count > 0) await this.tx.sql`analyze staged_fates`;
    return count;
  }
}

const TEXT_COLUMNS = new Set<string>([
  'external_id',
  'kind',
  'instance',
  'account',
  'product',
  'sale_ref',
  'currency',
  'quantity',
  'country',
  'transaction_type',
  'subscription',
  'problem_field',
  'problem_code',
  'problem_reason',
  'problem_remedy',
]);
