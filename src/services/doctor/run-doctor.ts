import type { Connection } from '../../db/connection.ts';
import { fixSnapshot } from '../../db/queries/as-of.ts';
import type { DecidedSpan } from '../../db/queries/decided-span.ts';
import {
  countOffenders,
  firstOffenders,
  prepareForScans,
  type DoctorCheck,
  type DoctorScope,
  type Scan,
  type Weight,
} from '../../db/queries/doctor.ts';
import { businessDate } from '../../domain/dates.ts';
import { IntegrityError, UsageError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { DOCTOR_CHECKS } from './checks.ts';

export interface CheckResult {
  readonly name: string;
  readonly group: string;
  readonly weight: Weight;
  readonly proves: string;
  /** `ok`, or the check's weight when anything was found. */
  readonly result: 'ok' | Weight;
  readonly offenders: number;
  /** The first few of them, in words. */
  readonly first: readonly string[];
}

export interface DoctorReport {
  readonly checks: readonly CheckResult[];
  /** How many checks found a difference; warnings and information are not among them. */
  readonly differences: number;
}

export interface DoctorOptions {
  /** Names of checks or groups; default all. */
  readonly only?: readonly string[];
  /** How long a wallet may be below zero before it is listed; default 90 days. */
  readonly negativeDays?: number;
}

const SHOWN = 5;

/**
 * Runs the named invariants over the whole database, in one snapshot: what others do meanwhile looks like no difference.
 * Reads only. Throws UsageError `unknown_check`; that the books differ is in the report.
 */
export async function runDoctor(ctx: Context, options: DoctorOptions = {}): Promise<DoctorReport> {
  const checks = chosen(options.only);
  const scope: DoctorScope = {
    decided: null,
    today: businessDate(ctx.clock.now(), ctx.zone),
    negativeDays: options.negativeDays ?? 90,
  };
  const results = await ctx.db.transaction(async (tx) => {
    await fixSnapshot(tx);
    return await examine(tx, checks, scope, (done) => ctx.progress.step('checking', done, checks.length));
  });
  ctx.progress.done();
  return { checks: results, differences: results.filter(({ result }) => result === 'difference').length };
}

/**
 * The checks of single entries and of their sales, for what some chunks decided, inside the transaction that posts them.
 * Reads only. Throws IntegrityError `books_differ`, which takes the posting back.
 */
export async function doctorForChunks(tx: Connection, decided: DecidedSpan): Promise<void> {
  const checks = DOCTOR_CHECKS.filter((check) => check.perPosting === true);
  // These look at nothing that has an age.
  const scope: DoctorScope = { decided, today: '1970-01-01', negativeDays: 0 };
  const found = (await examine(tx, checks, scope)).filter(({ result }) => result === 'difference');
  if (found.length > 0) {
    throw new IntegrityError(
      'books_differ',
      `what was decided does not pass its own checks: ${found.map(({ name, offenders }) => `${name} (${offenders})`).join(', ')}`,
      {
        hint: `nothing was posted; the first of them: ${found[0]?.first[0] ?? '?'}`,
        details: { checks: found.map(({ name, offenders, first }) => ({ name, offenders, first })) },
      },
    );
  }
}

function chosen(only: readonly string[] | undefined): readonly DoctorCheck[] {
  if (only === undefined || only.length === 0) {
    return DOCTOR_CHECKS;
  }
  for (const name of only) {
    if (!DOCTOR_CHECKS.some((check) => check.name === name || check.group === name)) {
      throw new UsageError('unknown_check', `there is no check or group '${name}'`, {
        hint: `groups: ${[...new Set(DOCTOR_CHECKS.map(({ group }) => group))].join(', ')}; \`revshare doctor --json\` lists every check`,
      });
    }
  }
  return DOCTOR_CHECKS.filter((check) => only.includes(check.name) || only.includes(check.group));
}

/**
 * Counts scan by scan, and reads a scan again only where something was found. In the caller's transaction and snapshot;
 * reads only.
 */
export async function examine(
  tx: Connection,
  checks: readonly DoctorCheck[],
  scope: DoctorScope,
  step: (done: number) => void = () => {},
): Promise<CheckResult[]> {
  await prepareForScans(tx);
  const found = new Map<DoctorCheck, number>();
  for (const scan of new Set<Scan>(checks.map((check) => check.scan))) {
    const together = checks.filter((check) => check.scan === scan);
    const counts = await countOffenders(tx, scan, together, scope);
    together.forEach((check, index) => found.set(check, counts[index]!));
    step(found.size);
  }
  const results: CheckResult[] = [];
  for (const check of checks) {
    const offenders = found.get(check) ?? 0;
    const first = offenders === 0 ? [] : await firstOffenders(tx, check, scope, SHOWN);
    const { name, group, weight, proves } = check;
    results.push({ name, group, weight, proves, result: offenders === 0 ? 'ok' : weight, offenders, first });
  }
  return results;
}
