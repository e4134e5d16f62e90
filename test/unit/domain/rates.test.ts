import { describe, expect, it } from 'vitest';
import { formatRate, parseRate } from '../../../src/domain/rates.ts';

describe('parseRate', () => {
  it.each([
    ['12.5%', 125_000],
    ['7.25 %', 72_500],
    [' 0% ', 0],
    ['-0%', 0],
    ['100%', 1_000_000],
    ['0.0001%', 1],
    ['12.50000%', 125_000],
  ])('reads %s as %i ppm', (text, ppm) => {
    expect(parseRate(text)).toBe(ppm);
  });

  it.each([
    ['12.5', 'rate_without_percent'],
    ['0.125', 'rate_without_percent'],
    ['12.34567%', 'rate_decimals'],
    ['-5%', 'rate_negative'],
    ['100.0001%', 'rate_over_100'],
    ['12,5%', 'rate_not_a_number'],
    ['1e1%', 'rate_not_a_number'],
    ['', 'rate_not_a_number'],
    ['%', 'rate_not_a_number'],
  ])('refuses %j as %s', (text, code) => {
    expect(() => parseRate(text)).toThrow(expect.objectContaining({ code }));
  });

  it('takes more than the whole only when asked', () => {
    expect(parseRate('150%', { allowOver100: true })).toBe(1_500_000);
  });

  it('names the remedy for a bare number', () => {
    expect(() => parseRate('12,5')).toThrow(expect.objectContaining({ hint: 'write 12.5%' }));
    expect(() => parseRate('12.5')).toThrow(expect.objectContaining({ hint: 'write 12.5% if 12.5 percent is meant' }));
  });
});

describe('formatRate', () => {
  it.each([
    [125_000, '12.5%'],
    [0, '0%'],
    [1_000_000, '100%'],
    [72_500, '7.25%'],
    [1, '0.0001%'],
    [100_000, '10%'],
  ])('writes %i ppm as %s', (ppm, text) => {
    expect(formatRate(ppm)).toBe(text);
  });
});
