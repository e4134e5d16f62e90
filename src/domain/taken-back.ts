/** An entry of a share, which is what one wallet earns of one sale. Shares come in the order of their decisions. */
export interface ShareEntry {
  /** Signed minor units. */
  readonly amount: bigint;
  /** Rejected or cancelled. */
  readonly removed: boolean;
  /** A positive that gives back what a negative took: a dispute that was won, a void of a refund. */
  readonly restores: boolean;
  /** Whether it may still go: nothing has been paid of it, and it is not from before what is being done. */
  readonly mayGo: boolean;
}

/**
 * Those of a share's entries that go with what was rejected or cancelled of it. Rejection took the positive out of the
 * wallet; a refund of it would take the same money once more. So a negative counts against the positives that are left,
 * in order, and what regards none of them goes where what it reverses went. A negative cannot be cut: one that reaches
 * from what is left into what was rejected goes when more than half of it does, so that what remains to be adjusted by
 * hand is as little as it can be. What restores a negative that went, goes after it.
 */
export function goesWithRejected<T extends ShareEntry>(share: readonly T[]): T[] {
  if (!share.some(({ removed, amount }) => removed && amount > 0n)) return [];
  // What is still to be taken back, and what of that went with the rejected and nothing has given back since.
  let left = sum(share.filter((entry) => !entry.removed && !isCandidate(entry)));
  let gone = -sum(share.filter(({ removed, restores, amount }) => removed && (restores || amount < 0n)));
  const along: T[] = [];
  for (const entry of share.filter((one) => !one.removed && isCandidate(one))) {
    const { amount, restores } = entry;
    const goes = restores ? 2n * gone > amount : 2n * left < -amount;
    if (goes) {
      along.push(entry);
      gone = atLeastNothing(gone - amount);
    } else {
      left = atLeastNothing(left + amount);
    }
  }
  return along;
}

const isCandidate = ({ amount, restores, mayGo }: ShareEntry): boolean => mayGo && (restores || amount < 0n);
const sum = (entries: readonly ShareEntry[]): bigint => entries.reduce((total, { amount }) => total + amount, 0n);
const atLeastNothing = (amount: bigint): bigint => (amount < 0n ? 0n : amount);
