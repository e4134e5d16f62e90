import { parseDate } from '../../../domain/dates.ts';
import { askForTransfer } from '../../../services/instance/transfer-instance.ts';
import { instanceChoices, partnerChoices } from '../../choices.ts';
import { argument, requiredOption } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';
import { soldThere } from './rows.ts';

export const transfer = requestCommand({
  verb: 'transfer',
  previews: true,
  summary: 'ask to hand an instance to another partner from a date on',
  description:
    'Asks for a new agreement: sales dated from --from on earn for the other partner, those before stay with who had ' +
    'them, their refunds too, in wallets that both keep; the founding partner stays who it was. Accounts that are shared ' +
    'by name stay shared. A date that touches decided sales is refused. It always waits for a second person, and is ' +
    'looked at again when that one agrees.',
  parameters: {
    code: argument<string>('CODE', 'the instance', { ask: { message: 'Instance:', choices: instanceChoices } }),
    to: requiredOption('--to <partner>', 'who is to earn there', {
      ask: { message: 'To which partner:', choices: partnerChoices },
    }),
    from: requiredOption('--from <date>', 'the first sale date that is theirs', { read: parseDate }),
    reason: requiredOption('--reason <text>', 'why, for the record'),
  },
  examples: [
    {
      command: 'instance transfer acme-shop --to zenith --from 2026-12-01 --reason "acme leaves the north"',
      setup: soldThere,
    },
    {
      command: 'instance transfer acme-shop --to zenith --from 2026-12-01 --reason "acme leaves the north" --dry-run',
      setup: soldThere,
    },
  ],
  run: async (ctx, input) => await askForTransfer(ctx, input),
});
