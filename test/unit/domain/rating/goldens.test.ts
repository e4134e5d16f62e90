import { describe, expect, it } from 'vitest';
import { book, decided, decidedInSale, event, exclude, flat, rule, sale } from './programme.ts';

/** The golden numbers of SEMANTICS §5 as they stand there, as far as rules are percentages or flat. */
describe('goldens of SEMANTICS §5', () => {
  it('base 10.00 at 12.5 % refunded 3.33, 3.33, 3.34: −0.42, −0.41, −0.42, sum −1.25', () => {
    const rules = book([rule({ ratePpm: 125_000 })]);
    const events = [event('payment', '10.00'), ...['-3.33', '-3.33', '-3.34'].map((net) => event('refund', net))];
    expect(decidedInSale(rules, sale('10.00'), events)).toEqual(['1.25', '-0.42', '-0.41', '-0.42']);
  });

  it('sale 20,000, full 4,000, paid in halves: 2,000 + 2,000; a repeated notice 0', () => {
    const rules = book([rule({ ratePpm: 200_000 })]);
    const half = (): ReturnType<typeof event> => event('payment', '10000.00');
    expect(decidedInSale(rules, sale('20000.00'), [half(), half(), half()])).toEqual([
      '2000.00',
      '2000.00',
      '0.00 over_collected',
    ]);
  });

  it('at 10 %: sale 100, credit note 20, payment 80 → 0.00, 8.00', () => {
    const events = [event('credit_note', '-20'), event('payment', '80')];
    expect(decidedInSale(book([rule()]), sale('100'), events)).toEqual(['0.00 unchanged', '8.00']);
  });

  it('at 10 %: payment 100, credit note 20, refund 20 → 10.00, −2.00, 0.00', () => {
    const events = [event('payment', '100'), event('credit_note', '-20'), event('refund', '-20')];
    expect(decidedInSale(book([rule()]), sale('100'), events)).toEqual(['10.00', '-2.00', '0.00 unchanged']);
  });

  it('JPY 999 × 15 % = 150; KWD 10.005 × 15 % = 1.501', () => {
    const rules = book([rule({ ratePpm: 150_000 })]);
    expect(decided(rules, event('payment', '999', { currency: 'JPY' }))).toBe('150');
    expect(decided(rules, event('payment', '10.005', { currency: 'KWD' }))).toBe('1.501');
  });

  it('−2.5 minor → −3', () => {
    expect(decided(book([rule()]), event('refund', '-0.25'))).toBe('-0.03 unlinked_credit');
  });

  it('base 100.00, reseller 10 % → 10.00; full refund −10.00', () => {
    const events = [event('payment', '100'), event('refund', '-100')];
    expect(decidedInSale(book([rule()]), sale('100'), events)).toEqual(['10.00', '-10.00']);
  });

  it('base 1.71 at 12.5 % → 0.21', () => {
    expect(decided(book([rule({ ratePpm: 125_000 })]), event('payment', '1.71'))).toBe('0.21');
  });
});

describe('an event that is its own sale', () => {
  it('earns its rate of net, or of gross where the rule says so', () => {
    expect(decided(book([rule()]), event('payment', '100', { gross: '120' }))).toBe('10.00');
    expect(decided(book([rule({ base: 'gross' })]), event('payment', '100', { gross: '120' }))).toBe('12.00');
  });

  it('earns a flat amount whatever its size', () => {
    expect(decided(book([flat('5.00', 'EUR')]), event('payment', '3.00'))).toBe('5.00');
  });

  it.each([
    ['no rule', book([]), '0.00 no_rule'],
    ['a zero rate', book([rule({ ratePpm: 0 })]), '0.00 zero_rate'],
    ['a flat zero', book([flat('0', 'EUR')]), '0.00 zero_rate'],
    ['a tiny rate', book([rule({ ratePpm: 1 })]), '0.00 rounds_to_zero'],
    ['a rule in another currency', book([flat('5.00', 'GBP')]), '0.00 rule_currency'],
    ['an exclusion', book([rule({ scope: 'instance', scopeId: 1 }), exclude()]), '0.00 excluded'],
    ['no agreement', book([rule()], { agreements: [] }), '0.00 no_agreement'],
    ['a house partner', book([rule()], { housePartnerIds: [1] }), '0.00 house_partner'],
  ])('decides zero by %s', (_what, rules, expected) => {
    expect(decided(rules, event('payment', '100'))).toBe(expected);
  });

  it('decides zero for a signup and for an empty payment', () => {
    expect(decided(book([rule()]), event('signup', '0'))).toBe('0.00 zero_sale');
    expect(decided(book([flat('5.00', 'EUR')]), event('payment', '0'))).toBe('0.00 zero_sale');
    expect(decided(book([rule({ base: 'gross' })]), event('payment', '10', { gross: '0' }))).toBe('0.00 zero_sale');
  });

  it('is not saved by a wider rule when the winner is in another currency', () => {
    const rules = book([rule(), flat('5.00', 'GBP', { scope: 'instance', scopeId: 1 })]);
    expect(decided(rules, event('payment', '100'))).toBe('0.00 rule_currency');
  });
});

describe('an event that names no sale', () => {
  it.each([
    ['refund', '-40', '-4.00 unlinked_credit'],
    ['credit_note', '-40', '-4.00 unlinked_credit'],
    ['chargeback', '-40', '-4.00 unlinked_credit'],
    ['chargeback_won', '40', '4.00 unlinked_credit'],
    ['adjustment', '-40', '-4.00 unlinked_credit'],
    ['adjustment', '40', '4.00 unlinked_credit'],
    ['refund', '0', '0.00 zero_sale'],
  ] as const)('%s of %s comes to %s', (kind, net, expected) => {
    expect(decided(book([rule()]), event(kind, net))).toBe(expected);
  });

  it('is rated by the rule of its own date and by its own gross', () => {
    const rules = book([rule({ to: '2026-10-01' }), rule({ from: '2026-10-01', ratePpm: 200_000, base: 'gross' })]);
    expect(decided(rules, event('refund', '-100', { gross: '-120' }))).toBe('-24.00 unlinked_credit');
    expect(decided(rules, event('refund', '-100', { gross: '-120', occurredOn: '2026-09-30' }))).toBe(
      '-10.00 unlinked_credit',
    );
  });

  it('has no percentage to be rated with under a flat rule', () => {
    expect(decided(book([flat('5.00', 'EUR')]), event('refund', '-100'))).toBe('0.00 percentage_only');
    expect(decided(book([flat('5.00', 'GBP')]), event('refund', '-100'))).toBe('0.00 rule_currency');
  });
});

describe('an event of a sale', () => {
  it('is rated by the sale’s date, place and first decision, whatever its own are', () => {
    const rules = book([rule({ to: '2026-10-02' }), rule({ from: '2026-10-02', ratePpm: 500_000 })]);
    const late = event('payment', '50', { occurredOn: '2026-12-01' });
    expect(decidedInSale(rules, sale('100'), [event('payment', '50'), late])).toEqual(['5.00', '5.00']);
  });

  it('takes a flat amount in as it is collected, and gives it back', () => {
    const events = [event('payment', '50'), event('payment', '50'), event('refund', '-100')];
    expect(decidedInSale(book([flat('5.00', 'EUR')]), sale('100'), events)).toEqual(['2.50', '2.50', '-5.00']);
  });

  it('scales a gross base by what is collected net', () => {
    const rules = book([rule({ base: 'gross' })]);
    const events = [event('payment', '50', { gross: '60' }), event('payment', '50', { gross: '60' })];
    expect(decidedInSale(rules, sale('100', { gross: '120' }), events)).toEqual(['6.00', '6.00']);
  });

  it('loses by a chargeback and wins it back', () => {
    const events = [event('payment', '100'), event('chargeback', '-100'), event('chargeback_won', '100')];
    expect(decidedInSale(book([rule()]), sale('100'), events)).toEqual(['10.00', '-10.00', '10.00']);
  });

  it('treats an adjustment as a change of what is owed, not as cash', () => {
    const events = [
      event('payment', '80'),
      event('adjustment', '-20'),
      event('adjustment', '20'),
      event('payment', '20'),
    ];
    expect(decidedInSale(book([rule()]), sale('100'), events)).toEqual([
      '8.00',
      '0.00 unchanged',
      '0.00 unchanged',
      '2.00',
    ]);
    expect(decidedInSale(book([rule()]), sale('100'), [event('payment', '100'), event('adjustment', '-20')])).toEqual([
      '10.00',
      '-2.00',
    ]);
  });

  it('of nothing earns nothing, and says when there is cash above it', () => {
    const events = [event('signup', '0'), event('payment', '5'), event('refund', '-5'), event('payment', '0')];
    expect(decidedInSale(book([rule()]), sale('0'), events)).toEqual([
      '0.00 zero_sale',
      '0.00 over_collected',
      '0.00 zero_sale',
      '0.00 zero_sale',
    ]);
  });

  it('keeps saying why its share can never earn', () => {
    const events = [event('payment', '100'), event('payment', '100'), event('refund', '-50')];
    expect(decidedInSale(book([]), sale('100'), events)).toEqual(['0.00 no_rule', '0.00 no_rule', '0.00 no_rule']);
  });
});
