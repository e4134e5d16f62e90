import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import { insertApproval, moveTiers, selectEvaluations, type EvaluationRow } from '../../db/queries/tier-evaluations.ts';
import { RefusedError } from '../../domain/errors.ts';
import { effectiveFrom } from '../../domain/tiers/dates.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { holdTiers } from './hold-tiers.ts';

/**
 * Lets what a partner's last evaluation recommends count, from the day after the last that may be decided. Writes.
 * Throws NotFoundError `partner_not_found`, RefusedError `tier_not_proposed`. Source: SEMANTICS §8.
 */
export async function approveTier(ctx: Context, code: string): Promise<EvaluationRow> {
  return await ctx.write(async (tx) => {
    const { id } = await findPartner(tx, code, today(ctx));
    const lastAccrued = await holdTiers(tx);
    const [last] = await selectEvaluations(tx, { partnerId: id }, { limit: 1, offset: 0 });
    if (last === undefined || !last.open) {
      throw new RefusedError('tier_not_proposed', `there is nothing to approve for ${code}: ${whyNone(last)}`, {
        hint: '`revshare tier proposals` lists what can be approved',
      });
    }
    const from = effectiveFrom(last.evaluatedOn, lastAccrued, last.since);
    await insertApproval(tx, last.id, from);
    const knownSeq = await drawKnownSeq(tx, `tier of ${code}: ${last.tier} from ${from} on, as recommended`);
    await moveTiers(tx, [{ partnerId: id, tier: last.tier, from, evaluationId: last.id, pinId: null }], knownSeq);
    const [approved] = await selectEvaluations(tx, { partnerId: id }, { limit: 1, offset: 0 });
    return approved!;
  });
}

function whyNone(last: EvaluationRow | undefined): string {
  if (last === undefined) return 'it was never evaluated';
  const { evaluatedOn, approvedFrom, verdict, policy } = last;
  if (approvedFrom !== null) return `what its evaluation of ${evaluatedOn} recommends is approved`;
  const recommends = policy.mode === 'recommend' && (verdict === 'up' || verdict === 'down');
  return recommends
    ? `it was pinned after its evaluation of ${evaluatedOn}`
    : `its last evaluation, of ${evaluatedOn}, says ${verdict} in mode ${policy.mode}`;
}
