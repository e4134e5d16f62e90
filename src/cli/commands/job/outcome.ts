import type { ExitCode } from '../../../domain/errors.ts';
import { exitOf } from '../../../runner/due-summary.ts';
import type { Job } from '../../../runner/job.ts';
import type { FinishedRun } from '../../../runner/run-job.ts';
import type { Invocation } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { plainJson } from '../../output/plain-text.ts';
import { printList } from '../../output/printer.ts';

/**
 * Prints how a run ended, with what it could not do on stderr, and returns the exit code: 6 where it is partly done, 7 where
 * it found differences.
 */
export async function printRun(
  { print, note }: Invocation,
  finished: FinishedRun,
  definition: Job,
  plan: string | null,
): Promise<ExitCode> {
  const { job, businessDate, attempt, status, dryRun, summary, failures = [] } = finished;
  const record = {
    job,
    business_date: businessDate,
    attempt,
    status,
    ...(dryRun ? { dry_run: true, plan } : { run: finished.id }),
    ...summary,
    ...(failures.length === 0 ? {} : { failures }),
  };
  if (print.format === 'json' || print.format === 'ndjson' || (print.format === null && !print.isTTY)) {
    // One line, also without being asked: cron mails it and logs keep it.
    await print.out.write(`${plainJson(record, print.format === 'json' ? 2 : undefined)}\n`);
  } else if (print.format === 'id') {
    await print.out.write(`${finished.id}\n`);
  } else {
    await printOutcome(print, record);
  }
  for (const failure of failures) await note(failure);
  if (dryRun)
    await note(`dry run: nothing was written${plan === null ? '' : `; --plan ${plan} does exactly this, or refuses`}`);
  return exitOf(finished, definition);
}

/** What a job says of itself, for a person: a line a fact, and a table for what it lists. */
async function printOutcome(print: Invocation['print'], record: Readonly<Record<string, unknown>>): Promise<void> {
  const facts = Object.entries(record);
  const c = columnsOf<[string, unknown]>();
  const columns = [c.code('what', ([name]) => name), c.text('value', ([, value]) => told(value))];
  await printList(
    print,
    columns,
    facts.filter(([, value]) => !isTable(value)),
    ([name]) => name,
  );
  for (const [name, value] of facts) {
    if (!isTable(value)) continue;
    await print.out.write(`\n${name}\n`);
    const t = columnsOf<Readonly<Record<string, unknown>>>();
    const named = Object.keys(value[0]!).map((key) => t.text(key, (row) => told(row[key])));
    await printList(print, named, value, (row) => told(Object.values(row)[0]));
  }
}

function isTable(value: unknown): value is readonly [Readonly<Record<string, unknown>>] {
  return Array.isArray(value) && value.length > 0 && value.every((row) => typeof row === 'object' && row !== null);
}

/** `{"excluded":2,"unchanged":1}` as a person would say it: excluded 2, unchanged 1. */
function told(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(told).join(', ');
  if (typeof value !== 'object') return plainJson(value);
  return Object.entries(value)
    .map(([name, part]) => `${name} ${told(part)}`)
    .join(', ');
}
