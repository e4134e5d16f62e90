import { describe, expect, it } from 'vitest';
import { bar, progressBar, sparkline } from '../../src/cli/output/charts.ts';

const big = (...values: number[]) => values.map(BigInt);

describe('a bar', () => {
  it('is as long as its part of the most, in eighths, and seen however little there is', () => {
    expect([100n, 50n, 13n, 1n].map((value) => bar(value, 100n, 4))).toEqual(['████', '██', '▌', '▏']);
    expect(bar(1n, 1_000_000n, 4)).toBe('▏');
  });

  it('is not there for nothing, for less, or where the most is nothing', () => {
    expect([bar(0n, 10n, 4), bar(-5n, 10n, 4), bar(5n, 0n, 4)]).toEqual(['', '', '']);
  });
});

describe('a sparkline', () => {
  it('goes from the least to the most, with zero as its floor', () => {
    expect(sparkline(big(0, 1, 50, 100))).toBe('▁▂▄█');
    expect(sparkline(big(90, 100))).toBe('▇█');
  });

  it('goes below zero where something does, and is flat where nothing is', () => {
    expect(sparkline(big(-100, 0, 100))).toBe('▁▄█');
    expect(sparkline(big(0, 0))).toBe('▁▁');
    expect(sparkline([])).toBe('');
  });
});

it('fills a bar of progress by whole cells', () => {
  expect([-1, 0, 99_999, 100_000, 1_000_000, 2_000_000].map((ppm) => progressBar(ppm, 10))).toEqual([
    '░░░░░░░░░░',
    '░░░░░░░░░░',
    '░░░░░░░░░░',
    '█░░░░░░░░░',
    '██████████',
    '██████████',
  ]);
});
