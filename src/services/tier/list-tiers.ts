import { tierTermsVersions } from '../../db/queries/tier-terms.ts';
import type { Context } from '../context.ts';
import { notFound } from '../not-found.ts';
import { today } from '../today.ts';
import { tiersOn, tierView, type Tier } from './tier-view.ts';

export type { Tier } from './tier-view.ts';

/** The tiers on a day, by default today, lowest first. Reads only. */
export async function listTierTerms(ctx: Context, at: string = today(ctx)): Promise<Tier[]> {
  return await tiersOn(ctx.db, at);
}

export interface TierDetails extends Tier {
  /** Everything that was ever said of it, in the order in which it became known; rates stand in the rule book. */
  readonly versions: readonly Tier[];
}

/** One tier on a day, by default today, with its history. Reads only. Throws NotFoundError `tier_not_found`. */
export async function showTier(ctx: Context, code: string, at: string = today(ctx)): Promise<TierDetails> {
  const tier = (await tiersOn(ctx.db, at)).find((one) => one.tier === code);
  if (tier === undefined) throw await notFound(ctx.db, 'tier', code);
  const versions = await tierTermsVersions(ctx.db, code);
  return { ...tier, versions: versions.map((row) => tierView(row, tier.currency, null)) };
}
