import { currentMoment } from '../db/queries/as-of.ts';
import { periodBounds } from '../db/queries/periods.ts';
import type { Period } from '../domain/dates.ts';
import { postingDate } from '../domain/decision-dates.ts';
import { RefusedError } from '../domain/errors.ts';
import type { Context } from '../services/context.ts';
import { inSteps } from '../services/mutation.ts';
import { freezePeriod } from '../services/period/change-period.ts';
import { EXAMINATIONS, tellPartners } from '../services/period/closing-checklist.ts';
import {
  done,
  inWords,
  lastOf,
  PRECONDITIONS,
  PROOFS,
  takeSteps,
  type ChecklistStep,
  type Find,
  type Found,
  type StepName,
} from '../services/period/closing-step.ts';
import { parseMonth } from '../services/period/list-periods.ts';
import type { PeriodDetails } from '../services/period/period-view.ts';
import { runJob } from './run-job.ts';
import { windowClosing } from './window-closing.ts';

export interface ClosedPeriod extends PeriodDetails {
  readonly checklist: readonly ChecklistStep[];
}

/**
 * Closes a period: looks whether anything stands in the way, trues up the windows that have ended, makes the statements, has the
 * doctor and the control totals prove the books, and freezes them. Each step commits by itself and does what is left to do, so
 * that the closing of a period goes on where the last one was cut off or refused. On a dry run all of it is rolled back.
 *
 * Writes. Throws RefusedError `period_obstructed`, with the checklist, before the first write where something stands in the way;
 * and as `freezePeriod`. Source: SEMANTICS §9.
 */
export async function closePeriod(ctx: Context, { month }: { readonly month: string }): Promise<ClosedPeriod> {
  const period = parseMonth(ctx, month);
  // Beside what a plan is made of: the row says by whom and when.
  const frozen: PeriodDetails[] = [];
  const checklist = await inSteps(ctx, async (at) => {
    const taken: ChecklistStep[] = [];
    const take = async <Name extends StepName>(names: readonly Name[], find: Readonly<Record<Name, Find>>) => {
      taken.push(...(await takeSteps(at, period, names, find)));
      assertClear(at, period, taken);
    };
    await take(PRECONDITIONS, EXAMINATIONS);
    await take(['true_ups'], { true_ups: trueUp });
    const told = await currentMoment(at.db);
    await take(['statements'], { statements: tellPartners });
    await take(PROOFS, EXAMINATIONS);
    frozen.push(await freezePeriod(at, period, told));
    return taken;
  });
  return { ...frozen[0]!, checklist };
}

/** The job of its last day, under its claim; only where it is due, and then it also posts what a killed one has left. */
async function trueUp(ctx: Context, period: Period): Promise<Found> {
  const examined = await EXAMINATIONS.true_ups(ctx, period);
  if (examined.result !== 'due') return examined;
  const last = lastOf(period);
  const { windows, amounts } = (await runJob(ctx, windowClosing, last)).summary;
  const day = postingDate(last, (await periodBounds(ctx.db)).openFrom);
  const posted = amounts.map(({ net, currency }) => `${net} ${currency}`).join(', ');
  return done(`windows: ${windows}; posted${posted === '' ? '' : ` ${posted}`} on ${day}`);
}

/** @throws RefusedError `period_obstructed` where one of the steps taken so far stands in the way */
function assertClear({ dryRun }: Context, { label }: Period, taken: readonly ChecklistStep[]): void {
  const obstacles = taken.filter(({ result }) => result === 'blocks');
  if (obstacles.length === 0) return;
  const said = obstacles.map(({ step, found }) => `${inWords(step)} (${found})`).join('; ');
  const stands = taken.some(({ result }) => result === 'done') && !dryRun ? '; what is done stands' : '';
  throw new RefusedError('period_obstructed', `what stands in the way of closing ${label}: ${said}`, {
    hint: `first: ${obstacles[0]!.remedy}; \`revshare period check ${label}\` lists all${stands}`,
    details: { checklist: taken },
  });
}
