import { ExitCode, RevshareError } from '../domain/errors.ts';
import { dueText } from '../domain/schedules.ts';
import type { Job } from './job.ts';
import type { DueReport } from './run-due.ts';
import type { FinishedRun } from './run-job.ts';
import type { ScheduledJob } from './schedule.ts';

/** How a call of `run-due` ended, as one line for cron mail, logs and monitors. */
export interface DueSummary {
  readonly status: 'done' | 'partly' | 'differences' | 'busy' | 'stopped' | 'failed';
  /** What the shell is told; for `failed` the failure has its own. */
  readonly exit_code: ExitCode;
  readonly runs: number;
  /** First and last business date that was run. */
  readonly from: string | null;
  readonly to: string | null;
  /** How many dates of each job. */
  readonly jobs: Readonly<Record<string, number>>;
  /** Items that could not be done, and what checks found; the first of them. */
  readonly failures?: readonly string[];
  /** Which run failed, or is another worker's. */
  readonly at?: { readonly job: string; readonly business_date: string };
  readonly error?: { readonly code: string; readonly message: string };
  /** How many runs are due still. */
  readonly due: number;
  /** When the next becomes due, by the programme's clock. */
  readonly next: string | null;
}

/** Of thousands the first few tell what is the matter; `job show RUN` tells all. */
const MOST_FAILURES = 20;

/** Sums a report up; `schedule` is where it left things. */
export function dueSummary(report: DueReport, schedule: readonly ScheduledJob[]): DueSummary {
  const { runs, end, at, error } = report;
  const failures = runs.flatMap(({ job, businessDate, failures: said = [] }) =>
    said.map((text) => `${job} for ${businessDate}: ${text}`),
  );
  const counts = new Map<string, number>();
  for (const { job } of runs) counts.set(job, (counts.get(job) ?? 0) + 1);
  const dates = runs.map(({ businessDate }) => businessDate).sort();
  const [soonest] = [...schedule].sort((a, b) => a.next.at - b.next.at);
  return {
    ...verdict(
      report,
      schedule.map(({ job }) => job),
    ),
    runs: runs.length,
    from: dates[0] ?? null,
    to: dates.at(-1) ?? null,
    jobs: Object.fromEntries(counts),
    ...(failures.length === 0 ? {} : { failures: failures.slice(0, MOST_FAILURES) }),
    ...(at === null ? {} : { at: { job: at.job.name, business_date: at.businessDate } }),
    ...(end === 'failed' ? { error: told(error) } : {}),
    due: schedule.reduce((sum, { due }) => sum + due.length, 0),
    next: soonest === undefined ? null : dueText(soonest.job.schedule, soonest.next.date),
  };
}

function verdict({ runs, end, error }: DueReport, jobs: readonly Job[]): Pick<DueSummary, 'status' | 'exit_code'> {
  switch (end) {
    case 'failed':
      return { status: end, exit_code: error instanceof RevshareError ? error.exitCode : ExitCode.fault };
    case 'stopped':
      return { status: end, exit_code: ExitCode.interrupted };
    case 'busy':
      // Who has the claim does the work.
      return { status: end, exit_code: ExitCode.ok };
    case 'done': {
      const exits = runs.map((run) =>
        exitOf(
          run,
          jobs.find(({ name }) => name === run.job),
        ),
      );
      if (exits.includes(ExitCode.difference)) return { status: 'differences', exit_code: ExitCode.difference };
      if (exits.includes(ExitCode.partial)) return { status: 'partly', exit_code: ExitCode.partial };
      return { status: end, exit_code: ExitCode.ok };
    }
  }
}

/** What the shell is told of a run that came to its end. */
export function exitOf({ status }: Pick<FinishedRun, 'status'>, job: Pick<Job, 'checks'> | undefined): ExitCode {
  if (status === 'succeeded') return ExitCode.ok;
  return job?.checks === true ? ExitCode.difference : ExitCode.partial;
}

function told(error: unknown): { code: string; message: string } {
  return error instanceof RevshareError
    ? { code: error.code, message: error.message }
    : { code: 'fault', message: error instanceof Error ? error.name : 'unknown' };
}
