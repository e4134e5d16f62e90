import { describe, expect, it } from 'vitest';
import { patience, tell } from '../soak.ts';
import { engineDecide, idsOf } from './book-engine.ts';
import { oracleDecide, randomBook } from './oracle.ts';
import { baseSeed, bookCount } from './runs.ts';

describe('the engine and the oracle', () => {
  const count = bookCount();

  it(`agree on ${count} random books`, patience(600_000), () => {
    const seen = new Map<string, number>();
    for (let index = 0; index < count; index += 1) {
      tell('random books', index, count);
      const seed = baseSeed + index;
      const book = randomBook(seed);
      const ids = idsOf(book);
      const theirs = oracleDecide(book).map(({ partner, ...rest }) => ({
        ...rest,
        partner: partner === null ? null : ids.partner(partner),
      }));
      const ours = engineDecide(book).map(({ id, decision: { legs } }) => {
        expect(legs).toHaveLength(1);
        const { amount, decisionReason, partnerId, ruleVersionId } = legs[0]!;
        seen.set(decisionReason ?? 'amount', (seen.get(decisionReason ?? 'amount') ?? 0) + 1);
        return { id, amount, reason: decisionReason, rule: ruleVersionId, partner: partnerId };
      });
      expect(ours, `replay this book with FC_SEED=${seed}`).toEqual(theirs);
    }
    // A generator that never reaches a case would agree about it for ever.
    expect([...seen.keys()].sort()).toEqual([
      'amount',
      'excluded',
      'house_partner',
      'no_agreement',
      'no_rule',
      'over_collected',
      'percentage_only',
      'rounds_to_zero',
      'rule_currency',
      'sale_unknown',
      'unchanged',
      'unlinked_credit',
      'zero_rate',
      'zero_sale',
    ]);
  });

  it('a trace changes no decision and always ends with the amount', () => {
    for (let index = 0; index < 50; index += 1) {
      const book = randomBook(baseSeed + index);
      const steps: string[] = [];
      const traced = engineDecide(book, (step) => steps.push(step.step));
      expect(traced).toEqual(engineDecide(book));
      expect(steps.filter((step) => step === 'amount')).toHaveLength(book.events.length);
      expect(steps.at(-1)).toBe('amount');
    }
  });
});
