import { describe, expect, it } from 'vitest';
import { formatMinor, parseDecimal } from '../../../../src/domain/money.ts';
import { NO_LIMITS, type Decision, type RuleLimits, type RuleVersion } from '../../../../src/domain/rating/model.ts';
import { RatingWalk } from '../../../support/rating-walk.ts';
import { book, event, flat, rule, sale } from './programme.ts';

const MONTH = { kind: 'month', per: 'partner' } as const;

/** 4 %, from 200.00 on 6 %, from 400.00 on 8 %: the brackets of SEMANTICS §5. */
function tiered(bracketMode: 'marginal' | 'whole', told: Partial<RuleVersion> = {}): RuleVersion {
  const brackets = [
    { from: 0n, ratePpm: 40_000 },
    { from: 20_000n, ratePpm: 60_000 },
    { from: 40_000n, ratePpm: 80_000 },
  ];
  return rule({ kind: 'tiered', ratePpm: null, brackets, bracketMode, window: MONTH, currency: 'EUR', ...told });
}

function limited(limits: Partial<RuleLimits>, told: Partial<RuleVersion> = {}): RuleVersion {
  return rule({ limits: { ...NO_LIMITS, ...limits }, ...told });
}

const money = (text: string): bigint => parseDecimal(text, 'EUR');

/** Every leg as `LEG amount reason`; of a sale with one leg just the amount and reason. */
function told(decision: Decision): string {
  const { legs } = decision;
  return legs
    .map(({ leg, amount, currency, decisionReason }) =>
      [legs.length > 1 ? `${leg}:` : '', formatMinor(amount, currency), decisionReason ?? ''].filter(Boolean).join(' '),
    )
    .join(', ');
}

describe('brackets', () => {
  it('golden: 500.00 earns 28.00 marginal', () => {
    expect(told(new RatingWalk(book([tiered('marginal')])).decide(event('payment', '500')))).toBe('28.00');
  });

  it('golden: whole, 300 + 200 post 12.00 and 8.00, a refund of 150 −6.00', () => {
    const walk = new RatingWalk(book([tiered('whole')]));
    const first = sale('300');
    expect(told(walk.decide(event('payment', '300'), first))).toBe('12.00');
    expect(told(walk.decide(event('payment', '200')))).toBe('8.00');
    expect(told(walk.decide(event('refund', '-150'), first))).toBe('-6.00');
  });

  it('slices each sale where the one before it ended, and starts anew with the month', () => {
    const walk = new RatingWalk(book([tiered('marginal')]));
    expect(told(walk.decide(event('payment', '150')))).toBe('6.00');
    expect(told(walk.decide(event('payment', '100')))).toBe('5.00'); // 50 × 4 % + 50 × 6 %
    expect(told(walk.decide(event('payment', '200')))).toBe('13.00'); // 150 × 6 % + 50 × 8 %
    expect(told(walk.decide(event('payment', '100', { occurredOn: '2026-11-01' })))).toBe('4.00');
  });

  it('gives room back on a refund, to sales decided later, and slices nothing again', () => {
    const walk = new RatingWalk(book([tiered('marginal')]));
    const first = sale('400');
    expect(told(walk.decide(event('payment', '400'), first))).toBe('20.00');
    expect(told(walk.decide(event('refund', '-200'), first))).toBe('-10.00');
    expect(told(walk.decide(event('payment', '200')))).toBe('12.00'); // from 200 on
    expect(told(walk.decide(event('refund', '-200'), first))).toBe('-10.00');
  });

  it('occupies its whole base from the first instalment on; overpaid cash gives no room back', () => {
    const walk = new RatingWalk(book([tiered('marginal')]));
    const first = sale('400');
    expect(told(walk.decide(event('payment', '200'), first))).toBe('10.00');
    expect(told(walk.decide(event('payment', '100')))).toBe('8.00'); // from 400 on
    expect(told(walk.decide(event('payment', '300'), first))).toBe('10.00');
    expect(told(walk.decide(event('refund', '-100'), first))).toBe('0.00 unchanged');
    expect(told(walk.decide(event('payment', '100')))).toBe('8.00');
  });

  it('counts per partner, instance or account as the rule says', () => {
    const walk = new RatingWalk(book([tiered('marginal', { window: { kind: 'month', per: 'account' } })]));
    const of = (accountId: number | null) => told(walk.decide(event('payment', '300', { accountId })));
    expect([of(7), of(8), of(7)]).toEqual(['14.00', '14.00', '22.00']);
    expect(of(null)).toBe('0.00 no_account');
  });

  it('ask for an account before anything else that the rule asks for, and only of the share that they are for', () => {
    const window = { kind: 'month', per: 'account' } as const;
    const parents = [{ partnerId: 1, parentId: 2, from: null, to: null }];
    const rules = [tiered('marginal', { window }), rule({ level: 1, ratePpm: 50_000 })];
    const walk = new RatingWalk(book(rules, { parents, keepsClocks: true }));
    expect(told(walk.decide(event('payment', '300', { currency: 'GBP' })))).toBe('0: 0.00 no_account, 1: 15.00');
  });

  it('rates an unlinked credit at the first bracket and leaves the window alone', () => {
    const walk = new RatingWalk(book([tiered('marginal')]));
    walk.decide(event('payment', '400'));
    expect(told(walk.decide(event('credit_note', '-100')))).toBe('-4.00 unlinked_credit');
    expect(told(walk.decide(event('payment', '100')))).toBe('8.00');
  });
});

describe('hybrid, margin and other bases', () => {
  it('adds a flat amount to a rate', () => {
    const walk = new RatingWalk(book([rule({ kind: 'hybrid', flatMinor: 200n, currency: 'EUR' })]));
    expect(told(walk.decide(event('payment', '50')))).toBe('7.00');
    expect(told(walk.decide(event('credit_note', '-50')))).toBe('-5.00 unlinked_credit');
  });

  it('is told with its flat part for a sale, and without it for a credit that names none', () => {
    const told: string[] = [];
    const rules = book([rule({ kind: 'hybrid', flatMinor: 200n, currency: 'EUR' })]);
    const walk = new RatingWalk(rules, ({ step, text }) => {
      if (step === 'full') told.push(text);
    });
    walk.decide(event('payment', '50'));
    walk.decide(event('credit_note', '-50'));
    expect(told).toEqual(['50.00 × 10% + 2.00 = 7.00', '-50.00 × 10% = -5.00']);
  });

  it('rates the margin, never below zero, and nothing where nobody said the cost', () => {
    const walk = new RatingWalk(book([rule({ base: 'margin' })]));
    const at = (wholesale: string | null) => {
      const wholesaleNet = wholesale === null ? null : money(wholesale);
      return told(walk.decide(event('payment', '100', { wholesaleNet })));
    };
    expect([at('60'), at('130'), at(null)]).toEqual(['4.00', '0.00 zero_sale', '0.00 no_base']);
  });
});

describe('limits', () => {
  it('cap a sale, and keep what it would have earned', () => {
    const walk = new RatingWalk(book([limited({ capSale: 500n }, { currency: 'EUR' })]));
    const { legs } = walk.decide(event('payment', '80'));
    expect([legs[0]!.full, legs[0]!.uncapped]).toEqual([500n, 800n]);
    expect(walk.decide(event('payment', '30')).legs[0]!.uncapped).toBeNull();
  });

  it('have taken nothing where rounding takes the same', () => {
    const walk = new RatingWalk(book([limited({ capSale: 9000n }, { currency: 'EUR', ratePpm: 81_250 })]));
    const { legs } = walk.decide(event('payment', '1107.73'));
    expect([legs[0]!.full, legs[0]!.uncapped]).toEqual([9000n, null]);
  });

  it('cap before scaling, so that instalments share the cap', () => {
    const walk = new RatingWalk(book([limited({ capSale: 500n }, { currency: 'EUR' })]));
    const of = sale('100');
    expect(told(walk.decide(event('payment', '50'), of))).toBe('2.50');
    expect(told(walk.decide(event('payment', '50'), of))).toBe('2.50');
  });

  it('cap a window; a refund gives its room back', () => {
    const walk = new RatingWalk(book([limited({ capWindow: 1500n }, { currency: 'EUR', window: MONTH })]));
    const first = sale('100');
    expect(told(walk.decide(event('payment', '100'), first))).toBe('10.00');
    expect(told(walk.decide(event('payment', '100')))).toBe('5.00');
    expect(told(walk.decide(event('payment', '100')))).toBe('0.00 cap_reached');
    expect(told(walk.decide(event('refund', '-100'), first))).toBe('-10.00');
    expect(told(walk.decide(event('payment', '200')))).toBe('10.00');
  });

  it('decide 0 by the rule that wins, and no wider rule steps in', () => {
    const wide = rule();
    const narrow = (limits: Partial<RuleLimits>) =>
      limited(limits, { scope: 'instance', scopeId: 1, ratePpm: 200_000, currency: 'EUR' });
    const at = (limits: Partial<RuleLimits>, own: Parameters<typeof event>[2] = {}) =>
      told(new RatingWalk(book([wide, narrow(limits)])).decide(event('payment', '10', own)));
    expect(at({ minSale: 1000n })).toBe('2.00');
    expect(at({ minSale: 1001n })).toBe('0.00 below_minimum_sale');
    expect(at({ products: [3] }, { productId: 3 })).toBe('2.00');
    expect(at({ products: [3] }, { productId: 4 })).toBe('0.00 product_limit');
    expect(at({ products: [3] })).toBe('0.00 product_limit');
    expect(at({ territory: ['DE', 'AT'] }, { country: 'AT' })).toBe('2.00');
    expect(at({ territory: ['DE', 'AT'] }, { country: 'CH' })).toBe('0.00 territory');
    expect(at({ minSale: 1000n }, { currency: 'USD' })).toBe('0.00 rule_currency');
  });
});

describe('the earning clock', () => {
  const clocked = (limits: Partial<RuleLimits>, others: RuleVersion[] = []) =>
    new RatingWalk(book([limited(limits), ...others], { keepsClocks: true }));
  const pay = (walk: RatingWalk, occurredOn: string, own: Parameters<typeof event>[2] = {}) =>
    told(walk.decide(event('payment', '10', { accountId: 7, occurredOn, ...own })));

  it('golden: twelve months from 31 Jan 2025 end with 30 Jan 2026; one month with 27 Feb', () => {
    const year = clocked({ earningMonths: 12 });
    expect(pay(year, '2025-01-31')).toBe('1.00');
    expect(pay(year, '2026-01-30')).toBe('1.00');
    expect(pay(year, '2026-01-31')).toBe('0.00 earning_ended');
    const month = clocked({ earningMonths: 1 });
    expect(pay(month, '2025-01-31')).toBe('1.00');
    expect(pay(month, '2025-02-27')).toBe('1.00');
    expect(pay(month, '2025-02-28')).toBe('0.00 earning_ended');
  });

  it('lets only the first paid sale earn where the rule says so, all of its instalments', () => {
    const walk = clocked({ firstSaleOnly: true });
    const first = sale('10', { accountId: 7 });
    expect(told(walk.decide(event('payment', '4', { accountId: 7 }), first))).toBe('0.40');
    expect(pay(walk, '2026-10-02')).toBe('0.00 first_sale_only');
    expect(told(walk.decide(event('payment', '6', { accountId: 7 }), first))).toBe('0.60');
    expect(pay(walk, '2026-10-02', { accountId: 8 })).toBe('1.00');
  });

  it('is frozen by the rule that won the account: later rules change rates, never these', () => {
    const walk = clocked({ earningMonths: 1 });
    expect(pay(walk, '2026-01-10')).toBe('1.00');
    walk.book = book([rule({ ratePpm: 300_000 })], { keepsClocks: true });
    expect(pay(walk, '2026-02-09')).toBe('3.00');
    expect(pay(walk, '2026-02-10')).toBe('0.00 earning_ended');
  });

  it('never shortens an account won without limits, and a late earlier sale moves nothing', () => {
    const walk = new RatingWalk(book([rule()], { keepsClocks: true }));
    expect(pay(walk, '2026-01-10')).toBe('1.00');
    walk.book = book([limited({ firstSaleOnly: true })], { keepsClocks: true });
    expect(pay(walk, '2026-03-10')).toBe('1.00');
    expect(pay(walk, '2025-12-01')).toBe('1.00');
  });

  it('ends for those above as well, whatever the own share is refused for', () => {
    const override = rule({ level: 1, ratePpm: 50_000 });
    const own = limited({ earningMonths: 1 }, { to: '2026-02-01' });
    const parents = [{ partnerId: 1, parentId: 2, from: null, to: null }];
    const walk = new RatingWalk(book([own, override], { keepsClocks: true, parents }));
    expect(pay(walk, '2026-01-10')).toBe('0: 1.00, 1: 0.50');
    expect(pay(walk, '2026-02-09')).toBe('0: 0.00 no_rule, 1: 0.50');
    expect(pay(walk, '2026-02-10')).toBe('0: 0.00 no_rule, 1: 0.00 earning_ended');
  });

  it('wants an account', () => {
    expect(pay(clocked({ earningMonths: 3 }), '2026-01-10', { accountId: null })).toBe('0.00 no_account');
  });
});

describe('shares', () => {
  const RESELLER_UNDER_PARENT = { parents: [{ partnerId: 1, parentId: 2, from: null, to: null }] };
  const override = (told: Partial<RuleVersion> = {}) => rule({ level: 1, ratePpm: 50_000, ...told });

  it('golden: base 100.00, reseller 10.00, parent 5 % of the rest 4.50, of the full base 5.00; refunded whole', () => {
    const at = (onRest: boolean) => {
      const walk = new RatingWalk(book([rule(), override({ onRest })], RESELLER_UNDER_PARENT));
      const of = sale('100');
      return [told(walk.decide(event('payment', '100'), of)), told(walk.decide(event('refund', '-100'), of))];
    };
    expect(at(true)).toEqual(['0: 10.00, 1: 4.50', '0: -10.00, 1: -4.50']);
    expect(at(false)).toEqual(['0: 10.00, 1: 5.00', '0: -10.00, 1: -5.00']);
  });

  it('golden: base 1.71 at 12.5 % → 0.21, 5 % of the rest 1.50 → 0.08', () => {
    const rules = [rule({ ratePpm: 125_000 }), override({ onRest: true })];
    expect(told(new RatingWalk(book(rules, RESELLER_UNDER_PARENT)).decide(event('payment', '1.71')))).toBe(
      '0: 0.21, 1: 0.08',
    );
  });

  it('post an override as one, by the hierarchy of the sale’s date', () => {
    const parents = [{ partnerId: 1, parentId: 2, from: '2026-10-01', to: null }];
    const walk = new RatingWalk(book([rule(), override()], { parents }));
    expect(walk.decide(event('payment', '10')).legs.map(({ kind, partnerId }) => [kind, partnerId])).toEqual([
      ['earning', 1],
      ['override', 2],
    ]);
    expect(told(walk.decide(event('payment', '10', { occurredOn: '2026-09-30' })))).toBe('1.00');
  });

  it('reach up as many levels as there are rules for, and refuse who is below already', () => {
    const parents = [
      { partnerId: 1, parentId: 2, from: null, to: null },
      { partnerId: 2, parentId: 1, from: null, to: null },
    ];
    const rules = [rule(), override(), override({ level: 2 }), override({ level: 3 })];
    expect(told(new RatingWalk(book(rules, { parents })).decide(event('payment', '100')))).toBe(
      '0: 10.00, 1: 5.00, 2: 0.00 self_referral',
    );
  });

  it('pass over who sells a part of it already to those further up', () => {
    const parents = [
      { partnerId: 1, parentId: 2, from: null, to: null },
      { partnerId: 2, parentId: 3, from: null, to: null },
    ];
    const accountSlots = [1, 2].map((slot) => {
      return { accountId: 7, slot, partnerId: slot, sharePpm: 500_000, from: null, to: null };
    });
    const rules = [rule(), override(), override({ level: 2 })];
    const walk = new RatingWalk(book(rules, { parents, accountSlots }));
    expect(told(walk.decide(event('payment', '100', { accountId: 7 })))).toBe(
      '16: 5.00, 17: 0.00 self_referral, 18: 2.50, 32: 5.00, 33: 2.50',
    );
  });

  it('never exceed the programme’s cap together: the highest level is cut first', () => {
    const parents = [
      { partnerId: 1, parentId: 2, from: null, to: null },
      { partnerId: 2, parentId: 3, from: null, to: null },
    ];
    const rules = [rule(), override(), override({ level: 2 })];
    const at = (value: number) => {
      const shareCaps = [{ value, from: null, to: null }];
      return told(new RatingWalk(book(rules, { parents, shareCaps })).decide(event('payment', '100')));
    };
    expect(at(200_000)).toBe('0: 10.00, 1: 5.00, 2: 5.00');
    expect(at(170_000)).toBe('0: 10.00, 1: 5.00, 2: 2.00');
    expect(at(120_000)).toBe('0: 10.00, 1: 2.00, 2: 0.00 share_cap');
    expect(at(60_000)).toBe('0: 6.00, 1: 0.00 share_cap, 2: 0.00 share_cap');
  });

  it('split an account’s sale over its slots to the last cent, each by its partner’s own rules', () => {
    const slots = [
      { accountId: 7, slot: 1, partnerId: 1, sharePpm: 333_333, from: null, to: null },
      { accountId: 7, slot: 2, partnerId: 2, sharePpm: 666_667, from: null, to: null },
    ];
    const rules = [rule(), rule({ scope: 'partner', scopeId: 2, ratePpm: 200_000 })];
    const walk = new RatingWalk(book(rules, { accountSlots: slots }));
    const { legs } = walk.decide(event('payment', '100', { accountId: 7 }));
    expect(legs.map(({ leg, base, amount }) => [leg, base, amount])).toEqual([
      [16, 3333n, 333n],
      [32, 6667n, 1333n],
    ]);
    expect(told(walk.decide(event('payment', '100')))).toBe('10.00');
  });

  it('scale flat amounts with the slot', () => {
    const slots = [1, 2].map((slot) => ({
      accountId: 7,
      slot,
      partnerId: slot,
      sharePpm: 500_000,
      from: null,
      to: null,
    }));
    const walk = new RatingWalk(book([flat('5.00', 'EUR')], { accountSlots: slots }));
    expect(told(walk.decide(event('payment', '100', { accountId: 7 })))).toBe('16: 2.50, 32: 2.50');
  });
});

describe('a rule that pays in another currency', () => {
  const converting = rule({ paysIn: 'JPY' });

  it('converts once, at the sale date’s rate, frozen for the sale', () => {
    const walk = new RatingWalk(book([converting], { fxRate: () => ({ rate: '160.5', ids: [1] }) }));
    const of = sale('100.01');
    const first = walk.decide(event('payment', '50'), of);
    expect(first.legs[0]).toMatchObject({ currency: 'JPY', fxRate: { rate: '160.5', ids: [1] }, full: 1605n });
    walk.book = book([converting], { fxRate: () => ({ rate: '1', ids: [2] }) });
    expect(walk.decide(event('payment', '50.01'), of).legs[0]!.amount).toBe(1605n - first.legs[0]!.amount);
  });

  it('waits for a rate that is missing, and says which', () => {
    const walk = new RatingWalk(book([converting]));
    expect(() => walk.decide(event('payment', '50'))).toThrow('{"from":"EUR","to":"JPY","on":"2026-10-01"}');
  });
});

describe('acts', () => {
  const act = (kind: 'void' | 'rerate' | 'reattribution' | 'bonus') =>
    ({ id: 99, kind, instanceId: 1, currency: 'EUR', occurredOn: '2026-11-05' }) as const;

  it('void an event: it counts as nothing in its sale, and gives its room back', () => {
    const walk = new RatingWalk(book([tiered('marginal')]));
    const of = sale('400');
    walk.decide(event('payment', '400'), of);
    const refund = event('refund', '-100');
    expect(told(walk.decide(refund, of))).toBe('-5.00');
    expect(told(walk.act(act('void'), { event: refund, sale: of }))).toBe('5.00');
    expect(told(walk.decide(event('payment', '100')))).toBe('8.00');
    const own = event('payment', '100');
    walk.decide(own);
    expect(told(walk.act(act('void'), { event: own, sale: null }))).toBe('-8.00');
    expect(told(walk.decide(event('payment', '100')))).toBe('8.00');
  });

  it('void a sale with all it occupied, so that its next version finds the room', () => {
    const walk = new RatingWalk(book([limited({ capWindow: 1000n }, { currency: 'EUR', window: MONTH })]));
    const mistaken = event('payment', '100');
    expect(told(walk.decide(mistaken))).toBe('10.00');
    expect(told(walk.act(act('void'), { event: mistaken, sale: null }))).toBe('-10.00');
    expect(told(walk.decide(event('payment', '90')))).toBe('9.00');
  });

  it('rate a sale again by the rules as known now; the sale then holds them', () => {
    const walk = new RatingWalk(book([rule()]));
    const of = sale('100');
    walk.decide(event('payment', '50'), of);
    const newer = rule({ ratePpm: 150_000 });
    walk.book = book([newer]);
    const decision = walk.act(act('rerate'), { event: null, sale: of });
    expect(told(decision)).toBe('2.50');
    expect(decision.legs[0]!.ruleVersionId).toBe(newer.id);
    walk.book = book([rule()]);
    expect(told(walk.decide(event('payment', '50'), of))).toBe('7.50');
  });

  it('tell the sale that started a clock from another of the same number', () => {
    const walk = new RatingWalk(book([limited({ firstSaleOnly: true })], { keepsClocks: true }));
    const first = event('payment', '10', { accountId: 7 });
    walk.decide(first);
    const other = sale('10', { id: first.id, accountId: 7 });
    expect(told(walk.decide(event('payment', '10', { accountId: 7 }), other))).toBe('0.00 first_sale_only');
    expect(told(walk.act(act('rerate'), { event: null, sale: other }))).toBe('0.00 first_sale_only');
  });

  it('take back in the currency they posted in, and never post the difference of two', () => {
    const walk = new RatingWalk(book([rule({ paysIn: 'JPY' })], { fxRate: () => ({ rate: '160.5', ids: [1] }) }));
    const of = sale('100');
    expect(walk.decide(event('payment', '100'), of).legs[0]).toMatchObject({ amount: 1605n, currency: 'JPY' });
    walk.book = book([rule()]);
    expect(() => walk.act(act('rerate'), { event: null, sale: of })).toThrow('cannot be rated again in EUR');
    walk.book = book([]);
    const taken = walk.act(act('rerate'), { event: null, sale: of }).legs[0];
    expect(taken).toMatchObject({ amount: -1605n, currency: 'JPY', decisionReason: 'no_rule' });
  });

  it('keep a sale’s place in its window when it is rated again', () => {
    const walk = new RatingWalk(book([tiered('marginal')]));
    const of = sale('100');
    walk.decide(event('payment', '250'));
    walk.decide(event('payment', '100'), of);
    walk.decide(event('payment', '300'));
    expect(told(walk.act(act('rerate'), { event: null, sale: of }))).toBe('0.00 unchanged');
  });

  it('give a sale to others: the old share goes back, the new ones post', () => {
    const walk = new RatingWalk(book([rule()]));
    const of = sale('100', { accountId: 7 });
    walk.decide(event('payment', '100', { accountId: 7 }), of);
    const accountSlots = [{ accountId: 7, slot: 1, partnerId: 2, sharePpm: 1_000_000, from: null, to: null }];
    walk.book = book([rule()], { accountSlots });
    expect(told(walk.act(act('reattribution'), { event: null, sale: of }))).toBe('0: -10.00 reattributed, 16: 10.00');
    expect(told(walk.decide(event('refund', '-50', { accountId: 7 }), of))).toBe('0: 0.00 reattributed, 16: -5.00');
  });

  it('post what they bring along', () => {
    const walk = new RatingWalk(book([]));
    const given = [{ leg: 0, partnerId: 1, amount: 1234n, base: 0n, ruleVersionId: null, ratePpm: null }];
    expect(told(walk.act(act('bonus'), null, given))).toBe('12.34');
  });
});
