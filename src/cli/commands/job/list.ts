import { dueText, scheduleText } from '../../../domain/schedules.ts';
import { readSchedule, type ScheduledJob } from '../../../runner/schedule.ts';
import { listJobRuns, type JobRunRow } from '../../../services/job/list-runs.ts';
import { command } from '../../command.ts';
import { columnsOf } from '../../output/columns.ts';
import { printList } from '../../output/printer.ts';

interface JobRow extends ScheduledJob {
  /** By whomever, for whichever date. */
  readonly last: JobRunRow | undefined;
}

const c = columnsOf<JobRow>();
const columns = [
  c.code('job', ({ job }) => job.name),
  c.code('schedule', ({ job }) => scheduleText(job.schedule)),
  c.code('runs_for', ({ job }) => (job.schedule.whenOver === true ? 'the day before' : 'the day'), { detail: true }),
  c.code('catch_up', ({ job }) => job.catchUp, { aside: true }),
  c.date('last_date', ({ last }) => last?.businessDate),
  c.code('last_status', ({ last }) => last?.status),
  c.instant('last_finished', ({ last }) => last?.finishedAt, { aside: true }),
  c.date('starts_on', ({ startsOn }) => startsOn, { detail: true }),
  c.date('done_until', ({ doneUntil }) => doneUntil, { aside: true }),
  c.number('due', ({ due }) => due.length),
  c.date('due_from', ({ due }) => due[0]),
  c.code('next', ({ job, next }) => dueText(job.schedule, next.date)),
  c.text('summary', ({ job }) => job.summary, { detail: true }),
];

export const list = command({
  verb: 'list',
  summary: 'list the jobs, their schedule, what is due and how they last ended',
  description:
    "Lists the jobs in the order in which those of a night run. Times are of the programme's zone; runs_for tells whether it " +
    'is the day itself or the one before that a night is for. due counts the dates that `job run-due` would run now: a date ' +
    'is run once, however long no scheduler was awake, each of them, only the latest, or none that is over, as catch_up ' +
    'says. What is run by hand takes nothing from the schedule.',
  parameters: {},
  examples: [{ command: 'job list' }, { command: 'job list --json' }],
  async run(invocation) {
    const ctx = await invocation.context();
    const { jobs } = await invocation.host.loadJobs();
    const rows: JobRow[] = [];
    for (const scheduled of await readSchedule(ctx, jobs)) {
      const [last] = await listJobRuns(ctx, { job: scheduled.job.name, limit: 1, offset: 0 });
      rows.push({ ...scheduled, last });
    }
    await printList(invocation.print, columns, rows, ({ job }) => job.name);
  },
});
