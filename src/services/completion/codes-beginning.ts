import { codesBeginningWith, type CodedTable } from '../../db/queries/near-codes.ts';
import type { Context } from '../context.ts';

const TABLES = {
  partner: 'partners',
  instance: 'instances',
  tenant: 'tenants',
  plan: 'plans',
  subscription: 'subscriptions',
  tier: 'tiers',
} as const satisfies Record<string, CodedTable>;
export type CodedThing = keyof typeof TABLES;

/** Codes that begin as typed, in order, as many as a person looks through. Reads only. */
export async function codesBeginning(ctx: Context, thing: CodedThing, typed: string): Promise<string[]> {
  return await codesBeginningWith(ctx.db, TABLES[thing], typed);
}
