import { diffBooks, type BookChange } from '../../domain/book-diff.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context, MutationReport } from '../context.ts';
import { mutations } from '../mutation.ts';
import { applyRules } from './apply-rules.ts';
import { readBook } from './lint-rules.ts';
import { liveBook } from './live-book.ts';
import { readRuleDirectory, type RuleDirectory } from './rule-directory.ts';

export interface RulesPlan {
  readonly changes: readonly BookChange[];
  /** What `rules apply --plan` insists on; null where it could not be applied now. */
  readonly plan: string | null;
  /** Why it could not be applied now. */
  readonly refusal: RefusedError | null;
}

/**
 * What would have to change for the live book to say what files say, and whether it could: applied for real and rolled
 * back. Writes nothing. Throws UsageError `rules_invalid` and as `readRuleDirectory`.
 */
export async function planRules(ctx: Context, directory: RuleDirectory): Promise<RulesPlan> {
  const files = await readRuleDirectory(directory);
  const changes = diffBooks(await liveBook(ctx.db), await readBook(ctx.db, files));
  const report: MutationReport = { applied: false, changes: [], plan: null };
  try {
    await applyRules({ ...ctx, ...mutations(ctx.db, { dryRun: true, plan: null, report }) }, files);
    return { changes, plan: report.plan, refusal: null };
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return { changes, plan: null, refusal: error };
  }
}
