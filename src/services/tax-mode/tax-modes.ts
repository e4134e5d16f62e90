import type { Connection } from '../../db/connection.ts';
import {
  insertTaxMode,
  retireTaxModes,
  taxModesOn,
  taxModeVersions,
  type StoredTaxMode,
  type TaxModeRow,
} from '../../db/queries/tax-modes.ts';
import { assertSomeDay, rangeText } from '../../domain/date-ranges.ts';
import { UsageError } from '../../domain/errors.ts';
import type { TaxMode } from '../../domain/invoices.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver, versionOn, type VersionStore } from '../versions/say-over.ts';
import { stampOf, UNSAID, type VersionStamp } from '../versions/version-stamp.ts';

/** Who invoices what a partner supplies over some days, and who said so. */
export interface PartnerTaxMode extends VersionStamp {
  readonly partner: string;
  readonly mode: TaxMode | 'none';
  readonly vatPpm: number | null;
  readonly taxId: string | null;
}

function modeView(partner: string, row: TaxModeRow | undefined): PartnerTaxMode {
  return {
    ...{ partner, mode: row?.mode ?? 'none', vatPpm: row?.vatPpm ?? null, taxId: row?.taxId ?? null },
    ...(row === undefined ? UNSAID : stampOf(row)),
  };
}

export interface NewTaxMode {
  readonly partner: string;
  readonly mode: TaxMode | 'none';
  /** Of the net amount; of self-billing alone. */
  readonly vatPpm?: number | undefined;
  readonly taxId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Says who invoices what is paid to a partner on days in `[from, to)`; what was said on those days is retired and kept, and
 * invoices that are written stay as they are. Writes, unless it says exactly this already.
 * Throws NotFoundError `partner_not_found`, UsageError `tax_id_missing`, `vat_missing`, `vat_unfit`, `window_empty`.
 */
export async function setTaxMode(
  ctx: Context,
  input: NewTaxMode,
): Promise<{ readonly set: PartnerTaxMode; readonly changed: boolean }> {
  const { from = today(ctx), to = null } = input;
  const says = saidBy(input);
  const days = { from, to };
  assertSomeDay(days);
  return await ctx.write(async (tx) => {
    const partner = await findPartner(tx, input.partner, from);
    const draw = drawOnce(tx, `tax mode of ${partner.code} ${rangeText(days)}`);
    const changed = await sayOver(storeOf(tx, partner.id), days, () => says, draw);
    return { set: modeView(partner.code, versionOn(await taxModeVersions(tx, partner.id), from)), changed };
  });
}

function saidBy({ mode, vatPpm, taxId }: NewTaxMode): StoredTaxMode | null {
  if (vatPpm !== undefined && mode !== 'self_billed') {
    throw new UsageError('vat_unfit', `there is no VAT on an invoice of mode ${mode}`, { hint: 'leave --vat out' });
  }
  if (mode === 'none') return null;
  if (taxId === undefined) {
    throw new UsageError('tax_id_missing', 'nobody is billed without a tax number', { hint: 'give --tax-id too' });
  }
  if (mode === 'self_billed' && vatPpm === undefined) {
    throw new UsageError('vat_missing', 'a self-billed invoice says the VAT it includes', {
      hint: 'give --vat, as 19%; 0% where the partner owes none',
    });
  }
  return { mode, vatPpm: vatPpm ?? 0, taxId };
}

const storeOf = (tx: Connection, partnerId: number): VersionStore<StoredTaxMode> => ({
  read: async () =>
    (await taxModeVersions(tx, partnerId)).map(({ id, valid, retiredSeq, mode, vatPpm, taxId }) => ({
      ...{ id, valid, retiredSeq },
      says: { mode, vatPpm, taxId },
    })),
  retire: async (ids, knownSeq) => await retireTaxModes(tx, ids, knownSeq),
  insert: async ({ says, ...version }) => await insertTaxMode(tx, partnerId, { ...says, ...version }),
  text: ({ mode, vatPpm, taxId }) => JSON.stringify([mode, vatPpm, taxId]),
});

/** Partners whose invoices are written for them on a day, by default today. Reads only. */
export async function listTaxModes(ctx: Context, on: string = today(ctx)): Promise<PartnerTaxMode[]> {
  return (await taxModesOn(ctx.db, on)).map(({ partner, ...row }) => modeView(partner, row));
}

export interface TaxModeHistory extends PartnerTaxMode {
  /** Everything that was ever said, in the order in which it became known. */
  readonly versions: readonly PartnerTaxMode[];
}

/** The mode of a partner on a day, by default today, and every version of it. Reads only. Throws NotFoundError. */
export async function showTaxMode(ctx: Context, code: string, on: string = today(ctx)): Promise<TaxModeHistory> {
  const partner = await findPartner(ctx.db, code, on);
  const rows = await taxModeVersions(ctx.db, partner.id);
  return { ...modeView(code, versionOn(rows, on)), versions: rows.map((row) => modeView(code, row)) };
}
