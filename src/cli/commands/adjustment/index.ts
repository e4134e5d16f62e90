import { askForAdjustment } from '../../../services/adjustment/give.ts';
import { parseDate } from '../../../domain/dates.ts';
import type { Command } from '../../command.ts';
import { giftParameters, oneWallet as setup } from '../../gift-parameters.ts';
import { option } from '../../parameters.ts';
import { requestCommand } from '../../request-command.ts';

const add = requestCommand({
  verb: 'add',
  summary: 'ask to put right what a partner has, by an entry of its own',
  description:
    'Asks for an adjustment of either sign: what no revenue explains, posted today, or on the day --on, as an entry of its own. A negative one ' +
    'may take the wallet below zero and is recovered from what it earns next. It waits for a second person, unless it is ' +
    'within the limit (`approval limit`) and posts into no soft-closed period.',
  parameters: { ...giftParameters, on: option('--on <date>', 'the day it is of; default today', { read: parseDate }) },
  examples: [
    { command: 'adjustment add acme acme-shop 12.50 EUR --reason "sale of 3 Oct was billed elsewhere"', setup },
    { command: 'adjustment add acme acme-shop --reason "paid twice in May" -- -80.00 EUR', setup },
    { command: 'adjustment add acme acme-shop 12.50 EUR --reason "billed elsewhere" --dry-run', setup },
  ],
  run: async (ctx, input) => await askForAdjustment(ctx, input),
});

export const commands: readonly Command[] = [add];
