import { ruleHistory, selectRules, type RuleRow } from '../../db/queries/rules.ts';
import type { Page } from '../../db/queries/order.ts';
import { NotFoundError, UsageError } from '../../domain/errors.ts';
import type { RuleScope } from '../../domain/rule-scope.ts';
import type { Context } from '../context.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { findProductId, resolveScope } from './resolve-rule.ts';
import { ruleView, type Rule } from './rule-view.ts';

export type { Rule } from './rule-view.ts';

export interface RuleFilter {
  /** Exactly this scope. */
  readonly scope?: RuleScope | undefined;
  /** Set for this partner, for the instances where it earns now, or for their accounts. */
  readonly partner?: string | undefined;
  /** Set for this instance or one of its accounts. */
  readonly instance?: string | undefined;
  readonly product?: string | undefined;
  /** Of this slot alone: 0 is the own one, n the override slot of level n. */
  readonly level?: number | undefined;
  /** In force on this day; default whenever. */
  readonly at?: string | undefined;
  /** As known at this known_seq; default now. */
  readonly known?: number | undefined;
}

/** Versions from wide scopes to narrow ones. Reads only. Throws NotFoundError for what a filter names in vain. */
export async function listRules(ctx: Context, filter: RuleFilter, page: Page): Promise<Rule[]> {
  const day = today(ctx);
  const { scope, partner, instance, product, level, at, known } = filter;
  const rows = await selectRules(
    ctx.db,
    {
      scope: scope === undefined ? undefined : await resolveScope(ctx.db, scope, day),
      partnerId: partner === undefined ? undefined : (await findPartner(ctx.db, partner, day)).id,
      instanceId: instance === undefined ? undefined : await findInstanceId(ctx.db, instance),
      productId: product === undefined ? undefined : await findProductId(ctx.db, product),
      level,
      at,
      known,
    },
    at ?? day,
    page,
  );
  return rows.map(ruleView);
}

export interface RuleDetails extends Rule {
  /** Every version it ever had, in the order in which they became known. */
  readonly versions: readonly Rule[];
}

/**
 * One rule by its number: the version that speaks today, or else the last one that became known, and the whole history.
 * Reads only. Throws UsageError `rule_number`, NotFoundError `rule_not_found`.
 */
export async function showRule(ctx: Context, number: string): Promise<RuleDetails> {
  if (!/^\d{1,15}$/.test(number)) {
    throw new UsageError('rule_number', `'${number}' is no rule number`, { hint: '`revshare rule list` shows them' });
  }
  const rows = await ruleHistory(ctx.db, Number(number));
  const last = rows.at(-1);
  if (last === undefined) throw new NotFoundError('rule', number, '`revshare rule list` shows what there is');
  return { ...ruleView(speaking(rows, today(ctx)) ?? last), versions: rows.map(ruleView) };
}

function speaking(rows: readonly RuleRow[], day: string): RuleRow | undefined {
  return rows.find(
    ({ retiredSeq, valid: { from, to } }) =>
      retiredSeq === null && (from === null || from <= day) && (to === null || day < to),
  );
}
