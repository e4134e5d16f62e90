import { expect } from 'vitest';
import type { Context } from '../../src/services/context.ts';
import { runDoctor } from '../../src/services/doctor/run-doctor.ts';

/** Fails with what doctor finds wrong with the books. */
export async function expectCleanDoctor(ctx: Context): Promise<void> {
  const { checks } = await runDoctor(ctx);
  expect(checks.filter(({ result }) => result === 'difference')).toEqual([]);
}
