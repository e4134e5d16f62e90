import { divRoundHalfAwayFromZero, largestRemainder } from '../money.ts';
import { WHOLE_PPM } from '../rates.ts';
import type { Bracket } from './model.ts';

/**
 * What a window under whole brackets earns once it has closed: until then its sales posted at the first bracket's rate,
 * because nobody could know in which bracket the window would end. Source: SEMANTICS §4.
 */

/** What one wallet has in a window: a partner's sales at one instance. Amounts in minor units. */
export interface WindowPiece {
  readonly partnerId: number;
  readonly instanceId: number;
  /** Collected, net of returns. */
  readonly base: bigint;
  /** By the sales themselves and by earlier true-ups. */
  readonly posted: bigint;
}

export interface PieceTrueUp extends WindowPiece {
  /** The piece's part of what the whole window earns. */
  readonly target: bigint;
  /** target − posted, signed. */
  readonly amount: bigint;
}

/**
 * One rate, that of the bracket which holds the window's base, on all of it; rounded once, then split over the pieces by
 * largest remainder of their bases, ties by partner and instance.
 */
export function trueUp<Piece extends WindowPiece>(
  brackets: readonly Bracket[],
  pieces: readonly Piece[],
): { readonly ratePpm: number; readonly pieces: readonly (Piece & PieceTrueUp)[] } {
  const ordered = [...pieces].sort((a, b) => a.partnerId - b.partnerId || a.instanceId - b.instanceId);
  const base = ordered.reduce((sum, piece) => sum + piece.base, 0n);
  const { ratePpm } = brackets.findLast(({ from }) => from <= base)!; // the first one begins at 0
  const earned = divRoundHalfAwayFromZero(base * BigInt(ratePpm), BigInt(WHOLE_PPM));
  const targets = largestRemainder(
    earned,
    ordered.map((piece) => piece.base),
  );
  return {
    ratePpm,
    pieces: ordered.map((piece, index) => {
      const target = targets[index]!;
      return { ...piece, target, amount: target - piece.posted };
    }),
  };
}
