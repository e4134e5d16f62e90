import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { diffBooks } from '../../src/domain/book-diff.ts';
import { inBookOrder, type BookVersion } from '../../src/domain/book-versions.ts';
import { parseScope } from '../../src/domain/rule-scope.ts';
import { asFlag, readTerms, type WrittenTerms } from '../../src/domain/written-terms.ts';
import { isRuleFile, readRuleFile, writeRuleFiles } from '../../src/formats/rule-files.ts';
import { runs } from '../property/runs.ts';

const version = (scope: string, written: WrittenTerms, more: Partial<BookVersion> = {}): BookVersion => {
  const whole = { scope: parseScope(scope), product: null, level: 0, from: '2026-01-01', to: null, ...more };
  const place = { scope: whole.scope.kind, level: whole.level, firstDay: whole.from, call: asFlag };
  return { ...whole, terms: readTerms(written, place) };
};
const readBack = (versions: readonly BookVersion[]) => {
  const read = writeRuleFiles(versions).map(readRuleFile);
  expect(read.flatMap(({ mistakes }) => mistakes)).toEqual([]);
  return read.flatMap(({ versions: found }) => found.map(({ file: _file, at: _at, ...rest }): BookVersion => rest));
};

describe('a book as files', () => {
  const book = [
    version('account=acme-shop/C,1 "x"/é', { percentage: '1%' }),
    version('instance=acme-shop', { percentage: '150%', allowOver100: true, note: 'two\nlines = "x"\n[[rule]]' }),
    version('partner=acme', { exclude: true }, { product: 'a=b', from: null, to: '2026-05-01' }),
    version('programme', { percentage: '5%', onRest: true }, { level: 12 }),
    version('programme', { percentage: '5%', onRest: true }, { level: 2 }),
    version('programme', { tiered: '0:4%,200:6%', brackets: 'whole', window: 'month', currency: 'JPY' }),
  ];

  test('there is one a scope, accounts with their instance, in the order of the book', () => {
    const files = writeRuleFiles(book);
    expect(files.map(({ path }) => path)).toEqual(['programme.toml', 'partner/acme.toml', 'instance/acme-shop.toml']);
    expect(files.every(({ text }) => isRuleFile(text))).toBe(true);
    expect(files[0]!.text.split('\n').slice(2, 13)).toEqual([
      'scope = "programme"',
      '',
      '[[rule]]',
      'from = 2026-01-01',
      'tiered = "0:4%, 200:6%"',
      'brackets = "whole"',
      'window = "month"',
      'per = "partner"',
      'currency = "JPY"',
      '',
      '[[rule]]',
    ]);
  });

  test('they read back as they were, and the order of what is written does not matter', () => {
    expect(readBack(book)).toEqual(inBookOrder(book));
    expect(writeRuleFiles([...book].reverse())).toEqual(writeRuleFiles(book));
  });

  test('versions that follow each other and say the same are one', () => {
    const cut = [
      version('programme', { percentage: '5%' }, { to: '2026-03-01' }),
      version('programme', { percentage: '5%' }, { from: '2026-03-01', to: '2026-07-01' }),
      version('programme', { percentage: '5%', note: 'again' }, { from: '2026-07-01' }),
    ];
    expect(readBack(cut).map(({ from, to }) => `${from}..${to}`)).toEqual([
      '2026-01-01..2026-07-01',
      '2026-07-01..null',
    ]);
  });
});

const days = ['2026-01-01', '2026-02-01', '2026-03-01', '2026-04-01', null];
const anyBook = fc
  .array(
    fc.tuple(
      fc.constantFrom('programme', 'tier=gold', 'account=i/c'),
      fc.nat(1),
      fc.array(fc.nat(3), { minLength: 4, maxLength: 4 }),
    ),
  )
  .map((rules) =>
    [
      ...new Map(
        rules.map(([scope, level, rates]) => [
          `${scope} ${level}`,
          // 0 says nothing in that month.
          rates.flatMap((rate, n) =>
            rate === 0
              ? []
              : [version(scope, { percentage: `${rate}%` }, { level, from: days[n]!, to: days[n + 1] ?? null })],
          ),
        ]),
      ).values(),
    ].flat(),
  );

describe('two books compared', () => {
  const say = (book: readonly BookVersion[]) => (scope: string, level: number, day: string) =>
    book.find(
      (one) =>
        JSON.stringify(one.scope) === scope &&
        one.level === level &&
        one.from! <= day &&
        (one.to === null || day < one.to),
    )?.terms.ratePpm ?? null;

  test('a book read back differs in nothing', () => {
    fc.assert(
      fc.property(anyBook, (book) => {
        expect(diffBooks(book, readBack(book))).toEqual([]);
      }),
      runs(200),
    );
  });

  test('what is told to change is exactly what the other says otherwise, day by day', () => {
    fc.assert(
      fc.property(anyBook, anyBook, (now, wanted) => {
        const changes = diffBooks(now, wanted);
        for (const scope of ['programme', 'tier=gold', 'account=i/c'].map((text) => JSON.stringify(parseScope(text)))) {
          for (const level of [0, 1]) {
            for (const day of days.slice(0, 4) as string[]) {
              const told = changes.filter(
                ({ rule, from, to }) =>
                  JSON.stringify(rule.scope) === scope &&
                  rule.level === level &&
                  (from ?? '') <= day &&
                  (to === null || day < to),
              );
              const [was, becomes] = [say(now)(scope, level, day), say(wanted)(scope, level, day)];
              expect(told).toHaveLength(was === becomes ? 0 : 1);
              if (was === becomes) continue;
              expect(told[0]).toMatchObject({
                change: was === null ? 'added' : becomes === null ? 'ended' : 'changed',
              });
              expect([told[0]!.was?.ratePpm ?? null, told[0]!.becomes?.ratePpm ?? null]).toEqual([was, becomes]);
            }
          }
        }
      }),
      runs(200),
    );
  });
});

describe('mistakes are told by line and column', () => {
  const rule = (...lines: string[]) =>
    ['scope = "partner=acme"', '', '[[rule]]', 'from = 2026-01-01', ...lines].join('\n');
  test.each<[string, string, string]>([
    ['scope = "partner=acme', 'toml_syntax', '1:9'],
    ['[[rule]]\npercentage = "1%"', 'scope_missing', '1:1'],
    ['scope = "acme"', 'scope_invalid', '1:1'],
    ['\n\nscop = "programme"', 'key_unknown', '3:1'],
    ['scope = "programme"\nrule = "10%"', 'key_invalid', '2:1'],
    [rule('percentage = 10'), 'key_invalid', '5:1'],
    [rule('percentage = "10"'), 'rate_without_percent', '5:1'],
    [rule('percentage = "110%"'), 'rate_over_100', '5:1'],
    [rule('  precentage = "10%"'), 'key_unknown', '5:3'],
    [rule('note = """\npercentage = "x"\n"""', 'percentage = "10"'), 'rate_without_percent', '8:1'],
    [rule('percentage = "10%"', 'to = 2025-01-01'), 'window_empty', '6:1'],
    [rule('percentage = "10%"', 'to = "2026-02-30"'), 'date_invalid', '6:1'],
    [rule('percentage = "10%"', 'to = 2026-02-01T00:00:00Z'), 'date_invalid', '6:1'],
    [rule('percentage = "10%"', 'account = "C-1"'), 'account_without_instance', '6:1'],
    [rule('percentage = "10%"', 'territory = "DE"'), 'key_invalid', '6:1'],
    [rule('percentage = "10%"', 'include = "yes"'), 'key_invalid', '6:1'],
    [rule('percentage = "10%"', 'override = 16'), 'number_invalid', '6:1'],
    [rule('percentage = "10%"', 'base = "margins"'), 'choice_unknown', '6:1'],
    [
      rule('tiered = "0:4%, 100:2%, 50:1%"', 'brackets = "marginal"', 'window = "month"', 'currency = "EUR"'),
      'brackets_rise',
      '5:1',
    ],
    [
      rule('tiered = "10:4%"', 'brackets = "marginal"', 'window = "month"', 'currency = "EUR"'),
      'brackets_first',
      '5:1',
    ],
    [rule(), 'terms_missing', '3:1'],
  ])('%j: %s at %s', (text, code, where) => {
    const { versions, mistakes } = readRuleFile({ path: 'a.toml', text });
    expect(versions).toEqual([]);
    expect(mistakes.map((one) => [one.code, `${one.line}:${one.column}`])).toEqual([[code, where]]);
  });

  test('each version tells its own, and the others are read', () => {
    const text = `${rule('percentage = "10"')}\n[[rule]]\nfrom = 2027-01-01\nexclude = true\n[[rule]]\nflat = "1"`;
    const { versions, mistakes } = readRuleFile({ path: 'a.toml', text });
    expect(versions.map(({ from, at }) => [from, at('exclude').line])).toEqual([['2027-01-01', 8]]);
    expect(mistakes.map(({ code, line }) => [code, line])).toEqual([
      ['rate_without_percent', 5],
      ['currency_missing', 10],
    ]);
  });
});
