import type { Programme } from './words.ts';

/** The latest rate of a pair on a date, none older than four days, as a fraction. SEMANTICS §5. */
export function rateOn({ rates }: Pick<Programme, 'rates'>, from: string, to: string, date: string): [bigint, bigint] {
  const [whole = '', decimals = ''] = rateText({ rates }, from, to, date).split('.');
  return [BigInt(whole + decimals), 10n ** BigInt(decimals.length)];
}

export function rateText({ rates }: Pick<Programme, 'rates'>, from: string, to: string, date: string): string {
  const oldest = new Date(Date.parse(date) - 4 * 86_400_000).toISOString().slice(0, 10);
  const usable = rates.filter((one) => one.from === from && one.to === to && one.on <= date && one.on >= oldest);
  const latest = usable.sort((a, b) => (a.on < b.on ? 1 : -1))[0];
  if (latest === undefined) throw new Error(`no rate ${from}/${to} on ${date}`);
  return latest.rate;
}
