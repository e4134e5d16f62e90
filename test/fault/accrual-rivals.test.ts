import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { randomBook, type RandomBook } from '../property/random-book.ts';
import { baseSeed } from '../property/runs.ts';
import { patience, tell, times } from '../soak.ts';
import { accrue, accrueWhenFree, choices } from '../support/accrual.ts';
import { TwinBooks } from '../support/twin-books.ts';
import { WorkerProcess } from '../support/worker-process.ts';

const rounds = times(5, 50);
const FILE = 300;
const CHUNK = 5;
const LEASE = 1;

let book: RandomBook;
let twins: TwinBooks;
let files: number;
beforeEach(async () => {
  book = randomBook(baseSeed, { batches: false, events: rounds * FILE });
  twins = await TwinBooks.open(book);
  files = 0;
});
afterEach(async () => await twins.drop());

const loadNextFile = async () => {
  await twins.load(book.events.slice(files * FILE, (files + 1) * FILE));
  files += 1;
};
const order = () => ({ target: twins.suffering.target(), date: book.to, chunkEvents: CHUNK, leaseSeconds: LEASE });

it('of two runs at once one decides and the other is refused', patience(300_000), async () => {
  for (let round = 0; round < rounds / 2; round += 1) {
    await loadNextFile();
    const pair = await Promise.all([WorkerProcess.start(), WorkerProcess.start()]);
    for (const worker of pair) {
      worker.order(order());
    }
    const ends = await Promise.all(pair.map(async (worker) => await worker.ended));
    ends.sort((a, b) => a.code! - b.code!);
    expect(ends[0], `round ${round} of FC_SEED=${baseSeed}`).toMatchObject({ code: 0, stderr: '' });
    expect(ends[1]).toMatchObject({ code: 3, error: 'job_running', chunks: 0, stderr: '' });
    await twins.expectEqual(`round ${round} of FC_SEED=${baseSeed}`);
  }
});

it('a worker stopped past its lease loses its claim and, woken, writes nothing', patience(300_000), async () => {
  const next = choices(baseSeed);
  for (let round = 0; round < rounds; round += 1) {
    const when = `round ${round} of FC_SEED=${baseSeed}`;
    tell('stopped workers', round, rounds);
    await loadNextFile();
    const worker = await WorkerProcess.start();
    worker.order(order());
    await worker.chunks(1 + Math.floor((next() * FILE) / CHUNK / 2));
    await sleep(Math.floor(next() * 6));
    worker.signal('SIGSTOP');
    // Stopped anywhere, inside a transaction or between two: while its lease lasts the job is its own.
    await expect(accrue(twins.ctx, book.to), when).rejects.toMatchObject({ code: 'job_running', exitCode: 3 });
    expect(await twins.undecided(), when).toBeGreaterThan(0);

    const taken = await accrueWhenFree(twins.ctx, book.to);
    expect(taken.attempt, when).toBeGreaterThan(1);
    await twins.expectEqual(when);

    worker.signal('SIGCONT');
    const end = await worker.ended;
    expect(end, when).toMatchObject({ code: 4, signal: null, stderr: '' });
    expect(['lease_lost', 'connection_lost', 'commit_unknown'], when).toContain(end.error);
    await twins.expectEqual(`${when}, woken`);
    const statuses = await twins.ctx.db.sql`select status from job_runs order by id desc limit 2`;
    expect(statuses.map((row) => row['status'] as string)).toEqual(['succeeded', 'lost']);
  }
});
