import { between, least, nearest, sum } from './arithmetic.ts';
import { isBilled, type Billed, type Place, type Programme, type Step } from './words.ts';

/**
 * All that the oracle remembers: which steps are decided, the last of them being decided right now, and what it said
 * about the others. Every sum in here starts again from the first of them.
 */
export interface History {
  readonly programme: Programme;
  readonly stage: number;
  readonly steps: readonly Step[];
  readonly decided: readonly OracleLeg[];
}

/** What is sold or given back: a sale, an event that is its own sale, or a credit that names none. */
export interface Sold extends Place {
  /** 'sale REF' or 'event ID'. */
  readonly key: string;
  readonly isCredit: boolean;
  readonly net: bigint;
  readonly gross: bigint;
  readonly wholesale: bigint | null;
  readonly country: string | null;
  readonly date: string;
}

/** One window of one rule. */
export interface WindowOf {
  readonly key: string;
  readonly rule: number;
  readonly currency: string;
  readonly lastDay: string | null;
  readonly whole: boolean;
}

/** What the first decision of a sale froze for one share. */
export interface Share {
  readonly leg: number;
  readonly partner: string | null;
  /** Version with the last word: the winning rate or the exclusion. */
  readonly rule: number | null;
  /** Whether a rate won, were it one of 0 %. */
  readonly isRated: boolean;
  readonly base: bigint;
  readonly full: bigint;
  readonly currency: string;
  readonly window: WindowOf | null;
  readonly position: { readonly base: bigint; readonly full: bigint } | null;
  /** Why `full` is zero, or null. */
  readonly zero: string | null;
}

/** A share of one step, decided. */
export interface OracleLeg extends Share {
  readonly step: number;
  /** What was sold, by its key; for a true-up the window's key, for a gift its own. */
  readonly of: string;
  readonly instance: string;
  readonly amount: bigint;
  readonly reason: string | null;
}

export function keyOf(event: Billed): string {
  return event.sale === null ? `event ${event.id}` : `sale ${event.sale}`;
}

/** What every billing event of a sale came to so far, those voided counting as nothing; unsigned. */
export interface Tally {
  readonly received: bigint;
  readonly returned: bigint;
  readonly credited: bigint;
}

export function tallyOf(steps: readonly Step[], key: string): Tally {
  const voided = steps.flatMap((step) => (step.kind === 'void' ? [step.voids] : []));
  const events = steps.filter(isBilled).filter((event) => keyOf(event) === key && !voided.includes(event.id));
  const net = (...kinds: Step['kind'][]): bigint =>
    sum(events.filter(({ kind }) => kinds.includes(kind)).map((event) => event.net));
  return {
    received: net('payment', 'chargeback_won'),
    returned: -net('refund', 'chargeback'),
    credited: -net('credit_note', 'adjustment'),
  };
}

/** How much of a sale counts for commission. */
export function collectedOf({ received, returned, credited }: Tally, saleNet: bigint): bigint {
  return between(0n, least(received - returned, saleNet - credited), saleNet);
}

/** How much of a sale still stands, paid or not: what it occupies of a window. Overpaid cash that goes back is none. */
function keptOf({ received, returned, credited }: Tally, saleNet: bigint): bigint {
  const reversed = least(received, saleNet) - between(0n, received - returned, saleNet);
  const reversedCash = reversed < 0n ? 0n : reversed;
  return between(0n, least(saleNet - reversedCash, saleNet - credited), saleNet);
}

/** The shares of a sale as last frozen, or none while nothing is. */
export function sharesOf({ decided }: Pick<History, 'decided'>, key: string): Share[] {
  const shares = new Map<number, Share>();
  for (const leg of decided) {
    if (leg.of === key && leg.zero !== 'sale_unknown') shares.set(leg.leg, leg);
  }
  return [...shares.values()].sort((a, b) => a.leg - b.leg);
}

export function postedOf({ decided }: Pick<History, 'decided'>, key: string, leg: number): bigint {
  return sum(decided.filter((one) => one.of === key && one.leg === leg).map(({ amount }) => amount));
}

/** One sale's share of a window, and what it occupies there now. */
export interface Occupant {
  readonly sold: Sold;
  readonly share: Share;
  readonly base: bigint;
  readonly full: bigint;
}

/** All that stands in a window before the step that is being decided. */
export function occupantsOf(history: History, window: WindowOf): Occupant[] {
  const before = { ...history, steps: history.steps.slice(0, -1) };
  const keys = new Set(history.decided.filter((leg) => leg.window?.key === window.key).map(({ of }) => of));
  return [...keys].flatMap((key): Occupant[] => {
    const sold = soldOf(history, key)!;
    const tally = tallyOf(before.steps, key);
    const voided = key.startsWith('event') && tally.received === 0n;
    const left = voided ? 0n : window.whole ? collectedOf(tally, sold.net) : keptOf(tally, sold.net);
    return sharesOf(history, key)
      .filter((share) => share.window?.key === window.key)
      .map((share) => ({
        sold,
        share,
        base: nearest(share.base * left, sold.net),
        // What is paid in another currency is counted in none: no cap reads it.
        full: share.currency === sold.currency ? nearest(share.full * left, sold.net) : 0n,
      }));
  });
}

/** What a key stands for; null while the sale is not known, that is before a payment of it is recorded. */
export function soldOf({ programme, steps, stage }: Omit<History, 'decided'>, key: string): Sold | null {
  if (key.startsWith('event')) {
    const event = programme.steps.filter(isBilled).find((one) => keyOf(one) === key)!;
    const isCredit = event.kind !== 'payment' && event.kind !== 'signup';
    return { ...event, key, isCredit, country: event.country ?? countryOf(programme, event), date: event.on };
  }
  const recorded = programme.steps.filter(isBilled).filter((one) => keyOf(one) === key && one.stage <= stage);
  const payments = recorded.filter(({ kind }) => kind === 'payment').sort((a, b) => a.id - b.id);
  if (payments.length === 0) return null;
  // It becomes known with the first night that has a payment of it, and keeps the date that it got then.
  const since = Math.min(...payments.map((one) => one.stage));
  const date = payments.find((one) => one.stage === since)!.on;
  const sale = programme.sales.find(({ ref }) => `sale ${ref}` === key)!;
  // The first event decided once it is known freezes it, and says where the customer was.
  const first = steps.filter(isBilled).find((one) => keyOf(one) === key && one.stage >= since);
  const country = first?.country ?? countryOf(programme, sale);
  return { ...sale, key, isCredit: false, country, date: sale.date ?? date };
}

function countryOf({ accounts }: Programme, { instance, account }: Place): string | null {
  return accounts.find((one) => one.instance === instance && one.code === account)?.country ?? null;
}
