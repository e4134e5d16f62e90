import type { Job } from '../src/runner/job.ts';
import { accrueCommissionsJob } from './accrue-commissions.ts';
import { approveDueJob } from './approve-due.ts';
import { closeWindowsJob } from './close-windows.ts';
import { doctorJob } from './doctor.ts';
import { progressTiersJob } from './progress-tiers.ts';
import { retryPayoutsJob } from './retry-payouts.ts';
import { runPayoutsJob } from './run-payouts.ts';
import { sendNoticesJob } from './send-notices.ts';
import { snapshotMetricsJob } from './snapshot-metrics.ts';
import { submitPayoutsJob } from './submit-payouts.ts';

/** Every job, in the order in which those of one night run. */
export const jobs: readonly Job[] = [
  accrueCommissionsJob,
  closeWindowsJob,
  approveDueJob,
  progressTiersJob,
  runPayoutsJob,
  submitPayoutsJob,
  retryPayoutsJob,
  sendNoticesJob,
  snapshotMetricsJob,
  doctorJob,
];
