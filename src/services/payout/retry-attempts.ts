import { attemptRows, insertAttempts, type AttemptRow } from '../../db/queries/attempts.ts';
import { railProfileRows } from '../../db/queries/rails.ts';
import { backOffSeconds, MOST_ATTEMPTS } from '../../domain/attempts.ts';
import type { Context, Unit } from '../context.ts';
import { openRail } from './begin-attempts.ts';
import { standInTheWay } from './obstacles.ts';
import { isOpen, outcomesOf, sendAttempts } from './send-attempts.ts';
import { unlessCalled } from './unless-called.ts';

/**
 * The job's share: asks for everything that is with a provider, and sends what was refused for now once more, by another key,
 * when its time has come; not to a partner who is held or frozen since, nor to an instrument that has changed, nor for ever.
 * What a person has to look at is told.
 *
 * Writes. On a dry run nobody is called.
 */
export async function retryAttempts(work: { ctx: Context; unit: Unit }): Promise<{
  readonly summary: Readonly<Record<string, unknown>>;
  readonly failures: readonly string[];
}> {
  // What is written is written under the job's claim.
  const ctx: Context = { ...work.ctx, write: work.unit };
  const found = await attemptRows(ctx.db, { inFlight: true });
  const failures: string[] = [];
  const due = await dueAgain(ctx, found.filter(isRefused), failures);
  const again = ctx.dryRun ? [] : await attemptAgain(ctx, due, failures);
  const open = found.filter(isOpen).map(({ id }) => id);
  const asked = ctx.dryRun ? [] : await unlessCalled(failures, async () => await sendAttempts(ctx, { ids: open }));
  const sent = ctx.dryRun
    ? []
    : await unlessCalled(failures, async () => await sendAttempts(ctx, { ids: again }, { fresh: true }));
  for (const { number, code, message } of [...asked, ...sent].filter(({ outcome }) => outcome === 'unknown')) {
    failures.push(`${number}: unknown, ${code} ${message}`);
  }
  return { summary: { asked: outcomesOf(asked), tried_again: outcomesOf(sent), due: due.length }, failures };
}

const isRefused = ({ outcome, status }: AttemptRow) => outcome === 'refused' && status === 'processing';

/** Those whose time has come, and in whose way nothing stands. */
async function dueAgain(ctx: Context, refused: readonly AttemptRow[], failures: string[]): Promise<AttemptRow[]> {
  const worn = refused.filter(({ nth }) => nth >= MOST_ATTEMPTS);
  for (const { number, nth, code } of worn) {
    failures.push(
      `${number}: refused ${nth} times, the last time for ${code}: say that it failed, or pay it otherwise`,
    );
  }
  const due = refused.filter((row) => !worn.includes(row) && row.answeredSeconds! >= backOffSeconds(row.nth));
  const standing = await standInTheWay(
    ctx.db,
    due.map(({ payoutId }) => payoutId),
  );
  const stopped = new Map(standing.flatMap(({ id, reason }) => (reason === null ? [] : [[id, reason] as const])));
  for (const { payoutId, number } of due.filter((row) => stopped.has(row.payoutId))) {
    failures.push(`${number}: not tried again, ${stopped.get(payoutId)}`);
  }
  return due.filter(({ payoutId }) => !stopped.has(payoutId));
}

/** The next attempt of each, by the profile that counts now, committed before it is sent. */
async function attemptAgain(ctx: Context, due: readonly AttemptRow[], failures: string[]): Promise<number[]> {
  if (due.length === 0) return [];
  const profiles = await railProfileRows(ctx.db, null);
  const able = new Map<string, number>();
  for (const rail of new Set(due.map((row) => row.rail))) {
    const { id, profile } = profiles.find((one) => one.rail === rail)!;
    const opened = await unlessCalled(failures, async () => {
      await (await openRail(ctx, { rail, profile }, false)).verify();
      return [id];
    });
    for (const one of opened) able.set(rail, one);
  }
  const attempts = due.flatMap(({ payoutId, rail }) => {
    const profileId = able.get(rail);
    return profileId === undefined ? [] : [{ payoutId, profileId }];
  });
  if (attempts.length === 0) return [];
  return await ctx.write(async (tx) => await insertAttempts(tx, attempts));
}
