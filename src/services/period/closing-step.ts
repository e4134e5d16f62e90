import { addDays, type Period } from '../../domain/dates.ts';
import { RefusedError } from '../../domain/errors.ts';
import type { Context } from '../context.ts';

/** What may stand in the way of a closing; what the closing does; and what proves it. In this order. */
export const PRECONDITIONS = ['order', 'events', 'requests', 'nights', 'payouts'] as const;
const ACTS = ['true_ups', 'statements'] as const;
export const PROOFS = ['doctor', 'control_totals'] as const;
export const CLOSING_STEPS = [...PRECONDITIONS, ...ACTS, ...PROOFS];

export type StepName = (typeof CLOSING_STEPS)[number];

export interface ChecklistStep {
  readonly step: StepName;
  /**
   * `told`: worth knowing, and no reason not to close. `due`: the closing does it. `done`: it has just done it.
   */
  readonly result: 'ok' | 'told' | 'due' | 'done' | 'blocks';
  readonly found: string;
  /** What removes what stands in the way: a command, where one does. */
  readonly remedy: string | null;
}

export type Found = Omit<ChecklistStep, 'step'>;
export type Find = (ctx: Context, period: Period) => Promise<Found>;

export const ok = (found: string): Found => ({ result: 'ok', found, remedy: null });
export const told = (found: string): Found => ({ result: 'told', found, remedy: null });
export const due = (found: string): Found => ({ result: 'due', found, remedy: null });
export const done = (found: string): Found => ({ result: 'done', found, remedy: null });
export const blocks = (found: string, remedy: string): Found => ({ result: 'blocks', found, remedy });

export const lastOf = (period: Period) => addDays(period.to, -1);

/** The first few of many names. */
export function some(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

/** Takes steps, all of them whatever they find; what one is refused by stands in the way like anything else. */
export async function takeSteps<Name extends StepName>(
  ctx: Context,
  period: Period,
  names: readonly Name[],
  find: Readonly<Record<Name, Find>>,
): Promise<ChecklistStep[]> {
  const taken: ChecklistStep[] = [];
  for (const step of names) {
    ctx.progress.step(`closing ${period.label}: ${inWords(step)}`, CLOSING_STEPS.indexOf(step), CLOSING_STEPS.length);
    taken.push({ step, ...(await refusedIsFound(find[step](ctx, period))) });
  }
  ctx.progress.done();
  return taken;
}

async function refusedIsFound(found: Promise<Found>): Promise<Found> {
  try {
    return await found;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return blocks(error.message, error.hint ?? '');
  }
}

export const inWords = (step: StepName) => step.replaceAll('_', ' ');
