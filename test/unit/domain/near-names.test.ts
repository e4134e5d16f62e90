import { describe, expect, test } from 'vitest';
import { didYouMean, nearNames } from '../../../src/domain/near-names.ts';

describe('nearNames', () => {
  const codes = ['acme', 'acme-uk', 'albion', 'atlas', 'shamrock'];

  test.each([
    ['acm', ['acme', 'acme-uk']],
    ['amce', ['acme']],
    ['ACME', ['acme', 'acme-uk']],
    ['shamrok', ['shamrock']],
    ['sh', ['shamrock']],
  ])('%s may have meant %j', (typed, meant) => {
    expect(nearNames(typed, codes)).toEqual(meant);
  });

  test.each(['zzz', 'completely-else', ''])('%j meant none of them', (typed) => {
    expect(nearNames(typed, codes)).toEqual([]);
  });

  test('offers a few, the nearest first', () => {
    expect(nearNames('ab', ['ab1', 'ab2', 'ab3', 'ab4', 'ab'])).toEqual(['ab', 'ab1', 'ab2']);
  });

  test('says so in a sentence, or nothing', () => {
    expect(didYouMean('amce', codes)).toBe("did you mean 'acme'?");
    expect(didYouMean('zzz', codes)).toBeUndefined();
  });
});
