import type { Watchers } from '../config.ts';
import { ExitCode, RevshareError } from '../domain/errors.ts';
import type { Context } from '../services/context.ts';
import { dueSummary, type DueSummary } from './due-summary.ts';
import { openJobLog, SILENT_LOG, type JobLog } from './job-log.ts';
import { writeMetrics } from './job-metrics.ts';
import type { Job } from './job.ts';
import { ping } from './ping.ts';
import { runDue, type DueReport, type RunEvent } from './run-due.ts';
import { readSchedule } from './schedule.ts';

export interface Watched {
  readonly report: DueReport;
  readonly summary: DueSummary;
  /** What could not be told to whom: no reason to fail, and to be said. */
  readonly untold: readonly string[];
}

/**
 * `runDue`, and what the configuration wants to be told of it: a log of each run, a file of metrics, a call of a monitor where
 * nothing is left undone. Throws as `runDue`, which the log and the metrics then say, too.
 */
export async function runDueWatched(
  ctx: Context,
  jobs: readonly Job[],
  watchers: Watchers,
  { stop, stderr }: { readonly stop: AbortSignal | undefined; readonly stderr: NodeJS.WritableStream },
): Promise<Watched> {
  const log = watchers.logFile === null ? SILENT_LOG : await openJobLog(ctx, watchers.logFile, stderr);
  const untold: string[] = [];
  const metrics = async (exitCode: ExitCode) => {
    if (watchers.metricsFile === null) return;
    try {
      await writeMetrics(ctx, watchers.metricsFile, await readSchedule(ctx, jobs), { exit_code: exitCode });
    } catch (error) {
      untold.push(`the metrics were not written: ${error instanceof Error ? error.message : 'unknown'}`);
    }
  };
  try {
    const report = await runDue(ctx, jobs, { stop, onRun: logger(ctx, log) });
    const summary = dueSummary(report, await readSchedule(ctx, jobs));
    await metrics(summary.exit_code);
    if (summary.status === 'done' && watchers.pingUrl !== null) {
      const complaint = await ping(watchers.pingUrl);
      if (complaint !== null) untold.push(complaint);
    }
    const say = summary.exit_code === ExitCode.ok ? log.info : log.error;
    if (summary.runs > 0 || summary.status !== 'done') say({ ...summary }, 'woken');
    for (const text of untold) log.error({}, text);
    return { report, summary, untold };
  } catch (error) {
    log.error(toldError(error), 'not begun');
    await metrics(error instanceof RevshareError ? error.exitCode : ExitCode.fault);
    throw error;
  } finally {
    log.close();
  }
}

/** Tells a log of each run as it begins and ends, and how long it took. */
function logger({ clock }: Pick<Context, 'clock'>, log: JobLog): (event: RunEvent) => void {
  let begun = 0;
  const seconds = () => Math.round(clock.now() - begun) / 1000;
  return (event) => {
    switch (event.what) {
      case 'begun':
        begun = clock.now();
        log.info({ job: event.due.job.name, business_date: event.due.businessDate }, 'begun');
        break;
      case 'finished': {
        const { job, businessDate, id, attempt, status, summary, failures } = event.run;
        const say = status === 'succeeded' ? log.info : log.error;
        say(
          { job, business_date: businessDate, run: id, attempt, status, seconds: seconds(), summary, failures },
          'ended',
        );
        break;
      }
      case 'failed':
        log.error(
          {
            job: event.due.job.name,
            business_date: event.due.businessDate,
            seconds: seconds(),
            ...toldError(event.error),
          },
          'failed',
        );
    }
  };
}

/** Of what is none of our errors only the name: a driver's message may hold the parameters of a query. */
function toldError(error: unknown): Readonly<Record<string, unknown>> {
  return error instanceof RevshareError
    ? { code: error.code, error: error.message }
    : { code: 'fault', error: error instanceof Error ? error.name : 'unknown' };
}
