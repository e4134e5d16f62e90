import { simulateRules } from '../../../services/history/simulate-rules.ts';
import { planRules } from '../../../services/rules/plan-rules.ts';
import { readRuleDirectory } from '../../../services/rules/rule-directory.ts';
import { command } from '../../command.ts';
import { dateWindow } from '../../date-window.ts';
import { comparisonRecord, printComparison } from '../../history-columns.ts';
import { toRecord } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';
import { argument, option } from '../../parameters.ts';
import { changeColumns, changeId } from './columns.ts';
import { ready } from './example.ts';

const SIDES = { before: 'live', after: 'planned' };

export const plan = command({
  verb: 'plan',
  summary: 'show what files would change in the live rule book',
  description:
    'Compares the live book with the files of a directory, day by day: what is added, changed and ended, by rule. The ' +
    'change is tried and rolled back; its hash is what `rules apply --plan` insists on. With --period it also says what ' +
    'the change would have moved then, per partner, as `simulate` does. Writes nothing.',
  parameters: {
    directory: argument<string>('DIR', 'a directory of `rules export`'),
    period: option('--period <period>', 'a past period to weigh the change by: 2026-10, 2026-Q4, last-month …'),
  },
  examples: [ready('rules plan rules'), ready('rules plan rules --period 2026-10'), ready('rules plan rules --json')],
  async run(invocation, { directory, period }) {
    const ctx = await invocation.context();
    const { window, echo } = dateWindow(ctx, { period, from: undefined, to: undefined });
    if (echo !== null && period !== undefined) await invocation.note(echo);
    const files = { path: invocation.path(directory), called: directory };
    const { changes, plan: hash, refusal } = await planRules(ctx, files);
    const { print } = invocation;
    const moved =
      period === undefined
        ? null
        : await simulateRules(ctx, await readRuleDirectory(files), { from: window.from!, to: window.to! });
    if (print.format === 'json' || print.format === 'ndjson') {
      const { code, message, hint } = refusal ?? {};
      const found = {
        plan: hash,
        refusal: refusal === null ? null : { code, message, hint: hint ?? null },
        changes: changes.map((change) => toRecord(changeColumns, change)),
        ...(moved === null ? {} : { moved: comparisonRecord(moved, SIDES) }),
      };
      return await print.out.write(`${plainJson(found, print.format === 'json' ? 2 : undefined)}\n`);
    }
    await printList(print, changeColumns, changes, changeId);
    if (moved !== null) {
      await print.out.write('\n');
      await printComparison(invocation, moved, SIDES);
    }
    if (refusal !== null) {
      await invocation.note(`it could not be applied now: ${refusal.message}`);
      if (refusal.hint !== undefined) await invocation.note(refusal.hint);
    } else if (changes.length === 0) {
      await invocation.note('the live book says exactly this: nothing would change');
    } else {
      await invocation.note(`plan ${hash}: \`revshare rules apply ${directory} --plan ${hash}\` does exactly this`);
    }
  },
});
