import type { Connection } from '../../db/connection.ts';
import { accrualAtWork, decidedSales } from '../../db/queries/decided-sales.ts';
import { lockClaims } from '../../db/queries/job-runs.ts';
import {
  insertVersion,
  retireVersions,
  termsOf,
  type RuleIdentity,
  type RuleVersionRow,
} from '../../db/queries/rules.ts';
import { intersect, rangeText, remainders, type Days } from '../../domain/date-ranges.ts';
import { addDays } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';

/** Long enough to check and write; the server frees the claim of whoever stands still longer. */
const LOCK_SECONDS = 60;

/**
 * Makes room for `days` in a rule: every live version that overlaps them is retired under `knownSeq`, and what it said
 * outside them goes on as a remainder under the same number. Writes.
 */
export async function clearDays(
  tx: Connection,
  live: readonly RuleVersionRow[],
  days: Days,
  knownSeq: number,
): Promise<void> {
  const overlapping = live.filter((version) => intersect(version.valid, days) !== null);
  // Retired first: the exclusion constraint looks at each row as it comes.
  await retireVersions(
    tx,
    overlapping.map(({ id }) => id),
    knownSeq,
  );
  for (const version of overlapping) {
    for (const valid of remainders(version.valid, days)) {
      const { id, ruleId } = version;
      await insertVersion(tx, { ...termsOf(version), ruleId, valid, knownSeq, continuesId: id });
    }
  }
}

/**
 * Returns when no decided sale lies where the rule would change, and none can be decided by the old terms meanwhile: no
 * accrual is at work, and none begins before this transaction ends, since it holds the claim. Source: SEMANTICS §3.
 * @throws RefusedError `decided_sales`, `accrual_running`
 */
export async function assertUndecided(
  tx: Connection,
  rule: RuleIdentity,
  changed: readonly Days[],
  flag: '--from' | '--on',
): Promise<void> {
  if (changed.length === 0) return;
  await lockClaims(tx, 'accrue-commissions', '', LOCK_SECONDS);
  const run = await accrualAtWork(tx);
  if (run !== null && changed.some(({ from }) => from === null || from <= run.businessDate)) {
    throw new RefusedError('accrual_running', `run ${run.id} is deciding sales up to ${run.businessDate} right now`, {
      hint: `wait for it (\`revshare job history\`), or choose ${flag} after ${run.businessDate}`,
    });
  }
  const { sales, lastDate } = await decidedSales(tx, rule, changed);
  if (lastDate === null) return;
  const free = addDays(lastDate, 1);
  const last = changed.at(-1)!;
  const fits = last.to === null || free < last.to;
  throw new RefusedError(
    'decided_sales',
    `${sales === 1 ? 'one decided sale lies' : `${sales} decided sales lie`} in this rule ${changed.map(rangeText).join(' and ')}; ` +
      `the first free date is ${free}`,
    {
      hint: fits ? `choose ${flag} ${free} or later` : `no day of this range is free: end it later than ${free}`,
      details: { sales, first_free_date: free },
    },
  );
}
