import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API_RAILS, PROVIDERS, RAIL_OF, type Provider } from '../../src/domain/rail-names.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { resolvePayouts } from '../../src/services/payout/resolve-payouts.ts';
import { sendAttempts } from '../../src/services/payout/send-attempts.ts';
import { completePayouts } from '../../src/services/payout/settle-payouts.ts';
import { listPayouts } from '../../src/services/payout/show-payout.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { ingestWebhook } from '../../src/services/webhook/ingest-webhook.ts';
import { listWebhookEvents } from '../../src/services/webhook/list-webhooks.ts';
import { NOW, testDatabase, type TestDatabase } from '../database.ts';
import { ACCOUNTS, apiBooks, type ApiBooks } from '../support/api-books.ts';
import type { Fate, FakePayment } from '../support/fake-provider.ts';

let database: TestDatabase;
let api: ApiBooks;

const code = async (work: Promise<unknown>) =>
  await work.then(
    () => 'nothing was thrown',
    (error: { code?: string; message?: string }) => error.code ?? error.message,
  );

for (const rail of API_RAILS) {
  const provider = PROVIDERS.find((one) => RAIL_OF[one] === rail)!;
  describe(`webhooks of ${provider}`, () => {
    beforeAll(async () => {
      database = await testDatabase();
      api = await apiBooks(database, rail);
    });
    afterAll(async () => {
      await api.leave();
      await database.drop();
    });

    it('complete what was paid, once, whatever comes again', async () => {
      const [payment] = await sent('cut_after');
      const event = api.fake.webhook(payment!, { id: 'evt_paid', at: NOW });
      expect(await ingested(provider, event)).toMatchObject({ outcome: 'matched', becomes: 'completed' });
      expect(await ingested(provider, event)).toMatchObject({ outcome: 'known', becomes: null });
      // The same under another name.
      expect(await ingested(provider, api.fake.webhook(payment!, { id: 'evt_again', at: NOW }))).toMatchObject({
        outcome: 'known',
      });
      expect(await statusOf(payment!)).toBe('completed');
      // Zenith’s is still unknown; acme’s is not asked for any more.
      expect((await resolvePayouts(api.maker, [])).map(({ partner }) => partner)).toEqual(['zenith']);
      expect(await events()).toEqual(['evt_again known', 'evt_paid matched']);
    });

    it('prove what was heard at once, and return what came back', async () => {
      const [payment] = await sent();
      await resolvePayouts(api.maker, []);
      expect(await ingested(provider, api.fake.webhook(payment!, { at: NOW }))).toMatchObject({
        outcome: 'matched',
        becomes: null,
      });
      payment!.fate = 'returned';
      expect(await ingested(provider, api.fake.webhook(payment!, { at: NOW }))).toMatchObject({
        outcome: 'matched',
        becomes: 'returned',
      });
      expect(await statusOf(payment!)).toBe('returned');
    });

    it('are stale when they come too late, and harmless', async () => {
      const [payment] = await sent('cut_after');
      const paid = api.fake.webhook(payment!, { at: NOW - 60_000 });
      payment!.fate = 'returned';
      expect(await ingested(provider, api.fake.webhook(payment!, { at: NOW }))).toMatchObject({
        outcome: 'matched',
        becomes: 'failed',
      });
      expect(await ingested(provider, paid)).toMatchObject({ outcome: 'stale', becomes: null });
      expect(await statusOf(payment!)).toBe('failed');
    });

    if (rail !== 'stripe') {
      it('fail for good, or leave it to another attempt', async () => {
        const [acme, zenith] = await sent();
        acme!.fate = 'refused';
        expect(await ingested(provider, api.fake.webhook(acme!, { at: NOW }))).toMatchObject({
          outcome: 'refused',
          becomes: null,
        });
        expect(await statusOf(acme!)).toBe('processing');
        zenith!.fate = 'failed';
        expect(await ingested(provider, api.fake.webhook(zenith!, { at: NOW }))).toMatchObject({
          outcome: 'matched',
          becomes: 'failed',
        });
        // What a provider says both ways somebody has to look into.
        zenith!.fate = 'paid';
        expect(await ingested(provider, api.fake.webhook(zenith!, { at: NOW }))).toMatchObject({
          outcome: 'status_differs',
        });
        expect(await statusOf(zenith!)).toBe('failed');
      });
    }

    if (rail === 'paypal-payouts') {
      it('wait for a payee, who takes it after all or does not', async () => {
        const [acme, zenith] = await sent();
        for (const payment of [acme!, zenith!]) {
          payment.fate = 'unclaimed';
          expect(await ingested(provider, api.fake.webhook(payment, { at: NOW }))).toMatchObject({
            becomes: 'unclaimed',
          });
        }
        acme!.fate = 'paid';
        expect(await ingested(provider, api.fake.webhook(acme!, { at: NOW }))).toMatchObject({ becomes: 'completed' });
        zenith!.fate = 'returned';
        expect(await ingested(provider, api.fake.webhook(zenith!, { at: NOW }))).toMatchObject({ becomes: 'returned' });
      });
    }

    it('are of nobody here when their key is not ours', async () => {
      const [payment] = await sent('cut_after');
      const other = { ...payment!, id: `${payment!.id}X`, key: '00000000-0000-4000-8000-000000000000' };
      expect(await ingested(provider, api.fake.webhook(other, { at: NOW }))).toMatchObject({
        outcome: 'unrelated',
        payout: null,
      });
      expect(await statusOf(payment!)).toBe('processing');
    });

    it('tell another amount, and move nothing', async () => {
      const [payment] = await sent('cut_after');
      const other = { ...payment!, amount: payment!.amount + 1 };
      expect(await ingested(provider, api.fake.webhook(other, { at: NOW }))).toMatchObject({
        outcome: 'amount_differs',
        becomes: null,
      });
      expect(await statusOf(payment!)).toBe('processing');
    });

    it('confirm what a person said', async () => {
      const [payment] = await sent('cut_after');
      await completePayouts(api.maker, { payouts: { numbers: [payment!.number] } });
      expect(await ingested(provider, api.fake.webhook(payment!, { at: NOW }))).toMatchObject({
        outcome: 'matched',
        becomes: null,
      });
    });

    it('are not believed when somebody changed them, or they are no request', async () => {
      const [payment] = await sent('cut_after');
      const event = api.fake.webhook(payment!, { at: NOW });
      expect(
        await code(
          ingested(
            provider,
            event.replace('paid', 'Paid').replace(/"amount":\s*"?\d/, (text) => `${text}9`),
          ),
        ),
      ).toMatch(rail === 'paypal-payouts' ? /nothing|webhook_signature/ : 'webhook_signature');
      expect(await code(ingested(provider, event.replace(/\r\n\r\n.*/s, '\r\n\r\n{}')))).toBe('webhook_signature');
      expect(await code(ingested(provider, 'no header'))).toBe('http_message');
      if (rail === 'stripe') {
        const old = api.fake.webhook(payment!, { at: NOW - 3_600_000 });
        expect(await code(ingested(provider, old))).toBe('webhook_old');
        expect(await ingested(provider, old, 7200)).toMatchObject({ outcome: 'matched' });
      }
    });

    it('leave books that balance', async () => {
      for (const { difference } of (await trialBalance(api.maker)).differences) expect(Number(difference)).toBe(0);
    });
  });
}

/** Submits acme’s and zenith’s; what they are at the provider, in that order. */
async function sent(trouble: 'cut_after' | null = null): Promise<FakePayment[]> {
  const run = await api.ready();
  const before = api.fake.payments.length;
  api.fake.troubles = [trouble, trouble];
  const fates: Fate[] = ['paid'];
  api.fake.fates = new Map(
    Object.values(ACCOUNTS).flatMap(({ acme, zenith }) => [
      [acme, [...fates]],
      [zenith, [...fates]],
    ]),
  );
  const { attempts } = await submitPayouts(api.maker, { run });
  for (const id of attempts) await sendAttempts(api.maker, { ids: [id] }, { fresh: true });
  return api.fake.payments.slice(before);
}

async function ingested(provider: Provider, request: string, toleranceSeconds = 300) {
  const source = { stdin: Readable.from([Buffer.from(request)]) };
  return await ingestWebhook(api.maker, { provider, source, toleranceSeconds });
}

async function statusOf({ number }: FakePayment) {
  return (await listPayouts(api.maker, { numbers: [number], limit: 1, offset: 0 }))[0]?.status;
}

const events = async () =>
  (await listWebhookEvents(api.maker, { provider: undefined, limit: 99, offset: 0 })).map(
    ({ event, outcome }) => `${event} ${outcome}`,
  );
