import type { Explanation } from '../services/commission/explain-commission.ts';

/** How a decision came about, a line a step. */
export function stepLines({ steps }: Pick<Explanation, 'steps'>): string[] {
  return steps.map(({ step, text }) => `  ${step.padEnd(9)}  ${text}`);
}

/** What the legs of an event that is not decided would be. */
export function previewLines({ preview, event }: Pick<Explanation, 'preview' | 'event'>): string[] {
  return preview.map(
    (leg) => `would be ${leg.amount} ${event.currency}${leg.reason === null ? '' : ` (${leg.reason})`}`,
  );
}
