/**
 * Submits a run to a provider, or asks it what became of one, as a process of its own, for tests that kill it: reads one
 * line of JSON from argv and is killed, by itself and without a last word, at the step it is told. A step is a statement
 * or a call: `before`: nothing of it was sent; `during`: it is on its way. Without a step it does its work and ends.
 */
import { buildContext } from '../../src/app.ts';
import { openDatabase, type DatabaseTarget } from '../../src/db/connection.ts';
import type { Context } from '../../src/services/context.ts';
import { resolvePayouts } from '../../src/services/payout/resolve-payouts.ts';
import { sendAttempts } from '../../src/services/payout/send-attempts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { countingBooks } from './counting-steps.ts';

export interface ApiOrder {
  readonly target: DatabaseTarget;
  readonly keyFile: string;
  readonly secrets: string;
  readonly work: 'submit' | 'resolve';
  readonly run: number;
  /** Counted from 1 over the statements of transactions, their COMMITs, and calls. */
  readonly killAt: number | null;
  readonly when: 'before' | 'during';
}

const order = JSON.parse(process.argv[2]!) as ApiOrder;
const die = () => process.kill(process.pid, 'SIGKILL');
let steps = 0;

function count(): void {
  steps += 1;
  if (steps !== order.killAt) return;
  if (order.when === 'before') die();
  else setTimeout(die, 1);
}

const call = globalThis.fetch;
globalThis.fetch = async (...asked) => {
  count();
  const answer = await call(...asked);
  // It was paid, and nobody has heard of it.
  count();
  return answer;
};
const db = openDatabase(order.target);
const ctx: Context = buildContext(countingBooks(db, count), {
  programme: 'main',
  actor: 'maker',
  zone: 'UTC',
  keys: { text: null, file: order.keyFile },
  railSecrets: { text: order.secrets, file: '' },
  clock: { now: () => Date.UTC(2026, 10, 21, 12), isSimulated: true },
  progress: { step: () => {}, done: () => {} },
});
if (order.work === 'submit') {
  const { attempts } = await submitPayouts(ctx, { run: order.run });
  await sendAttempts(ctx, { ids: attempts }, { fresh: true });
} else {
  await resolvePayouts(ctx, []);
}
await db.close();
