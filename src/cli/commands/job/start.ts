import { IntegrityError } from '../../../domain/errors.ts';
import type { Job } from '../../../runner/job.ts';
import { keepRunning, minutesUntilRetry } from '../../../runner/keep-running.ts';
import { runDueWatched } from '../../../runner/watched.ts';
import type { Context } from '../../../services/context.ts';
import { command, type Invocation } from '../../command.ts';
import { describeFailure } from '../../failure.ts';
import { plainJson } from '../../output/plain-text.ts';
import { option, wholeNumber } from '../../parameters.ts';
import { isNews, told } from './due-report.ts';

const MINUTE = 60_000;

export const start = command({
  verb: 'start',
  summary: 'stay, and run what is due every minute',
  description:
    'The scheduler for where there is no cron: `job run-due` every minute, until Ctrl-C or SIGTERM, after which it finishes ' +
    'the unit of work at hand. Each wake that runs something prints one line. What fails is tried again after 1, 2, 4 … ' +
    'minutes; where the books disagree it ends, with exit code 5.',
  parameters: {
    wakes: option('--wakes <n>', 'end after waking up so many times (default: never)', {
      read: wholeNumber('--wakes', 1, 1_000_000),
    }),
  },
  finishesUnit: true,
  examples: [{ command: 'job start --wakes 1' }],
  async run(invocation, { wakes }) {
    const ctx = await invocation.context();
    const { jobs } = await invocation.host.loadJobs();
    const stop = invocation.host.interrupted;
    const waking = new Waking(invocation, ctx, jobs);
    await invocation.note(`waking every minute for programme ${ctx.programme} (${ctx.zone})`);
    await keepRunning(async () => await waking.wake(), { stop, wakes });
    await invocation.note('stopped');
  },
});

/** One wake after another: what is due is run, what failed is left alone for a while. */
class Waking {
  readonly #invocation: Invocation;
  readonly #ctx: Context;
  readonly #jobs: readonly Job[];
  #failures = 0;
  #quietUntil = 0;

  constructor(invocation: Invocation, ctx: Context, jobs: readonly Job[]) {
    this.#invocation = invocation;
    this.#ctx = ctx;
    this.#jobs = jobs;
  }

  async wake(): Promise<void> {
    if (this.#ctx.clock.now() < this.#quietUntil) return;
    try {
      await this.#runDue();
      this.#failures = 0;
    } catch (error) {
      // Nobody retries that away.
      if (error instanceof IntegrityError) throw error;
      this.#failures += 1;
      const minutes = minutesUntilRetry(this.#failures);
      this.#quietUntil = this.#ctx.clock.now() + minutes * MINUTE;
      const { code, message } = describeFailure(error);
      await this.#invocation.note(`error[${code}]: ${message}; tried again in ${minutes} min`);
    }
  }

  async #runDue(): Promise<void> {
    const { print, note, host, config } = this.#invocation;
    const { report, summary, untold } = await runDueWatched(this.#ctx, this.#jobs, config.watchers, {
      stop: host.interrupted,
      stderr: host.io.stderr,
    });
    if (isNews(summary)) {
      if (print.isTTY) await print.out.write(`${told(summary)}\n`);
      else await print.out.write(`${plainJson(summary)}\n`);
      for (const failure of summary.failures ?? []) await note(failure);
    }
    for (const text of untold) await note(text);
    if (report.end === 'failed') throw report.error;
  }
}
