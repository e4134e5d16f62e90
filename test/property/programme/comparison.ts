import { engineDecide } from './engine.ts';
import { oracleDecide } from './oracle.ts';
import type { Programme } from './words.ts';

/** What both must say of every leg, as one line each: easy to compare and to read. */
export interface Verdict {
  readonly oracle: readonly string[];
  readonly engine: readonly string[];
  /** Every reason that the engine gave, to see what a programme reaches. */
  readonly reasons: readonly string[];
}

interface Said {
  readonly step: number;
  readonly leg: number;
  readonly partner: string | null;
  readonly amount: bigint;
  readonly currency: string;
  readonly full: bigint;
  readonly position: { readonly base: bigint; readonly full: bigint } | null;
}

function lineOf(said: Said, version: number | null, reason: string | null): string {
  const { step, leg, partner, amount, currency, full, position } = said;
  const at = position === null ? '' : ` at ${position.base}/${position.full}`;
  const by = version === null ? '' : ` by v${version}`;
  return `${step}.${leg} ${partner} ${amount} ${currency} ${reason ?? ''} of ${full}${by}${at}`.replace(/ +/g, ' ');
}

/** Both verdicts on a programme. Windows are closed in no order, so that what one night trues up is sorted. */
export function verdictOn(programme: Programme): Verdict {
  const closings = programme.steps.filter(({ kind }) => kind === 'close_windows').map(({ id }) => id);
  const ordered = (said: readonly { readonly step: number; readonly line: string }[]): string[] => [
    ...said.filter(({ step }) => !closings.includes(step)).map(({ line }) => line),
    ...said
      .filter(({ step }) => closings.includes(step))
      .map(({ line }) => line)
      .sort(),
  ];
  const engine = engineDecide(programme);
  return {
    oracle: ordered(
      oracleDecide(programme).map((leg) => ({ step: leg.step, line: lineOf(leg, leg.rule, leg.reason) })),
    ),
    engine: ordered(
      engine.map((leg) => ({ step: leg.step, line: lineOf(leg, leg.ruleVersionId, leg.decisionReason) })),
    ),
    reasons: engine.map(({ decisionReason }) => decisionReason ?? 'amount'),
  };
}

/** The first line on which they part, or null where they agree throughout. */
export function difference({ oracle, engine }: Pick<Verdict, 'oracle' | 'engine'>): string | null {
  for (let index = 0; index < Math.max(oracle.length, engine.length); index += 1) {
    if (oracle[index] !== engine[index]) return `oracle: ${oracle[index]}\nengine: ${engine[index]}`;
  }
  return null;
}
