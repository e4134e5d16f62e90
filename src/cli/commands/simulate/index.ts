import { simulateRules } from '../../../services/history/simulate-rules.ts';
import { readRuleDirectory } from '../../../services/rules/rule-directory.ts';
import { command } from '../../command.ts';
import { dateWindow } from '../../date-window.ts';
import { printComparison } from '../../history-columns.ts';
import { option, requiredOption, wholeNumber } from '../../parameters.ts';
import { ready } from '../../history-example.ts';

const simulate = command({
  verb: '',
  summary: 'what other rules would have decided over a past period, per partner',
  description:
    'Rates the billing events of a period twice, by the live rules and by those of a directory (`rules export` writes ' +
    'one), with the rating function of the accrual, and tells the difference: with the live rules it is zero to the cent. ' +
    'Sales decided before the period keep their terms; what was voided since and what operators did is left out. Writes ' +
    'nothing.',
  parameters: {
    rules: requiredOption('--rules <dir>', 'a directory of rules'),
    period: requiredOption('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
    changes: option('--changes <n>', 'how many changed entries to list (default 20)', {
      read: wholeNumber('--changes', 0, 10_000),
    }),
  },
  examples: [ready('simulate --rules rules --period 2026-10'), ready('simulate --rules rules --period 2026-10 --json')],
  async run(invocation, { rules, period, changes }) {
    const ctx = await invocation.context();
    const { window, echo } = dateWindow(ctx, { period, from: undefined, to: undefined });
    if (echo !== null) await invocation.note(echo);
    const files = await readRuleDirectory({ path: invocation.path(rules), called: rules });
    const found = await simulateRules(ctx, files, { from: window.from!, to: window.to! }, { changes });
    await printComparison(invocation, found, { before: 'live', after: 'simulated' });
  },
});

export { simulate as command };
