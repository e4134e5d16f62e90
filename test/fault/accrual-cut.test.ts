import { expect, it } from 'vitest';
import { randomBook } from '../property/random-book.ts';
import { baseSeed } from '../property/runs.ts';
import { accrueWhenFree, choices } from '../support/accrual.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import { patience, tell, times as timesOf } from '../soak.ts';
import { TwinBooks } from '../support/twin-books.ts';
import { WorkerProcess } from '../support/worker-process.ts';

const times = timesOf(24, 300);
const FILE = 40;
const CHUNK = 10;

it(`survives ${times} cut connections, at any message in either direction`, patience(300_000), async () => {
  const next = choices(baseSeed);
  const book = randomBook(baseSeed, { batches: false, events: (times + 1) * FILE });
  const twins = await TwinBooks.open(book);
  const fileOf = (time: number) => book.events.slice(time * FILE, (time + 1) * FILE);
  let worker = WorkerProcess.start();
  const order = async (proxy: CuttingProxy) => {
    const one = await worker;
    worker = WorkerProcess.start(); // the next one loads meanwhile
    worker.catch(() => {});
    one.order({ target: proxy.target, date: book.to, chunkEvents: CHUNK });
    return await one.ended;
  };
  try {
    // How many messages a whole run takes, and that the proxy alone does no harm.
    await twins.load(fileOf(0));
    const whole = await CuttingProxy.listen(twins.suffering.target());
    expect(await order(whole)).toMatchObject({ code: 0, stderr: '' });
    whole.close();
    await twins.expectEqual('uncut');

    let lost = 0;
    for (let time = 1; time <= times; time += 1) {
      tell('cut connections', time, times);
      await twins.load(fileOf(time));
      const cut = {
        after: 1 + Math.floor(next() * whole.passed),
        how: next() < 0.5 ? ('end' as const) : ('reset' as const),
        back: next() < 0.5,
      };
      const proxy = await CuttingProxy.listen(twins.suffering.target(), cut);
      const end = await order(proxy);
      proxy.close();
      const when = `cut ${time} ${JSON.stringify(cut)} of FC_SEED=${baseSeed}`;
      // Our own error and nothing from the driver's insides; or all was done but the goodbye.
      expect(end.stderr, when).toBe('');
      if (end.code !== 0) {
        expect(end, when).toMatchObject({ code: 4, signal: null });
        expect(['connection_lost', 'commit_unknown'], when).toContain(end.error);
        lost += 1;
      }
      await accrueWhenFree(twins.ctx, book.to);
      await twins.expectEqual(when);
    }
    expect(lost).toBeGreaterThan(times / 2);
  } finally {
    (await worker).signal('SIGKILL');
    await twins.drop();
  }
});
