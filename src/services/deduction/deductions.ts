import type { Connection } from '../../db/connection.ts';
import {
  deductionsInForce,
  deductionVersions,
  insertDeductions,
  retireDeductions,
  type DeductionRow,
  type StoredDeductions,
} from '../../db/queries/deductions.ts';
import { assertSomeDay, rangeText, type Days } from '../../domain/date-ranges.ts';
import { UsageError } from '../../domain/errors.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import type { TaxForm } from '../../domain/tax-forms.ts';
import type { Context } from '../context.ts';
import { findPartner } from '../partner/find-partner.ts';
import { today } from '../today.ts';
import { drawOnce, sayOver, versionOn, type VersionStore } from '../versions/say-over.ts';

/** What is taken off payouts over some days, and who said so. */
export interface DeductionTerms {
  /** Null: of whoever says nothing for itself. */
  readonly partner: string | null;
  readonly form: TaxForm | null;
  readonly withholdingPpm: number | null;
  /** '1.50 EUR', by currency. */
  readonly fees: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  readonly knownSeq: number | null;
  readonly retiredSeq: number | null;
  readonly setBy: string | null;
  readonly setAt: string | null;
}

function termsView(partner: string | null, row: DeductionRow | undefined): DeductionTerms {
  const { form = null, withholdingPpm = null, fees = {} } = row ?? {};
  const codes = Object.keys(fees).sort();
  return {
    ...{ partner, form, withholdingPpm },
    fees: codes.map((code) => `${formatMinor(BigInt(fees[code]!), code)} ${code}`),
    ...(row?.valid ?? { from: null, to: null }),
    knownSeq: row?.knownSeq ?? null,
    retiredSeq: row?.retiredSeq ?? null,
    setBy: row?.createdBy ?? null,
    setAt: row?.recordedAt ?? null,
  };
}

/** What is to be said; undefined leaves what was, null takes it away. */
export interface NewDeductions {
  /** Default: of whoever says nothing for itself. */
  readonly partner?: string | undefined;
  readonly form?: TaxForm | null | undefined;
  readonly withholdingPpm?: number | null | undefined;
  /** As typed; the other currencies stay. */
  readonly fee?: string | null | undefined;
  /** Of the fee; default the partner's. */
  readonly currency?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const NOTHING: StoredDeductions = { form: null, withholdingPpm: null, fees: {} };

/**
 * Says what is taken off payouts whose cut-off lies in `[from, to)`: what is not given stays, what was said on those days
 * is retired and kept. Runs that are made keep what they went by. Writes, unless it says exactly this already.
 * Throws NotFoundError `partner_not_found`, UsageError `nothing_to_change`, `form_of_partner`, `currency_missing`, `fee_negative`,
 * `window_empty`.
 */
export async function setDeductions(
  ctx: Context,
  input: NewDeductions,
): Promise<{ readonly terms: DeductionTerms; readonly changed: boolean }> {
  const { from = today(ctx), to = null } = input;
  if ([input.form, input.withholdingPpm, input.fee].every((value) => value === undefined)) {
    throw new UsageError('nothing_to_change', 'nothing is said of what is taken off', {
      hint: 'give --form, --withhold or --fee; none takes one away',
    });
  }
  if (input.form != null && input.partner === undefined) {
    throw new UsageError('form_of_partner', 'a tax form is a partner’s: nobody files one for all', {
      hint: 'give --partner too',
    });
  }
  const days = { from, to };
  assertSomeDay(days);
  return await ctx.write(async (tx) => {
    const partner = input.partner === undefined ? null : await findPartner(tx, input.partner, from);
    const change = changeOf(input, input.currency ?? partner?.currency);
    const called = partner === null ? 'for all' : `for ${partner.code}`;
    const draw = drawOnce(tx, `deductions ${called} ${rangeText(days)}`);
    const changed = await sayOver(storeOf(tx, partner?.id ?? null), days, change, draw);
    const version = versionOn(await deductionVersions(tx, partner?.id ?? null), from);
    return { terms: termsView(partner?.code ?? null, version), changed };
  });
}

/** @throws UsageError `currency_missing`, `fee_negative`, and what an amount may be refused for */
function changeOf(
  { form, withholdingPpm, fee }: NewDeductions,
  currency: string | undefined,
): (was: StoredDeductions | null) => StoredDeductions | null {
  if (fee !== undefined && currency === undefined) {
    throw new UsageError('currency_missing', 'a fee is of a currency', { hint: 'give --currency too' });
  }
  const minor = fee == null ? null : Number(parseDecimal(fee, currency!));
  if (minor !== null && minor < 0) throw new UsageError('fee_negative', 'a fee is not negative');
  return (was) => {
    const before = was ?? NOTHING;
    const { [currency ?? '']: _, ...others } = before.fees;
    const said = {
      form: form === undefined ? before.form : form,
      withholdingPpm: withholdingPpm === undefined ? before.withholdingPpm : withholdingPpm,
      fees: fee === undefined ? before.fees : minor === null ? others : { ...others, [currency!]: minor },
    };
    return textOf(said) === textOf(NOTHING) ? null : said;
  };
}

/** Equal terms are equal texts. */
const textOf = ({ form, withholdingPpm, fees }: StoredDeductions) =>
  JSON.stringify([form, withholdingPpm, Object.entries(fees).sort(([a], [b]) => (a < b ? -1 : 1))]);

function storeOf(tx: Connection, partnerId: number | null): VersionStore<StoredDeductions> {
  return {
    read: async () =>
      (await deductionVersions(tx, partnerId)).map(({ id, valid, retiredSeq, form, withholdingPpm, fees }) => ({
        ...{ id, valid, retiredSeq },
        says: { form, withholdingPpm, fees },
      })),
    retire: async (ids, knownSeq) => await retireDeductions(tx, ids, knownSeq),
    insert: async ({ says, ...version }: { says: StoredDeductions; valid: Days; knownSeq: number }) =>
      await insertDeductions(tx, partnerId, { ...says, ...version }),
    text: textOf,
  };
}

/** What is said on a day, by default today: for whoever says nothing first, then by partner. Reads only. */
export async function listDeductions(ctx: Context, on: string = today(ctx)): Promise<DeductionTerms[]> {
  return (await deductionsInForce(ctx.db, on)).map(({ partner, ...row }) => termsView(partner, row));
}

export interface DeductionHistory extends DeductionTerms {
  /** Everything that was ever said, in the order in which it became known. */
  readonly versions: readonly DeductionTerms[];
}

/** What a partner says for itself on a day, by default today, and every version of it. Reads only. Throws NotFoundError. */
export async function showDeductions(ctx: Context, code: string, on: string = today(ctx)): Promise<DeductionHistory> {
  const partner = await findPartner(ctx.db, code, on);
  const rows = await deductionVersions(ctx.db, partner.id);
  return { ...termsView(code, versionOn(rows, on)), versions: rows.map((row) => termsView(code, row)) };
}
