import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { openContext } from '../../src/app.ts';
import { ensureServer, stopServer } from '../../src/db/embedded/server.ts';
import { createProgramme } from '../../src/services/programme/create-programme.ts';
import { silentProgress, testClock } from '../database.ts';
import { randomBook } from '../property/random-book.ts';
import { baseSeed } from '../property/runs.ts';
import { patience, tell, times as timesOf } from '../soak.ts';
import { accrueWhenFree, choices } from '../support/accrual.ts';
import { TwinBooks, type Victim } from '../support/twin-books.ts';
import { WorkerProcess } from '../support/worker-process.ts';

const times = timesOf(3, 20);
const FILE = 200;
const CHUNK = 5;

/** A server that belongs to this test alone, as `revshare init` makes it. */
async function ownServer(home: string): Promise<Victim> {
  const where = { home, databaseUrl: null, ownerUrl: null, actor: 'tester', osUser: 'tester' };
  await ensureServer(home);
  await createProgramme(where, { name: 'main', currency: 'EUR' }, { dryRun: false });
  const ctx = await openContext({ where, programme: 'main', clock: testClock(), progress: silentProgress });
  return {
    ctx,
    target: () => ctx.db.target,
    drop: async () => {
      await ctx.close();
      await stopServer(home, 'immediate');
    },
  };
}

it(`survives ${times} kills of its server: nothing doubled, nothing lost`, patience(300_000), async () => {
  const next = choices(baseSeed);
  const home = mkdtempSync(join(tmpdir(), 'revshare-killed-'));
  const book = randomBook(baseSeed, { batches: false, events: times * FILE });
  const twins = await TwinBooks.open(book, await ownServer(home));
  try {
    for (let time = 0; time < times; time += 1) {
      tell('killed servers', time, times);
      await twins.load(book.events.slice(time * FILE, (time + 1) * FILE));
      const worker = await WorkerProcess.start();
      worker.order({ target: twins.suffering.target(), date: book.to, chunkEvents: CHUNK });
      await worker.chunks(Math.floor(next() * (FILE / CHUNK - 5)));
      await sleep(Math.floor(next() * 6));
      const [postmaster] = readFileSync(join(home, 'postgres', 'data', 'postmaster.pid'), 'utf8').split('\n');
      process.kill(Number(postmaster), 'SIGKILL');

      const end = await worker.ended;
      const when = `kill ${time} of FC_SEED=${baseSeed}`;
      expect(end, when).toMatchObject({ code: 4, signal: null, stderr: '' });
      expect(['connection_lost', 'commit_unknown'], when).toContain(end.error);
      await ensureServer(home);
      // The context here is the old one: it finds the new server by itself.
      await twins.ctx.db.sql`select 1`.catch(() => {});
      await accrueWhenFree(twins.ctx, book.to);
      await twins.expectEqual(when);
    }
  } finally {
    await twins.drop();
    rmSync(home, { recursive: true, force: true });
  }
});
