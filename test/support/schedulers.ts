import type { CatchUp, Schedule } from '../../src/domain/schedules.ts';
import type { Job, JobOutcome } from '../../src/runner/job.ts';
import type { Unit } from '../../src/services/context.ts';

/** Jobs that do nothing but say for which date they were run, and now and then what a test wants them to. */
export class Diary {
  readonly lines: string[] = [];
  /** What a job does besides, by 'JOB DATE'. */
  readonly acts = new Map<string, (unit: Unit) => Promise<JobOutcome | void>>();

  job(
    name: string,
    schedule: Schedule,
    { catchUp = 'each', checks = false }: { catchUp?: CatchUp; checks?: boolean } = {},
  ): Job {
    return {
      ...{ name, schedule, catchUp, checks, summary: `says that it ran` },
      run: async ({ unit, run: { businessDate } }) => {
        const line = `${name} ${businessDate}`;
        const outcome = await this.acts.get(line)?.(unit);
        await unit(async (tx) => await tx.sql`select 1`);
        this.lines.push(line);
        return outcome ?? { summary: {} };
      },
    };
  }

  /** What was said since the last time. */
  take(): string[] {
    return this.lines.splice(0);
  }
}
