import type { Connection } from '../../db/connection.ts';
import { accrualAtWork, decidedSales, type DecidedSales } from '../../db/queries/decided-sales.ts';
import { freezeAccountTerms } from '../../db/queries/account-terms.ts';
import { lockClaims } from '../../db/queries/job-runs.ts';
import { accountsLimitedBy } from '../../db/queries/rule-book.ts';
import {
  ensureRule,
  insertVersion,
  liveVersions,
  retireVersions,
  termsOf,
  ruleIdOf,
  type RuleIdentity,
  type RuleVersionRow,
  type StoredTerms,
} from '../../db/queries/rules.ts';
import { intersect, rangeText, subtract, type Days } from '../../domain/date-ranges.ts';
import { addDays } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import { limitsAccounts } from '../../domain/rating/limits.ts';
import type { ClockTerms } from '../../domain/rating/model.ts';
import { decideAlike } from './rule-terms.ts';

/** What says where the days begin, as whoever has to choose others calls it. */
export type DaysFlag = '--from' | '--on' | 'from';

/** Long enough to check and write; the server frees the claim of whoever stands still longer. */
const LOCK_SECONDS = 60;

/** What a rule is to say over some days; null: nothing. */
export interface Saying {
  readonly days: Days;
  readonly terms: StoredTerms | null;
}

/**
 * Makes a rule say things over days that do not overlap, all under `knownSeq`; what it said outside them goes on.
 * Returns the new versions. Writes. Wants the number drawn before: whoever drew one earlier is then committed and seen.
 * @param flag null: also over decided sales, for who will roll it back or post the differences
 * @throws RefusedError `decided_sales`, `accrual_running`
 */
export async function replaceDays(
  tx: Connection,
  rule: RuleIdentity,
  sayings: readonly Saying[],
  knownSeq: number,
  flag: DaysFlag | null,
): Promise<number[]> {
  const ruleId = await ensureRule(tx, rule);
  const live = await liveVersions(tx, ruleId);
  const touched = sayings.flatMap((saying) => daysTouched(live, saying));
  if (flag !== null) await assertUndecided(tx, rule, touched, flag);
  await keepClocks(
    tx,
    sayings.flatMap(({ terms }) => terms ?? []),
    knownSeq,
  );
  await clearDays(
    tx,
    live,
    sayings.map(({ days }) => days),
    knownSeq,
  );
  const made: number[] = [];
  for (const { days, terms } of sayings) {
    if (terms === null) continue;
    made.push(await insertVersion(tx, { ...terms, ruleId, valid: days, knownSeq, continuesId: null }));
  }
  return made;
}

/** The days on which sales of a rule would be decided otherwise. Reads only. */
export async function daysChanged(tx: Connection, rule: RuleIdentity, sayings: readonly Saying[]): Promise<Days[]> {
  const ruleId = await ruleIdOf(tx, rule);
  const live = ruleId === null ? [] : await liveVersions(tx, ruleId);
  return sayings.flatMap((saying) => daysTouched(live, saying));
}

function daysTouched(live: readonly RuleVersionRow[], { days, terms }: Saying): Days[] {
  if (terms === null) return live.flatMap(({ valid }) => intersect(valid, days) ?? []);
  const alike = live.filter((version) => decideAlike(version, terms));
  return subtract(
    days,
    alike.map(({ valid }) => valid),
  );
}

/**
 * Makes room for days in a rule: every live version that overlaps any is retired under `knownSeq`, and what it said
 * outside them goes on as remainders under the same number. Writes.
 */
async function clearDays(
  tx: Connection,
  live: readonly RuleVersionRow[],
  cuts: readonly Days[],
  knownSeq: number,
): Promise<void> {
  const overlapping = live.filter(({ valid }) => cuts.some((days) => intersect(valid, days) !== null));
  // Retired first: the exclusion constraint looks at each row as it comes.
  await retireVersions(
    tx,
    overlapping.map(({ id }) => id),
    knownSeq,
  );
  for (const version of overlapping) {
    for (const valid of subtract(version.valid, cuts)) {
      const { id, ruleId } = version;
      await insertVersion(tx, { ...termsOf(version), ruleId, valid, knownSeq, continuesId: id });
    }
  }
}

/**
 * Before a rule limits accounts to a first sale or to months: those that were won before any rule did keep earning, and
 * clocks are kept from now on. An accrual that is at work reads a book without clocks, so there must be none. Writes.
 * @throws RefusedError `accrual_running`
 */
async function keepClocks(tx: Connection, said: readonly ClockTerms[], knownSeq: number): Promise<void> {
  if (!said.some(limitsAccounts) || (await accountsLimitedBy(tx, knownSeq))) return;
  await lockClaims(tx, 'accrue-commissions', '', LOCK_SECONDS);
  const run = await accrualAtWork(tx);
  if (run !== null) {
    throw new RefusedError('accrual_running', `run ${run.id} is deciding sales up to ${run.businessDate} right now`, {
      hint: 'wait for it (`revshare job history`): with this rule the programme begins to keep earning clocks',
    });
  }
  await freezeAccountTerms(tx);
}

/**
 * Holds the accrual's claim to the end of the transaction, so that no sale of these days is decided by old terms
 * meanwhile. `orElse`: what else there is to do than wait for one that is at work up to a day.
 * @throws RefusedError `accrual_running`
 */
export async function holdAccrual(
  tx: Connection,
  changed: readonly Days[],
  orElse: (until: string) => string = () => '',
): Promise<void> {
  await lockClaims(tx, 'accrue-commissions', '', LOCK_SECONDS);
  const run = await accrualAtWork(tx);
  if (run !== null && changed.some(({ from }) => from === null || from <= run.businessDate)) {
    throw new RefusedError('accrual_running', `run ${run.id} is deciding sales up to ${run.businessDate} right now`, {
      hint: `wait for it (\`revshare job history\`)${orElse(run.businessDate)}`,
    });
  }
}

async function assertUndecided(
  tx: Connection,
  rule: RuleIdentity,
  changed: readonly Days[],
  flag: DaysFlag,
): Promise<void> {
  await assertNoneDecided(tx, {
    days: changed,
    flag,
    where: 'in this rule',
    orElse: ', or ask for the differences with --retroactive',
    count: async () => await decidedSales(tx, rule, changed),
  });
}

/** What would decide sales of some days otherwise. */
export interface Touching {
  readonly days: readonly Days[];
  readonly flag: DaysFlag;
  /** Where those sales lie, in words. */
  readonly where: string;
  /** What else there is to do than choose other days, to be added to a hint; '' for nothing. */
  readonly orElse: string;
  count(): Promise<DecidedSales>;
}

/**
 * Returns when no decided sale lies where something would change, and none can be decided by the old terms meanwhile: no
 * accrual is at work, and none begins before this transaction ends, since it holds the claim. Source: SEMANTICS §3.
 * @throws RefusedError `decided_sales`, `accrual_running`
 */
export async function assertNoneDecided(tx: Connection, touching: Touching): Promise<void> {
  const { days, flag, where, orElse } = touching;
  if (days.length === 0) return;
  await holdAccrual(tx, days, (until) => `, or choose ${flag} after ${until}`);
  const { sales, lastDate } = await touching.count();
  if (lastDate === null) return;
  const free = addDays(lastDate, 1);
  const last = days.at(-1)!;
  const fits = last.to === null || free < last.to;
  throw new RefusedError(
    'decided_sales',
    `${sales === 1 ? 'one decided sale lies' : `${sales} decided sales lie`} ${where} ${days.map(rangeText).join(' and ')}; ` +
      `the first free date is ${free}`,
    {
      hint:
        (fits ? `choose ${flag} ${free} or later` : `no day of this range is free: end it later than ${free}`) + orElse,
      details: { sales, first_free_date: free },
    },
  );
}
