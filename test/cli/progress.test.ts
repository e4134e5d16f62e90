import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Io } from '../../src/cli/main.ts';
import { progressOn } from '../../src/cli/progress.ts';

function watched(stderrIsTTY: boolean) {
  const stderr = Object.assign(new PassThrough(), { isTTY: stderrIsTTY, columns: 80 });
  let said = '';
  stderr.on('data', (data: Buffer) => (said += data.toString()));
  let now = 0;
  const io = { stderr, stderrIsTTY } as unknown as Io;
  return { io, clock: { now: () => now }, pass: (ms: number) => (now += ms), said: () => said };
}

describe('progress', () => {
  test('is a plain line every few seconds where there is no terminal, and nothing for short work', () => {
    const { io, clock, pass, said } = watched(false);
    const progress = progressOn(io, clock, false);
    progress.step('reading', 1, null);
    pass(4_999);
    progress.step('reading', 20_000, 120_000);
    expect(said()).toBe('');
    pass(1);
    progress.step('reading', 40_000, 120_000);
    progress.step('reading', 41_000, 120_000);
    pass(5_000);
    progress.step('deciding \u001b[31m', 1_500, null);
    progress.done();
    expect(said()).toBe('reading: 40,000 of 120,000 (33 %)\ndeciding : 1,500\n');
  });

  test('is a bar on a terminal, cleared when the work ends', async () => {
    const { io, clock, said } = watched(true);
    const progress = progressOn(io, clock, false);
    progress.step('reading', 10, 100);
    await expect.poll(said).toContain('reading [');
    progress.step('reading', 100, 100);
    progress.done();
    await expect.poll(said).toContain('100/100');
    expect(() => {
      progress.done();
    }).not.toThrow();
  });

  test('says nothing with --quiet', () => {
    const { io, clock, pass, said } = watched(false);
    const progress = progressOn(io, clock, true);
    pass(60_000);
    progress.step('reading', 1, 2);
    progress.done();
    expect(said()).toBe('');
  });
});
