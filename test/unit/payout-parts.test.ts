import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { byPartner } from '../../src/services/payout/compose-run.ts';

interface Row {
  readonly partnerId: number;
  readonly walletId: number;
}

async function* parts(rows: readonly Row[], atOnce: number): AsyncGenerator<Row[]> {
  for (let at = 0; at < rows.length; at += atOnce) yield await Promise.resolve(rows.slice(at, at + atOnce));
}

describe('a run in parts', () => {
  it('has every wallet once, in its order, and all wallets of a partner in one part, wherever it was cut', async () => {
    const property = fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 12 }),
      fc.integer({ min: 1, max: 9 }),
      async (wallets, atOnce) => {
        const rows = wallets.flatMap((count, partnerId) =>
          Array.from({ length: count }, (_, nth) => ({ partnerId, walletId: partnerId * 10 + nth })),
        );
        const whole: Row[][] = [];
        for await (const part of byPartner(parts(rows, atOnce))) whole.push(part);
        expect(whole.flat()).toEqual(rows);
        expect(whole.every((part) => part.length > 0)).toBe(true);
        const seen = whole.map((part) => new Set(part.map(({ partnerId }) => partnerId)));
        expect(seen.reduce((sum, { size }) => sum + size, 0)).toBe(wallets.length);
      },
    );
    await fc.assert(property);
  });
});
