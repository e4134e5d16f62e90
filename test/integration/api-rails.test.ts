import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_RAILS } from '../../src/domain/rail-names.ts';
import type { PayoutStatus } from '../../src/domain/payout-status.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { leaveInFiles } from '../../src/services/payout/called-rail.ts';
import { submitToFiles } from '../../src/services/payout/payout-register.ts';
import { resolvePayouts } from '../../src/services/payout/resolve-payouts.ts';
import { sendAttempts, type SentPayout } from '../../src/services/payout/send-attempts.ts';
import { failPayouts } from '../../src/services/payout/settle-payouts.ts';
import { listPayouts, showPayout } from '../../src/services/payout/show-payout.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { setRailProfile } from '../../src/services/rail/rail-profiles.ts';
import { apiRails } from '../../src/rails/api-rails.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { ACCOUNTS, apiBooks, type ApiBooks } from '../support/api-books.ts';
import { payoutOffences } from '../support/earnings.ts';
import type { Fate, Trouble } from '../support/fake-provider.ts';

let database: TestDatabase;
let api: ApiBooks;

const submitted = async (run: number) => {
  const { attempts } = await submitPayouts(api.maker, { run });
  return await sendAttempts(api.maker, { ids: attempts }, { fresh: true });
};
const resolved = async () => await resolvePayouts(api.maker, []);
/** Of the last run. */
const statuses = async (): Promise<Record<string, PayoutStatus>> => {
  const { acme, zenith } = await api.numbers();
  const payouts = await listPayouts(api.maker, { numbers: [acme, zenith], ascending: true, limit: 9, offset: 0 });
  return Object.fromEntries(payouts.map(({ partner, status }) => [partner, status]));
};
const outcomes = (sent: readonly SentPayout[]) =>
  sent.map(({ partner, outcome, status }) => `${partner} ${outcome} ${status}`);
const code = async (work: Promise<unknown>) =>
  await work.then(
    () => 'nothing was thrown',
    (error: { code?: string; message?: string }) => error.code ?? error.message,
  );

/** That the provider paid what we have as completed, to the cent and once, and nothing else. */
async function agree(): Promise<void> {
  const completed = (await listPayouts(api.maker, { statuses: ['completed', 'unclaimed'], limit: 99, offset: 0 })).map(
    ({ number, sent }) => [number, { amount: Math.round(Number(sent) * 100), times: 1 }] as const,
  );
  expect(Object.fromEntries(api.fake.books())).toEqual(Object.fromEntries(completed));
  for (const { difference } of (await trialBalance(api.maker)).differences) expect(Number(difference)).toBe(0);
  expect(await payoutOffences(database.admin())).toEqual([]);
}

for (const rail of API_RAILS) {
  describe(rail, () => {
    const { acme, zenith } = ACCOUNTS[rail];
    // Of the others it takes a look until they say so.
    const atOnce = rail === 'stripe';

    beforeAll(async () => {
      database = await testDatabase();
      api = await apiBooks(database, rail);
    });
    afterAll(async () => {
      await api.leave();
      await database.drop();
    });

    it('sends each payout once, by a key that is committed before, and completes what arrives', async () => {
      const run = await api.ready();
      const sent = await submitted(run);
      expect(outcomes(sent)).toEqual(
        atOnce
          ? ['acme paid completed', 'zenith paid completed']
          : ['acme accepted processing', 'zenith accepted processing'],
      );
      await resolved();
      expect(await statuses()).toEqual({ acme: 'completed', zenith: 'completed' });
      expect(new Set(api.fake.sent).size).toBe(2);
      expect(api.fake.sent.every((key) => /^[0-9a-f-]{36}$/.test(key))).toBe(true);
      await agree();
      expect(await resolved()).toEqual([]);
    });

    it('wants no file where all of it is called for', async () => {
      const run = await api.ready();
      expect(await leaveInFiles(api.maker, { run })).toBe(false);
      const { file, railFiles, sent } = await submitToFiles(api.maker, { run }, null);
      expect([file, railFiles, sent.length]).toEqual([null, [], 2]);
      await resolved();
      expect(await statuses()).toEqual({ acme: 'completed', zenith: 'completed' });
      await agree();
    });

    it.each<[Trouble, number]>([
      ['cut_before', 2],
      ['cut_after', rail === 'paypal-payouts' ? 2 : 1],
      ['fault_before', 2],
      ['fault_after', rail === 'paypal-payouts' ? 2 : 1],
    ])('pays once when the answer is lost: %s', async (trouble, calls) => {
      const run = await api.ready();
      api.fake.troubles = [trouble, trouble];
      const sent = await submitted(run);
      expect(outcomes(sent)).toEqual(['acme unknown processing', 'zenith unknown processing']);
      await resolved();
      await resolved();
      expect(await statuses()).toEqual({ acme: 'completed', zenith: 'completed' });
      const keys = [...new Set(api.fake.sent)];
      expect(keys).toHaveLength(2);
      // What never came in is not counted by it.
      expect(api.fake.sent).toHaveLength((trouble.endsWith('before') ? calls - 1 : calls) * 2);
      await agree();
    });

    it('is told by date, attempt by attempt', async () => {
      const run = await api.ready();
      api.fake.troubles = ['cut_after', 'cut_after'];
      await submitted(run);
      await resolved();
      if (rail === 'paypal-payouts') await resolved();
      const { story } = await showPayout(api.maker, (await api.numbers()).acme);
      const told = story.map(({ status, reason }) =>
        `${status} ${/attempt 1(: [a-z]+)?/.exec(reason ?? '')?.[0] ?? ''}`.trim(),
      );
      expect(told.filter((one) => !one.endsWith('accepted'))).toEqual([
        ...[
          'pending',
          'ready',
          'processing',
          'sent attempt 1',
          'answered attempt 1: unknown',
          'answered attempt 1: paid',
          'completed',
        ],
      ]);
    });

    it('waits and calls again where there were too many calls', async () => {
      const run = await api.ready();
      api.fake.troubles = ['too_many', 'too_many', null];
      await submitted(run);
      await resolved();
      expect(await statuses()).toEqual({ acme: 'completed', zenith: 'completed' });
      await agree();
    });

    it('tells what is refused for good from what is refused for now', async () => {
      const run = await api.ready();
      api.fake.fates = new Map<string, Fate[]>([
        [acme, ['refused']],
        [zenith, ['failed']],
      ]);
      await submitted(run);
      await resolved();
      expect(await statuses()).toEqual({ acme: 'processing', zenith: 'failed' });
      // Nothing is with the provider any more: it is a new attempt that follows, and no answer.
      expect(await resolved()).toEqual([]);
      await agree();
    });

    if (rail === 'paypal-payouts') {
      it('waits for a payee, until it takes what waits or it comes back', async () => {
        const run = await api.ready();
        api.fake.fates = new Map<string, Fate[]>([
          [acme, ['unclaimed']],
          [zenith, ['unclaimed']],
        ]);
        await submitted(run);
        await resolved();
        expect(await statuses()).toEqual({ acme: 'unclaimed', zenith: 'unclaimed' });
        await agree();
        const [one, other] = api.fake.payments.slice(-2);
        [one!.fate, other!.fate] = ['paid', 'returned'];
        await resolved();
        expect(await statuses()).toEqual({ acme: 'completed', zenith: 'returned' });
        await agree();
      });
    }

    it('sends nothing again past the window of a key, and then believes a person', async () => {
      const run = await api.ready();
      api.fake.troubles = ['cut_before', 'cut_before'];
      await submitted(run);
      const { acme: number } = await api.numbers();
      const fail = async () =>
        await failPayouts(api.maker, { payouts: { numbers: [number] }, reason: 'never arrived' });
      expect(await code(fail())).toBe('attempt');
      await age();
      expect(outcomes(await resolved())).toEqual(['acme unknown processing', 'zenith unknown processing']);
      expect(api.fake.sent).toEqual([]);
      await fail();
      expect(await statuses()).toEqual({ acme: 'failed', zenith: 'processing' });
      await agree();
    });

    it('finds what was paid when its key is too old to be sent again', async () => {
      const run = await api.ready();
      api.fake.troubles = ['cut_after', 'cut_after'];
      await submitted(run);
      await age();
      await resolved();
      // PayPal cannot be asked for a batch by our key: only its report, or a webhook, tells.
      const found = rail === 'paypal-payouts' ? 'processing' : 'completed';
      expect(await statuses()).toEqual({ acme: found, zenith: found });
      expect(new Set(api.fake.sent).size).toBe(2);
      expect(api.fake.sent).toHaveLength(2);
    });

    it('refuses before anything has left where the secret is wrong', async () => {
      const run = await api.ready();
      api.fake.secret = 'sk_test_other';
      expect(await code(submitPayouts(api.maker, { run }))).toBe('rail_credentials');
      expect(await statuses()).toEqual({ acme: 'ready', zenith: 'ready' });
    });

    it('moves no money in live mode unless that is said', async () => {
      const keyed = (mode: string) => (rail === 'razorpayx' ? { mode, key_id: `rzp_${mode}_northwind` } : { mode });
      const run = await api.ready();
      await setRailProfile(api.maker, rail, keyed('live'));
      expect(await code(submitPayouts(api.maker, { run }))).toBe('live_not_said');
      if (rail === 'stripe')
        expect(await code(submitPayouts(api.maker, { run }, { live: true }))).toBe('rail_secret_wrong');
      else expect((await submitPayouts(api.maker, { run }, { live: true })).submitted).toHaveLength(2);
      await setRailProfile(api.maker, rail, keyed('test'));
    });

    it('calls nobody on a dry run', async () => {
      const run = await api.ready();
      const { keys, railSecrets } = api.maker;
      const dry = { ...(await database.context({ actor: 'maker', dryRun: true })), keys, railSecrets };
      // Not even to see whether the secret is right.
      api.fake.secret = 'sk_test_other';
      expect((await submitPayouts(dry, { run })).submitted).toHaveLength(2);
      expect(await statuses()).toEqual({ acme: 'ready', zenith: 'ready' });
      api.fake.secret = 'sk_test_fake';
      api.fake.troubles = ['cut_before', 'cut_before'];
      await submitted(run);
      expect(outcomes(await resolvePayouts(dry, [{ run }]))).toEqual([
        'acme unknown processing',
        'zenith unknown processing',
      ]);
      expect(api.fake.sent).toEqual([]);
    });
  });
}

/** Makes every attempt older than any provider remembers. */
async function age(): Promise<void> {
  await database
    .admin()
    .sql.unsafe(
      `set session_replication_role = replica; update main.payout_attempts set recorded_at = recorded_at - interval '31 days'; set session_replication_role = origin`,
    );
  api.fake.ahead += 31 * 86_400_000;
}

describe('what a rail says of itself', () => {
  it('is what the database says of it', async () => {
    const apart = await testDatabase();
    const rows = await apart.admin().sql<{ rail: string; kind: string; hours: number }[]>`
      select rail, kind, (extract(epoch from keeps) / 3600)::int as hours from api_rails()`;
    expect([...rows]).toEqual(apiRails.map(({ name, kind, keepsHours }) => ({ rail: name, kind, hours: keepsHours })));
    await apart.drop();
  });
});
