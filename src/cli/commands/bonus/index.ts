import { askForBonus } from '../../../services/adjustment/give.ts';
import type { Command } from '../../command.ts';
import { giftParameters, oneWallet as setup } from '../../gift-parameters.ts';
import { requestCommand } from '../../request-command.ts';

const add = requestCommand({
  verb: 'add',
  summary: 'ask to give a partner a bonus beside what it earns',
  description:
    'Asks for a bonus, posted today as an entry of its own. It waits for a second person, unless it is within the limit ' +
    '(`approval limit`).',
  parameters: giftParameters,
  examples: [
    { command: 'bonus add acme acme-shop 250.00 EUR --reason "launch target met"', setup },
    { command: 'bonus add acme acme-shop 250.00 EUR --reason "launch target met" --dry-run --json', setup },
  ],
  run: async (ctx, input) => await askForBonus(ctx, input),
});

export const commands: readonly Command[] = [add];
