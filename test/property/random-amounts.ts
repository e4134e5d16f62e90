import type { Dice } from './dice.ts';

/** A magnitude with the sign that the kind of event wants. */
export function signed(random: Dice, kind: string, magnitude: bigint): bigint {
  if (kind === 'payment' || kind === 'chargeback_won') return magnitude;
  if (kind === 'adjustment') return random.chance(0.5) ? magnitude : -magnitude;
  return -magnitude;
}

/** All of a sale, a part of it, or more than there is. */
export function partOf(random: Dice, net: bigint): bigint {
  if (random.chance(0.35)) return net;
  if (random.chance(0.1)) return net + BigInt(random.between(0, 500));
  return (net * BigInt(random.between(0, 100))) / 100n;
}

export function withTax(random: Dice, net: bigint): bigint {
  return random.chance(0.3) ? net : net + (net * 20n) / 100n;
}
