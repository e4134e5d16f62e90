import type { Connection } from '../../db/connection.ts';
import { productIdByCode } from '../../db/queries/products.ts';
import type { ScopeIdentity } from '../../db/queries/rules.ts';
import type { RuleScope } from '../../domain/rule-scope.ts';
import { findAccount } from '../account/find-account.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { notFound } from '../not-found.ts';
import { findPartner, findTier } from '../partner/find-partner.ts';

const PROGRAMME: ScopeIdentity = { scope: 'programme', accountId: null, instanceId: null, partnerId: null, tier: null };

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
