import { describe, expect, test } from 'vitest';
import { formatAccountCode, parseAccountCode, parseCode, parseName } from '../../../src/domain/codes.ts';
import { formatScope, parseScope } from '../../../src/domain/rule-scope.ts';

describe('codes', () => {
  test.each(['acme', 'acme-uk', '4you', 'a_b', 'x'.repeat(63)])('%s can be one', (code) => {
    expect(parseCode(` ${code} `)).toBe(code);
  });

  test.each(['', 'Acme', 'a b', '-a', 'x'.repeat(64), 'ümlaut', 'a/b', "a'; drop"])('%j cannot', (text) => {
    expect(() => parseCode(text)).toThrow(/cannot be a code/);
  });

  test('offers what would do', () => {
    expect(() => parseCode('Acme UK')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("'acme-uk' would do") }),
    );
  });
});

describe('names', () => {
  test('have 200 characters at most, as people count them', () => {
    expect(parseName('ł'.repeat(200))).toHaveLength(200);
    expect(parseName('🙂'.repeat(200))).toHaveLength(400);
    expect(() => parseName('x'.repeat(201))).toThrow(expect.objectContaining({ code: 'name_too_long', exitCode: 2 }));
  });
});

describe('accounts', () => {
  test.each([
    ['acme-uk/C-1042', { instance: 'acme-uk', code: 'C-1042' }],
    ['uk/a/b', { instance: 'uk', code: 'a/b' }],
    ['uk/ 17 ', { instance: 'uk', code: '17' }],
  ])('%s', (text, account) => {
    expect(parseAccountCode(text)).toEqual(account);
  });

  test.each(['', 'C-1042', '/C', 'uk/', `uk/${'x'.repeat(201)}`])('%j is none', (text) => {
    expect(() => parseAccountCode(text)).toThrow(/is no account/);
  });

  test('are written as they are read', () => {
    expect(formatAccountCode(parseAccountCode('uk/a/b'))).toBe('uk/a/b');
  });
});

describe('scopes', () => {
  test.each(['programme', 'tier=gold', 'partner=acme', 'instance=acme-uk', 'account=acme-uk/C=1/2'])(
    '%s is written as it is read',
    (text) => {
      expect(formatScope(parseScope(text))).toBe(text);
    },
  );

  test.each(['', 'program', 'programme=x', 'partner', 'partner=', 'reseller=acme', 'account=C-1'])(
    '%j is none',
    (text) => {
      expect(() => parseScope(text)).toThrow(/is no (scope|account)/);
    },
  );
});
