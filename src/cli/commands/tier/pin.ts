import { parseDate } from '../../../domain/dates.ts';
import { approveTier } from '../../../services/tier/approve-tier.ts';
import { pinTier, unpinTier } from '../../../services/tier/pin-tier.ts';
import { tierChoices } from '../../choices.ts';
import { confirmRoutine } from '../../confirmation.ts';
import { mutation } from '../../mutation.ts';
import { option, requiredOption } from '../../parameters.ts';
import { evaluated, pinned, withRevenue } from './example.ts';
import { evaluationRows, partner, pinRows } from './rows.ts';

const reason = requiredOption('--reason <text>', 'why, for the record');

export const pin = mutation({
  rows: pinRows,
  verb: 'pin',
  summary: 'keep a partner in its tier, or put it in another, until a day',
  description:
    'Keeps a partner where it is, or with --tier puts it there from today on (or from the day after the last that was ' +
    'accrued). It is evaluated as before and not moved until --until is over. An open pin gives way.',
  parameters: {
    partner,
    tier: option('--tier <tier>', 'another tier than the one it has', { ask: { choices: tierChoices } }),
    until: requiredOption('--until <date>', 'its last day', { read: parseDate }),
    reason,
  },
  previews: true,
  examples: [
    withRevenue('tier pin acme --until 2027-06-30 --reason "first year"'),
    withRevenue('tier pin acme --tier gold --until 2027-06-30 --reason "as agreed" --dry-run'),
  ],
  run: async (ctx, { partner: code, ...input }) => await pinTier(ctx, code, input),
  done: (row) => `${row.partner} is pinned to ${row.tier} until ${row.until}`,
});

export const unpin = mutation({
  rows: pinRows,
  verb: 'unpin',
  summary: 'let evaluations move a partner again',
  description: 'Releases the pin of a partner. It stays in its tier until an evaluation moves it.',
  parameters: { partner, reason },
  examples: [pinned('tier unpin acme --reason "the year is over"')],
  run: async (ctx, { partner: code, reason: why }) => await unpinTier(ctx, code, why),
  done: (row) => `${row.partner} is not pinned any more`,
});

export const approve = mutation({
  rows: evaluationRows,
  verb: 'approve',
  summary: 'let what an evaluation recommends count',
  description:
    'Moves a partner as its last evaluation recommends (setting tier_mode recommend), from the day after the month-end or ' +
    'after the last day that was accrued. `tier proposals` lists what there is.',
  parameters: { partner },
  previews: true,
  examples: [
    evaluated('tier approve acme --yes', 'settings set tier_mode recommend --from 2026-01-01'),
    evaluated('tier approve acme --dry-run', 'settings set tier_mode recommend --from 2026-01-01'),
  ],
  async prepare(invocation, input) {
    await confirmRoutine(invocation, `Move ${input.partner} as its last evaluation recommends?`);
  },
  run: async (ctx, input) => await approveTier(ctx, input.partner),
  done: (row) => `${row.partner} is ${row.tier} from ${row.approvedFrom ?? row.effectiveOn} on`,
});
