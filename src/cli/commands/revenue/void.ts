import { UsageError } from '../../../domain/errors.ts';
import { askForVoid, type Voidable } from '../../../services/revenue/void-revenue.ts';
import { option, repeatedArgument, requiredOption, wholeNumber } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { recorded as setup } from './example.ts';

export const voidCommand = requestCommand({
  verb: 'void',
  summary: 'ask that events, or a whole batch, count as nothing',
  description:
    'Asks for a void. An event then counts as nothing in its sale, what it had earned posts back, and its external id may ' +
    'be imported again as its next version. It waits for a second person, unless it is within the limit (`approval ' +
    'limit`).',
  parameters: {
    events: repeatedArgument('EVENT', 'an event number, an external id, or SOURCE:EXTERNAL_ID'),
    batch: option('--batch <n>', 'every event of this batch instead', {
      read: wholeNumber('--batch', 1, Number.MAX_SAFE_INTEGER),
    }),
    reason: requiredOption('--reason <text>', 'why, for the record'),
  },
  examples: [
    { command: 'revenue void manual:pay-1 --reason "recorded twice"', setup },
    { command: 'revenue void --batch 1 --reason "the wrong file" --dry-run', setup },
  ],
  run: async (ctx, { reason, ...what }) => await askForVoid(ctx, voidable(what), reason),
});

function voidable({ events, batch }: { events: readonly string[]; batch: number | undefined }): Voidable {
  if (events.length > 0 && batch === undefined) return { events };
  if (batch !== undefined && events.length === 0) return { batch };
  throw new UsageError('event_or_batch', 'name events, or a batch with --batch', {
    hint: '`revshare revenue list` shows both',
  });
}
