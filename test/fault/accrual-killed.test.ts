import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { randomBook } from '../property/random-book.ts';
import { baseSeed } from '../property/runs.ts';
import { patience, tell, times as timesOf } from '../soak.ts';
import { accrueWhenFree, choices } from '../support/accrual.ts';
import { TwinBooks } from '../support/twin-books.ts';
import { WorkerProcess } from '../support/worker-process.ts';

const times = timesOf(20, 200);
const FILE = 200;
const CHUNK = 10;

it(`survives kill -9 at ${times} random points: nothing doubled, nothing lost`, patience(300_000), async () => {
  const next = choices(baseSeed);
  const book = randomBook(baseSeed, { batches: false, events: times * FILE });
  const twins = await TwinBooks.open(book);
  let killed = 0;
  let unfinished = 0;
  try {
    let worker = WorkerProcess.start();
    for (let time = 0; time < times; time += 1) {
      tell('killed accruals', time, times);
      await twins.load(book.events.slice(time * FILE, (time + 1) * FILE));
      const victim = await worker;
      worker = WorkerProcess.start(); // the next one loads meanwhile
      worker.catch(() => {});

      victim.order({ target: twins.suffering.target(), date: book.to, chunkEvents: CHUNK });
      // From before the claim to after the posting: some chunks, then a moment more.
      await victim.chunks(Math.floor(next() * (FILE / CHUNK + 2)));
      await sleep(Math.floor(next() * 12));
      victim.signal('SIGKILL');
      const end = await victim.ended;
      killed += end.signal === 'SIGKILL' ? 1 : 0;
      unfinished += (await twins.undecided()) > 0 ? 1 : 0;

      await accrueWhenFree(twins.ctx, book.to);
      await twins.expectEqual(`kill ${time} of FC_SEED=${baseSeed}`);
    }
    (await worker).signal('SIGKILL');
    // Kills that come too late to matter prove nothing.
    expect(killed).toBeGreaterThan(times / 2);
    expect(unfinished).toBeGreaterThan(times / 4);
  } finally {
    await twins.drop();
  }
});
