import { planRules } from '../../../services/rules/plan-rules.ts';
import { command } from '../../command.ts';
import { toRecord } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';
import { argument } from '../../parameters.ts';
import { changeColumns, changeId } from './columns.ts';
import { ready } from './example.ts';

export const plan = command({
  verb: 'plan',
  summary: 'show what files would change in the live rule book',
  description:
    'Compares the live book with the files of a directory, day by day: what is added, changed and ended, by rule. The ' +
    'change is tried and rolled back; its hash is what `rules apply --plan` insists on. Writes nothing.',
  parameters: { directory: argument<string>('DIR', 'a directory of `rules export`') },
  examples: [ready('rules plan rules'), ready('rules plan rules --json')],
  async run(invocation, { directory }) {
    const ctx = await invocation.context();
    const {
      changes,
      plan: hash,
      refusal,
    } = await planRules(ctx, { path: invocation.path(directory), called: directory });
    const { print } = invocation;
    if (print.format === 'json' || print.format === 'ndjson') {
      const { code, message, hint } = refusal ?? {};
      const found = {
        plan: hash,
        refusal: refusal === null ? null : { code, message, hint: hint ?? null },
        changes: changes.map((change) => toRecord(changeColumns, change)),
      };
      return await print.out.write(`${plainJson(found, print.format === 'json' ? 2 : undefined)}\n`);
    }
    await printList(print, changeColumns, changes, changeId);
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
