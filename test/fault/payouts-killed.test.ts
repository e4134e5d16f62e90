import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { childScript } from '../children.ts';
import type { OpenedContext } from '../../src/app.ts';
import type { Database } from '../../src/db/connection.ts';
import { listPayouts } from '../../src/services/payout/show-payout.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { openBooks } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { earn, payoutOffences } from '../support/earnings.ts';
import { everybodyGone } from '../support/sessions.ts';
import type { PayoutOrder } from '../support/payout-child.ts';

/** A process that makes, approves, sends or settles payouts is killed at each of its statements: all of it or nothing. */
let database: TestDatabase;
let ctx: OpenedContext;
let admin: Database;

beforeAll(async () => {
  database = await testDatabase();
  admin = database.admin();
  ctx = await database.context();
  await database.context({ actor: 'checker' });
  const books = await openBooks(ctx.db);
  await earn(ctx.db, books, [
    { instance: 'acme-uk', amount: 6000, sale: 'A' },
    { instance: 'acme-uk', amount: -1000, sale: 'A' },
    { instance: 'acme-ie', amount: 4000 },
    { instance: 'zenith-de', amount: 2500 },
    { instance: 'zenith-de', amount: 100, on: '2026-10-02', payableOn: '2027-01-01' },
  ]);
});
afterAll(async () => await database.drop());

/** True when it was killed, false when it came to its end. */
async function run(order: Omit<PayoutOrder, 'target'>): Promise<boolean> {
  const full: PayoutOrder = { ...order, target: database.target(order.actor) };
  return await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [childScript('payout-child'), JSON.stringify(full)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString('utf8')));
    child.on('error', reject);
    child.on('exit', (status, signal) => {
      if (signal === 'SIGKILL') resolve(true);
      else if (status === 0) resolve(false);
      else reject(new Error(`ended with ${status}: ${said}`));
    });
  });
}

async function state(): Promise<string[]> {
  return (await listPayouts(ctx, { limit: 99, offset: 0 }))
    .map(({ partner, gross, status }) => `${partner} ${gross} ${status}`)
    .sort();
}

async function latestRun(): Promise<number> {
  const [row] = await ctx.db.sql<{ id: number }[]>`select coalesce(max(id), 0)::int as id from payout_runs`;
  return row!.id;
}

describe('a killed process leaves consistent books', () => {
  const steps: readonly [PayoutOrder['step'], string, string][] = [
    ['generate', 'tester', 'pending'],
    ['approve', 'checker', 'ready'],
    ['submit', 'tester', 'processing'],
    ['complete', 'tester', 'completed'],
  ];
  for (const [step, actor, status] of steps) {
    it(`at every statement of ${step}`, { timeout: 240_000 }, async () => {
      const before = await state();
      const after = [`acme 90.00 ${status}`, `zenith 25.00 ${status}`];
      for (let killAt = 1; ; killAt += 1) {
        const killed = await run({
          step,
          actor,
          run: await latestRun(),
          killAt,
          when: killAt % 2 === 0 ? 'before' : 'during',
        });
        await everybodyGone(admin);
        const now = await state();
        expect(await payoutOffences(admin), `killed at statement ${killAt}`).toEqual([]);
        for (const { difference } of (await trialBalance(ctx)).differences) expect(Number(difference)).toBe(0);
        // A COMMIT on its way may have arrived.
        if (!killed || JSON.stringify(now) === JSON.stringify(after)) {
          expect(now).toEqual(after);
          break;
        }
        expect(now, `killed at statement ${killAt}`).toEqual(before);
        expect(killAt).toBeLessThan(60);
      }
    });
  }
});
