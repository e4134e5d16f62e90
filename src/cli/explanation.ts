import type { Explanation } from '../services/commission/explain-commission.ts';

/** As long as 'candidate'. */
const USUAL_STEP = 9;

/** How a decision came about, a line a step. */
export function stepLines({ steps }: Pick<Explanation, 'steps'>): string[] {
  const width = Math.max(USUAL_STEP, ...steps.map(({ step }) => step.length));
  return steps.map(({ step, text }) => `  ${step.padEnd(width)}  ${text}`);
}

/** What the legs of an event that is not decided would be. */
export function previewLines({ preview }: Pick<Explanation, 'preview'>): string[] {
  return preview.map((leg) => `would be ${leg.amount} ${leg.currency}${leg.reason === null ? '' : ` (${leg.reason})`}`);
}

/** Why an event is not decided. */
export function undecidedLine({ waitsFor }: Pick<Explanation, 'waitsFor'>, why: string): string {
  return waitsFor === null || waitsFor.known
    ? `${why}: this is what the rules of now would decide`
    : `${why}: there is no rate ${waitsFor.base}/${waitsFor.quote} for ${waitsFor.on}`;
}
