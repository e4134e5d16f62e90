/**
 * One step of a payout's way as a process of its own, for tests that kill it: reads one line of JSON from argv and is
 * killed, by itself and without a last word, at the statement it is told. `before`: nothing of that statement was sent;
 * `during`: it is on its way. Without a statement it does its work and ends.
 */
import { buildContext } from '../../src/app.ts';
import { openDatabase, type DatabaseTarget } from '../../src/db/connection.ts';
import type { Context } from '../../src/services/context.ts';
import { approveRun } from '../../src/services/payout/approve-run.ts';
import { generatePayouts } from '../../src/services/payout/generate-payouts.ts';
import { completePayouts, failPayouts } from '../../src/services/payout/settle-payouts.ts';
import { submitPayouts } from '../../src/services/payout/submit-payouts.ts';
import { countingBooks } from './counting-steps.ts';

export interface PayoutOrder {
  readonly target: DatabaseTarget;
  readonly actor: string;
  readonly step: 'generate' | 'approve' | 'submit' | 'complete' | 'fail';
  readonly run: number | null;
  /** Counted from 1 over the statements of the transaction; its COMMIT is the last. */
  readonly killAt: number | null;
  readonly when: 'before' | 'during';
}

const order = JSON.parse(process.argv[2]!) as PayoutOrder;
const die = () => process.kill(process.pid, 'SIGKILL');
let statements = 0;

function count(): void {
  statements += 1;
  if (statements !== order.killAt) return;
  if (order.when === 'before') die();
  else setTimeout(die, 1);
}

const db = openDatabase(order.target);
const ctx: Context = buildContext(countingBooks(db, count), {
  programme: 'main',
  actor: order.actor,
  zone: 'UTC',
  clock: { now: () => Date.UTC(2026, 10, 21, 12), isSimulated: true },
  progress: { step: () => {}, done: () => {} },
});
const payouts = { run: order.run ?? 0 };
const steps: Record<PayoutOrder['step'], () => Promise<unknown>> = {
  generate: async () => await generatePayouts(ctx),
  approve: async () => await approveRun(ctx, { run: payouts.run }),
  submit: async () => await submitPayouts(ctx, payouts),
  complete: async () => await completePayouts(ctx, { payouts }),
  fail: async () => await failPayouts(ctx, { payouts, reason: 'refused' }),
};
await steps[order.step]();
await db.close();
