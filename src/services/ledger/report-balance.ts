import { latestKnownSeq } from '../../db/queries/known-changes.ts';
import { loadFxRates } from '../../db/queries/rule-book.ts';
import { RefusedError } from '../../domain/errors.ts';
import { convertMinor, type FxRates } from '../../domain/fx.ts';
import { formatMinor, parseDecimal } from '../../domain/money.ts';
import { formatRateSet, type RateSet } from '../../domain/rate-set.ts';
import type { Context } from '../context.ts';
import type { TrialBalance } from './trial-balance.ts';

/** A line of a trial balance, told in the reporting currency too. */
export interface ReportedAccount {
  readonly account: string;
  readonly currency: string;
  readonly debit: string | null;
  readonly credit: string | null;
  readonly balance: string | null;
  /** Null of what has none: the line itself in the reporting currency, and what rounding leaves. */
  readonly rate: string | null;
  readonly reported: string;
}

export interface ReportedBalance {
  /** The set with the change that it was known at, by which it is found again. */
  readonly rates: string;
  readonly accounts: readonly ReportedAccount[];
}

/**
 * A trial balance in one currency besides its own, at named rates: each line is converted and rounded once, and what that
 * leaves stands in a line of its own, so that the column sums to 0. Reads only.
 * Throws RefusedError `fx_rate_missing`, naming every pair.
 */
export async function reportBalance(
  ctx: Context,
  { accounts }: Pick<TrialBalance, 'accounts'>,
  { currency, rates: set }: { readonly currency: string; readonly rates: RateSet },
): Promise<ReportedBalance> {
  const known = set.known ?? (await latestKnownSeq(ctx.db));
  const named = { ...set, known };
  const rates = await loadFxRates(ctx.db, known, null, set.source);
  const rateOf = ratesInto(rates, currency, named, new Set(accounts.map((one) => one.currency)));
  const reported = accounts.map((line) => {
    const rate = rateOf.get(line.currency) ?? null;
    const minor = parseDecimal(line.balance, line.currency);
    return { ...line, rate, minor: rate === null ? minor : convertMinor(minor, line.currency, currency, rate) };
  });
  const left = reported.reduce((sum, { minor }) => sum + minor, 0n);
  const rounding = { account: 'conversion_rounding', currency, debit: null, credit: null, balance: null, rate: null };
  return {
    rates: formatRateSet(named),
    accounts: [...reported, ...(left === 0n ? [] : [{ ...rounding, minor: -left }])].map(({ minor, ...line }) => ({
      ...line,
      reported: formatMinor(minor, currency),
    })),
  };
}

/** The rate of every currency but the one itself. Throws RefusedError `fx_rate_missing`. */
function ratesInto(rates: FxRates, into: string, set: RateSet, currencies: ReadonlySet<string>): Map<string, string> {
  const others = [...currencies].filter((currency) => currency !== into);
  const found = others.map((currency) => [currency, rates.find(currency, into, set.date)?.rate ?? null] as const);
  const missing = found.filter(([, rate]) => rate === null).map(([currency]) => `${currency}/${into}`);
  if (missing.length > 0) {
    throw new RefusedError(
      'fx_rate_missing',
      `the rates ${formatRateSet(set)} have no ${missing.join(', ')}, from ${rates.servesFrom(set.date)} to ${set.date}`,
      { hint: 'import them with `revshare fx import`, or name another set; `revshare fx list` shows what there is' },
    );
  }
  return new Map(found as [string, string][]);
}
