import { describe, expect, test } from 'vitest';
import { lintBook, type BookWorld } from '../../../src/domain/book-lint.ts';
import type { BookVersion } from '../../../src/domain/book-versions.ts';
import { parseScope } from '../../../src/domain/rule-scope.ts';
import { asFlag, readTerms, type WrittenTerms } from '../../../src/domain/written-terms.ts';

const world: BookWorld = {
  tiers: new Set(['gold', 'silver']),
  partners: new Set(['acme']),
  instances: new Set(['shop']),
  products: new Set(['goods']),
  accounts: new Set(['shop/C-1']),
  agreements: [{ instance: 'shop', partner: 'acme', from: '2026-01-01', to: '2026-07-01' }],
  partnerTiers: [{ partner: 'acme', tier: 'gold', from: '2026-04-01', to: null }],
  levels: 1,
  withoutAccounts: new Set(['shop']),
};

type Written = [string, WrittenTerms, Partial<BookVersion>?];
const lint = (...book: Written[]) =>
  lintBook(
    book.map(([scope, written, more = {}]) => {
      const whole = { scope: parseScope(scope), product: null, level: 0, from: '2026-01-01', to: null, ...more };
      const place = { scope: whole.scope.kind, level: whole.level, firstDay: whole.from, call: asFlag };
      return { ...whole, terms: readTerms({ allowOver100: true, ...written }, place) };
    }),
    world,
  );
const codes = (...book: Written[]) =>
  lint(...book).map(({ severity, code, key }) => `${severity} ${code} ${key ?? '-'}`);

test('a plain book has nothing to say against it', () => {
  expect(
    codes(['programme', { percentage: '10%' }], ['partner=acme', { percentage: '0%' }, { product: 'goods' }]),
  ).toEqual([]);
});

describe('versions of one rule', () => {
  test('must not overlap', () => {
    const found = lint(
      ['programme', { percentage: '10%' }],
      ['programme', { percentage: '9%' }, { from: '2026-05-01' }],
    );
    expect(found).toMatchObject([
      { severity: 'error', code: 'overlap', message: 'programme is said twice from 2026-05-01 on' },
    ]);
  });

  test('may leave a gap, which may be meant', () => {
    const found = lint(
      ['programme', { percentage: '10%' }, { to: '2026-03-01' }],
      ['programme', { percentage: '9%' }, { from: '2026-05-01' }],
    );
    expect(found).toMatchObject([
      {
        severity: 'warning',
        code: 'gap',
        message: 'programme says nothing from 2026-03-01 until 2026-05-01: a wider rule decides',
      },
    ]);
  });

  test('are of one slot and product', () => {
    expect(
      codes(
        ['programme', { percentage: '10%' }],
        ['programme', { percentage: '10%' }, { level: 1 }],
        ['programme', { percentage: '10%' }, { product: 'goods' }],
      ),
    ).toEqual([]);
  });
});

test('codes that do not exist are errors, a product nobody sold is not', () => {
  expect(
    codes(
      ['tier=goldd', { percentage: '1%' }],
      ['partner=acne', { percentage: '1%' }],
      ['instance=shp', { percentage: '1%' }],
      ['account=shop/C-2', { percentage: '1%' }],
      ['programme', { percentage: '1%', onlyProducts: ['gods'] }],
      ['programme', { percentage: '1%' }, { product: 'gods' }],
    ),
  ).toEqual([
    'error tier_not_found -',
    'error partner_not_found -',
    'error instance_not_found -',
    'error account_not_found account',
    'error product_not_found only_products',
    'warning product_unsold product',
  ]);
});

test('a code that does not exist comes with what is near, or with where to look', () => {
  const hints = (...book: Written[]) => lint(...book).map(({ hint }) => hint);
  expect(
    hints(
      ['tier=goldd', { percentage: '1%' }],
      ['partner=nobody', { percentage: '1%' }],
      ['programme', { percentage: '1%', onlyProducts: ['widget'] }],
    ),
  ).toEqual([
    "did you mean 'gold'?",
    '`revshare partner list` shows what there is',
    'a product becomes known by a sale of it, or by a rule of its own: `rule set --product`',
  ]);
});

describe('what never has a say', () => {
  test('0 % for a product that a wider exclusion overrules', () => {
    expect(
      codes(
        ['programme', { exclude: true }, { product: 'goods' }],
        ['partner=acme', { percentage: '0%' }, { product: 'goods' }],
      ),
    ).toEqual(['warning zero_overruled percentage']);
  });

  test('a rate under an exclusion, unless it includes, or the exclusion is narrower, or of another slot', () => {
    const excluded: Written = ['programme', { exclude: true }];
    expect(codes(excluded, ['partner=acme', { percentage: '5%' }])).toEqual(['warning unreachable percentage']);
    expect(codes(excluded, ['partner=acme', { flat: '5', currency: 'EUR' }])).toEqual(['warning unreachable flat']);
    expect(codes(excluded, ['partner=acme', { percentage: '5%', include: true }])).toEqual([]);
    expect(codes(excluded, ['partner=acme', { percentage: '5%' }, { level: 1 }])).toEqual([]);
    expect(codes(['partner=acme', { exclude: true }], ['programme', { percentage: '5%' }])).toEqual([]);
    expect(
      codes(['programme', { exclude: true }, { product: 'goods' }], ['partner=acme', { percentage: '5%' }]),
    ).toEqual([]);
  });

  test('only on the days on which the narrow scope lies in the wide one', () => {
    const found = lint(['tier=gold', { exclude: true }], ['account=shop/C-1', { percentage: '5%' }]);
    expect(found).toMatchObject([
      { code: 'overruled', message: expect.stringContaining('over this rate from 2026-04-01 until 2026-07-01') },
    ]);
    expect(codes(['tier=silver', { exclude: true }], ['account=shop/C-1', { percentage: '5%' }])).toEqual([]);
    expect(codes(['partner=acme', { exclude: true }], ['instance=shop', { percentage: '5%' }])).toEqual([
      'warning overruled percentage',
    ]);
  });

  test('an override above the highest partner', () => {
    expect(codes(['programme', { percentage: '5%' }, { level: 2 }])).toEqual(['warning unreachable override']);
  });
});

test('terms that can be meant, and more often are not', () => {
  expect(codes(['programme', { percentage: '150%' }])).toEqual(['warning rate_over_100 percentage']);
  expect(
    codes(['programme', { tiered: '0:1%,5:150%', brackets: 'marginal', window: 'month', currency: 'EUR' }]),
  ).toEqual(['warning rate_over_100 tiered']);
  expect(codes(['tier=gold', { percentage: '5%', earningMonths: 12 }])).toEqual([
    'warning earning_months earning_months',
  ]);
  expect(codes(['tier=silver', { percentage: '5%', earningMonths: 12 }])).toEqual([]);
  expect(codes(['account=shop/C-1', { percentage: '5%', earningMonths: 12, firstSaleOnly: true }])).toEqual([
    'warning months_of_one_sale earning_months',
  ]);
});
