import { addDays, parseDate } from '../../../domain/dates.ts';
import { PartialError } from '../../../domain/errors.ts';
import { runJob } from '../../../runner/run-job.ts';
import {
  assertDayOver,
  progressTiers,
  type ProgressedPartner,
  type TierProgress,
} from '../../../services/tier/progress-tiers.ts';
import type { Context } from '../../../services/context.ts';
import { today } from '../../../services/today.ts';
import { mutation } from '../../mutation.ts';
import { columnsOf } from '../../output/columns.ts';
import { section } from '../../output/printer.ts';
import { option } from '../../parameters.ts';
import { evaluated, withRevenue } from './example.ts';

const c = columnsOf<TierProgress>();
const m = columnsOf<ProgressedPartner>();

export const recalc = mutation({
  rows: {
    noun: 'evaluation',
    plural: 'evaluations',
    id: (row) => row.evaluated_on,
    columns: [
      c.date('evaluated_on', (row) => row.evaluated_on),
      c.number('partners', (row) => row.partners),
      c.text('verdicts', (row) => Object.entries(row.verdicts).map(([verdict, count]) => `${verdict} ${count}`)),
      c.number('moved', (row) => row.moved),
      c.number('proposed', (row) => row.proposed),
    ],
  },
  sections: [
    section(
      'moves',
      [
        m.code('partner', (row) => row.partner),
        m.code('tier', (row) => row.from),
        m.code('to', (row) => row.to),
        m.date('from', (row) => row.on),
      ],
      (row: TierProgress) => row.moves,
    ),
  ],
  verb: 'recalc',
  summary: 'evaluate the tiers of the last month that is over, as the nightly job does',
  description:
    'Evaluates every partner, or one, for the latest month-end up to --as-of, once: who was evaluated for it already is ' +
    'left alone. Under the setting tier_mode auto a partner moves from the next day on, or from the day after the last ' +
    'that was accrued; under recommend `tier approve` moves it. Nothing decided is rated anew. Who needs an exchange rate ' +
    'that is not there is left and told (exit 6).',
  parameters: {
    partner: option('--partner <code>', 'only this one'),
    asOf: option('--as-of <date>', 'the last day that counts as over; default yesterday', { read: parseDate }),
  },
  previews: true,
  examples: [
    withRevenue('tier recalc --as-of 2026-10-31'),
    withRevenue('tier recalc --partner acme --as-of 2026-10-31 --dry-run'),
    evaluated('tier recalc --as-of 2026-10-31'),
  ],
  run: async (ctx, input) => await recalcTiers(ctx, input),
  done: (row) =>
    row.partners === 0
      ? `nobody is left to be evaluated for ${row.evaluated_on}`
      : `${row.partners} evaluated for ${row.evaluated_on}: ${row.moved} moved, ${row.proposed} proposed`,
  partly: ({ left }) =>
    left.length === 0
      ? null
      : new PartialError('not_evaluated', [`${left.length} could not be evaluated`, ...left].join('\n  '), {
          hint: 'the others are; bring the rates and run it again',
        }),
});

/** As a run of its own name: a date that one partner was evaluated on by hand is still the nightly job's to do. */
async function recalcTiers(
  ctx: Context,
  {
    partner,
    asOf = addDays(today(ctx), -1),
  }: { readonly partner?: string | undefined; readonly asOf?: string | undefined },
): Promise<TierProgress> {
  assertDayOver(ctx, asOf);
  const made: TierProgress[] = [];
  await runJob(
    ctx,
    {
      name: 'recalc-tiers',
      async run(work) {
        const progress = await progressTiers(work, { asOf, partner });
        made.push(progress);
        const { left, moves: _, ...summary } = progress;
        return { summary: { ...summary, left: left.length }, failures: left };
      },
    },
    asOf,
  );
  return made[0]!;
}
