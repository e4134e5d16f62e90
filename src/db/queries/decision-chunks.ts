import { list } from '../arrays.ts';
import type { DecidedLeg } from '../../domain/rating/model.ts';
import { copyInteger, copyInto } from '../copy.ts';
import type { Connection } from '../connection.ts';
import { CLOCK_COLUMNS } from './account-terms.ts';
import { idleLimit } from './job-runs.ts';
import { WAIT_COLUMNS } from './waiting-events.ts';
import { COST_COLUMNS } from './subscription-costs.ts';
import { MOVE_COLUMNS } from './windows.ts';

/** The claim under which something is written. */
export interface Fence {
  readonly id: number;
  readonly leaseSeconds: number;
}

export interface DecidedRange {
  readonly batchId: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** A sale whose terms a chunk freezes, as it was when it was rated. */
export interface FrozenSale {
  readonly id: number;
  readonly version: string;
}

/**
 * What a chunk decided, as lines of COPY's text format: entries, what they did to windows, and clocks they started; and
 * which events of its ranges have to wait.
 */
export interface DecidedLines {
  readonly entries: readonly string[];
  readonly moves: readonly string[];
  readonly clocks: readonly string[];
  /** What sales cost that took it from a subscription. */
  readonly costs: readonly string[];
  readonly waits: readonly string[];
}

const ENTRY_COLUMNS = [
  'event_id',
  'leg',
  'wallet_id',
  'kind',
  'reason',
  'amount_minor',
  'base_minor',
  'full_minor',
  'rule_version_id',
  'known_seq',
  'rate_ppm',
  'tier',
  'posting_date',
  'payable_on',
  'uncapped_minor',
  'window_base_minor',
  'window_full_minor',
  'fx_rate',
  'fx_rate_ids',
] as const;

/** No cap, no window, nothing converted. */
const PLAIN = '\t\\N\t\\N\t\\N\t\\N\t\\N';

/**
 * A decided leg as a line of COPY's text format, in the order of ENTRY_COLUMNS. Nothing in it can need escaping: numbers,
 * dates, and codes that CHECKs hold to letters, digits, _ and -.
 */
export function entryLine(
  eventId: number,
  leg: DecidedLeg,
  walletId: number | null,
  postingDate: string,
  payableOn: string,
): string {
  const { uncapped, position, fxRate } = leg;
  const special =
    uncapped === null && position === null && fxRate === null
      ? PLAIN
      : `\t${copyInteger(uncapped)}\t${copyInteger(position?.base ?? null)}\t${copyInteger(position?.full ?? null)}\t${fxRate?.rate ?? '\\N'}\t${fxRate === null ? '\\N' : list(fxRate.ids)}`;
  return (
    `${eventId}\t${leg.leg}\t${walletId ?? '\\N'}\t${leg.kind}\t${leg.decisionReason ?? '\\N'}\t${leg.amount}\t${leg.base}\t${leg.full}\t` +
    `${leg.ruleVersionId ?? '\\N'}\t${leg.knownSeq}\t${leg.ratePpm ?? '\\N'}\t${leg.tier ?? '\\N'}\t${postingDate}\t${payableOn}${special}\n`
  );
}

/**
 * Writes what a chunk decided: entries, moves of windows, clocks, what waits or has waited, cursors and the chunk itself in
 * ONE statement, guarded by the run's lease, which it renews. One statement cannot half-happen, also when the connection
 * drops; a worker whose run was taken over, or whose lease is over, touches nothing. Returns the chunk's id, or 'lost' when
 * the fence refused.
 *
 * The sales it freezes are held until the commit: an import that would still say something of one waits, and finds it
 * decided. Where something was said of one since it was rated, nothing is written and the answer is 'outdated'.
 *
 * What was decided comes to it through temporary tables: as parameters the entries would be many arrays, whose reading
 * costs the server more than everything else about a chunk (5.5 µs an entry; COPY and this table 1.9 µs).
 * @param tx a transaction; nothing else may use its connection meanwhile
 * @param waited events of earlier chunks that had to wait, and are decided by this one
 */
export async function writeChunk(
  tx: Connection,
  run: Fence,
  knownSeq: number,
  ranges: readonly DecidedRange[],
  lines: DecidedLines,
  sales: readonly FrozenSale[],
  waited: readonly number[] = [],
): Promise<number | 'lost' | 'outdated'> {
  const written: string[] = [];
  for (const part of PARTS) {
    if (lines[part.lines].length > 0) {
      await stage(tx, part, lines[part.lines]);
      written.push(insertOf(part));
    }
  }
  if (waited.length > 0) written.push(settled(waited));
  // Locked in the order of their ids, as whoever changes sales does.
  const frozen = [...sales].sort((a, b) => a.id - b.id);
  const saleIds = list(frozen.map((sale) => sale.id));
  const versions = list(frozen.map((sale) => sale.version));
  const batches = list(ranges.map((range) => range.batchId));
  const firsts = list(ranges.map((range) => range.firstId));
  const lasts = list(ranges.map((range) => range.lastId));
  const [row] = await tx.sql<{ id: string | null; held: number }[]>`
    with held as materialized (
      select s.id from unnest(${saleIds}::bigint[], ${versions}::text[]) rated (id, version)
      cross join lateral (select s.id from sales s where s.id = rated.id and s.xmin::text = rated.version for share) s
    ), fence as (
      update job_runs set lease_until = clock_timestamp() + make_interval(secs => ${run.leaseSeconds})
      where id = ${run.id} and status = 'running' and lease_until > clock_timestamp()
        and (select count(*) from held) = ${frozen.length} returning id
    ), chunk as (
      insert into decision_chunks (run_id, known_seq) select id, ${knownSeq} from fence returning id
    ), moved as (
      update event_batches b set decided_to = m.last_id
      from unnest(${batches}::bigint[], ${firsts}::bigint[], ${lasts}::bigint[]) m (batch_id, first_id, last_id), chunk
      where b.id = m.batch_id and b.decided_to = m.first_id - 1
    ), ranges as (
      insert into decision_ranges (chunk_id, batch_id, first_id, last_id)
      select chunk.id, m.batch_id, m.first_id, m.last_id
      from unnest(${batches}::bigint[], ${firsts}::bigint[], ${lasts}::bigint[]) m (batch_id, first_id, last_id), chunk
    )${tx.sql.unsafe(written.join(''))}
    select (select id from chunk) as id, (select count(*)::int from held) as held, ${idleLimit(tx, run.leaseSeconds)}`;
  if (row?.id != null) return Number(row.id);
  return row?.held === frozen.length ? 'lost' : 'outdated';
}

/** What is written through which temporary table. */
const PARTS = [
  { lines: 'entries', table: 'entries', columns: ENTRY_COLUMNS },
  { lines: 'moves', table: 'window_moves', columns: MOVE_COLUMNS },
  { lines: 'clocks', table: 'account_terms', columns: CLOCK_COLUMNS },
  { lines: 'costs', table: 'subscription_costs', columns: COST_COLUMNS },
  { lines: 'waits', table: 'waiting_events', columns: WAIT_COLUMNS },
] as const;
type Part = (typeof PARTS)[number];

async function stage(tx: Connection, { table, columns }: Part, lines: readonly string[]): Promise<void> {
  // Emptied at the commit; in a dry run, which has none between its chunks, here.
  await tx.sql.unsafe(`
    create temporary table if not exists decided_${table} on commit delete rows as select ${columns.join(', ')} from ${table} with no data;
    truncate pg_temp.decided_${table}`);
  await copyInto(tx, `pg_temp.decided_${table}`, columns, async (write) => await write(lines.join('')));
}

function insertOf({ table, columns }: Part): string {
  return `, written_${table} as (
    insert into ${table} (${columns.join(', ')}, chunk_id) select d.*, chunk.id from chunk, pg_temp.decided_${table} d
  )`;
}

function settled(waited: readonly number[]): string {
  return `, settled as (
    update waiting_events w set decided_chunk_id = chunk.id from chunk, unnest('${list(waited)}'::bigint[]) d (event_id)
    where w.event_id = d.event_id
  )`;
}
