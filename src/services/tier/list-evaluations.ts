import {
  partnerPins,
  partnerTierDays,
  selectEvaluations,
  type EvaluationRow,
  type PartnerTierRow,
  type PinRow,
} from '../../db/queries/tier-evaluations.ts';
import type { Page } from '../../db/queries/order.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';

export type { EvaluationRow, PartnerTierRow, PinRow } from '../../db/queries/tier-evaluations.ts';

/** What evaluations recommend and a person can still approve, latest month-end first. Reads only. */
export async function listProposals(ctx: Context, page: Page): Promise<EvaluationRow[]> {
  return await selectEvaluations(ctx.db, { open: true }, page);
}

export interface TierHistory {
  readonly partner: string;
  /** Today's. */
  readonly tier: string | null;
  readonly days: readonly PartnerTierRow[];
  /** Latest first. */
  readonly evaluations: readonly EvaluationRow[];
  readonly pins: readonly PinRow[];
}

/** Every tier a partner had and what made it so. Reads only. Throws NotFoundError `partner_not_found`. */
export async function tierHistory(ctx: Context, code: string): Promise<TierHistory> {
  const { id, tier } = await findPartner(ctx.db, code, today(ctx));
  return {
    partner: code,
    tier,
    days: await partnerTierDays(ctx.db, id),
    evaluations: await selectEvaluations(ctx.db, { partnerId: id }, EVERYTHING),
    pins: await partnerPins(ctx.db, id),
  };
}

/** Twelve a year. */
const EVERYTHING = { limit: 100_000, offset: 0 };
