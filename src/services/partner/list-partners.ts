import { selectAgreements, type AgreementRow } from '../../db/queries/instances.ts';
import type { Page } from '../../db/queries/order.ts';
import {
  parentVersions,
  selectPartners,
  selectTiers,
  statusHistory,
  type PartnerFilter as RowFilter,
  type ParentRow,
  type PartnerRow,
  type StatusChangeRow,
  type TierRow,
} from '../../db/queries/partners.ts';
import type { Context } from '../context.ts';
import { nextPayouts, type ScheduledPayout } from '../payout/payout-calendar.ts';
import { findTenant } from '../tenant/find-tenant.ts';
import { today } from '../today.ts';
import { findPartner, findTier } from './find-partner.ts';

export type PartnerFilter = Pick<RowFilter, 'status' | 'type' | 'tier'> & {
  /** Code of a tenant: partners who earn now at one of its instances. */
  readonly tenant?: string | undefined;
};

/** Partners by code, with the tier and parent of today. Reads only. Throws NotFoundError for an unknown tenant or tier. */
export async function listPartners(ctx: Context, filter: PartnerFilter, page: Page): Promise<PartnerRow[]> {
  if (filter.tier !== undefined) await findTier(ctx.db, filter.tier);
  const tenant = filter.tenant === undefined ? undefined : await findTenant(ctx.db, filter.tenant);
  return await selectPartners(ctx.db, { ...filter, tenantId: tenant?.id }, today(ctx), page);
}

export interface PartnerDetails extends PartnerRow {
  readonly statuses: readonly StatusChangeRow[];
  /** Where the partner earns, earned or will earn. */
  readonly agreements: readonly AgreementRow[];
  /** Whom it stands under, and who stands under it, past and future too. */
  readonly hierarchy: readonly ParentRow[];
  /** By its schedule or the programme's; none without one. */
  readonly nextPayout: readonly ScheduledPayout[];
}

/** One partner with its history of statuses and its agreements. Reads only. Throws NotFoundError `partner_not_found`. */
export async function showPartner(ctx: Context, code: string): Promise<PartnerDetails> {
  const partner = await findPartner(ctx.db, code, today(ctx));
  return {
    ...partner,
    statuses: await statusHistory(ctx.db, partner.id),
    agreements: await selectAgreements(ctx.db, { partnerId: partner.id }),
    hierarchy: [
      ...(await parentVersions(ctx.db, { partnerId: partner.id })),
      ...(await parentVersions(ctx.db, { parentId: partner.id })),
    ].filter(({ retiredSeq }) => retiredSeq === null),
    nextPayout: await nextPayouts(ctx.db, partner, today(ctx), 1),
  };
}

/** The tiers, lowest first. Reads only. */
export async function listTiers(ctx: Context): Promise<TierRow[]> {
  return await selectTiers(ctx.db);
}
