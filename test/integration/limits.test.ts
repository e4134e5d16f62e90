import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { limitsOf, listLimits } from '../../src/services/approval/limits.ts';
import { askForLimit } from '../../src/services/approval/set-limit.ts';
import { testDatabase, type TestDatabase } from '../database.ts';

let database: TestDatabase;
let maker: OpenedContext;
let checker: OpenedContext;
beforeEach(async () => {
  database = await testDatabase();
  maker = await database.context();
  checker = await database.context({ actor: 'checker' });
});
afterEach(async () => await database.drop());

const asked = async (currency: string, amount: string): Promise<number> =>
  (await askForLimit(maker, { of: 'request', currency, amount, reason: 'as agreed' })).id;
const approve = async (request: number) => await approveRequest(checker, { request });
const limits = async () => await limitsOf(maker, maker.db, 'request');

it('of one currency leaves those of the others', async () => {
  await approve(await asked('EUR', '50'));
  await approve(await asked('USD', '10'));
  await approve(await asked('EUR', '0'));
  expect(await limits()).toEqual({ EUR: 0, USD: 1000 });
});

it('that was asked for before another was lowered does not raise that one again', async () => {
  await approve(await asked('EUR', '50'));
  const dollars = await asked('USD', '10');
  await approve(await asked('EUR', '0'));
  await expect(approve(dollars)).rejects.toMatchObject({ code: 'effect_changed', exitCode: 3 });
  expect(await limits()).toEqual({ EUR: 0 });
  await approve(await asked('USD', '10'));
  expect(await limits()).toEqual({ EUR: 0, USD: 1000 });
});

it('are listed by what they are of, each since it is what it is', async () => {
  const payouts = async (amount: string | null) => {
    const { id } = await askForLimit(maker, { of: 'run', currency: 'USD', amount, reason: 'as agreed' });
    await approve(id);
  };
  const listed = async () => (await listLimits(maker)).map(({ of, currency, amount }) => `${of} ${currency} ${amount}`);
  expect(await listed()).toEqual([]);
  await approve(await asked('USD', '10'));
  await payouts('50000');
  const [ofRequests, ofRuns] = await listLimits(maker);
  await approve(await asked('EUR', '20'));
  await payouts('60000');
  await payouts('50000');
  expect(await listed()).toEqual(['request EUR 20.00', 'request USD 10.00', 'run USD 50000.00']);
  const now = await listLimits(maker);
  // That of another currency has moved, which is no news of this one; and this one was another in between.
  expect(now[1]).toEqual(ofRequests);
  expect(now[2]!.knownSeq).toBeGreaterThan(ofRuns!.knownSeq);
  await payouts(null);
  expect(await listed()).toEqual(['request EUR 20.00', 'request USD 10.00']);
  await expect(askForLimit(maker, { of: 'request', currency: 'USD', amount: null, reason: 'x' })).rejects.toMatchObject(
    {
      code: 'amount_out_of_range',
    },
  );
});

it('that is the limit already is no request', async () => {
  await approve(await asked('EUR', '50'));
  await expect(asked('EUR', '50.00')).rejects.toMatchObject({ code: 'nothing_to_change', exitCode: 3 });
  const none = { of: 'run', currency: 'EUR', amount: null, reason: 'as agreed' } as const;
  await expect(askForLimit(maker, none)).rejects.toMatchObject({ code: 'nothing_to_change' });
});
