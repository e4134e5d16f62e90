import { UsageError } from '../../../domain/errors.ts';
import { askForSettlement } from '../../../services/revenue/settle-orphans.ts';
import { repeatedArgument, requiredOption } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { recorded } from './example.ts';

export const settle = requestCommand({
  verb: 'settle',
  summary: 'ask to post reversals whose sale never came',
  description:
    'Asks to settle orphans (`revenue orphans`): each posts as a credit that names no sale, at the rules of its own day, and ' +
    'counts in no sale that may still come. It waits for a second person, unless it is within the limit (`approval limit`).',
  parameters: {
    orphans: repeatedArgument('ORPHAN', 'an event number, an external id, or SOURCE:EXTERNAL_ID'),
    reason: requiredOption('--reason <text>', 'why, for the record'),
  },
  examples: [
    {
      command: 'revenue settle manual:ref-7 --reason "the invoice was before our time"',
      setup: [
        ...recorded,
        'rule set --scope programme --percentage 10% --from 2026-01-01',
        'job run accrue-commissions --for 2026-10-31',
      ],
    },
  ],
  async run(ctx, { orphans, reason }) {
    if (orphans.length === 0) {
      throw new UsageError('nothing_given', 'which orphans?', { hint: '`revshare revenue orphans` lists them' });
    }
    return await askForSettlement(ctx, orphans, reason);
  },
});
