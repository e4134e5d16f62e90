import { drawKnownSeq } from '../../db/queries/known-changes.ts';
import {
  insertPartner,
  insertPartnerParent,
  insertPartnerTier,
  partnerByCode,
  type PartnerRow,
  type PartnerType,
} from '../../db/queries/partners.ts';
import { parseCode, parseName } from '../../domain/codes.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { findPartner, findTier } from './find-partner.ts';
import { findParent } from './change-parent.ts';
import { assertContractDates, assertLiveCurrency } from './partner-terms.ts';

export type { PartnerRow, PartnerType } from '../../db/queries/partners.ts';

export interface NewPartner {
  readonly code: string;
  readonly name: string;
  readonly type: PartnerType;
  /** ISO 4217: what payouts are made in by default. */
  readonly currency: string;
  readonly email?: string | undefined;
  readonly company?: string | undefined;
  readonly contact?: string | undefined;
  readonly contractFrom?: string | undefined;
  readonly contractTo?: string | undefined;
  /** In force from the beginning of time, so that imported history finds it. */
  readonly tier?: string | undefined;
  /** The partner a reseller stands under, from the beginning of time. */
  readonly parent?: string | undefined;
  /** Never earns: the operator's own sales. */
  readonly house?: boolean | undefined;
  /** Begins as pending instead of active. */
  readonly pending?: boolean | undefined;
}

const ALWAYS = { from: null, to: null };

/**
 * Makes a partner, active unless told otherwise, with its tier and parent as first versions. Writes.
 * Throws UsageError `code_invalid`, `name_too_long`, `currency_unknown`, RefusedError `partner_exists`, `currency_withdrawn`,
 * `contract_dates`, `parent_refused`, NotFoundError for tier and parent.
 */
export async function createPartner(ctx: Context, input: NewPartner): Promise<PartnerRow> {
  const code = parseCode(input.code);
  const day = today(ctx);
  assertLiveCurrency(input.currency, day);
  assertContractDates(input.contractFrom ?? null, input.contractTo ?? null);
  return await ctx.write(async (tx) => {
    if ((await partnerByCode(tx, code, day)) !== null) {
      throw new RefusedError('partner_exists', `there is already a partner '${code}'`);
    }
    const parent =
      input.parent === undefined ? null : await findParent(tx, input.parent, { type: input.type, code }, day);
    const tier = input.tier === undefined ? null : await findTier(tx, input.tier);
    const partnerId = await insertPartner(tx, {
      code,
      name: parseName(input.name),
      type: input.type,
      status: input.pending === true ? 'pending' : 'active',
      currency: input.currency,
      house: input.house ?? false,
      company: input.company ?? null,
      contact: input.contact ?? null,
      email: input.email ?? null,
      contractFrom: input.contractFrom ?? null,
      contractTo: input.contractTo ?? null,
    });
    if (tier !== null || parent !== null) {
      const knownSeq = await drawKnownSeq(tx, `partner ${code} created`);
      if (tier !== null) await insertPartnerTier(tx, { partnerId, tier, knownSeq });
      if (parent !== null) await insertPartnerParent(tx, { partnerId, parentId: parent.id, valid: ALWAYS, knownSeq });
    }
    return await findPartner(tx, code, day);
  });
}
