import { readOneMoment } from '../../db/queries/as-of.ts';
import { ledgerAccountRows } from '../../db/queries/ledger.ts';
import { payableRows, type PayableRow } from '../../db/queries/payables.ts';
import type { WalletFilter } from '../../db/queries/wallets.ts';
import { ALL_ROWS } from '../../db/queries/order.ts';
import { AGE_NAMES, type Age } from '../../domain/aging.ts';
import { groupBy } from '../../domain/maps.ts';
import { formatMinor } from '../../domain/money.ts';
import { readFilter } from '../commission/commission-filter.ts';
import type { Context } from '../context.ts';
import { postingDay } from '../posting-day.ts';
import { today } from '../today.ts';

export const AGED_BY = ['partner', 'instance'] as const;
export type AgedBy = (typeof AGED_BY)[number];

/** What is owed to a partner in a currency, by when it may be paid; amounts as decimal strings. */
export type AgedPayable = Readonly<Record<Age | 'total', string>> & {
  readonly partner: string;
  /** Null: at all of them. */
  readonly instance: string | null;
  readonly currency: string;
};

/** What the entries of a currency come to, beside what the ledger owes for them. */
export interface AgingTie {
  readonly currency: string;
  readonly owed: string;
  readonly ledger: string;
  readonly equal: boolean;
}

export interface Aging {
  readonly day: string;
  readonly rows: readonly AgedPayable[];
  readonly ties: readonly AgingTie[];
}

export interface AgingRequest extends WalletFilter {
  /** Posting dates up to this one, inclusive, and ages on it; default all there is, and today. */
  readonly asOf?: string | undefined;
  readonly by: AgedBy;
}

/**
 * What is owed to partners, entry by entry, by when it may be paid, tied to the wallets of the ledger: both are read in one
 * snapshot, and without a filter the ledger's side is the trial balance's line. Reads only. Throws NotFoundError for a code
 * that names nothing, UsageError `as_of_future`.
 */
export async function agePayables(ctx: Context, { asOf, by, ...filter }: AgingRequest): Promise<Aging> {
  const until = postingDay(ctx, asOf);
  const day = asOf ?? today(ctx);
  return await ctx.db.transaction(async (tx) => {
    await readOneMoment(tx);
    await readFilter(tx, filter);
    const wallets = await payableRows(tx, filter, day, until);
    const page = ALL_ROWS;
    const ledger = await ledgerAccountRows(tx, { ...filter, type: 'wallet' }, until, page);
    const owed = sums(wallets, totalOf);
    const posted = sums(ledger, ({ debit, credit }) => BigInt(credit) - BigInt(debit));
    return {
      day,
      rows: (by === 'instance' ? wallets : byPartner(wallets)).filter(isOwed).map(aged),
      ties: [...posted].map(([currency, minor]) => ({
        currency,
        owed: formatMinor(owed.get(currency) ?? 0n, currency),
        ledger: formatMinor(minor, currency),
        equal: (owed.get(currency) ?? 0n) === minor,
      })),
    };
  });
}

/** Sums of a currency, in minor units. */
function sums<R extends { readonly currency: string }>(
  rows: readonly R[],
  of: (row: R) => bigint,
): Map<string, bigint> {
  const found = groupBy(rows, ({ currency }) => currency);
  return new Map([...found].map(([currency, own]) => [currency, own.reduce((sum, row) => sum + of(row), 0n)]));
}

type Aged = Omit<PayableRow, 'instance'> & { readonly instance: string | null };

/** The wallets of a partner and currency in one, in the order of the partners. */
function byPartner(wallets: readonly PayableRow[]): Aged[] {
  return [...groupBy(wallets, ({ partner, currency }) => `${partner} ${currency}`).values()].map((own) => ({
    ...own[0]!,
    instance: null,
    ...eachAge((age) => String(own.reduce((sum, wallet) => sum + BigInt(wallet[age]), 0n))),
  }));
}

/** What was paid to the last cent is no line of what is owed. */
const isOwed = (row: Aged): boolean => AGE_NAMES.some((age) => row[age] !== '0');

const totalOf = (row: Aged): bigint => AGE_NAMES.reduce((sum, age) => sum + BigInt(row[age]), 0n);

const eachAge = (of: (age: Age) => string) =>
  Object.fromEntries(AGE_NAMES.map((age) => [age, of(age)])) as Record<Age, string>;

function aged(row: Aged): AgedPayable {
  const money = (minor: bigint) => formatMinor(minor, row.currency);
  return {
    ...row,
    ...eachAge((age) => money(BigInt(row[age]))),
    total: money(totalOf(row)),
  };
}
