import { UsageError } from '../../../domain/errors.ts';
import { didYouMean } from '../../../domain/near-names.ts';
import type { Job } from '../../../runner/job.ts';
import type { Invocation } from '../../command.ts';

/** The job of that name. Throws UsageError `job_unknown`, with what may have been meant. */
export async function jobNamed(invocation: Invocation, name: string): Promise<Job> {
  const { jobs } = await invocation.host.loadJobs();
  const job = jobs.find((one) => one.name === name);
  if (job === undefined) {
    const hint = didYouMean(
      name,
      jobs.map((one) => one.name),
    );
    throw new UsageError('job_unknown', `there is no job '${name}'`, {
      hint: hint ?? '`revshare job list` shows them',
    });
  }
  return job;
}
