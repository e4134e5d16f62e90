import { PartialError } from '../../../domain/errors.ts';
import { parsePayoutSelection, type PayoutSelection } from '../../../domain/payout-number.ts';
import { resolvePayouts } from '../../../services/payout/resolve-payouts.ts';
import { command } from '../../command.ts';
import { printList } from '../../output/printer.ts';
import { repeatedArgument } from '../../parameters.ts';
import { whenSubmitted } from './example.ts';
import { sentColumns } from './rows.ts';

export const resolve = command({
  verb: 'resolve',
  summary: 'ask providers what became of the payouts that are with them',
  description:
    'Looks up each payout that was sent to a provider and has no end yet, above all those of which nobody knows whether they ' +
    'arrived, and books what it says: paid completes, refused for good fails, unclaimed waits. What the provider has never ' +
    'heard of is sent again by the same key, within the time for which the provider knows it; so this may be typed, or ' +
    'interrupted, as often as one likes. What stays unknown ends with exit code 6. With --dry-run nobody is called. The job ' +
    'retry-payouts does the same, and tries again what was refused for now. No real provider was contacted in the making of ' +
    'this tool: its rails were written to what each documents, and tried on a fake one.',
  parameters: {
    named: repeatedArgument<PayoutSelection>('RUN|NUMBER', 'runs or payouts (default: everything)', {
      read: parsePayoutSelection,
    }),
  },
  mutates: true,
  examples: [whenSubmitted('payout resolve'), whenSubmitted('payout resolve --dry-run')],
  async run(invocation, { named }) {
    const ctx = await invocation.context();
    const rows = await resolvePayouts(ctx, named);
    await printList(invocation.print, sentColumns, rows, ({ number }) => number);
    if (rows.length === 0) await invocation.note('nothing is with a provider');
    if (invocation.dryRun) await invocation.note('dry run: nobody was called');
    const unknown = rows.filter(({ outcome }) => !invocation.dryRun && (outcome === 'unknown' || outcome === null));
    if (unknown.length > 0)
      throw stillUnknown(unknown.map(({ number, code, message }) => `  ${number}: ${code} ${message}`));
  },
});

export function stillUnknown(lines: readonly string[]): PartialError {
  return new PartialError(
    'outcome_unknown',
    [`of ${lines.length} payouts nobody knows yet whether they arrived`, ...lines].join('\n'),
    { hint: 'they stay processing and are not paid twice: ask again, `revshare payout resolve`' },
  );
}
