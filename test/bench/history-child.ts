import { replayPeriod } from '../../src/services/history/replay-period.ts';
import { simulateRules } from '../../src/services/history/simulate-rules.ts';
import { writeRuleFiles } from '../../src/formats/rule-files.ts';
import { liveBook } from '../../src/services/rules/live-book.ts';
import { addDays } from '../../src/domain/dates.ts';
import { measure, type Order } from './measured-child.ts';
import { FIRST_DAY, LAST_DAY } from './universe.ts';

/** The month of the bench decided again: by the live rules as files, beside themselves; or from what each decision stored. */
await measure<Order & { what: 'simulate' | 'replay' }>(async (ctx, { what }) => {
  const stretch = { from: FIRST_DAY, to: addDays(LAST_DAY, 1) };
  if (what === 'replay') {
    const { events, differing } = await replayPeriod(ctx, stretch);
    return { events, differing };
  }
  const { events, changed } = await simulateRules(ctx, writeRuleFiles(await liveBook(ctx.db)), stretch);
  return { events, differing: changed };
});
