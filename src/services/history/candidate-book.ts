import { allClocks } from '../../db/queries/history.ts';
import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { loadRuleBook } from '../../db/queries/rule-book.ts';
import type { AccountClock, RuleBookContent } from '../../domain/rating/model.ts';
import type { RuleFile } from '../../formats/rule-files.ts';
import type { Context, MutationReport } from '../context.ts';
import { mutations } from '../mutation.ts';
import { applyBook } from '../rules/apply-rules.ts';
import { today } from '../today.ts';

/** What rating would read if the live book said what files say. */
export interface CandidateBook {
  readonly content: RuleBookContent;
  /** Clocks that it alone keeps: of accounts that were won before it asks for any. */
  readonly frozenClocks: ReadonlyMap<number, AccountClock>;
}

/**
 * The book that files say, as the database would have it: applied for real, over decided sales too, read as an accrual
 * reads it, and rolled back. So a rule that stays keeps its windows, and a file that could not be applied is refused here
 * as there. Writes nothing that stays. Throws UsageError `rules_invalid`.
 */
export async function candidateBook(
  ctx: Context,
  files: readonly RuleFile[],
  live: RuleBookContent,
): Promise<CandidateBook> {
  const report: MutationReport = { applied: false, changes: [], plan: null };
  return await mutations(ctx.db, { dryRun: true, plan: null, report }).write(async (tx) => {
    const knownSeq = await drawKnownSeq(tx, 'rules simulated');
    await applyBook(tx, files, { knownSeq, day: today(ctx), decided: 'allow' });
    const content = await loadRuleBook(tx, knownSeq);
    const clocks = content.keepsClocks && !live.keepsClocks ? await allClocks(tx) : [];
    return { content, frozenClocks: new Map(clocks.map((clock) => [clock.accountId, clock])) };
  });
}
