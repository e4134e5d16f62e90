import type { WholesaleBalance, WholesaleRow } from '../../db/queries/wholesale.ts';
import { formatMinor } from '../../domain/money.ts';

/** A line of what a partner owes for wholesale; the amount is a decimal string, below zero for what was received. */
export type WholesaleLine = Omit<WholesaleRow, 'amountMinor'> & { readonly amount: string };

export function lineView({ amountMinor, ...row }: WholesaleRow): WholesaleLine {
  return { ...row, amount: formatMinor(BigInt(amountMinor), row.currency) };
}

export function balanceView(row: WholesaleBalance): WholesaleBalance {
  const money = (minor: string) => formatMinor(BigInt(minor), row.currency);
  const { opening, charged, received, closing } = row;
  return {
    ...row,
    ...{ opening: money(opening), charged: money(charged), received: money(received), closing: money(closing) },
  };
}

/** Sums by currency: '12.00 EUR'. */
export function sumsOf(lines: readonly WholesaleRow[]): string[] {
  const sums = new Map<string, bigint>();
  for (const { currency, amountMinor } of lines) {
    sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amountMinor));
  }
  return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, minor]) => `${formatMinor(minor, code)} ${code}`);
}
