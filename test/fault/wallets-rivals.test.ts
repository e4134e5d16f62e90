import { spawn } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { childScript } from '../children.ts';
import type { OpenedContext } from '../../src/app.ts';
import { parseWalletCode } from '../../src/domain/codes.ts';
import { approveRequest } from '../../src/services/approval/answer-request.ts';
import { askForLimit } from '../../src/services/approval/set-limit.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';
import { resumeInstance } from '../../src/services/instance/suspend-instance.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { showWallet } from '../../src/services/wallet/list-wallets.ts';
import { openBooks, recordBatch } from '../books.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { patience, times } from '../soak.ts';
import { accrueWhenFree, offences } from '../support/accrual.ts';
import type { WalletOrder, WalletOutcomes } from '../support/wallet-child.ts';

/**
 * Sixteen processes credit, debit, accrue and suspend at once, on two wallets of which one has no row yet. Whatever the
 * order, no debit goes below zero, nothing waits for each other, and the books are whole after it.
 */
let database: TestDatabase;
let ctx: OpenedContext;
const SECONDS = times(10, 60);
const WALLETS = ['acme/acme-uk/EUR', 'acme/acme-ie/EUR'];

beforeAll(async () => {
  database = await testDatabase();
  ctx = await database.context();
  const checker = await database.context({ actor: 'checker' });
  const books = await openBooks(ctx.db);
  const instanceId = books.instance['acme-uk']!;
  await ctx.db.transaction(
    async (tx) => await recordBatch(tx, books.source, [{ externalId: 'sold', instanceId, netMinor: 100_000 }]),
  );
  const limit = await askForLimit(ctx, { of: 'request', currency: 'EUR', amount: '1000', reason: 'for all of them' });
  await approveRequest(checker, { request: limit.id });
  await accrueWhenFree(ctx, '2026-11-21');
});
afterAll(async () => await database.drop());

async function work(task: WalletOrder['task']): Promise<WalletOutcomes> {
  const order: WalletOrder = {
    ...{ target: database.target(), actor: 'tester', task, wallets: WALLETS, instance: 'acme-uk' },
    milliseconds: SECONDS * 1000,
  };
  const child = spawn(process.execPath, [childScript('wallet-child'), JSON.stringify(order)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, told] = ['', ''];
  child.stderr.on('data', (data: Buffer) => (said += data.toString('utf8')));
  child.stdout.on('data', (data: Buffer) => (told += data.toString('utf8')));
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve(JSON.parse(told) as WalletOutcomes);
      else reject(new Error(`${task} ended with ${status}: ${said}`));
    });
  });
}

it('leaves the books whole', patience(180_000), async () => {
  const tasks = [
    ...Array.from({ length: 6 }, () => 'credit' as const),
    ...Array.from({ length: 7 }, () => 'debit' as const),
    ...['accrue' as const, 'accrue' as const, 'suspend' as const],
  ];
  const ends = await Promise.all(tasks.map(async (task) => ({ task, outcomes: await work(task) })));
  const count = (task: string, outcome: string) =>
    ends.filter((end) => end.task === task).reduce((sum, { outcomes }) => sum + (outcomes[outcome] ?? 0), 0);
  for (const task of ['credit', 'debit', 'accrue', 'suspend']) expect(count(task, 'done'), task).toBeGreaterThan(0);
  expect(Object.keys(Object.assign({}, ...ends.map(({ outcomes }) => outcomes)) as object).sort()).toEqual(
    expect.arrayContaining(['done', 'wallet_limit']),
  );

  await resumeInstance(ctx, { code: 'acme-uk', reason: 'it is over' }).catch(() => {});
  await accrueWhenFree(ctx, '2026-11-21');
  let sum = 0;
  for (const code of WALLETS) {
    const { balance } = await showWallet(ctx, parseWalletCode(code));
    expect(Number(balance), code).toBeGreaterThanOrEqual(0);
    sum += Math.round(Number(balance) * 100);
  }
  expect(sum).toBe(10_000 + 100 * count('credit', 'done') - 300 * count('debit', 'done'));
  expect((await trialBalance(ctx)).differences).toEqual([{ currency: 'EUR', difference: '0.00' }]);
  expect(await offences(ctx.db)).toEqual([]);
  const { checks } = await runDoctor(ctx);
  expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
});
