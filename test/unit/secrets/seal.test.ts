import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newKey } from '../../../src/secrets/keyring.ts';
import { open, seal, sealingKey } from '../../../src/secrets/seal.ts';

const key = sealingKey(Buffer.alloc(32, 7));

describe('a seal', () => {
  it('opens with its key, at its place, and gives back what went in', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, bound) => {
        expect(open(key, seal(key, text, bound), bound, 'x')).toBe(Buffer.from(text, 'utf8').toString('utf8'));
      }),
    );
  });

  it('opens with no other key and at no other place, and not when any bit of it is another', () => {
    const sealed = seal(key, '{"iban":"DE89370400440532013000"}', 'acme\nEUR\n1');
    const refused = expect.objectContaining({ code: 'seal_broken', exitCode: 5 });
    for (const length of [0, 5, 12, 27]) {
      expect(() => open(key, sealed.subarray(0, length), 'acme\nEUR\n1', 'acme/EUR/1')).toThrow(refused);
    }
    const opening = (with_: typeof key, bytes: Buffer, bound: string) => () => open(with_, bytes, bound, 'acme/EUR/1');
    expect(opening(newKey(), sealed, 'acme\nEUR\n1')).toThrow(refused);
    expect(opening(key, sealed, 'acme\nEUR\n2')).toThrow(refused);
    for (let bit = 0; bit < sealed.length * 8; bit += 1) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(opening(key, changed, 'acme\nEUR\n1')).toThrow(refused);
    }
    expect(opening(key, sealed, 'acme\nEUR\n1')()).toContain('DE89');
  });

  it('is another one each time, and its key is called by a hash that gives nothing away', () => {
    expect(seal(key, 'a', 'b')).not.toEqual(seal(key, 'a', 'b'));
    expect(key.id).toMatch(/^[0-9a-f]{12}$/);
    expect(sealingKey(Buffer.alloc(32, 7)).id).toBe(key.id);
  });
});
