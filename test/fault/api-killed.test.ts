import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/db/connection.ts';
import { API_RAILS, type ApiRailName } from '../../src/domain/rail-names.ts';
import { trialBalance } from '../../src/services/ledger/trial-balance.ts';
import { listPayouts } from '../../src/services/payout/show-payout.ts';
import { childScript } from '../children.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { soak } from '../soak.ts';
import type { ApiOrder } from '../support/api-child.ts';
import { apiBooks, type ApiBooks } from '../support/api-books.ts';
import { dice, type Dice } from '../property/dice.ts';
import { baseSeed } from '../property/runs.ts';
import { payoutOffences } from '../support/earnings.ts';
import { everybodyGone } from '../support/sessions.ts';
import type { Trouble } from '../support/fake-provider.ts';

/**
 * A process that sends payouts to a provider is killed at a step of its way, while the provider cuts connections and answers
 * with faults: it never pays twice, and whoever resolves brings all of them to their end. Soaking kills it at every step.
 */
const TROUBLES: readonly (Trouble | null)[] = [
  null,
  null,
  null,
  'cut_before',
  'cut_after',
  'fault_before',
  'fault_after',
  'too_many',
];

interface Scene {
  readonly database: TestDatabase;
  readonly api: ApiBooks;
  readonly admin: Database;
}

/** True when it was killed, false when it came to its end. */
async function ran(
  { database, api }: Scene,
  order: Pick<ApiOrder, 'work' | 'run' | 'killAt' | 'when'>,
): Promise<boolean> {
  const full: ApiOrder = {
    ...order,
    target: database.target('maker'),
    keyFile: api.keyFile,
    secrets: api.fake.secrets,
  };
  return await new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [childScript('api-child'), JSON.stringify(full)], {
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

/** Never more than once at the provider; at the end exactly what our books have as completed. */
async function compare({ api, admin }: Scene, ended: boolean): Promise<void> {
  for (const [number, { times }] of api.fake.books()) expect(times, number).toBe(1);
  expect(await payoutOffences(admin)).toEqual([]);
  for (const { difference } of (await trialBalance(api.maker)).differences) expect(Number(difference)).toBe(0);
  if (!ended) return;
  const completed = await listPayouts(api.maker, { statuses: ['completed'], limit: 9999, offset: 0 });
  const ours = completed.map(
    ({ number, sent }) => [number, { amount: Math.round(Number(sent) * 100), times: 1 }] as const,
  );
  expect(Object.fromEntries(api.fake.books())).toEqual(Object.fromEntries(ours));
}

async function statusesOf({ api }: Scene, run: number): Promise<string[]> {
  return (await listPayouts(api.maker, { run, limit: 9, offset: 0 })).map(({ status }) => status);
}

/** Kills a submission at one step, then whoever resolves at another, and lets the third come to its end. */
async function round(scene: Scene, killAt: number, luck: Dice): Promise<boolean> {
  const { api } = scene;
  const run = await api.ready();
  api.fake.troubles = Array.from({ length: 4 }, () => luck.pick(TROUBLES));
  const killed = await ran(scene, { work: 'submit', run, killAt, when: killAt % 2 === 0 ? 'before' : 'during' });
  await everybodyGone(scene.admin);
  await compare(scene, false);
  if ((await statusesOf(scene, run)).includes('ready')) {
    // Killed before its commit: nothing has left, and it is submitted again.
    expect(await statusesOf(scene, run)).toEqual(['ready', 'ready']);
    expect([...api.fake.sent]).toEqual([]);
    await ran(scene, { work: 'submit', run, killAt: null, when: 'before' });
  }
  await ran(scene, {
    work: 'resolve',
    run,
    killAt: luck.between(1, 24),
    when: luck.pick(['before', 'during'] as const),
  });
  await everybodyGone(scene.admin);
  await compare(scene, false);
  api.fake.troubles = [];
  for (let tries = 0; tries < 2; tries += 1) await ran(scene, { work: 'resolve', run, killAt: null, when: 'before' });
  expect(await statusesOf(scene, run)).toEqual(['completed', 'completed']);
  await compare(scene, true);
  return killed;
}

describe('a killed process never pays twice, and is always resumed', () => {
  for (const rail of API_RAILS) {
    it(`by ${rail}`, { timeout: 1_800_000 }, async () => {
      const luck = dice(baseSeed);
      const scene = await openedScene(rail);
      try {
        // Soaking at each step in turn, until one is behind the end.
        for (let nth = 0, killed = true; soak ? killed : nth < 2; nth += 1) {
          killed = await round(scene, soak ? nth + 1 : 1 + nth * 18 + luck.between(0, 17), luck);
        }
      } catch (error) {
        throw new Error(`FC_SEED=${baseSeed} throws the same dice`, { cause: error });
      }
    });
  }
});

const scenes: Scene[] = [];
async function openedScene(rail: ApiRailName): Promise<Scene> {
  const database = await testDatabase();
  const scene = { database, api: await apiBooks(database, rail), admin: database.admin() };
  scenes.push(scene);
  return scene;
}
beforeAll(() => scenes.splice(0));
afterAll(async () => {
  for (const { database, api } of scenes) {
    await api.leave();
    await database.drop();
  }
});
