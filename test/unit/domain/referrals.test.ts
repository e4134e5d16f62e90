import { describe, expect, it } from 'vitest';
import {
  assertReferralTransition,
  attributeTouches,
  countsOn,
  originOf,
  parseReferralCode,
  parseUrl,
} from '../../../src/domain/referrals.ts';

const touches = (...partnerIds: number[]) => partnerIds.map((partnerId) => ({ partnerId }));

describe('whose a customer is', () => {
  it('is of the first, the last, or of all as much as each touched', () => {
    const came = touches(7, 3, 7);
    expect(attributeTouches(came, 'first')).toEqual([{ partnerId: 7, touches: 1, sharePpm: 1_000_000 }]);
    expect(attributeTouches(touches(7, 3), 'last')).toEqual([{ partnerId: 3, touches: 1, sharePpm: 1_000_000 }]);
    expect(attributeTouches(came, 'linear')).toEqual([
      { partnerId: 3, touches: 1, sharePpm: 333_333 },
      { partnerId: 7, touches: 2, sharePpm: 666_667 },
    ]);
  });

  it('sums to all of it, what is left over going to the lower id', () => {
    const shares = attributeTouches(touches(9, 5, 2), 'linear');
    expect(shares.map(({ sharePpm }) => sharePpm)).toEqual([333_334, 333_333, 333_333]);
  });

  it('is nobody’s where no click counts', () => {
    expect(attributeTouches([], 'linear')).toEqual([]);
    expect([-1, 0, 30, 31].map((days) => countsOn(days, 30))).toEqual([false, true, true, false]);
  });
});

describe('where a click came from', () => {
  it.each([
    ['https://x.example/?utm_source=news&utm_campaign=autumn', 'https://blog.example/', 'news', 'autumn'],
    ['https://x.example/', 'https://www.blog.example/review', 'blog.example', null],
    ['https://x.example/?utm_source=', null, 'direct', null],
    [null, null, 'direct', null],
  ])('%s from %s', (landing, referrer, source, campaign) => {
    expect(originOf(landing, referrer)).toEqual({ source, campaign });
  });

  it('is an address of a page or refused', () => {
    expect(parseUrl(' https://x.example/a ')).toBe('https://x.example/a');
    for (const wrong of ['x.example', 'javascript:alert(1)', 'https://', `https://x.example/${'a'.repeat(2000)}`]) {
      expect(() => parseUrl(wrong), wrong).toThrow(expect.objectContaining({ code: 'url_invalid' }));
    }
  });
});

it('writes codes in capitals', () => {
  expect(parseReferralCode(' acme1234 ')).toBe('ACME1234');
  for (const wrong of ['', 'AB', 'ÄCME', 'A'.repeat(41), '-ACME']) {
    expect(() => parseReferralCode(wrong), wrong).toThrow(expect.objectContaining({ code: 'referral_code_invalid' }));
  }
});

it('ends what ended', () => {
  expect(() => assertReferralTransition(4, 'new', 'converted')).not.toThrow();
  expect(() => assertReferralTransition(4, 'lost', 'qualified')).toThrow(
    'referral 4 is lost and cannot become qualified',
  );
});
