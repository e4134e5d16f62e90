import type { Connection } from '../../db/connection.ts';
import { productIdByCode } from '../../db/queries/products.ts';
import type { ScopeIdentity } from '../../db/queries/rules.ts';
import { formatScope, type RuleScope } from '../../domain/rule-scope.ts';
import { findAccount } from '../account/find-account.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { notFound } from '../not-found.ts';
import { findPartner, findTier } from '../partner/find-partner.ts';

const PROGRAMME: ScopeIdentity = { scope: 'programme', accountId: null, instanceId: null, partnerId: null, tier: null };

/** A rule as people name it. */
export interface RuleName {
  readonly scope: RuleScope;
  readonly product?: string | undefined;
  /** Of the override slot for the n-th partner above the one who earns; default 0, the own slot. */
  readonly level?: number | undefined;
}

/** What a scope names, by identity. Reads only. Throws NotFoundError with what may have been meant. */
export async function resolveScope(tx: Connection, scope: RuleScope, day: string): Promise<ScopeIdentity> {
  switch (scope.kind) {
    case 'programme':
      return PROGRAMME;
    case 'tier':
      return { ...PROGRAMME, scope: 'tier', tier: await findTier(tx, scope.code) };
    case 'partner':
      return { ...PROGRAMME, scope: 'partner', partnerId: (await findPartner(tx, scope.code, day)).id };
    case 'instance':
      return { ...PROGRAMME, scope: 'instance', instanceId: await findInstanceId(tx, scope.code) };
    case 'account':
      return { ...PROGRAMME, scope: 'account', accountId: (await findAccount(tx, scope)).id };
  }
}

/** A product that some event or rule has named. Reads only. Throws NotFoundError `product_not_found`. */
export async function findProductId(tx: Connection, code: string): Promise<number> {
  const id = await productIdByCode(tx, code);
  if (id === null) throw await notFound(tx, 'product', code);
  return id;
}

/** A rule as messages call it, in the words that are typed: 'partner=acme --product setup'. */
export function ruleCalled({ scope, product, level = 0 }: RuleName): string {
  return [
    formatScope(scope),
    ...(product === undefined ? [] : [`--product ${product}`]),
    ...(level === 0 ? [] : [`--override ${level}`]),
  ].join(' ');
}
