import { lastRuns } from '../db/queries/job-schedules.ts';
import { draftFile } from '../files/publish.ts';
import { prometheusText, type MetricFamily } from '../formats/prometheus-text.ts';
import type { Context } from '../services/context.ts';
import type { DueSummary } from './due-summary.ts';
import type { ScheduledJob } from './schedule.ts';

/**
 * Publishes what a monitor wants to know of the jobs of a programme: what is due, when each was last done and how long it
 * took, and how this call ended. The old file stands until the new one is whole. Throws as `draftFile`.
 */
export async function writeMetrics(
  ctx: Context,
  path: string,
  schedule: readonly ScheduledJob[],
  { exit_code: exitCode }: Pick<DueSummary, 'exit_code'>,
): Promise<void> {
  const names = schedule.map(({ job }) => job.name);
  const last = new Map((await lastRuns(ctx.db, names)).map((one) => [one.job, one]));
  const programme = { programme: ctx.programme };
  const perJob = (name: string, help: string, valueOf: (job: string) => number | null): MetricFamily => ({
    name,
    help,
    samples: names.flatMap((job) => {
      const value = valueOf(job);
      return value === null ? [] : [{ labels: { ...programme, job }, value }];
    }),
  });
  const due = new Map(schedule.map((one) => [one.job.name, one.due.length]));
  const families: MetricFamily[] = [
    perJob('revshare_job_due', 'Dates of the schedule that have come and are not done.', (job) => due.get(job) ?? 0),
    perJob(
      'revshare_job_done_timestamp_seconds',
      'When a run of the job last came to its end.',
      (job) => last.get(job)?.doneAt ?? null,
    ),
    perJob(
      'revshare_job_done_duration_seconds',
      'How long that run took.',
      (job) => last.get(job)?.doneSeconds ?? null,
    ),
    perJob('revshare_job_failed', 'Whether the last attempt failed or was lost.', (job) =>
      last.get(job) === undefined ? null : Number(last.get(job)!.isFailed),
    ),
    {
      name: 'revshare_run_due_timestamp_seconds',
      help: 'When run-due was last called.',
      samples: [{ labels: programme, value: Math.floor(ctx.clock.now() / 1000) }],
    },
    {
      name: 'revshare_run_due_exit_code',
      help: 'The exit code of that call.',
      samples: [{ labels: programme, value: exitCode }],
    },
  ];
  const draft = await draftFile(path);
  try {
    await draft.write(Buffer.from(prometheusText(families)));
    await draft.finish();
    await draft.publish();
  } finally {
    await draft.discard();
  }
}
