import type { DueSummary } from '../../../runner/due-summary.ts';
import type { DueReport } from '../../../runner/run-due.ts';
import type { FinishedRun } from '../../../runner/run-job.ts';
import type { Invocation } from '../../command.ts';
import { columnsOf, toRecord } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';

const r = columnsOf<FinishedRun>();
const columns = [
  r.number('run', (row) => row.id),
  r.code('job', (row) => row.job),
  r.date('business_date', (row) => row.businessDate),
  r.number('attempt', (row) => row.attempt, { aside: true }),
  r.code('status', (row) => row.status),
  r.text('failures', (row) => row.failures),
  r.text('summary', (row) => row.summary, { detail: true }),
];

/** Whether there is anything to tell: cron mails whatever is said. Of two hosts one finds the other at it every night. */
export const isNews = ({ runs, status }: DueSummary): boolean => runs > 0 || (status !== 'done' && status !== 'busy');

/** Prints what `run-due` did: the runs, or in a pipe one line of JSON, and nothing there where there is no news. */
export async function printReport(
  { print, note }: Pick<Invocation, 'print' | 'note'>,
  { runs }: DueReport,
  summary: DueSummary,
): Promise<void> {
  const { format, out } = print;
  const news = isNews(summary);
  if (format === 'json') {
    const ran = runs.map((row) => toRecord(columns, row));
    await out.write(`${plainJson({ ...summary, ran }, 2)}\n`);
  } else if (format === 'ndjson' || (format === null && !print.isTTY)) {
    if (news || format !== null) await out.write(`${plainJson(summary)}\n`);
  } else {
    await printList(print, columns, runs, (row) => String(row.id));
  }
  for (const failure of summary.failures ?? []) await note(failure);
  if (news || print.isTTY) await note(told(summary));
}

/** The last line, for a person. */
export function told({ status, runs, due, next, at }: DueSummary): string {
  const ran = runs === 1 ? '1 run' : `${runs} runs`;
  switch (status) {
    case 'busy':
      return `${ran}; ${at!.job} for ${at!.business_date} is being run elsewhere, and what follows with it`;
    case 'stopped':
    case 'failed':
      return `${ran}; stopped${at === undefined ? '' : ` at ${at.job} for ${at.business_date}`}: ${due} due still`;
    case 'done':
    case 'partly':
    case 'differences':
      return runs === 0 ? `nothing is due before ${next}` : `${ran}; the next is due ${next}`;
  }
}
