import { DifferenceError } from '../../../domain/errors.ts';
import type { ClosedPeriod } from '../../../runner/close-period.ts';
import { examineClosing } from '../../../services/period/closing-checklist.ts';
import { parseMonth } from '../../../services/period/list-periods.ts';
import { command } from '../../command.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import type { NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { printList, section } from '../../output/printer.ts';
import { month } from './parameters.ts';
import { checklistColumns, periodRows, periodSections, undecided, withEarnings } from './rows.ts';

export const check = command({
  verb: 'check',
  summary: 'say what stands in the way of closing a period, and what the closing will do',
  description:
    'Whether its turn has come; whether every event is decided, every request answered and every payout sent; which windows ' +
    'are to be trued up and which statements made, which is due and the closing does it; `doctor`; and the control totals. ' +
    'Exit code 7 if something stands in the way. Changes nothing.',
  parameters: { month },
  examples: [withEarnings('period check 2026-10'), { ...undecided('period check 2026-10 --json'), exit: 7 }],
  async run(invocation, input) {
    const ctx = await invocation.context();
    const period = parseMonth(ctx, input.month);
    const checklist = await examineClosing(ctx, period);
    await printList(invocation.print, checklistColumns, checklist, (row) => row.step);
    const blocking = checklist.filter(({ result }) => result === 'blocks');
    if (blocking.length > 0) {
      throw new DifferenceError(
        'period_obstructed',
        `what stands in the way of closing ${period.label}: ${blocking.map(({ step }) => step.replaceAll('_', ' ')).join(', ')}`,
        { hint: `first: ${blocking[0]!.remedy}` },
      );
    }
    await invocation.note(`nothing stands in the way of \`revshare period close ${period.label}\``);
  },
});

export const close = mutation({
  rows: periodRows as NounRows<ClosedPeriod>,
  sections: [section('checklist', checklistColumns, (row: ClosedPeriod) => row.checklist), ...periodSections],
  previews: true,
  verb: 'close',
  summary: 'true up, make the statements, prove the books, and close a period',
  description:
    'Goes through the checklist of `period check`. What stands in the way stops it before anything is written. Then it runs ' +
    'the job close-windows for the last day, makes the statements that are not there and others in the place of outdated ' +
    'ones, and has `doctor` and the control totals prove the books. Each step commits by itself: cut off or refused, the same ' +
    'command goes on from there. What the ledger says of the period is then kept with its hash, and the database refuses ' +
    'whatever would post into it. What happened in it and comes later posts on the first day of the earliest open period, with ' +
    'the day it is of. Periods close in their order. The period is typed again, or given by --confirm; --dry-run does it all ' +
    'and takes it back.',
  parameters: { month, confirm: confirmOption() },
  examples: [
    withEarnings('period close 2026-10 --confirm 2026-10'),
    withEarnings('period close 2026-10 --dry-run'),
    { ...undecided('period close 2026-10 --confirm 2026-10 --json'), exit: 3 },
  ],
  async prepare(invocation, input) {
    const { label } = parseMonth(await invocation.context(), input.month);
    await confirmTyped(invocation, label, input.confirm, `Nothing will post into ${label} any more.`);
  },
  async run(ctx, input) {
    // Only when it is called for: a list of periods needs nothing of it.
    const { closePeriod } = await import('../../../runner/close-period.ts');
    return await closePeriod(ctx, input);
  },
  done: (row) => `period ${row.month} is closed; control ${row.controlHash!.slice(0, 12)}`,
});
