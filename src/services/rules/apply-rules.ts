import type { Connection } from '../../db/connection.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { diffBooks, type BookChange } from '../../domain/book-diff.ts';
import { ruleOf } from '../../domain/book-versions.ts';
import { groupBy } from '../../domain/maps.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { RuleFile } from '../../formats/rule-files.ts';
import type { Request } from '../approval/list-requests.ts';
import type { Context } from '../context.ts';
import { askForRerate } from '../rule/ask-rerate.ts';
import type { Saying } from '../rule/replace-versions.ts';
import { resolveScope } from '../rule/resolve-rule.ts';
import { makeRuleChange, type RuleChange } from '../rule/rule-change.ts';
import { resolveTerms } from '../rule/rule-terms.ts';
import { today } from '../today.ts';
import { readBook } from './lint-rules.ts';
import { liveBook } from './live-book.ts';

/**
 * Makes the live book say what files say: every difference under one known_seq, all or none, each as `rule set` and
 * `rule end` would make it. Returns the differences. Writes, unless there are none.
 * Throws UsageError `rules_invalid`, RefusedError `decided_sales`, `accrual_running` naming the rule.
 */
export async function applyRules(ctx: Context, files: readonly RuleFile[]): Promise<BookChange[]> {
  return await ctx.write(async (tx) => {
    const wanted = await readBook(tx, files);
    if (diffBooks(await liveBook(tx), wanted).length === 0) return [];
    const knownSeq = await drawKnownSeq(tx, 'rules applied from files');
    // Compared again under the number's lock: whoever drew before us is committed and seen.
    return await applyBook(tx, files, { knownSeq, day: today(ctx), decided: 'refuse' });
  });
}

/** How a book is applied: under which number, scopes as of which day, and what becomes of sales decided by the old one. */
export interface Applying {
  readonly knownSeq: number;
  readonly day: string;
  /** 'allow' is for who will roll it back, or post the differences. */
  readonly decided: 'refuse' | 'allow';
}

/** The same in a transaction that has drawn its number. Writes; throws as `applyRules`. */
export async function applyBook(tx: Connection, files: readonly RuleFile[], how: Applying): Promise<BookChange[]> {
  const changes = diffBooks(await liveBook(tx), await readBook(tx, files));
  for (const ofRule of byRule(changes)) await make(tx, ofRule, how);
  return changes;
}

/**
 * Asks to make the live book say what files say, over days with decided sales too: approved, those sales hold it, and the
 * differences are posted. Writes. Throws UsageError `rules_invalid`, RefusedError `rule_unchanged`, and as `askForRerate`.
 */
export async function askToApplyRules(
  ctx: Context,
  files: readonly RuleFile[],
  asked: { readonly directory: string; readonly reason: string },
): Promise<Request> {
  return await ctx.write(async (tx) => {
    const differences = diffBooks(await liveBook(tx), await readBook(tx, files));
    if (differences.length === 0) {
      throw new RefusedError('rule_unchanged', 'the live book says exactly this already: it moves nothing');
    }
    const changes: RuleChange[] = [];
    for (const ofRule of byRule(differences)) changes.push(await changeOfRule(tx, ofRule, today(ctx)));
    const count = differences.length === 1 ? 'one change' : `${differences.length} changes`;
    const about = `${count} of the rule book, from ${asked.directory}`;
    return await askForRerate(ctx, tx, { about, changes, reason: asked.reason });
  });
}

/** All changes of a rule at once: a version that lived only in between would be nobody's. */
const byRule = (changes: readonly BookChange[]): BookChange[][] => [
  ...groupBy(changes, ({ rule }) => ruleOf(rule)).values(),
];

async function changeOfRule(tx: Connection, changes: readonly BookChange[], day: string): Promise<RuleChange> {
  const { rule } = changes[0]!;
  const sayings: Saying[] = [];
  for (const { from, to, becomes } of changes) {
    sayings.push({ days: { from, to }, terms: becomes === null ? null : await resolveTerms(tx, becomes) });
  }
  return { scope: await resolveScope(tx, rule.scope, day), product: rule.product, level: rule.level, sayings };
}

async function make(
  tx: Connection,
  changes: readonly BookChange[],
  { knownSeq, day, decided }: Applying,
): Promise<void> {
  const change = await changeOfRule(tx, changes, day);
  try {
    await makeRuleChange(tx, change, knownSeq, decided === 'allow' ? null : 'from');
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    const { code, message, hint, details } = error;
    throw new RefusedError(code, `${ruleOf(changes[0]!.rule)}: ${message}`, {
      ...(hint === undefined ? {} : { hint }),
      ...(details === undefined ? {} : { details }),
    });
  }
}
