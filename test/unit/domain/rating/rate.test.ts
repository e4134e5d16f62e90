import { describe, expect, it } from 'vitest';
import { IntegrityError } from '../../../../src/domain/errors.ts';
import { NO_LIMITS, type TraceStep } from '../../../../src/domain/rating/model.ts';
import { ratePlainly } from '../../../support/rating-inputs.ts';
import { book, event, exclude, rule, sale } from './programme.ts';

describe('the decision', () => {
  it('names entry kinds as the ledger does', () => {
    const rules = book([rule()]);
    const kinds = (
      [
        ['payment', '1'],
        ['signup', '0'],
        ['refund', '-1'],
        ['credit_note', '-1'],
        ['chargeback', '-1'],
        ['chargeback_won', '1'],
        ['adjustment', '1'],
      ] as const
    ).map(
      ([kind, net]) => ratePlainly({ event: event(kind, net), sale: null, state: null, book: rules }).legs[0]!.kind,
    );
    expect(kinds).toEqual(['earning', 'earning', 'refund', 'credit', 'chargeback', 'restoration', 'adjustment']);
  });

  it('freezes rule, rate, tier, base and full, and keeps them against a later book', () => {
    const tiers = [{ partnerId: 1, tier: 'gold', from: null, to: null }];
    const winner = rule({ scope: 'tier', scopeId: 'gold', ratePpm: 125_000 });
    const first = ratePlainly({
      event: event('payment', '5.00'),
      sale: sale('10.00'),
      state: null,
      book: book([winner, rule()], { tiers, knownSeq: 4 }),
    });
    const frozen = {
      leg: 0,
      partnerId: 1,
      ruleVersionId: winner.id,
      knownSeq: 4,
      tier: 'gold',
      ratePpm: 125_000,
      base: 1000n,
      full: 125n,
      uncapped: null,
      currency: 'EUR',
      fxRate: null,
      position: null,
      window: null,
      clockTerms: NO_LIMITS,
      reason: null,
    };
    expect(first.legs).toEqual([{ ...frozen, kind: 'earning', amount: 63n, decisionReason: null }]);
    expect(first.state).toEqual({ received: 500n, returned: 0n, credited: 0n, shares: [{ frozen, posted: 63n }] });

    const later = ratePlainly({
      event: event('payment', '5.00'),
      sale: sale('10.00'),
      state: first.state,
      book: book([rule({ ratePpm: 900_000 })], { knownSeq: 9 }),
    });
    expect(later.legs).toEqual([{ ...frozen, kind: 'earning', amount: 62n, decisionReason: null }]);
  });

  it('freezes nothing while the sale is unknown, and remembers what came in', () => {
    const rules = book([rule()]);
    const orphan = ratePlainly({
      event: event('refund', '-30'),
      sale: sale('100', { saleDate: null }),
      state: null,
      book: rules,
    });
    expect(orphan.legs[0]).toMatchObject({
      amount: 0n,
      decisionReason: 'sale_unknown',
      partnerId: null,
      kind: 'refund',
    });
    expect(orphan.state).toEqual({ received: 0n, returned: 3000n, credited: 0n, shares: [] });
    const payment = ratePlainly({
      event: event('payment', '100'),
      sale: sale('100'),
      state: orphan.state,
      book: rules,
    });
    expect(payment.legs[0]).toMatchObject({ amount: 700n, decisionReason: null });
  });

  it('stops at signs and sales that the import should have refused', () => {
    const rules = book([rule()]);
    for (const wrong of [
      event('payment', '-1'),
      event('refund', '1'),
      event('signup', '1'),
      event('chargeback_won', '-1'),
    ]) {
      expect(() => ratePlainly({ event: wrong, sale: null, state: null, book: rules })).toThrow(IntegrityError);
    }
    const foreign = event('payment', '1', { currency: 'GBP' });
    expect(() => ratePlainly({ event: foreign, sale: sale('1'), state: null, book: rules })).toThrow(IntegrityError);
  });
});

describe('the explanation', () => {
  function explain(...[input]: Parameters<typeof ratePlainly>): TraceStep[] {
    const steps: TraceStep[] = [];
    ratePlainly(input, (step) => steps.push(step));
    return steps;
  }

  it('tells winner, losers and why, the arithmetic and the rounding', () => {
    const rules = book([
      rule(),
      rule({ scope: 'instance', scopeId: 1, ratePpm: 125_000 }),
      rule({ scope: 'partner', scopeId: 1, to: '2026-01-01' }),
    ]);
    const steps = explain({ event: event('payment', '1.71'), sale: null, state: null, book: rules });
    expect(steps.map(({ step }) => step)).toEqual([
      'dates',
      'partner',
      'candidate',
      'candidate',
      'candidate',
      'base',
      'full',
      'rounding',
      'amount',
    ]);
    const candidates = steps.filter(({ step }) => step === 'candidate').map(({ facts }) => facts);
    expect(candidates.map(({ scope, outcome }) => [scope, outcome])).toEqual([
      ['instance', 'wins'],
      ['partner', 'loses'],
      ['programme', 'loses'],
    ]);
    expect(candidates[1]!['why']).toBe('not in force on 2026-10-01');
    expect(candidates[2]!['why']).toMatch(/is narrower$/);
    expect(steps.find(({ step }) => step === 'full')!.text).toBe('1.71 × 12.5% = 0.21375');
    expect(steps.find(({ step }) => step === 'rounding')!.facts).toEqual({ exact: '0.21375', rounded: '0.21' });
    expect(steps.at(-1)!.facts).toEqual({ amount: '0.21', reason: null });
  });

  it('tells the sale so far and the way from target to amount', () => {
    const rules = book([rule({ ratePpm: 125_000 })]);
    const first = ratePlainly({ event: event('payment', '10.00'), sale: sale('10.00'), state: null, book: rules });
    const steps = explain({ event: event('refund', '-3.33'), sale: sale('10.00'), state: first.state, book: rules });
    expect(steps.find(({ step }) => step === 'sale')!.text).toBe(
      'of 10.00: received 10.00, returned 3.33, credited 0.00; counts as collected 6.67',
    );
    expect(steps.find(({ step }) => step === 'target')!.text).toBe('1.25 × 6.67 / 10.00 = 0.83375');
    expect(steps.at(-1)!.text).toBe('target 0.83 less posted 1.25 = -0.42 EUR');
  });

  it('tells an exclusion', () => {
    const rules = book([rule(), exclude({ scope: 'instance', scopeId: 1 })]);
    const steps = explain({ event: event('payment', '1'), sale: null, state: null, book: rules });
    expect(steps.map(({ step }) => step)).toEqual([
      'dates',
      'partner',
      'candidate',
      'candidate',
      'exclusion',
      'full',
      'amount',
    ]);
    expect(steps.at(-1)!.facts).toEqual({ amount: '0.00', reason: 'excluded' });
  });

  it('does not blame rules of another time for a frozen decision', () => {
    const first = ratePlainly({ event: event('payment', '5'), sale: sale('10'), state: null, book: book([rule()]) });
    const later = book([rule({ ratePpm: 900_000 })], { knownSeq: 9 });
    const steps = explain({ event: event('payment', '5'), sale: sale('10'), state: first.state, book: later });
    expect(steps.filter(({ step }) => step === 'candidate').map(({ facts }) => facts['why'])).toEqual(['frozen']);
  });
});
