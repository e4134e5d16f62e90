/** Every minute: the schedules say what is due, and waking up for nothing costs one query. */
const EVERY_MINUTE = '* * * * *';

export interface WakeOptions {
  /** Aborted: the wake at work is waited for, and no other begins. */
  readonly stop?: AbortSignal | undefined;
  /** End after so many wakes; default never. */
  readonly wakes?: number | undefined;
  /** Only tests ask for another pattern, so as not to wait for minutes. */
  readonly pattern?: string;
}

/**
 * Wakes at once and then by node-cron, one wake at a time, until it is stopped, has woken as often as it should, or a wake
 * throws. What is missed while a wake is at work, or in an hour that the clock skips, is no loss: the next wake finds it due.
 */
export async function keepRunning(
  wake: () => Promise<void>,
  { stop, wakes = Infinity, pattern = EVERY_MINUTE }: WakeOptions,
): Promise<void> {
  const { schedule } = await import('node-cron');
  let woken = 0;
  const next = async (): Promise<boolean> => {
    await wake();
    woken += 1;
    return woken < wakes && stop?.aborted !== true;
  };
  if (stop?.aborted === true || !(await next())) return;
  await new Promise<void>((resolve, reject) => {
    let atWork = false;
    const end = (how: () => void) => {
      stop?.removeEventListener('abort', onStop);
      // Ended or not, nobody waits for the timer any more.
      void task.destroy();
      how();
    };
    const onStop = () => {
      if (!atWork) end(resolve);
    };
    const task = schedule(
      pattern,
      async () => {
        if (atWork) return;
        atWork = true;
        try {
          if (!(await next())) end(resolve);
        } catch (error) {
          end(() => {
            reject(error as Error);
          });
        } finally {
          atWork = false;
        }
      },
      { suppressMissedWarning: true },
    );
    stop?.addEventListener('abort', onStop, { once: true });
  });
}

const LONGEST_WAIT = 60;

/** After so many failures in a row the next try waits for 1, 2, 4 … minutes, an hour at most. */
export function minutesUntilRetry(failures: number): number {
  return Math.min(2 ** (failures - 1), LONGEST_WAIT);
}
