import { parseDate } from '../../../domain/dates.ts';
import type { PayoutSelection } from '../../../domain/payout-number.ts';
import type { PayoutStatus } from '../../../domain/payout-status.ts';
import type { Context } from '../../../services/context.ts';
import { totalsOf } from '../../../services/payout/payout-totals.ts';
import type { Payout } from '../../../services/payout/payout-view.ts';
import {
  cancelPayouts,
  completePayouts,
  failPayouts,
  markUnclaimed,
  payoutsBefore,
  returnPayouts,
} from '../../../services/payout/settle-payouts.ts';
import { command, type Command, type Example } from '../../command.ts';
import { confirmOption, confirmRoutine, confirmTyped } from '../../confirmation.ts';
import { printDryRun } from '../../mutation.ts';
import { toRecord } from '../../output/columns.ts';
import { printList, rowRecord } from '../../output/printer.ts';
import { option, requiredOption, type Input, type Parameters } from '../../parameters.ts';
import { whenCompleted, whenDrafted, whenSubmitted } from './example.ts';
import { confirmedBy, selectionOf, selectionParameters } from './parameters.ts';
import { payoutRows, said, totalsSection } from './rows.ts';

interface Settlement<P extends Parameters> {
  readonly verb: string;
  readonly to: PayoutStatus;
  /** 'typed': the numbers again, everywhere. 'asked': a yes where somebody can answer; elsewhere the command says enough. */
  readonly confirm: 'typed' | 'asked';
  readonly summary: string;
  readonly description: string;
  readonly parameters: P;
  readonly examples: readonly Example[];
  run(ctx: Context, payouts: PayoutSelection, input: Input<P>): Promise<Payout[]>;
}

const typed = { ...selectionParameters, confirm: confirmOption() };

/** A command that says what became of payouts: named, looked at, confirmed by their numbers, moved and listed. */
function settlement<P extends Parameters>(declaration: Settlement<P>): Command {
  const { verb, to } = declaration;
  return command({
    verb,
    summary: declaration.summary,
    description: declaration.description,
    parameters: { ...(declaration.confirm === 'typed' ? typed : selectionParameters), ...declaration.parameters },
    mutates: true,
    examples: declaration.examples,
    async run(invocation, given) {
      // Neither can be named otherwise by P, which the compiler cannot know.
      const input = given as Input<P> & Input<typeof typed>;
      const ctx = await invocation.context();
      const selection = await selectionOf(invocation, input, to);
      const before = await payoutsBefore(ctx, selection, to);
      const what = `${verb[0]!.toUpperCase()}${verb.slice(1)} ${said(totalsOf(before), 'sent')}`;
      if (declaration.confirm === 'typed') {
        await confirmTyped(invocation, confirmedBy(selection), input.confirm, `${what}.`);
      } else if (invocation.asker !== null) {
        await confirmRoutine(invocation, `${what}?`);
      }
      const moved = await declaration.run(ctx, selection, input);
      if (invocation.dryRun) {
        const result = {
          ...rowRecord([], moved, [totalsSection(totalsOf)]),
          payouts: moved.map((payout) => toRecord(payoutRows.columns, payout)),
        };
        return await printDryRun(invocation, ctx, result, confirmedBy(selection));
      }
      await printList(invocation.print, payoutRows.columns, moved, payoutRows.id);
      if (invocation.host.io.stderrIsTTY) await invocation.note(`✓ ${to}: ${said(totalsOf(moved), 'sent')}`);
    },
  });
}

const reference = option('--reference <text>', "the bank's own reference");
const dayOf = (what: string) => option('--value-date <date>', `the day ${what} (default today)`, { read: parseDate });
const valueDate = dayOf('on which the bank moved it');
const reason = requiredOption('--reason <text>', 'why, for the record', {
  ask: { message: 'Reason (for the record):' },
});

export const complete = settlement({
  verb: 'complete',
  to: 'completed',
  confirm: 'typed',
  summary: 'record that the bank has paid',
  description:
    'From here on the entries are paid, and by nothing else. The value date is the day on which the bank paid; the tax year ' +
    'goes by it. The number, the numbers with commas or the run are typed again, or given by --confirm.',
  parameters: { reference, valueDate },
  examples: [
    whenSubmitted('payout complete P00000001A --confirm P00000001A'),
    whenSubmitted('payout complete --run 1 --reference "SEPA 4711" --confirm 1'),
    whenSubmitted('payout complete --run 1 --dry-run'),
  ],
  run: async (ctx, payouts, input) => await completePayouts(ctx, { ...input, payouts }),
});

export const fail = settlement({
  verb: 'fail',
  to: 'failed',
  confirm: 'asked',
  summary: 'record that the bank has refused for good',
  description:
    'Everything the submission took goes back into the wallets, and the entries are free again: the next run pays them, or ' +
    '`payout retry` at once. Only what the bank will not pay any more has failed.',
  parameters: { reason, reference },
  examples: [whenSubmitted('payout fail P00000001A --reason "account closed"')],
  run: async (ctx, payouts, input) => await failPayouts(ctx, { ...input, payouts }),
});

export const unclaimed = settlement({
  verb: 'unclaimed',
  to: 'unclaimed',
  confirm: 'typed',
  summary: 'record that the recipient has not taken what was sent',
  description:
    'The money leaves transit for a liability of its own, unclaimed, and the entries stay in the payout, until `payout ' +
    'complete` says that it was taken after all, or `payout return` or `payout cancel` that it came back. The number, the numbers with commas or the run are typed ' +
    'again, or given by --confirm.',
  parameters: { reason, reference, valueDate: dayOf('on which the bank said so') },
  examples: [
    whenSubmitted('payout unclaimed P00000001A --reason "no account by that address" --confirm P00000001A'),
    whenSubmitted('payout unclaimed --run 1 --reason "not collected" --dry-run'),
  ],
  run: async (ctx, payouts, input) => await markUnclaimed(ctx, { ...input, payouts }),
});

export const returned = settlement({
  verb: 'return',
  to: 'returned',
  confirm: 'typed',
  summary: 'record that the money of a completed or unclaimed payout came back',
  description:
    'The books take it back into the wallets, and the tax year of a completed payout is reduced by its gross. The number, ' +
    'the numbers with commas or the run are typed again, or given by --confirm.',
  parameters: { reason, reference, valueDate },
  examples: [whenCompleted('payout return P00000001A --reason "unknown account" --confirm P00000001A')],
  run: async (ctx, payouts, input) => await returnPayouts(ctx, { ...input, payouts }),
});

export const cancel = settlement({
  verb: 'cancel',
  to: 'cancelled',
  confirm: 'typed',
  summary: 'take payouts out of a run before submission, or call back unclaimed ones',
  description:
    'That is recorded, the approval of the rest stands, and the entries are free for the next run. What is with the bank ' +
    'cannot be cancelled, unless it is unclaimed. The number, the numbers with commas or the run are typed again, or given by --confirm.',
  parameters: { reason },
  examples: [
    whenDrafted('payout cancel P00000001A --reason "wrong bank" --confirm P00000001A'),
    whenDrafted('payout cancel --run 1 --reason "wrong cut-off" --dry-run'),
  ],
  run: async (ctx, payouts, input) => await cancelPayouts(ctx, { ...input, payouts }),
});
