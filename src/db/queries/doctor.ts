import type { Connection } from '../connection.ts';
import { decidedIn, withinSpan, type DecidedSpan } from './decided-span.ts';

/**
 * How doctor asks. A scan is rows to look at; a check is a condition under which a row offends. All checks of a scan are
 * counted in one pass over its rows, so that a million entries are read once and not once a check. The same SQL serves
 * the whole database and the chunks of one run: only the filter differs.
 */
export interface Scan {
  readonly name: string;
  /** Everything from `from` to the last condition of its `where`, which it always has. */
  readonly rows: (scope: DoctorScope) => string;
  /** An SQL expression that names a row as people do: by codes, never by ids alone. */
  readonly called: string;
}

/**
 * `difference`: the books disagree. `warning`: somebody should look. `information`: worth knowing, wrong in nothing.
 */
export type Weight = 'difference' | 'warning' | 'information';

export interface DoctorCheck {
  readonly name: string;
  readonly group: string;
  readonly weight: Weight;
  /** What passing proves, with its paragraph of SEMANTICS. */
  readonly proves: string;
  readonly scan: Scan;
  /** SQL condition on the scan's rows; null counts as passing. */
  readonly offends: string;
  /** SQL text that says what is wrong with a row; shown behind its name. */
  readonly says: string;
  /** Part of what a posting runs for its own chunks. */
  readonly perPosting?: boolean;
}

export interface DoctorScope {
  /** What a posting is about to post; null: everything. */
  readonly decided: DecidedSpan | null;
  /** The programme's business date, for ages. */
  readonly today: string;
  /** A wallet below zero for longer than this is listed. */
  readonly negativeDays: number;
}

/** A filter on entries, or none. */
export const inScope = ({ decided }: DoctorScope, entry: string): string =>
  decided === null ? 'true' : decidedIn(decided, entry);

/** On events that are joined to such entries: it leaves out none of theirs. */
export const eventsInScope = ({ decided }: DoctorScope, event: string): string =>
  decided === null ? 'true' : withinSpan(decided, `${event}.id`);

/** Sales that the scope touches, perhaps a few more: for a posting by their key, not all that there ever were. */
export const salesInScope = (scope: DoctorScope): string =>
  scope.decided === null
    ? 'sales'
    : `(select * from sales where id = any (array(
        select distinct x_.sale_id from revenue_events x_ where ${eventsInScope(scope, 'x_')} and x_.sale_id is not null)))`;

/** Of millionths, which are what a rate in ppm makes: multiplied and not divided, for numeric division rounds by itself. */
export const ofMillionths = (exact: string): string => `(${exact}) * 0.000001`;

/** A quotient rounded half away from zero, once; `over` above zero. Numeric division would round before it is rounded. */
export const roundedQuotient = (numerator: string, over: string): string =>
  `sign(${numerator}) * div(2 * abs(${numerator}) + (${over}), 2 * (${over})::numeric)`;

// The aliases of these end in _, so that the names of the scans' own rows can stand inside them.

/** Minor units as people write them, with the currency: '-12.50 EUR'. */
export const money = (minor: string, currency: string): string =>
  `coalesce((select round((${minor})::numeric / 10::numeric ^ c_.minor_units, c_.minor_units)::text || ' ' || c_.code
    from currencies c_ where c_.code = ${currency}), (${minor})::text || ' of no currency')`;

/** 'books/INV-7' for an event of alias `e`. */
export const eventCalled = (e: string): string => `${sourceCalled(`${e}.source_id`)} || '/' || ${e}.external_id`;

export const sourceCalled = (id: string): string =>
  `coalesce((select s_.code from sources s_ where s_.id = ${id}), '?')`;

export const partnerCalled = (id: string): string =>
  `coalesce((select p_.code from partners p_ where p_.id = ${id}), 'nobody')`;

export const instanceCalled = (id: string): string =>
  `coalesce((select i_.code from instances i_ where i_.id = ${id}), 'no instance')`;

/** Settings for a long read that tells the planner the truth about this work; undone with the transaction. */
export async function prepareForScans(tx: Connection): Promise<void> {
  // A hash of a million events wants the room. Of rows
  // written a moment ago the planner thinks that there are none, and would then look up each of a night's events one by
  // one, again and again: 16 times slower from the second month on.
  await tx.sql`
    select set_config('work_mem', '128MB', true), set_config('enable_nestloop', 'off', true)`;
}

/** How many rows offend each of these checks of one scan, in their order. */
export async function countOffenders(
  tx: Connection,
  scan: Scan,
  checks: readonly DoctorCheck[],
  scope: DoctorScope,
): Promise<number[]> {
  const counts = checks.map((check, index) => `count(*) filter (where ${check.offends})::float8 as c${index}`);
  const [row] = await tx.sql.unsafe(`select ${counts.join(',\n')} ${scan.rows(scope)}`);
  return checks.map((_, index) => Number(row?.[`c${index}`] ?? 0));
}

/** The first few rows that offend a check, in words. */
export async function firstOffenders(
  tx: Connection,
  check: DoctorCheck,
  scope: DoctorScope,
  limit: number,
): Promise<string[]> {
  const rows = await tx.sql.unsafe(
    `select ${check.scan.called} || ': ' || coalesce(${check.says}, '?') as said ${check.scan.rows(scope)}
     and (${check.offends}) limit ${limit}`,
  );
  return rows.map((row) => row['said'] as string);
}
