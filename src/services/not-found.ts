import { codesLike, type CodedTable } from '../db/queries/near-codes.ts';
import type { Connection } from '../db/connection.ts';
import { NotFoundError } from '../domain/errors.ts';
import { didYouMean, whereToLook } from '../domain/near-names.ts';

const TABLES = {
  tenant: 'tenants',
  partner: 'partners',
  instance: 'instances',
  tier: 'tiers',
  product: 'products',
  source: 'sources',
  plan: 'plans',
  meter: 'meters',
  subscription: 'subscriptions',
} as const satisfies Record<string, CodedTable>;
export type CodedNoun = keyof typeof TABLES;

/** The error for a code that names nothing, with what may have been meant. Reads only. */
export async function notFound(tx: Connection, noun: CodedNoun, code: string): Promise<NotFoundError> {
  const near = didYouMean(code, await codesLike(tx, TABLES[noun], code));
  return new NotFoundError(noun, code, near ?? whereToLook(noun));
}
