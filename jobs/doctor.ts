import type { Job } from '../src/runner/job.ts';
import { runDoctor } from '../src/services/doctor/run-doctor.ts';

export const doctorJob: Job = {
  name: 'doctor',
  summary: 'prove every invariant of the books; what differs is listed, and nothing is repaired',
  schedule: { every: 'day', at: '05:00' },
  // It proves all there is, so that once is enough for any number of nights.
  catchUp: 'latest',
  checks: true,
  // It only reads, for as long as the books are large, and has no write that could renew its claim.
  leaseSeconds: 3600,
  async run({ ctx }) {
    const { checks, differences } = await runDoctor(ctx);
    const found = checks.filter(({ result }) => result === 'difference');
    return {
      summary: {
        checks: checks.length,
        differences,
        warnings: checks.filter(({ result }) => result === 'warning').length,
      },
      failures: found.map(({ name, offenders, first }) => `${name} (${offenders}): ${first[0] ?? '?'}`),
    };
  },
};
