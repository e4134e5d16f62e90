import { afterAll, beforeAll, expect, it } from 'vitest';
import { retryPayoutsJob } from '../../jobs/retry-payouts.ts';
import { submitPayoutsJob } from '../../jobs/submit-payouts.ts';
import type { Job } from '../../src/runner/job.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { listPayouts } from '../../src/services/payout/show-payout.ts';
import { setRailProfile } from '../../src/services/rail/rail-profiles.ts';
import { setSchedule } from '../../src/services/schedule/schedules.ts';
import { freezePartner } from '../../src/services/partner/change-partner-status.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { ACCOUNTS, apiBooks, type ApiBooks } from '../support/api-books.ts';
import type { Fate } from '../support/fake-provider.ts';

/** The nights of a programme that pays by Stripe: what a person approved leaves, and what was refused for now is tried again. */
let database: TestDatabase;
let api: ApiBooks;
const { acme, zenith } = ACCOUNTS.stripe;

beforeAll(async () => {
  database = await testDatabase();
  api = await apiBooks(database, 'stripe');
});
afterAll(async () => {
  await api.leave();
  await database.drop();
});

const night = async (job: Job, businessDate = '2026-11-21') => {
  const { status, summary, failures = [] } = await runJob(api.maker, job, businessDate);
  return { status, summary, failures };
};
const statuses = async () => {
  const { acme: one, zenith: other } = await api.numbers();
  const payouts = await listPayouts(api.maker, { numbers: [one, other], ascending: true, limit: 9, offset: 0 });
  return payouts.map(({ partner, status }) => `${partner} ${status}`);
};
/** Makes the answers so far as old as that. */
const wait = async (hours: number) =>
  await database
    .admin()
    .sql.unsafe(
      `set session_replication_role = replica; update main.payout_attempt_outcomes set recorded_at = recorded_at - interval '${hours} hours'; set session_replication_role = origin`,
    );

it('submits what was approved, and nothing where nothing is', async () => {
  expect(await night(submitPayoutsJob)).toEqual({
    status: 'succeeded',
    summary: { submitted: 0, cancelled: 0, waiting: 0, sent: {} },
    failures: [],
  });
  await api.ready();
  expect(await night(submitPayoutsJob)).toMatchObject({
    status: 'succeeded',
    summary: { submitted: 2, sent: { paid: 2 } },
  });
  expect(await statuses()).toEqual(['acme completed', 'zenith completed']);
});

it('tries again what was refused for now, when its time has come and as often as it takes', async () => {
  await api.ready();
  api.fake.fates = new Map<string, Fate[]>([
    [acme, ['refused', 'refused', 'paid']],
    [zenith, ['refused', 'failed']],
  ]);
  const { status, failures } = await night(submitPayoutsJob);
  expect({ status, failures: failures.length }).toEqual({ status: 'partly', failures: 2 });
  expect(await statuses()).toEqual(['acme processing', 'zenith processing']);
  // Nobody waits for less than a quarter of an hour.
  expect(await night(retryPayoutsJob)).toMatchObject({ status: 'succeeded', summary: { due: 0, tried_again: {} } });
  await wait(1);
  expect(await night(retryPayoutsJob)).toMatchObject({ summary: { due: 2, tried_again: { refused: 1, failed: 1 } } });
  expect(await statuses()).toEqual(['acme processing', 'zenith failed']);
  await wait(1);
  expect(await night(retryPayoutsJob)).toMatchObject({ summary: { due: 1, tried_again: { paid: 1 } } });
  expect(await statuses()).toEqual(['acme completed', 'zenith failed']);
  expect(new Set(api.fake.sent).size).toBe(5);
});

it('asks for what nobody answered', async () => {
  await api.ready();
  api.fake.troubles = ['cut_after', 'cut_after'];
  expect(await night(submitPayoutsJob)).toMatchObject({ status: 'partly', summary: { sent: { unknown: 2 } } });
  expect(await night(retryPayoutsJob)).toMatchObject({ status: 'succeeded', summary: { asked: { paid: 2 } } });
  expect(await statuses()).toEqual(['acme completed', 'zenith completed']);
});

it('does not send again to who is frozen since', async () => {
  await api.ready();
  api.fake.fates = new Map<string, Fate[]>([[acme, ['refused', 'paid']]]);
  await night(submitPayoutsJob);
  await wait(1);
  await freezePartner(api.maker, 'acme', 'under suspicion');
  const { summary, failures } = await night(retryPayoutsJob);
  expect(summary).toMatchObject({ due: 0 });
  expect(failures[0]).toMatch(/^P\d+A: not tried again, partner_suspended$/);
});

it('waits for the day of submission, and for a host that may move money', async () => {
  await setSchedule(api.maker, { frequency: 'monthly', netDays: 10, from: '2026-01-01' });
  await api.ready();
  expect(await night(submitPayoutsJob)).toMatchObject({ summary: { submitted: 0, waiting: 1 } });
  await setRailProfile(api.maker, 'stripe', { mode: 'live' });
  const { status, failures } = await night(submitPayoutsJob, '2026-12-01');
  expect({ status, failures: failures.filter((one) => one.startsWith('live_not_said')).length }).toEqual({
    status: 'partly',
    failures: 1,
  });
});
