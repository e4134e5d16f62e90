import { createHash } from 'node:crypto';
import stringify from 'safe-stable-stringify';
import type { Connection, Database } from '../db/connection.ts';
import { changesOfTransaction } from '../db/queries/audit.ts';
import { sourceCodes } from '../db/queries/revenue-intake.ts';
import { RefusedError } from '../domain/errors.ts';
import type { Change, Context, MutationReport } from './context.ts';

/** Leaves a transaction without an error of anybody's: what a dry run ends with. */
class RolledBack extends Error {
  readonly result: unknown;
  constructor(result: unknown) {
    super('rolled back on purpose');
    this.result = result;
  }
}

/**
 * `write` and `batch` of a context. A dry run is the real transaction, rolled back: what it reports is read from the
 * audit trail that the real one would have left.
 */
export function mutations(
  db: Database,
  options: { dryRun: boolean; plan: string | null; report: MutationReport },
): Pick<Context, 'write' | 'batch'> {
  const { dryRun, plan, report } = options;

  async function runAndRollBack<T>(work: (tx: Connection) => Promise<T>, outcomeCounts: boolean): Promise<T> {
    try {
      await db.transaction(async (tx) => {
        const result = await work(tx);
        await settle(tx, report, outcomeCounts ? result : null);
        throw new RolledBack(result);
      });
    } catch (error) {
      if (error instanceof RolledBack) {
        report.applied = false;
        return error.result as T;
      }
      throw error;
    }
    throw new Error('unreachable: a dry run always rolls back');
  }

  return {
    async write(work) {
      if (dryRun) {
        return await runAndRollBack(work, false);
      }
      return await db.transaction(async (tx) => {
        const result = await work(tx);
        if (plan !== null) {
          await settle(tx, report, null);
          if (report.plan !== plan) {
            throw planChanged(report.plan, plan);
          }
        }
        report.applied = true;
        return result;
      });
    },
    async batch(work) {
      const inOne = async (tx: Connection) => await work(async (unit) => await unit(tx), tx);
      if (dryRun) {
        return await runAndRollBack(inOne, true);
      }
      if (plan !== null) {
        // What commits unit by unit cannot be taken back at the end, so it is tried first.
        await runAndRollBack(inOne, true);
        if (report.plan !== plan) {
          throw planChanged(report.plan, plan);
        }
      }
      const result = await work(async (unit) => await db.transaction(unit), null);
      report.applied = true;
      return result;
    },
  };
}

/** The same context for what comes after a plan was carried out, or was of something else than rows. */
export function withoutPlan(ctx: Context): Context {
  const report: MutationReport = { applied: false, changes: [], plan: null };
  return { ...ctx, report, ...mutations(ctx.db, { dryRun: ctx.dryRun, plan: null, report }) };
}

/**
 * Tries work for real inside a transaction that is rolled back: whatever its services write and read is the
 * transaction's, and nothing stays. Throws what the work throws.
 */
export async function rolledBack<T>(ctx: Context, work: (inside: Context) => Promise<T>): Promise<T> {
  const report: MutationReport = { applied: false, changes: [], plan: null };
  return await mutations(ctx.db, { dryRun: true, plan: null, report }).write(async (tx) => await work(within(ctx, tx)));
}

/** A context whose services write into a transaction that is open: what they do stands or falls with it. */
export function within(ctx: Context, tx: Connection): Context {
  const held: Connection = { ...tx, held: true };
  const transaction: Database['transaction'] = async (inner) => await inner(held);
  const db = { ...ctx.db, ...held, transaction } as Database;
  return { ...ctx, db, write: transaction, batch: async (inner) => await inner(transaction, held) };
}

/**
 * Several use cases one after the other, each with its own commits. On a dry run, and to see whether a plan still holds, all of
 * them are inside one transaction that is rolled back; what `work` returns is then part of the plan. Throws as `batch` does.
 */
export async function inSteps<T>(ctx: Context, work: (at: Context) => Promise<T>): Promise<T> {
  return await ctx.batch(
    async (_, held) => await work(held === null ? withoutPlan(ctx) : { ...within(ctx, held), dryRun: true }),
  );
}

function planChanged(now: string | null, wanted: string): RefusedError {
  return new RefusedError(
    'plan_changed',
    `the effect is now plan ${now}, not ${wanted}: the world has changed since the dry run`,
    { hint: 'look again with --dry-run' },
  );
}

/**
 * Deferred checks belong to the effect: a dry run that skipped them would promise what a commit refuses. `outcome` is
 * what a batch reports of rows too many to be audited one by one; null where the changes say it all.
 */
async function settle(tx: Connection, report: MutationReport, outcome: unknown): Promise<void> {
  await tx.sql`set constraints all immediate`;
  const changes = await changesOfTransaction(tx);
  report.changes = changes;
  report.plan = planHash(changes, outcome, await sourceCodes(tx));
}

/** Twelve hex digits over the changes, blind to identities, sequence numbers, times and actors, which differ every time. */
function planHash(changes: readonly Change[], outcome: unknown, sources: ReadonlyMap<unknown, string>): string {
  const drawn = new Map<unknown, string[]>();
  for (const { action, table, after } of changes) {
    const id = after?.['id'];
    if (action === 'insert' && id !== undefined) drawn.set(id, [...(drawn.get(id) ?? []), table]);
  }
  const stable = (table: string, row: Change['before']) =>
    row === null
      ? null
      : Object.fromEntries(
          Object.entries(row)
            .filter(([key]) => !VOLATILE.has(key) && !VOLATILE.has(`${table}.${key}`))
            .map(([key, value]) => {
              // Made with their first event and not audited: one that is new has no number yet that would stay.
              if (key === 'source_id') return [key, sources.get(value)];
              const isNew = drawn.get(value)?.some((other) => pointsInto(table, key, other)) === true;
              return [key, isNew ? 'new' : value];
            }),
        );
  const body = changes.map(({ action, table, before, after }) => [
    action,
    table,
    stable(table, before),
    stable(table, after),
  ]);
  const told = outcome === null ? body : [body, JSON.parse(stringify(outcome) ?? 'null', dropVolatile)];
  return createHash('sha256').update(stringify(told)).digest('hex').slice(0, 12);
}

/**
 * Whether a column holds identities of a table, by its name. Of another table the same number would be a coincidence,
 * which the next run would not repeat.
 */
function pointsInto(table: string, column: string, other: string): boolean {
  if (!column.endsWith('_id')) return false;
  const one = column.slice(0, -'_id'.length);
  if (one === 'continues') return other === table;
  if (one === 'parent') return other === 'partners';
  return other.endsWith(`${one}s`) || other.endsWith(`${one}es`);
}

function dropVolatile(key: string, value: unknown): unknown {
  return VOLATILE.has(key) ? undefined : value;
}

const VOLATILE = new Set([
  'attempt',
  'posting',
  'knownSeq',
  'id',
  'recorded_at',
  'created_by',
  'known_seq',
  'retired_seq',
  'transaction_id',
  'taken_at',
  'seen',
  'first_id',
  'last_id',
  'decided_to',
  'dryRun',
  // too many to be audited row by row, so that nothing tells that they are new
  'evaluation_id',
  // of what is in it, the numbers of entries and of the run that posted them are drawn; its figures stand beside it
  'statements.content_hash',
]);
