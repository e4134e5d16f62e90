import { ExitCode } from '../../../domain/errors.ts';
import { replayPeriod, type ReplayDifference } from '../../../services/history/replay-period.ts';
import { replayCurrent } from '../../../services/history/simulate-rules.ts';
import { command } from '../../command.ts';
import { dateWindow } from '../../date-window.ts';
import { printComparison } from '../../history-columns.ts';
import { columnsOf, toRecord } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';
import { flag, requiredOption } from '../../parameters.ts';
import { ready } from '../../history-example.ts';

const d = columnsOf<ReplayDifference>();
const columns = [
  d.code('event', (row) => row.event),
  d.number('leg', (row) => row.leg),
  d.code('field', (row) => row.field),
  d.text('book', (row) => row.book),
  d.text('replayed', (row) => row.replayed),
];

const replay = command({
  verb: '',
  summary: 'decide a past period again and compare it with the book',
  description:
    'Decides every event of a period again, what operators did included, from what its decision stored: the rules as it knew them, the tier, the ' +
    'place in its window, the account’s clock. Identical, or the entries that differ are listed and the exit code is 7. ' +
    'With --current today’s rule book decides instead: a report of what became known since, and no check. Reads only.',
  parameters: {
    period: requiredOption('--period <period>', '2026-10, 2026-Q4, 2026, last-month or 2026-10-01..2026-10-31'),
    current: flag('--current', 'by today’s rule book; a report'),
  },
  examples: [ready('replay --period 2026-10'), ready('replay --period 2026-10 --current')],
  async run(invocation, { period, current }) {
    const ctx = await invocation.context();
    const { window, echo } = dateWindow(ctx, { period, from: undefined, to: undefined });
    if (echo !== null) await invocation.note(echo);
    const stretch = { from: window.from!, to: window.to! };
    if (current === true) {
      await printComparison(invocation, await replayCurrent(ctx, stretch), { before: 'book', after: 'today' });
      return ExitCode.ok;
    }
    const { print } = invocation;
    const { events, entries, differing, differences } = await replayPeriod(ctx, stretch);
    if (print.format === 'json' || print.format === 'ndjson') {
      const rows = differences.map((row) => toRecord(columns, row));
      const record = { ...stretch, events, entries, identical: differing === 0, differing, differences: rows };
      await print.out.write(`${plainJson(record, print.format === 'json' ? 2 : undefined)}\n`);
    } else if (differing > 0) {
      await printList(print, columns, differences, (row) => `${row.event}.${row.leg}`);
    }
    await invocation.note(
      differing === 0
        ? `${events} events, ${entries} entries: identical`
        : `${differing} of ${entries} entries differ: run \`revshare doctor\` and change nothing until it is understood`,
    );
    return differing === 0 ? ExitCode.ok : ExitCode.difference;
  },
});

export { replay as command };
