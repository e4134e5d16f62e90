import { describe, expect, it } from 'vitest';
import { goesWithRejected } from '../../../src/domain/taken-back.ts';

/** '+100x' rejected, '-40' may go, '=-40' may not, '+40r' restores. Answers with those that go. */
function going(...share: string[]): string[] {
  const entries = share.map((text) => ({
    text,
    amount: BigInt(/[+-]\d+/.exec(text)![0]),
    removed: text.endsWith('x') || text.endsWith('rx'),
    restores: /r/.test(text),
    mayGo: !text.startsWith('='),
  }));
  return goesWithRejected(entries).map(({ text }) => text);
}

describe('what goes with the rejected of a share', () => {
  it.each([
    ['nothing was rejected', ['+100', '-100'], []],
    ['all of it', ['+100x', '-100'], ['-100']],
    ['a part of it', ['+100x', '-30', '-20'], ['-30', '-20']],
    ['covered by what is left', ['+60x', '+40', '-40'], []],
    ['in order, as far as what is left reaches', ['+60x', '+40', '-30', '-10', '-5'], ['-5']],
    ['reaching over: most of it regards what was rejected', ['+100x', '+40', '-100'], ['-100']],
    ['reaching over: most of it regards what is left', ['+1x', '+1000', '-1001'], []],
    ['after that nothing is left to take back', ['+10x', '+100', '-105', '-5'], ['-5']],
    ['what may not go has had its share', ['+60x', '+40', '=-40', '-20'], ['-20']],
    ['a dispute won gives back what went', ['+100x', '-100x', '+100r'], ['+100r']],
    ['a dispute won gives back what stayed', ['+60x', '+40', '=-40', '+40r'], []],
    ['won, and lost again', ['+100x', '-100x', '+100rx', '-100'], ['-100']],
    ['a second instalment is no restoration', ['+60x', '-60x', '+40'], []],
  ])('%s', (_, share, expected) => {
    expect(going(...share)).toEqual(expected);
  });
});
