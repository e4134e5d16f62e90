import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { keepRunning, minutesUntilRetry } from '../../src/runner/keep-running.ts';

const pattern = '* * * * * *';

it('wakes at once, then by the clock, one wake at a time, and ends after as many as were asked for', async () => {
  let awake = 0;
  let most = 0;
  let woken = 0;
  const wake = async () => {
    woken += 1;
    most = Math.max(most, (awake += 1));
    // Longer than from one tick to the next.
    await sleep(1_200);
    awake -= 1;
  };
  await keepRunning(wake, { pattern, wakes: 2 });
  expect([woken, most]).toEqual([2, 1]);
});

it('stopped between two wakes it ends there and then; within one it waits for it', async () => {
  const idle = new AbortController();
  let woken = 0;
  const waiting = keepRunning(async () => void (woken += 1), { stop: idle.signal });
  await sleep(30);
  idle.abort();
  await waiting;
  expect(woken).toBe(1);

  const busy = new AbortController();
  let finished = false;
  await keepRunning(
    async () => {
      busy.abort();
      await sleep(30);
      finished = true;
    },
    { stop: busy.signal },
  );
  expect(finished).toBe(true);
  await keepRunning(async () => expect.unreachable(), { stop: busy.signal });
});

it('ends with what a wake throws, the first one or a later one', async () => {
  const failing = (at: number) => {
    let woken = 0;
    return async () => {
      if ((woken += 1) === at) throw new Error(`wake ${at}`);
    };
  };
  await expect(keepRunning(failing(1), { pattern })).rejects.toThrow('wake 1');
  await expect(keepRunning(failing(2), { pattern })).rejects.toThrow('wake 2');
});

it('leaves what failed alone for longer and longer, an hour at most', () => {
  expect([1, 2, 3, 6, 7, 50].map(minutesUntilRetry)).toEqual([1, 2, 4, 32, 60, 60]);
});
