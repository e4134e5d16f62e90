import { isDeepStrictEqual } from 'node:util';
import type { Connection } from '../../db/connection.ts';
import { termsOf, type StoredTerms } from '../../db/queries/rules.ts';
import type { RuleTerms } from '../../domain/rule-terms.ts';
import { findProductId } from './resolve-rule.ts';

/**
 * Terms as they are stored: the products they are limited to by identity. Reads only.
 * Throws NotFoundError `product_not_found`: a limit to what nobody ever sold would let nothing through.
 */
export async function resolveTerms(tx: Connection, terms: RuleTerms): Promise<StoredTerms> {
  if (terms.limitProducts === null) return { ...terms, limitProducts: null };
  const ids: number[] = [];
  for (const code of terms.limitProducts) ids.push(await findProductId(tx, code));
  return { ...terms, limitProducts: ids.sort((a, b) => a - b) };
}

/** Whether two versions decide every sale alike; a note decides nothing. */
export function decideAlike(a: StoredTerms, b: StoredTerms): boolean {
  return isDeepStrictEqual({ ...termsOf(a), note: null }, { ...termsOf(b), note: null });
}
