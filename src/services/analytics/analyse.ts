import { financialRows, type FinancialRow, type FinancialScope } from '../../db/queries/financials.ts';
import type { Days } from '../../domain/date-ranges.ts';
import { addDays } from '../../domain/dates.ts';
import { convertMinor } from '../../domain/fx.ts';
import { formatMinor } from '../../domain/money.ts';
import type { Context } from '../context.ts';
import { findFxRate } from '../fx/find-fx-rate.ts';
import { findInstanceId } from '../instance/find-instance.ts';
import { financialDays, financialsView, type Financials } from '../instance/instance-financials.ts';
import { findPartner } from '../partner/find-partner.ts';
import { findTenant } from '../tenant/find-tenant.ts';
import { today } from '../today.ts';

/** Whose figures, by code. */
export type AnalysedNoun = 'instance' | 'tenant' | 'partner';

export interface AskedAnalysis {
  readonly window: Days;
  readonly asOf?: string | undefined;
  /** One row for each currency, over all instances. */
  readonly byCurrency?: boolean | undefined;
  /** The currency to tell amounts in beside their own, at the recorded rates. */
  readonly in?: string | undefined;
}

/** Amounts in the reporting currency, at the rate of the last day that was asked about. */
export interface Reported {
  readonly currency: string;
  readonly rate: string;
  readonly on: string;
  readonly revenue: string;
  readonly commission: string;
  readonly paid: string;
}

/** Figures of one instance in one currency, or of all of them. */
export interface Analysed extends Omit<Financials, 'tenant' | 'instance'> {
  readonly tenant: string | null;
  readonly instance: string | null;
  readonly reported: Reported | null;
}

export interface Analysis {
  readonly rows: readonly Analysed[];
  /** The sum over all currencies; null without a reporting currency. */
  readonly total: Omit<Reported, 'rate'> | null;
}

type Row = Omit<FinancialRow, 'tenant' | 'instance'> & Record<'tenant' | 'instance', string | null>;

/**
 * Revenue, commission and margin of an instance; of a tenant, at all its instances; of a partner, at every instance where
 * it earned, with the revenue of its agreements' days. Nothing is summed across currencies but in a reporting currency that
 * is named. Reads only. Throws NotFoundError, UsageError `as_of_future`, RefusedError `fx_rate_missing`.
 */
export async function analyse(ctx: Context, noun: AnalysedNoun, code: string, asked: AskedAnalysis): Promise<Analysis> {
  const scope = await scopeOf(ctx, noun, code);
  const rows: Row[] = await financialRows(ctx.db, scope, financialDays(ctx, asked));
  const shown = asked.byCurrency === true ? summed(rows) : rows;
  const { in: target } = asked;
  if (target === undefined) return { rows: shown.map((row) => analysed(row, null)), total: null };
  const on = lastDay(ctx, asked);
  const rates = await ratesInto(
    ctx,
    shown.map(({ currency }) => currency),
    target,
    on,
  );
  const converted = (key: 'revenue' | 'commission' | 'paid', row: Row): bigint =>
    convertMinor(BigInt(row[key]), row.currency, target, rates.get(row.currency)!);
  const total = (key: 'revenue' | 'commission' | 'paid'): string =>
    formatMinor(
      shown.reduce((sum, row) => sum + converted(key, row), 0n),
      target,
    );
  return {
    rows: shown.map((row) =>
      analysed(row, {
        currency: target,
        rate: rates.get(row.currency)!,
        on,
        revenue: formatMinor(converted('revenue', row), target),
        commission: formatMinor(converted('commission', row), target),
        paid: formatMinor(converted('paid', row), target),
      }),
    ),
    total: { currency: target, on, revenue: total('revenue'), commission: total('commission'), paid: total('paid') },
  };
}

async function scopeOf(ctx: Context, noun: AnalysedNoun, code: string): Promise<FinancialScope> {
  switch (noun) {
    case 'instance':
      return { instanceId: await findInstanceId(ctx.db, code) };
    case 'tenant':
      return { tenantId: (await findTenant(ctx.db, code)).id };
    case 'partner':
      return { partnerId: (await findPartner(ctx.db, code, today(ctx))).id };
  }
}

/** The last day of what was asked about that is over or is today. */
function lastDay(ctx: Context, { asOf, window: { to } }: AskedAnalysis): string {
  const day = asOf ?? today(ctx);
  return to === null || to > day ? day : addDays(to, -1);
}

/** How many of the target one of each currency is worth. Throws RefusedError `fx_rate_missing`. */
async function ratesInto(
  ctx: Context,
  currencies: readonly string[],
  target: string,
  on: string,
): Promise<ReadonlyMap<string, string>> {
  const rates = new Map([[target, '1']]);
  for (const base of currencies) {
    if (!rates.has(base)) rates.set(base, (await findFxRate(ctx, { base, quote: target, on })).rate);
  }
  return rates;
}

const SUMMED = [
  'revenue',
  'periodRevenue',
  'commission',
  'pending',
  'held',
  'approved',
  'processing',
  'paid',
  'balance',
] as const;

/** One row a currency. */
function summed(rows: readonly Row[]): Row[] {
  const all = new Map<string, Row>();
  for (const row of rows) {
    const before = all.get(row.currency);
    all.set(row.currency, before === undefined ? { ...row, tenant: null, instance: null } : plus(before, row));
  }
  return [...all.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

function plus(a: Row, b: Row): Row {
  const sums = SUMMED.map((key) => [key, String(BigInt(a[key]) + BigInt(b[key]))] as const);
  const wholesale =
    a.wholesale === null && b.wholesale === null ? null : String(BigInt(a.wholesale ?? 0) + BigInt(b.wholesale ?? 0));
  return {
    ...a,
    ...(Object.fromEntries(sums) as Pick<Row, (typeof SUMMED)[number]>),
    payments: a.payments + b.payments,
    customers: a.customers + b.customers,
    wholesale,
    updatedAt:
      [a.updatedAt, b.updatedAt]
        .filter((at) => at !== null)
        .sort()
        .at(-1) ?? null,
  };
}

function analysed(row: Row, reported: Reported | null): Analysed {
  const { tenant, instance } = row;
  return { ...financialsView({ ...row, tenant: tenant ?? '', instance: instance ?? '' }), tenant, instance, reported };
}
