import type { DecidedLeg } from '../../domain/rating/model.ts';

/** What a leg comes to, on one side of a comparison. */
export type ComparedLeg = Pick<DecidedLeg, 'leg' | 'partnerId' | 'amount' | 'currency'>;

export interface PartnerSums {
  readonly partnerId: number;
  readonly currency: string;
  entries: number;
  changed: number;
  before: bigint;
  after: bigint;
}

export interface ChangedLeg {
  readonly eventId: number;
  readonly leg: number;
  readonly partnerId: number;
  readonly currency: string;
  readonly before: bigint;
  readonly after: bigint;
}

/** Adds up two decisions of the same events, per partner and currency, and keeps the changes that weigh most. */
export class Comparison {
  readonly #sums = new Map<string, PartnerSums>();
  readonly #keep: number;
  #changes: ChangedLeg[] = [];
  changed = 0;

  /** @param keep how many changes to keep one by one */
  constructor(keep: number) {
    this.#keep = keep;
  }

  add(eventId: number, before: readonly ComparedLeg[], after: readonly ComparedLeg[]): void {
    const byPlace = new Map<string, ChangedLeg>();
    const note = (leg: ComparedLeg, side: 'before' | 'after'): void => {
      if (leg.partnerId === null) return;
      const { partnerId, currency } = leg;
      const place = `${leg.leg} ${partnerId} ${currency}`;
      const found = byPlace.get(place) ?? { eventId, leg: leg.leg, partnerId, currency, before: 0n, after: 0n };
      byPlace.set(place, { ...found, [side]: leg.amount });
    };
    for (const leg of before) note(leg, 'before');
    for (const leg of after) note(leg, 'after');
    for (const one of byPlace.values()) this.#count(one);
  }

  /** Money of no single event, as a true-up. */
  addSum(partnerId: number, currency: string, side: 'before' | 'after', amount: bigint): void {
    this.#sumsOf(partnerId, currency)[side] += amount;
  }

  /** By partner and currency, greatest change first. */
  sums(): PartnerSums[] {
    const weight = ({ before, after }: PartnerSums): bigint => (after > before ? after - before : before - after);
    return [...this.#sums.values()].sort((a, b) => {
      const [one, other] = [weight(a), weight(b)];
      return one === other ? a.partnerId - b.partnerId || (a.currency < b.currency ? -1 : 1) : one > other ? -1 : 1;
    });
  }

  /** The changes that weigh most, in the order of their events. */
  changes(): ChangedLeg[] {
    return heaviest(this.#changes, this.#keep).sort((a, b) => a.eventId - b.eventId || a.leg - b.leg);
  }

  #count(one: ChangedLeg): void {
    const sums = this.#sumsOf(one.partnerId, one.currency);
    sums.entries += 1;
    sums.before += one.before;
    sums.after += one.after;
    if (one.before === one.after) return;
    sums.changed += 1;
    this.changed += 1;
    if (this.#keep === 0) return;
    this.#changes.push(one);
    // Sorted out now and then, so that a million changes cost no more memory than these.
    if (this.#changes.length >= 2 * this.#keep + 100) this.#changes = heaviest(this.#changes, this.#keep);
  }

  #sumsOf(partnerId: number, currency: string): PartnerSums {
    const key = `${partnerId} ${currency}`;
    let sums = this.#sums.get(key);
    if (sums === undefined) {
      sums = { partnerId, currency, entries: 0, changed: 0, before: 0n, after: 0n };
      this.#sums.set(key, sums);
    }
    return sums;
  }
}

function heaviest(changes: readonly ChangedLeg[], keep: number): ChangedLeg[] {
  const weight = ({ before, after }: ChangedLeg): bigint => (after > before ? after - before : before - after);
  return [...changes]
    .sort((a, b) => (weight(a) > weight(b) ? -1 : weight(a) < weight(b) ? 1 : a.eventId - b.eventId))
    .slice(0, keep);
}
