import { updatePartner as updateRow, type PartnerChange, type PartnerRow } from '../../db/queries/partners.ts';
import { parseName } from '../../domain/codes.ts';
import type { Context } from '../context.ts';
import { today } from '../today.ts';
import { changeParent, type NewParent } from './change-parent.ts';
import { findPartner } from './find-partner.ts';
import { assertContractDates, assertLiveCurrency } from './partner-terms.ts';

/** What may change of a partner by hand; null takes a value away. */
export type PartnerUpdate = {
  readonly [K in keyof Omit<PartnerChange, 'status'>]?: PartnerChange[K] | undefined;
} & { readonly place?: NewParent | undefined };

/**
 * Changes what is given and differs; code, type and house never change. Writes, unless nothing differs.
 * Throws NotFoundError `partner_not_found`, UsageError `currency_unknown`, `name_too_long`, RefusedError `currency_withdrawn`,
 * `contract_dates`, and for another parent as `changeParent`.
 */
export async function updatePartner(
  ctx: Context,
  code: string,
  { place, ...update }: PartnerUpdate,
): Promise<{ partner: PartnerRow; changed: boolean }> {
  const day = today(ctx);
  return await ctx.write(async (tx) => {
    const before = await findPartner(tx, code, day);
    const change = Object.fromEntries(
      Object.entries(update).filter(([key, value]) => value !== undefined && value !== before[key as keyof PartnerRow]),
    ) as PartnerChange;
    if (change.name !== undefined) parseName(change.name);
    if (change.currency !== undefined) assertLiveCurrency(change.currency, day);
    const after = { ...before, ...change };
    assertContractDates(after.contractFrom, after.contractTo);
    const moved = place !== undefined && (await changeParent(tx, before, place, day));
    const differs = Object.keys(change).length > 0;
    if (!differs && !moved) return { partner: before, changed: false };
    if (differs) await updateRow(tx, before.id, change);
    return { partner: await findPartner(tx, code, day), changed: true };
  });
}
