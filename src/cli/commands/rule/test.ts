import { testRule } from '../../../services/rule/test-rule.ts';
import { command } from '../../command.ts';
import { previewLines, stepLines, undecidedLine } from '../../explanation.ts';
import { plainJson, plainText } from '../../output/plain-text.ts';
import { requiredOption } from '../../parameters.ts';
import { tenPercent } from './example.ts';
import { ONE_SHOP } from '../../example-books.ts';

const shop = [...ONE_SHOP, ...tenPercent];

export const test = command({
  verb: 'test',
  summary: 'tell what the rules of now would decide about an event, and store nothing',
  description:
    'Takes an event as `revenue record` does, its fields as JSON (instance, net, currency; account, product, occurred_at, ' +
    'sale_ref and so on; a payment of today unless it says otherwise), rates it by the rules of now, from where windows, ' +
    'clocks and its sale stand, and tells the decision as `commission explain` tells it. Everything is rolled back.',
  parameters: { event: requiredOption('--event <json>', 'the fields of the event') },
  examples: [
    { command: `rule test --event '{"instance":"acme-shop","net":"100.00","currency":"EUR"}'`, setup: shop },
    {
      command: `rule test --event '{"instance":"acme-shop","product":"setup","net":"-40.00","kind":"refund","currency":"EUR","occurred_at":"2026-10-05"}' --json`,
      setup: shop,
    },
  ],
  async run(invocation, { event }) {
    const ctx = await invocation.context();
    const told = await testRule(ctx, event);
    const { out, format } = invocation.print;
    if (format === 'json' || format === 'ndjson') {
      const { event: rated, steps, preview, waitsFor } = told;
      const decision = { occurred_on: rated.occurredOn, steps, legs: preview, waits_for: waitsFor };
      return await out.write(`${plainJson(decision, format === 'json' ? 2 : undefined)}\n`);
    }
    await out.write(
      `${[...stepLines(told), ...(told.steps.length === 0 ? [] : ['']), ...previewLines(told)].map(plainText).join('\n')}\n`,
    );
    await invocation.note(undecidedLine(told, 'nothing was stored'));
  },
});
