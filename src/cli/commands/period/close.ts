import { DifferenceError } from '../../../domain/errors.ts';
import { closePeriod, type ClosedPeriod } from '../../../services/period/change-period.ts';
import { examineClosing } from '../../../services/period/closing-checklist.ts';
import { parseMonth } from '../../../services/period/list-periods.ts';
import { command } from '../../command.ts';
import { confirmOption, confirmTyped } from '../../confirmation.ts';
import type { NounRows } from '../../listing.ts';
import { mutation } from '../../mutation.ts';
import { printList, section } from '../../output/printer.ts';
import { month } from './parameters.ts';
import { checklistColumns, periodRows, periodSections, readyToClose, withEarnings } from './rows.ts';

export const check = command({
  verb: 'check',
  summary: 'say what stands in the way of closing a period, and what removes it',
  description:
    'Whether its turn has come; whether every event is decided and posted, every window trued up, every payout sent; whether ' +
    'its statements are generated and as the books say; `doctor`; and the control totals. Exit code 7 if something stands in ' +
    'the way. Reads only.',
  parameters: { month },
  examples: [readyToClose('period check 2026-10'), { ...withEarnings('period check 2026-10 --json'), exit: 7 }],
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
  summary: 'close a period: nothing posts into it any more, and its totals are frozen',
  description:
    'Goes through the checklist of `period check` and closes once nothing stands in the way. What the ledger says of the ' +
    'period is then kept with its hash, and `doctor` proves it ever after; the database refuses whatever would post into it. ' +
    'What happened in it and comes later posts on the first day of the earliest open period, with the day it is of. Periods ' +
    'close in their order. The period is typed again, or given by --confirm; --dry-run says what would be.',
  parameters: { month, confirm: confirmOption() },
  examples: [
    readyToClose('period close 2026-10 --confirm 2026-10'),
    readyToClose('period close 2026-10 --dry-run'),
    { ...withEarnings('period close 2026-10 --confirm 2026-10 --json'), exit: 3 },
  ],
  async prepare(invocation, input) {
    const { label } = parseMonth(await invocation.context(), input.month);
    await confirmTyped(invocation, label, input.confirm, `Nothing will post into ${label} any more.`);
  },
  run: async (ctx, input) => await closePeriod(ctx, input),
  done: (row) => `period ${row.month} is closed; control ${row.controlHash!.slice(0, 12)}`,
});
