import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { OpenedContext } from '../../src/app.ts';
import type { Database } from '../../src/db/connection.ts';
import { importRevenue } from '../../src/services/revenue/import-revenue.ts';
import { testDatabase, type TestDatabase } from '../database.ts';
import { patience, seed, tell, times } from '../soak.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { ImportProcess } from '../support/import-process.ts';
import { randomFile, randomFrom } from '../support/random-revenue.ts';
import { everybodyGone } from '../support/sessions.ts';
import { Desk, footprint, openInstances, PLAIN_MAP } from '../support/revenue.ts';

console.info(`import faults: FC_SEED=${seed}`);
const ROWS = 2_000;

let database: TestDatabase;
let db: Database;
let ctx: OpenedContext;
const desk = new Desk();
const draw = randomFrom(seed);
beforeAll(async () => {
  database = await testDatabase();
  db = await database.as('tester');
  ctx = await database.context();
  await openInstances(db, ['shop', 'shop-2', 'shop-3']);
});
afterAll(async () => {
  desk.clear();
  await database.drop();
});

/** A file under a source of its own, so that each round begins with nothing known. */
function newFile(round: number) {
  const file = randomFile(seed + round, ROWS);
  const source = `billing-${round}`;
  return {
    ...file,
    source,
    request: {
      file: desk.put(`in-${round}.csv`, file.bytes),
      map: desk.put(`map-${round}.toml`, PLAIN_MAP.replace('"billing"', `"${source}"`)),
      createAccounts: true,
      partial: true,
    },
  };
}

async function eventsOf(source: string): Promise<number> {
  const [row] = await db.sql<{ events: number }[]>`
    select count(*)::int as events from revenue_events where source_id = (select id from sources where code = ${source})`;
  return row!.events;
}

/** All of it or nothing, and the next import brings it to its end. */
async function expectWholeOrNothing(file: ReturnType<typeof newFile>, when: string): Promise<boolean> {
  const found = await eventsOf(file.source);
  expect([0, file.events.length], when).toContain(found);
  const [half] = await db.sql<{ batches: number }[]>`
    select count(*)::int as batches from event_batches b join sources s on s.id = b.source_id where s.code = ${file.source}`;
  expect(half!.batches, when).toBe(found === 0 ? 0 : 1);
  if (found === 0) expect(existsSync(`${file.request.file}.rejected.csv`), when).toBe(false);

  const again = await importRevenue(ctx, file.request);
  expect(again, when).toMatchObject({ new: file.events.length - found, rejected: file.rejects.length });
  expect(await eventsOf(file.source), when).toBe(file.events.length);
  expect(existsSync(`${file.request.file}.rejected.csv`), when).toBe(true);
  return found > 0;
}

it('an import that is killed leaves nothing, or was done', patience(300_000), async () => {
  const whole = newFile(0);
  const started = performance.now();
  await importRevenue(ctx, whole.request);
  const takes = performance.now() - started;

  let killed = 0;
  const rounds = times(5, 60);
  for (let round = 1; round <= rounds; round += 1) {
    tell('killed imports', round, rounds);
    const file = newFile(round);
    const before = await footprint(db);
    const process_ = new ImportProcess(database.target(), file.request);
    await process_.ready;
    process_.go();
    // Spread over the whole of an import, and a little beyond its end: the child is slower than this process, which has run
    // all of it before.
    const delay = ((round - draw()) / rounds) * takes * 1.2;
    await sleep(delay);
    process_.kill();
    const end = await process_.ended;
    if (end.signal === 'SIGKILL') killed += 1;
    await everybodyGone(db);
    const when = `round ${round} of FC_SEED=${seed}, killed after ${delay.toFixed(0)} ms`;
    if ((await eventsOf(file.source)) === 0) expect(await footprint(db), when).toEqual(before);
    await expectWholeOrNothing(file, when);
  }
  expect(killed).toBeGreaterThan(1);
});

it(
  'an import whose connection is cut at any message ends with an error of ours, and nothing half done',
  patience(300_000),
  async () => {
    const first = newFile(1000);
    const uncut = await CuttingProxy.listen(database.target());
    const process_ = new ImportProcess(uncut.target, first.request);
    await process_.ready;
    process_.go();
    expect(await process_.ended).toMatchObject({ code: 0, stderr: '' });
    uncut.close();

    const rounds = times(6, 100);
    for (let round = 1; round <= rounds; round += 1) {
      tell('cut imports', round, rounds);
      const file = newFile(1000 + round);
      const cut = {
        after: 1 + Math.floor(draw() * uncut.passed),
        how: draw() < 0.5 ? ('end' as const) : ('reset' as const),
        back: draw() < 0.5,
      };
      const proxy = await CuttingProxy.listen(database.target(), cut);
      const worker = new ImportProcess(proxy.target, file.request);
      await worker.ready;
      worker.go();
      const end = await worker.ended;
      proxy.close();
      await everybodyGone(db);
      const when = `round ${round} of FC_SEED=${seed}, cut ${JSON.stringify(cut)}`;
      expect(end.stderr, when).toBe('');
      if (end.code !== 0) {
        expect(end, when).toMatchObject({ code: 4, signal: null });
        expect(['connection_lost', 'commit_unknown'], when).toContain(end.error);
      }
      await expectWholeOrNothing(file, when);
    }
  },
);
