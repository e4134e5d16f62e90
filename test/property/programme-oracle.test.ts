import { describe, expect, it } from 'vitest';
import { ZERO_REASONS } from '../../src/domain/rating/model.ts';
import { difference, verdictOn } from './programme/comparison.ts';
import { randomProgramme } from './programme/random-programme.ts';
import { shrunk, written } from './programme/shrinking.ts';
import type { Programme } from './programme/words.ts';
import { baseSeed, programmeCount } from './runs.ts';

const apart = (programme: Programme): string | null => difference(verdictOn(programme));

describe('the engine and the oracle', () => {
  const count = programmeCount();

  it(`agree to the cent on ${count} random programmes of twelve months`, { timeout: 1_800_000 }, () => {
    const seen = new Set<string>();
    for (let seed = baseSeed; seed < baseSeed + count; seed += 1) {
      const programme = randomProgramme(seed);
      const verdict = verdictOn(programme);
      for (const reason of verdict.reasons) seen.add(reason);
      if (difference(verdict) === null) continue;
      const smallest = shrunk(programme, (smaller) => apart(smaller) !== null);
      expect.fail(`FC_SEED=${seed} replays it; the smallest programme that parts them:
${written(smallest)}\n${apart(smallest)}`);
    }
    // A generator that never reaches a case would agree about it for ever.
    expect([...seen].sort()).toEqual([...ZERO_REASONS, 'amount', 'unlinked_credit'].sort());
  });

  it('would be told apart, by a programme small enough to read', () => {
    // The first refund that earns something back is made up to be a difference.
    const refundsEarning = (programme: Programme): string[] => {
      const refunds = programme.steps.filter(({ kind }) => kind === 'refund').map(({ id }) => `${id}.`);
      const { oracle } = verdictOn(programme);
      return oracle.filter((line) => refunds.some((refund) => line.startsWith(refund)) && / -\d/.test(line));
    };
    let seed = baseSeed;
    while (refundsEarning(randomProgramme(seed)).length === 0) seed += 1;
    const smallest = shrunk(randomProgramme(seed), (smaller) => refundsEarning(smaller).length > 0);
    expect(refundsEarning(smallest)).toHaveLength(1);
    expect(smallest.steps.length).toBeLessThanOrEqual(2);
    expect(smallest.rules).toHaveLength(1);
    expect(written(smallest)).toContain('kind:refund');
    expect(difference({ oracle: ['1.0 a 5'], engine: ['1.0 a 6'] })).toBe('oracle: 1.0 a 5\nengine: 1.0 a 6');
  });
});
