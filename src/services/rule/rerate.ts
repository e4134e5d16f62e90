import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../../db/connection.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import type { Act, Terms } from '../../domain/acts.ts';
import type { Days } from '../../domain/date-ranges.ts';
import { RefusedError } from '../../domain/errors.ts';
import { readBack, writeDown, type WrittenDown } from '../../domain/rule-terms.ts';
import { againOf } from '../attribution/reattribution.ts';
import type { Context } from '../context.ts';
import { holdAccrual } from './replace-versions.ts';
import { makeRuleChange, whatChanges, type RuleChange } from './rule-change.ts';

/** What a request of kind rerate says: what rules are to say, over days with decided sales too. */
interface Rerate {
  readonly about: string;
  readonly rules: readonly (Omit<RuleChange, 'sayings'> & { readonly sayings: readonly WrittenSaying[] })[];
}

interface WrittenSaying extends Days {
  readonly terms: WrittenDown | null;
}

/** Changes of rules as a request writes them. */
export function writeRerate(about: string, changes: readonly RuleChange[]): Terms {
  const rules = changes.map(({ sayings, ...rule }) => ({
    ...rule,
    sayings: sayings.map(({ days, terms }) => ({ ...days, terms: terms === null ? null : writeDown(terms) })),
  }));
  return { about, rules } satisfies Rerate;
}

function changesOf(terms: Terms): RuleChange[] {
  return (terms as unknown as Rerate).rules.map(({ sayings, ...rule }) => ({
    ...rule,
    sayings: sayings.map(({ from, to, terms: said }) => ({
      days: { from, to },
      terms: said === null ? null : readBack<number>(said),
    })),
  }));
}

/** Every decided sale that the rules would decide otherwise is rated again. Reads only. */
export async function actsOfRerate(tx: Connection, terms: Terms): Promise<readonly Act[]> {
  return (await whatChanges(tx, changesOf(terms))).sales.map((sale) => againOf('rerate', sale));
}

/**
 * Lets the rules say what was asked for, all under one known_seq. No accrual may decide by the old ones meanwhile, and
 * none may have since the request was made: its sales would keep what they were decided by. Writes.
 * @param acts what is rated again by the request
 * @throws RefusedError `accrual_running`, `effect_changed`
 */
export async function applyRerate(_: Context, tx: Connection, terms: Terms, acts: readonly Act[]): Promise<void> {
  const changes = changesOf(terms);
  const knownSeq = await drawKnownSeq(tx, (terms as unknown as Rerate).about);
  const { days, sales } = await whatChanges(tx, changes);
  await holdAccrual(tx, days);
  const now = sales.map((sale) => againOf('rerate', sale));
  if (!isDeepStrictEqual(now, acts)) {
    throw new RefusedError(
      'effect_changed',
      `the rules would touch ${now.length} decided sales by now, and not the ${acts.length} that were asked about`,
      { hint: 'reject the request and ask again: sales were decided since, or voided, or the rules have changed' },
    );
  }
  for (const change of changes) await makeRuleChange(tx, change, knownSeq, null);
}
