/**
 * One of many processes that work on the same wallets at once: reads one line of JSON from argv, does its one thing over
 * and over until its time is up, and prints what came of it, by outcome. What the books refuse is an outcome; anything
 * else ends it with an error.
 */
import { accrueCommissionsJob } from '../../jobs/accrue-commissions.ts';
import { buildContext } from '../../src/app.ts';
import { openDatabase, type DatabaseTarget } from '../../src/db/connection.ts';
import { parseWalletCode } from '../../src/domain/codes.ts';
import { RefusedError } from '../../src/domain/errors.ts';
import { runJob } from '../../src/runner/run-job.ts';
import { resumeInstance, suspendInstance } from '../../src/services/instance/suspend-instance.ts';
import { askForCredit, askForDebit } from '../../src/services/wallet/move-wallet.ts';

export interface WalletOrder {
  readonly target: DatabaseTarget;
  readonly actor: string;
  readonly task: 'credit' | 'debit' | 'accrue' | 'suspend';
  readonly wallets: readonly string[];
  readonly instance: string;
  readonly milliseconds: number;
}

/** How often each outcome came: 'done', or the code of a refusal. */
export type WalletOutcomes = Readonly<Record<string, number>>;

const order = JSON.parse(process.argv[2]!) as WalletOrder;
const NOW = Date.UTC(2026, 10, 21, 12);
const db = openDatabase(order.target);
const ctx = buildContext(db, {
  programme: 'main',
  actor: order.actor,
  zone: 'UTC',
  clock: { now: () => NOW, isSimulated: true },
  progress: { step: () => {}, done: () => {} },
});
const reason = 'one of many';
let round = 0;
const wallet = () => parseWalletCode(order.wallets[round % order.wallets.length]!);
const tasks: Record<WalletOrder['task'], () => Promise<unknown>> = {
  credit: async () => await askForCredit(ctx, { wallet: wallet(), amount: '1.00', reason }),
  debit: async () => await askForDebit(ctx, { wallet: wallet(), amount: '3.00', reason }),
  accrue: async () => await runJob(ctx, accrueCommissionsJob, '2026-11-21'),
  suspend: async () =>
    round % 2 === 0
      ? await suspendInstance(ctx, { code: order.instance, reason })
      : await resumeInstance(ctx, { code: order.instance, reason }),
};

const outcomes: Record<string, number> = {};
const until = performance.now() + order.milliseconds;
while (performance.now() < until) {
  let outcome = 'done';
  try {
    await tasks[order.task]();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    outcome = error.code;
  }
  outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  round += 1;
}
await db.close();
process.stdout.write(JSON.stringify(outcomes));
